"""Settings: defaults that are safe, and sentences for what makes no sense."""

import pytest

from data_access.settings import Settings, SettingsError


def test_the_defaults_listen_to_this_machine_only():
    chosen = Settings.from_environment({})
    assert (chosen.host, chosen.open) == ("127.0.0.1", "no")
    assert chosen.database_url.startswith("duckdb:///")
    assert chosen.hash_key == ""


def test_each_setting_is_a_variable_of_the_environment():
    chosen = Settings.from_environment({"COCKPIT_PORT": "9000", "COCKPIT_LANGUAGE": "en", "HOME": "/nowhere"})
    assert (chosen.port, chosen.language) == (9000, "en")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COCKPIT_PORT", "0"), ("COCKPIT_PORT", "80a"), ("COCKPIT_LANGUAGE", "fr"), ("COCKPIT_OPEN", "true"),
        ("COCKPIT_TIMEZONE", "Mars/Olympus"), ("COCKPIT_TIMEZONE", "../../etc/passwd"), ("COCKPIT_THREADS", "1000"),
        ("COCKPIT_WALL_DISTANCE_M", "-1"), ("COCKPIT_TICK_SECONDS", "nan"), ("COCKPIT_COLOUR", "red"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(name, value):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert name in str(caught.value)
    assert value in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_wrong_setting_is_named_at_once():
    with pytest.raises(SettingsError, match=r"COCKPIT_PORT=x.*COCKPIT_THEME=blue"):
        Settings.from_environment({"COCKPIT_PORT": "x", "COCKPIT_THEME": "blue"})


def test_variables_for_tests_are_no_settings():
    assert Settings.from_environment({"COCKPIT_TEST_POSTGRES": "x"}) == Settings.from_environment({})


def test_every_setting_is_described():
    for name, field in Settings.model_fields.items():
        assert field.description, name
