"""A city's own rules: taken from a folder, errors that say what to do, and sums that follow them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from data_access import calls, city_rules, engine
from data_access.__main__ import main
from data_access.services import counts
from data_access.settings import SettingsError, settings
from domain import hotline_rules
from domain.flood import rules as flood_rules
from domain.periods import Span
from domain.services import rules as services_rules
from tests.data_access import services_city
from tests.data_access.services_city import during
from tests.data_access.small_city import UNTIL, the
from tests.data_access.test_calls import AT, counted, some_calls, store

SINCE = date(2026, 6, 17)
OWN = {
    "hotline.toml": f"[[change]]\nfrom = {SINCE}\nservice_level_s = 5\nshort_abandon_s = 7\n",
    "services.toml": "[[change]]\nfrom = 2026-03-01\ngood_from = 4\n",
    "flood.toml": "[[change]]\nfrom = 2026-03-01\nriver_near_m = 0.9\n",
}
Set = Callable[..., Path]


@pytest.fixture
def own(tmp_path: Path, monkeypatch) -> Iterator[Set]:
    """Write rules of the city's own (changes behind the shipped ones) and set them."""
    folder = tmp_path / "own"
    folder.mkdir()

    def write(**changes: str) -> Path:
        for name, change in changes.items():
            shipped = city_rules.SHELVES[f"{name}.toml"].default.read_text("utf-8")
            (folder / f"{name}.toml").write_text(f"{shipped}\n{change}\n", "utf-8")
        monkeypatch.setenv("COCKPIT_RULES", str(folder))
        settings.cache_clear()
        return folder

    yield write
    monkeypatch.undo()
    settings.cache_clear()
    city_rules.take("")


def test_files_of_the_folder_take_the_place_of_the_shipped_ones(own):
    shipped = flood_rules.rules(UNTIL.date()).river_near_m
    folder = own(services=OWN["services.toml"], flood=OWN["flood.toml"])
    city_rules.take(str(folder))
    assert services_rules.since("good_from") == [(date.min, 3), (date(2026, 3, 1), 4)]
    assert (flood_rules.rules(date(2026, 2, 28)).river_near_m, flood_rules.rules(UNTIL.date()).river_near_m) == (
        shipped, 0.9,
    )  # fmt: skip
    assert hotline_rules.since("service_level_s") == [(date.min, 15)]  # not in the folder
    city_rules.take("")
    assert services_rules.since("good_from") == [(date.min, 3)]
    assert flood_rules.rules(UNTIL.date()).river_near_m == shipped


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "there is none of hotline.toml, services.toml, flood.toml. .*domain/services/rules.toml as services.toml"),
        ({"services": "[[change]]\nfrom = 2026-03-01\ngood_from = 9"}, r"services.toml: .*good begins at 3, 4 or 5"),
        ({"hotline": "[[change]]\nfrom = 2026-03-01\nsing_h = 9"}, r"hotline.toml: .*names sing_h, which nothing uses"),
        ({"flood": "[[change]\n"}, r"flood.toml is not TOML"),
    ],
)
def test_a_folder_that_cannot_be_used_says_what_to_correct(own, capsys, changes, says):
    folder = own(**changes)
    with pytest.raises(SettingsError, match=rf"COCKPIT_RULES={folder}: {says}"):
        city_rules.take(str(folder))
    assert [shelf.file for shelf in city_rules.SHELVES.values()] == [s.default for s in city_rules.SHELVES.values()]
    assert main(["alarms"]) == 2
    assert f"COCKPIT_RULES={folder}" in capsys.readouterr().err


def test_one_wrong_file_leaves_all_as_they_were(own):
    city_rules.take(str(own(**{name.removesuffix(".toml"): change for name, change in OWN.items()})))
    own(flood="[[change]\n")
    with pytest.raises(SettingsError):
        city_rules.take(settings().rules)
    assert services_rules.since("good_from")[-1][1] == 4


def good(cases: pd.DataFrame) -> int:
    """Good ratings by our own services.toml."""
    rated = during(cases, "rating_at", SPAN.start, SPAN.end)
    least = 3 + (rated["rating_at"] >= "2026-03-01")
    return int((rated["rating"] >= least).sum())


SPAN = Span(UNTIL.replace(month=1, day=1), UNTIL)


def asked() -> tuple[calls.Calls, int]:
    """Of calls three days long, from hours and minutes; of cases, from sums of days and ticks."""
    return calls.counted(Span(AT - timedelta(days=3), AT), AT), counts.totals(the("city"), SPAN, None)["now"].good


def test_sums_follow_the_rules_and_back(database, own):
    """Each count taken again from the calls and the cases one by one."""
    rows, cases = some_calls(), services_city.built()
    store(rows)
    city_rules.follow()
    shipped, version = asked(), engine.data_version()
    own(hotline=OWN["hotline.toml"], services=OWN["services.toml"])
    city_rules.connect(database.url)
    turn = pd.Timestamp(SINCE).to_pydatetime()
    before = counted(rows, AT - timedelta(days=3), turn, AT, "")
    assert asked() == (before.plus(counted(rows, turn, AT, AT, "", quick=5, short=7)), good(cases))
    assert asked()[0] != shipped[0]
    assert 0 < asked()[1] < shipped[1]
    assert engine.data_version() == version + len(city_rules.SUMS)  # what was kept of answers is asked anew
    city_rules.connect(database.url)
    assert engine.data_version() == version + len(city_rules.SUMS)  # nothing to do
    city_rules.take("")
    city_rules.follow()
    assert asked() == shipped


def test_a_new_database_is_filled_by_the_rules_that_are(database, own):
    """Also where it was never opened before with rules of its own."""
    own(services=OWN["services.toml"])
    city_rules.connect(database.url)
    cases = services_city.built()
    assert asked()[1] == good(cases)


def test_every_rule_that_sums_are_made_by_is_followed():
    """A question that is laid down in sums asks for no other dated value than those that are watched."""
    watched = {name for sums in city_rules.SUMS for name in sums.rules}
    folder = Path(engine.__file__).parent
    told = {
        part.partition('"')[0]
        for path in folder.rglob("*.py")
        for part in path.read_text("utf-8").split('in_force("')[1:]
    }
    assert told - {"hard_redo"} == watched  # hard_redo: asked of the orders themselves
