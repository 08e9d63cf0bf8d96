"""What a city decides: the defaults of the handbook, changes with effective dates, and errors that say what to do."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hotline_rules import FILE, RulesError, read, rules, since

DAY = date(2026, 3, 1)


@pytest.fixture
def book(tmp_path):
    """Write a file of rules: the defaults, some lines replaced, then changes."""

    def write(changes: str = "", **default):
        lines = FILE.read_text("utf-8").splitlines()
        for name, value in default.items():
            (at,) = [number for number, line in enumerate(lines) if line.startswith(f"{name} =")]
            lines[at] = "" if value is None else f"{name} = {value}"
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
        path.write_text("\n".join(lines) + "\n" + changes, "utf-8")
        return path

    return write


def test_defaults_of_the_handbook():
    now = rules(DAY)
    assert now.weights == (0.30, 0.35, 0.35)
    assert (now.partly_resolved, now.basically_satisfied) == (0, 1)
    assert (now.dispatch_life_h, now.dispatch_utility_h, now.dispatch_ordinary_h, now.sign_h) == (1, 2, 24, 2)
    assert (now.response_h, now.short_abandon_s, now.service_level_s, now.target_answered) == (24, 5, 15, 0.95)
    assert (now.minimum_n, now.minimum_coverage, now.urge_share) == (30, 0.30, 0.8)
    assert (now.burst_count, now.burst_z, now.burst_ratio, now.watch_count, now.watch_z) == (5, 3, 2, 3, 2)
    assert (now.burst_weeks, now.burst_drop, now.burst_floor, now.clear_z, now.clear_windows) == (8, 2, 0.5, 1.5, 2)
    assert (now.crowd_callers, now.crowd_hours, now.crowd_metres) == (5, 24, 500)
    assert (now.repeat_days, now.repeat_n, now.frequent_n, now.problem_days, now.problem_callers) == (30, 2, 5, 90, 3)


def test_words_are_dated_too(book):
    path = book('[[change]]\nfrom = 2026-07-01\nwatch_words = ["停水", "踩踏"]\n')
    assert rules(DAY, path).watch_words == rules(DAY).watch_words
    assert {"停水", "停气", "爆燃", "积水", "燃气泄漏", "欠薪"} <= set(rules(DAY).watch_words)
    assert rules(date(2026, 7, 1), path).watch_words == ("停水", "踩踏")
    assert rules(date(2026, 7, 1), path).storm_words == rules(DAY).storm_words
    assert hash(rules(date(2026, 7, 1), path)) != hash(rules(DAY, path))


def test_changes_from_a_day_to_a_day(book):
    path = book("""
[[change]]
from = 2026-01-01
to = 2026-06-30
weight_response = 0.2
weight_resolution = 0.4
weight_satisfaction = 0.4
[[change]]
from = 2026-07-01
weight_response = 0.1
weight_resolution = 0.4
weight_satisfaction = 0.5
[[change]]
from = 2026-06-01
basically_satisfied = 0.8
""")
    weights = {day: rules(date.fromisoformat(day), path).weights[0] for day in
               ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01", "2030-01-01")}  # fmt: skip
    assert list(weights.values()) == [0.3, 0.2, 0.2, 0.1, 0.1]
    assert [rules(date(2026, month, 15), path).basically_satisfied for month in (5, 6, 7)] == [1, 0.8, 0.8]


@pytest.mark.parametrize(
    ("changes", "default", "says"),
    [
        ("", {"weight_response": 0.4}, "from the beginning: the weights .* add up to 1.1: make"),
        ("", {"sign_h": None}, r"\[default\] lacks sign_h"),
        ("", {"sign_h": "'2'"}, r"\[default\]: sign_h = '2' must be a number"),
        ("", {"sign_h": 0}, "sign_h = 0 must be above 0"),
        ("", {"sign_h": -1}, "sign_h = -1 must be above 0"),
        ("", {"sign_h": "nan"}, "sign_h = nan must be above 0"),
        ("", {"minimum_n": 30.5}, "minimum_n = 30.5 must be a whole number"),
        ("", {"minimum_n": "true"}, "minimum_n = True must be a whole number"),
        ("", {"minimum_coverage": 30}, "minimum_coverage = 30 is a share: write 0.3 for 30 %"),
        ("", {"crowd_likeness": 50}, "crowd_likeness = 50 is a share"),
        ("", {"crowd_metres": 0}, "crowd_metres = 0 must be above 0"),
        ("", {"watch_words": "'停水'"}, "watch_words = '停水' must be a list of words"),
        ("", {"watch_words": "['']"}, "must be a list of words"),
        ("", {"storm_words": "[3]"}, "must be a list of words"),
        ("", {"storm_words": None}, "lacks storm_words"),
        ("", {"clear_z": 2.5}, "keep clear_z <= watch_z"),
        ("", {"burst_drop": 8}, "burst_drop leaves no week"),
        ("", {"sign_h": ""}, "is not TOML"),
        ("[[change]]\nfrom = 2026-01-01\nsign = 3", {}, r"\[\[change\]\] 1 names sign, which nothing uses"),
        ("[[change]]\nsign_h = 3", {}, r"\[\[change\]\] 1 needs 'from'"),
        ("[[change]]\nfrom = '2026-01-01'\nsign_h = 3", {}, r"\[\[change\]\] 1 needs 'from'.*without quotes"),
        ("[[change]]\nfrom = 2026-02-01\nto = 2026-01-01\nsign_h = 3", {}, "is before 'from'"),
        ("[[change]]\nfrom = 2026-02-01\nweight_response = 0.5", {}, "from 2026-02-01: the weights .* 1.2"),
        ("[[chnage]]\nfrom = 2026-02-01\nsign_h = 3", {}, "the file names chnage"),
        (
            "[[change]]\nfrom = 2026-02-01\nsign_h = 3\n[[change]]\nfrom = 2026-01-01\nto = 2026-02-01\nsign_h = 4",
            {},
            r"\[\[change\]\] 1 \(from 2026-02-01\) and 2 .* overlap and both set sign_h",
        ),
        (
            "[[change]]\nfrom = 2026-02-01\nsign_h = 3\n[[change]]\nfrom = 2026-03-01\nsign_h = 4",
            {},
            "overlap and both set sign_h: give the earlier one a 'to'",
        ),
    ],
)  # fmt: skip
def test_errors_say_what_to_correct(book, changes, default, says):
    with pytest.raises(RulesError, match=says):
        read(book(changes, **default))


def test_a_change_that_ends_and_leaves_a_contradiction_is_found(book):
    path = book(
        "[[change]]\nfrom = 2026-01-01\nto = 2026-01-31\nweight_response = 0.2\n"
        "[[change]]\nfrom = 2026-01-01\nto = 2026-02-28\nweight_resolution = 0.45\n"
    )
    with pytest.raises(RulesError, match="from 2026-02-01: the weights"):
        read(path)


@given(st.lists(st.integers(0, 400), min_size=2, max_size=6, unique=True).map(sorted), st.integers(-10, 410))
def test_property_the_last_change_before_a_day_holds(tmp_path_factory, starts, asked):
    first = date(2025, 1, 1)
    text = FILE.read_text("utf-8")
    for number, start in enumerate(starts):
        end = "" if number + 1 == len(starts) else f"to = {first + timedelta(days=starts[number + 1] - 1)}\n"
        text += f"\n[[change]]\nfrom = {first + timedelta(days=start)}\n{end}sign_h = {number + 10}\n"
    path = tmp_path_factory.mktemp("rules") / "rules.toml"
    path.write_text(text, "utf-8")
    begun = [number for number, start in enumerate(starts) if start <= asked]
    assert rules(first + timedelta(days=asked), path).sign_h == (begun[-1] + 10 if begun else 2)


def test_since_when_a_value_holds(book):
    """Only the days on which it becomes another; a value that ends falls back to the default."""
    path = book(
        "[[change]]\nfrom = 2026-02-01\nto = 2026-02-28\nhard_redo = 5\n[[change]]\nfrom = 2026-03-10\nsign_h = 3\n",
        hard_redo=4,
    )
    assert since("hard_redo", path) == [(date.min, 4), (date(2026, 2, 1), 5), (date(2026, 3, 1), 4)]
    assert since("hard_moves", path) == [(date.min, rules(DAY, path).hard_moves)]
