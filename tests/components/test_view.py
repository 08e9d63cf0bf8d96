"""The View is the URL: what is read is written, defaults stay out, nonsense falls back."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.view import COMPARISONS, PERIODS, View

codes = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
views = st.builds(
    View,
    area=codes,
    period=st.sampled_from([*PERIODS, "2026-01-01..2026-03-31"]),
    compare=st.sampled_from(COMPARISONS),
    at=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    lang=st.sampled_from(["zh", "en"]),
    theme=st.sampled_from(["dark", "light"]),
    mode=st.sampled_from(["desk", "wall"]),
    topic=codes,
    q=codes,
)


@given(views)
def test_a_view_read_from_its_address_is_the_same_view(view):
    assert View.from_search(view.search) == view


def test_a_view_at_its_defaults_has_no_query():
    assert View().search == ""
    assert View(lang="zh", theme="dark", period="30d", compare="yoy").search == ""


def test_only_what_differs_is_written():
    assert View(area="990181", period="7d").search == "?area=990181&period=7d"


@pytest.mark.parametrize(
    "nonsense",
    [
        {"period": "yesterday"},
        {"period": "2026-02-30..2026-03-01"},
        {"period": "2026-03-01..2026-02-01"},
        {"compare": "last"},
        {"at": "noon"},
        {"at": "0001-01-01T00:00"},
        {"lang": "fr"},
        {"theme": "pink"},
        {"mode": "phone"},
        {"area": "x" * 41},
        {"topic": "a\x00b"},
        {"no_such_field": "1"},
        {"replay": "yesterday"},
        {"replay": "2026-07-03T00:00"},
        {"replay": "2026-07-04T00:00..2026-07-03T00:00"},
        {"replay": "2026-07-03T00:00..2026-07-03T00:00"},
        {"replay": "2026-07-03T00:00..2026-07-04T00:00..2026-07-05T00:00"},
        {"replay": "0001-01-01T00:00..0001-01-02T00:00"},
        {"replay": "2026-01-01T00:00..2026-12-31T00:00"},
        {"speed": "0"},
        {"speed": "601"},
        {"speed": "fast"},
        {"play": "yes"},
        {"loop": "2"},
    ],
)
def test_a_value_that_makes_no_sense_is_as_if_it_were_not_there(nonsense):
    kept = {"area": "990181"} if "area" not in nonsense else {"period": "7d"}
    assert View.from_search("?" + urlencode(kept | nonsense)) == View.from_query(kept)


def test_a_moment_is_kept_to_the_minute_and_without_a_zone():
    assert View.from_query({"at": "2026-06-18T14:30:59"}).at == datetime(2026, 6, 18, 14, 30)
    assert View(at=datetime(2026, 6, 18, 14, 30)).search == "?at=2026-06-18T14%3A30"


minutes = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))
lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=92))


@given(minutes, lengths, st.floats(0, 1), st.integers(1, 600), st.sampled_from(["", "1"]))
def test_a_replay_is_a_link(start, length, part, speed, play):
    span = f"{start.isoformat()}..{(start + length).isoformat()}"
    at = start + part * length
    view = View.from_query({"replay": span, "at": at.isoformat(), "speed": str(speed), "play": play})
    assert View.from_search(view.search) == view
    assert (view.speed, view.play) == (speed, play)
    assert ("speed=" in view.search) == (speed != 60) and ("&play=" in view.search) == bool(play)
    told = view.replayed
    assert told is not None and view.at is not None
    assert (told.start, told.end) == tuple(m.replace(second=0, microsecond=0) for m in (start, start + length))
    assert view.at == at.replace(second=0, microsecond=0)


@given(minutes, lengths, st.none() | minutes)
def test_the_moment_of_a_replay_lies_in_its_span(start, length, at):
    """Whatever the address says; what is outside is as if it named none: the start."""
    span = f"{start.isoformat()}..{(start + length).isoformat()}"
    view = View.from_query({"replay": span} | ({"at": at.isoformat()} if at else {}))
    told = view.replayed
    assert told is not None and view.at is not None
    asked = at.replace(second=0, microsecond=0) if at else None
    assert view.at == (asked if asked and told.start <= asked <= told.end else told.start)


@given(st.text(max_size=90))
def test_any_text_is_no_replay_or_one_that_is_read_back(value):
    view = View.from_query({"replay": value})
    assert View.from_search(view.search) == view


def test_what_is_not_played_back_has_no_moment():
    assert View.from_query({"replay": "x", "speed": "120"}) == View(speed=120)
    assert View().replayed is None
