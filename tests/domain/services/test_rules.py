"""What a city decides for its services: the handbook's defaults, changes with dates, errors that say what to do."""

from datetime import date

import pytest
from sqlalchemy import DateTime, column

from data_access.in_force import in_force
from domain.services.rules import FILE, SHELF, RulesError, read, rules, since

DAY = date(2026, 3, 1)


@pytest.fixture
def changed(tmp_path):
    """The defaults with changes behind them."""

    def write(text: str):
        path = tmp_path / "rules.toml"
        path.write_text(FILE.read_text("utf-8") + text, "utf-8")
        return path

    yield write
    SHELF.put()


def test_defaults_of_the_handbook():
    now = rules(DAY)
    assert (now.tight, now.overloaded, now.little_tolerance) == (0.85, 1.0, 0.10)
    assert (now.good_from, now.rectify_workdays) == (3, 15)
    assert (now.accept_workdays, now.deliver_workdays) == (5, 10)


def test_a_change_holds_from_its_day_on(changed):
    path = changed("[[change]]\nfrom = 2026-07-01\ngood_from = 4\ntarget_wait_min = 8\n")
    assert rules(date(2026, 6, 30), path) == rules(DAY)
    assert (rules(date(2026, 7, 1), path).good_from, rules(date(2026, 7, 1), path).target_wait_min) == (4, 8)
    assert since("good_from", path) == [(date.min, 3), (date(2026, 7, 1), 4)]
    assert since("tight", path) == [(date.min, 0.85)]
    asked = in_force("good_from", column("rating_at", DateTime), SHELF)
    assert str(asked.compile()) == "3"
    SHELF.put(path)
    assert str(asked.compile()) == "CASE WHEN (rating_at >= TIMESTAMP '2026-07-01 00:00:00') THEN 4 ELSE 3 END"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("tight = 1.2", "keep tight <= overloaded"),
        ("good_from = 2", "good begins at 3, 4 or 5"),
        ("good_from = 3.5", "must be a whole number"),
        ("little_tolerance = 10", "is a share"),
        ("target_wait_min = 0", "must be above 0"),
        ("target_wait = 5", "names target_wait, which nothing uses"),
    ],
)
def test_errors_say_what_to_correct(changed, change, says):
    with pytest.raises(RulesError, match=says):
        read(changed(f"[[change]]\nfrom = 2026-07-01\n{change}\n"))
