"""Who has the wall, counted second by second."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.takeover import LEAST, Call, taken

START = datetime(2026, 6, 18, 14, 30)
HOLD = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
calls = st.lists(
    st.builds(lambda n, level, at: Call(f"a{n}", level, START + at * SECOND), st.integers(), st.integers(0, 4),
              st.integers(0, 600)),
    max_size=8, unique_by=lambda one: one.key,
)  # fmt: skip


def test_one_alarm_has_the_wall_for_its_time():
    one = [Call("a", 3, START)]
    assert taken(one, START - SECOND, HOLD) is None
    for n in range(60):
        found = taken(one, START + n * SECOND, HOLD)
        assert found is not None
        assert (found.key, found.count, found.remaining) == ("a", 1, (60 - n) * SECOND)
    assert taken(one, START + HOLD, HOLD) is None


def test_several_have_their_shares_the_worst_first():
    some = [Call("blue", 1, START), Call("red", 4, START), Call("orange", 3, START)]
    shown = [taken(some, START + n * SECOND, HOLD) for n in range(60)]
    assert [one.key for one in shown if one][::20] == ["red", "orange", "blue"]
    assert Counter(one.key for one in shown if one) == {"red": 20, "orange": 20, "blue": 20}


def test_many_have_time_to_be_read():
    some = [Call(f"{n:02}", 3, START) for n in range(12)]
    shown = Counter(found.key for n in range(200) if (found := taken(some, START + n * SECOND, HOLD)))
    assert shown == Counter({one.key: LEAST // SECOND for one in some})


@given(calls, st.integers(0, 900))
def test_whoever_calls_is_shown_and_the_wall_is_given_back(some, n):
    now = START + n * SECOND
    found = taken(some, now, HOLD)
    fresh = {one.key for one in some if one.since <= now < one.since + HOLD}
    assert (found is not None) or not fresh  # a call younger than its time has the wall or waits for its share
    assert taken(some, START + timedelta(seconds=900), HOLD) is None
    if found:
        assert found.remaining > timedelta()
        assert now + found.remaining <= found.until
        assert found.key in {one.key for one in some if one.since <= now}


@given(calls)
def test_each_is_shown_unless_a_later_one_joins(some):
    seen = {found.key for n in range(800) if (found := taken(some, START + n * SECOND, HOLD))}
    last = max((one.since for one in some), default=START)
    alone = all(abs(one.since - other.since) > HOLD for one in some for other in some if one is not other)
    if alone or len({one.since for one in some}) == 1:
        assert seen == {one.key for one in some}
    assert not some or {one.key for one in some if one.since == last} & seen
