"""What stands on a wall at a moment, found another way: second by second, from nothing but the timetable's words."""

import json
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.programme import (
    NO_SHIFT,
    WEEK,
    Options,
    Problem,
    Programme,
    ProgrammeError,
    Scene,
    Shift,
    form_of,
    parse,
    showing,
    written,
)

SECOND = timedelta(seconds=1)
moments = st.datetimes(datetime(2025, 12, 20), datetime(2027, 1, 10))


def scenes_of(dwell: list[int]) -> tuple[Scene, ...]:
    return tuple(Scene(f"s{i}", "/", "", seconds) for i, seconds in enumerate(dwell))


def weekday(day: date) -> bool:
    return day.weekday() < 5


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    scenes = scenes_of(draw(st.lists(st.integers(5, 90), min_size=1, max_size=5)))
    places = st.lists(st.integers(0, len(scenes) - 1), min_size=1, max_size=6).map(tuple)
    days = st.lists(st.sampled_from((*WEEK, "all", "workdays", "restdays")), min_size=1, max_size=3).map(tuple)
    shift = st.builds(Shift, days, st.integers(0, 1439), st.integers(0, 1440), places)
    return Programme("p", scenes, tuple(draw(st.lists(shift, max_size=3))), Options(skip_late=draw(st.booleans())))


def covered(programme: Programme, now: datetime) -> tuple[int, datetime] | None:
    """The shift that holds a moment and when it began, by walking back minute by minute."""
    for place, shift in enumerate(programme.timetable):
        length = (shift.end - shift.start) % 1440 or 1440
        for ago in (0, 1):
            day = now.date() - timedelta(days=ago)
            names = {"all", WEEK[day.weekday()], "workdays" if weekday(day) else "restdays"}
            begun = datetime.combine(day, time.min) + timedelta(minutes=shift.start)
            if names & set(shift.days) and timedelta() <= now - begun < timedelta(minutes=length):
                return place, begun
    return None


def expected(programme: Programme, now: datetime, late: set[str]) -> tuple[str, int]:
    """key and place, by laying the scenes end to end, one second each."""
    held = covered(programme, now)
    places = programme.timetable[held[0]].scenes if held else tuple(range(len(programme.scenes)))
    laid = [i for i, place in enumerate(places) for _ in range(programme.scenes[place].seconds)]
    gone = int((now - (held[1] if held else NO_SHIFT)).total_seconds() // 1)
    at = laid[gone % len(laid)]
    if programme.options.skip_late and any(programme.scenes[place].key not in late for place in places):
        while programme.scenes[places[at]].key in late:
            at = (at + 1) % len(places)
    return programme.scenes[places[at]].key, at


@given(programmes(), moments, st.sets(st.sampled_from(["s0", "s1", "s2", "s3", "s4"])))
def test_every_moment_has_the_scene_of_the_timetable(programme, now, late):
    found = showing(programme, now, late, weekday)
    assert (found.scene.key, found.index) == expected(programme, now, late)
    assert found.remaining > timedelta()
    assert found.late == (found.scene.key in late)


@given(programmes(), moments, st.sets(st.sampled_from(["s0", "s1", "s2"])))
def test_it_stays_for_what_remains_and_then_the_next_comes(programme, now, late):
    found = showing(programme, now, late, weekday)
    end = now + found.remaining
    just = showing(programme, end - timedelta(microseconds=1), late, weekday)
    assert (just.scene, just.index) == (found.scene, found.index)
    assert showing(programme, end, late, weekday).scene == found.next


@given(st.lists(st.integers(5, 90), min_size=1, max_size=6), moments)
def test_time_is_shared_as_the_seconds_say(dwell, now):
    programme = Programme("p", scenes_of(dwell))
    seen = Counter(showing(programme, now + n * SECOND).scene.key for n in range(sum(dwell)))
    assert seen == Counter({f"s{i}": seconds for i, seconds in enumerate(dwell)})


@given(programmes(), moments, st.timedeltas(timedelta(hours=-26), timedelta(hours=26)))
def test_where_one_comes_from_makes_no_difference(programme, now, jump):
    """A clock that is put on or back, a sleep, a restart: what is shown hangs on the moment alone."""
    direct = showing(programme, now + jump, (), weekday)
    at = now
    for _ in range(6):  # a wall that was on before
        at += showing(programme, at, (), weekday).remaining
    assert showing(programme, now + jump, (), weekday) == direct


@settings(max_examples=30)
@given(programmes(), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_nothing_breaks_at_midnight(programme, day):
    """Followed from scene to scene over a change of date, each second is shown by exactly one."""
    at, stop = datetime.combine(day, time(23, 50)), datetime.combine(day, time(23, 50)) + timedelta(minutes=20)
    while at < stop:
        found = showing(programme, at, (), weekday)
        for n in (0, 1, int(found.remaining.total_seconds()) - 1):
            if timedelta() <= n * SECOND < found.remaining:
                assert (found.scene.key, found.index) == expected(programme, at + n * SECOND, set())
        at += found.remaining


def test_a_night_shift_goes_on_after_midnight_where_it_was():
    night = Programme("p", scenes_of([40, 50]), (Shift(("fri",), 22 * 60, 6 * 60, (1, 0)),))
    friday = datetime(2026, 6, 19)
    assert showing(night, friday + timedelta(hours=22)).scene.key == "s1"  # a shift begins with its first scene
    for minutes in (-3, 0, 3, 300):
        at = friday + timedelta(days=1, minutes=minutes)
        inside = (at - friday - timedelta(hours=22)).total_seconds() % 90
        assert showing(night, at).scene.key == ("s1" if inside < 50 else "s0")
    assert showing(night, friday + timedelta(days=1, hours=6)).count == 2
    saturday = friday + timedelta(days=1, hours=22)  # no shift
    assert showing(night, saturday).scene == showing(Programme("p", night.scenes), saturday).scene


def test_workdays_are_those_of_the_country():
    only = Programme("p", scenes_of([10, 10]), (Shift(("workdays",), 0, 1440, (1,)),))
    assert showing(only, datetime(2026, 10, 1, 12)).count == 2  # National Day, a Thursday
    assert showing(only, datetime(2026, 10, 10, 12)).count == 1  # a Saturday that is worked


def test_all_late_are_shown_and_say_so():
    programme = Programme("p", scenes_of([10, 20]))
    found = [showing(programme, NO_SHIFT + n * SECOND, {"s0", "s1"}) for n in range(30)]
    assert [one.scene.key for one in found] == ["s0"] * 10 + ["s1"] * 20
    assert all(one.late for one in found)


TEXT = """
name = "duty"
title_zh = "值班"
[options]
takeover = "red"
takeover_seconds = 90
sound = true
shift_px = 0
[[scene]]
page = "/"
view = "?period=today"
seconds = 30
[[scene]]
key = "storm"
page = "/flood"
title_zh = "汛情"
[[shift]]
days = ["sat", "sun"]
from = 19:00:00
to = "07:30"
scenes = ["storm", "overview", "storm"]
"""


def test_a_text_becomes_a_programme():
    found = parse(TEXT)
    assert found.scenes == (Scene("overview", "/", "period=today", 30), Scene("storm", "/flood", "", 20, "汛情"))
    assert found.timetable == (Shift(("sat", "sun"), 19 * 60, 7 * 60 + 30, (1, 0, 1)),)
    assert found.options == Options(takeover=4, takeover_seconds=90, sound=True, shift_px=0)
    assert parse(json.dumps({"name": "duty", "scene": [{"page": "/"}]})).scenes[0].seconds == 20


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("name = ", {"syntax"}),
        ("{", {"syntax"}),
        ('name = "a"', {"few"}),
        ('name = "a b"\n[[scene]]\npage = "/"', {"name"}),
        ('name = "a"\n[[scene]]\npage = "https://example.org"', {"page", "name"}),
        ('name = "a"\n[[scene]]\npage = "//x"', {"page"}),
        ('name = "a"\n[[scene]]\npage = "/"\n[[scene]]\npage = "/"', {"twice"}),
        ('name = "a"\n[[scene]]\npage = "/"\nseconds = 4', {"whole"}),
        ('name = "a"\n[[scene]]\npage = "/"\nseconds = true', {"whole"}),
        ('name = "a"\ncolour = 1\n[[scene]]\npage = "/"', {"unknown"}),
        ('name = "a"\n[options]\nsound = "yes"\ntakeover = "pink"\n[[scene]]\npage = "/"', {"switch", "choice"}),
        ('name = "a"\n[[scene]]\npage = "/"\n[[shift]]\ndays = "someday"\nfrom = "25:00"\nscenes = ["x"]',
         {"days", "clock", "unknown_scene"}),
        ('name = "a"\nscene = 3', {"tables"}),
        ("#" * 50_000, {"long"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_text_is_said_all_at_once(text, problems):
    with pytest.raises(ProgrammeError) as raised:
        parse(text)
    assert problems <= {one.code for one in raised.value.problems}
    assert all(isinstance(one, Problem) for one in raised.value.problems)


@given(st.text(max_size=200))
def test_any_text_is_a_programme_or_an_error(text):
    try:
        parse(text)
    except ProgrammeError as error:
        assert error.problems


words = st.text(st.characters(exclude_categories=("C", "Z")), max_size=30)


@given(programmes(), st.lists(words, min_size=3, max_size=3), st.builds(
    Options, st.booleans(), st.integers(0, 4), st.integers(10, 3600), st.booleans(), st.booleans(), st.integers(0, 40),
    st.integers(10, 3600),
))  # fmt: skip
def test_what_is_written_is_read_as_the_same(programme, some, options):
    scenes = tuple(one._replace(title_zh=some[0], view=some[1].lstrip("?")) for one in programme.scenes)
    whole = programme._replace(scenes=scenes, options=options, title_zh=some[2])
    assert parse(written(whole)) == whole
    assert parse(json.dumps(form_of(whole))) == whole
