"""What an order's events tell: its states, who held it, its clocks, its bounces and the faults of the log."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lifecycle import Bounce, Event, Stage, closed_on_time, life, lifecycle, remaining

START = datetime(2026, 3, 2, 8)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def log(*steps: tuple[float, str, str]) -> list[Event]:
    return [Event(name, at(hours), org) for hours, name, org in steps]


def hours(of: timedelta | None) -> float | None:
    return None if of is None else of / timedelta(hours=1)


WHOLE = log(
    (0, "registered", "centre"),
    (0.5, "dispatched", "A"),
    (1.5, "returned", "A"),
    (2, "reassigned", "B"),
    (3, "signed", "B"),
    (10, "extended", "B"),
    (30, "replied", "B"),
    (31, "closed", "B"),
    (50, "callback", "centre"),
    (51, "redo", "centre"),
    (52, "signed", "B"),
    (60, "replied", "B"),
    (61, "closed", "B"),
    (62, "callback", "centre"),
    (63, "archived", "centre"),
)


def test_a_whole_life():
    told = life(WHOLE)
    assert told.faults == []
    assert [(s.state, s.org, s.start) for s in told.stages] == [
        ("accepted", "centre", at(0)),
        ("dispatched", "A", at(0.5)),
        ("returned", "centre", at(1.5)),
        ("dispatched", "B", at(2)),
        ("signed", "B", at(3)),
        ("replied", "centre", at(30)),
        ("closed", "centre", at(31)),
        ("called_back", "centre", at(50)),
        ("redo", "B", at(51)),
        ("signed", "B", at(52)),
        ("replied", "centre", at(60)),
        ("closed", "centre", at(61)),
        ("called_back", "centre", at(62)),
        ("archived", "", at(63)),
    ]
    assert told.bounces == [Bounce("A", "B", at(1.5), "returned")]
    clocks = told.clocks
    assert clocks.answer is None
    steps = (clocks.dispatch, clocks.sign, clocks.reply, clocks.close, clocks.callback, clocks.redo)
    assert [hours(step) for step in steps] == [0.5, 1, 27, 1, 19, 9]
    assert (told.counts["redo"], told.counts["replied"], told.counts.get("urged", 0)) == (1, 2, 0)


@pytest.mark.parametrize(
    ("when", "state", "holder"),
    [(-1, "", ""), (0, "accepted", "centre"), (1.49, "dispatched", "A"), (1.5, "returned", "centre"),
     (29, "signed", "B"), (30, "replied", "centre"), (51.5, "redo", "B"), (1000, "archived", "")],
)  # fmt: skip
def test_any_past_moment(when, state, holder):
    told = life(WHOLE)
    assert (told.state_at(at(when)), told.holder_at(at(when))) == (state, holder)


def test_a_direct_answer():
    told = life(log((0, "registered", "c"), (0.1, "answered", "c"), (0.1, "closed", "c"), (5, "callback", "c")))
    assert told.faults == []
    assert [stage.state for stage in told.stages] == ["accepted", "direct", "closed", "called_back"]
    assert hours(told.clocks.answer) == pytest.approx(0.1)
    assert told.clocks.dispatch is told.clocks.sign is None


def test_bounces():
    moved = life(log((0, "registered", "c"), (1, "dispatched", "A"), (2, "reassigned", "B"), (3, "returned", "B")))
    assert moved.bounces == [Bounce("A", "B", at(2), "reassigned"), Bounce("B", "", at(3), "returned")]
    assert moved.faults == []
    refused = life(log((0, "registered", "c"), (1, "dispatched", "A"), (2, "returned", "A"), (3, "reassigned", "A")))
    assert refused.bounces == [Bounce("A", "A", at(2), "returned")]
    ping_pong = life(
        log((0, "registered", "c"), (1, "dispatched", "A"), (2, "returned", "A"), (3, "dispatched", "B"),
            (4, "returned", "B"), (5, "reassigned", "A"))
    )  # fmt: skip
    assert [(b.from_org, b.to_org) for b in ping_pong.bounces] == [("A", "B"), ("B", "A")]
    nowhere = life(log((0, "registered", "c"), (1, "dispatched", "A"), (2, "returned", "A"), (3, "reassigned", "")))
    assert (nowhere.bounces[0].to_org, nowhere.holder_at(at(4))) == ("", "")
    by_another = life(log((0, "registered", "c"), (1, "dispatched", "A"), (2, "returned", "B")))
    assert by_another.bounces == [Bounce("B", "", at(2), "returned")]


def test_who_signs_without_a_name_is_who_had_it():
    told = life(log((0, "registered", "c"), (1, "dispatched", "A"), (2, "signed", "")))
    assert told.holder_at(at(2)) == "A"
    assert life(log((0, "registered", "c"), (1, "dispatched", "A"), (2, "signed", "B"))).holder_at(at(2)) == "B"


def test_a_closure_before_the_reply_is_not_its_review():
    told = life(log((0, "registered", "c"), (1, "closed", "c"), (2, "replied", "A"), (5, "closed", "c")))
    assert hours(told.clocks.close) == 3


def test_a_redo_goes_to_who_it_names_or_else_to_who_replied():
    before = log((0, "registered", "c"), (1, "dispatched", "A"), (2, "signed", "A"), (3, "replied", "A"),
                 (4, "closed", "c"), (5, "callback", "c"))  # fmt: skip
    for org, holder in (("", "A"), ("c", "A"), ("B", "B")):
        told = life([*before, Event("redo", at(6), org)])
        assert (told.holder_at(at(6)), told.state_at(at(6)), told.faults) == (holder, "redo", [])


def test_faults():
    def faults(events, **more):
        return [(f.kind, f.event, f.state) for f in life(events, **more).faults]

    skipped = log((0, "registered", "c"), (1, "dispatched", "A"), (2, "replied", "A"))
    assert faults(skipped) == [("not_allowed", "replied", "dispatched")]
    assert life(skipped).state_at(at(2)) == "replied"  # it happened all the same
    assert faults(log((0, "dispatched", "A"))) == [("not_allowed", "dispatched", "")]
    assert faults(log((0, "registered", "c"), (1, "vanished", ""))) == [("unknown_event", "vanished", "accepted")]
    twice = log((0, "registered", "c"), (1, "dispatched", "A"), (1, "dispatched", "A"))
    assert faults(twice) == [("duplicate", "dispatched", "dispatched")]
    assert life(twice).counts["dispatched"] == 1
    mixed = log((0, "registered", "c"), (2, "signed", "A"), (1, "dispatched", "A"), (1.5, "urged", "c"))
    assert faults(mixed) == [("out_of_order", "dispatched", "accepted"), ("out_of_order", "urged", "dispatched")]
    assert life(mixed).state_at(at(3)) == "signed"


def test_a_source_without_some_events_is_not_at_fault():
    events = log((0, "registered", ""), (9, "closed", ""))
    assert [f.kind for f in life(events).faults] == ["not_allowed"]
    assert life(events, recorded={"registered", "closed"}).faults == []
    after = [*events, Event("signed", at(10), "")]  # nothing that is not told leads back from closed but a redo
    assert life(after, recorded={"registered", "closed", "signed", "callback"}).faults != []


def test_remaining_and_on_time():
    assert remaining(at(5), at(3)) == timedelta(hours=2)
    assert remaining(at(5), at(7)) == timedelta(hours=-2)
    assert remaining(None, at(7)) is None
    asked = [(None, None, 9), (5, None, 4), (5, None, 5), (5, None, 6), (5, 5, 5), (5, 6, 7), (5, 4, 3), (5, 9, 6)]
    said = [closed_on_time(*(None if x is None else at(x) for x in (due, end)), at(now)) for due, end, now in asked]
    assert said == [None, None, None, False, True, False, None, False]


def test_a_wrong_table_says_what_to_correct(tmp_path):
    for number, (entry, says) in enumerate([('from = ["b"]', "event x .* not in .state.: b"),
                                            ('from = ["a"]\nholder = "me"', "event x: holder 'me'")]):  # fmt: skip
        path = tmp_path / f"{number}.toml"
        path.write_text(f'[state]\na = {{zh="a", en="a", open=true}}\n[event.x]\nzh="x"\nen="x"\n{entry}\n', "utf-8")
        with pytest.raises(ValueError, match=says):
            lifecycle(path)


def test_every_state_can_be_reached_and_open_ones_left():
    table = lifecycle()
    reached, todo = {""}, [""]
    while todo:
        state = todo.pop()
        for step in table.events.values():
            if state in step.of and step.to and step.to not in reached:
                reached.add(step.to)
                todo.append(step.to)
    assert reached == {"", *table.states}
    left = {state for step in table.events.values() if step.to for state in step.of - {step.to}}
    assert {name for name, state in table.states.items() if state.open} <= left


names = st.sampled_from([*lifecycle().events, "nonsense"])
logs = st.lists(st.builds(Event, names, st.integers(0, 12).map(at), st.sampled_from(["", "c", "A", "B"])), max_size=12)


@given(logs, st.integers(-1, 13).map(at))
def test_property_the_life_so_far_is_the_beginning_of_the_life(events, moment):
    whole, so_far = life(events), life(events, until=moment)
    assert (whole.state_at(moment), whole.holder_at(moment)) == (so_far.state_at(moment), so_far.holder_at(moment))
    began = [(stage.state, stage.org, stage.start) for stage in whole.stages]
    assert [(s.state, s.org, s.start) for s in so_far.stages] == began[: len(so_far.stages)]


@given(logs)
def test_property_stages_leave_no_gap_and_clocks_never_run_backwards(events):
    told = life(events)
    assert [s.end for s in told.stages[:-1]] == [s.start for s in told.stages[1:]]
    assert all(stage.end is None for stage in told.stages[-1:])
    assert all(clock is None or clock >= timedelta() for clock in vars(told.clocks).values())
    if told.stages:
        spent = sum(stage.hours(at(13)) for stage in told.stages)
        assert spent == pytest.approx((at(13) - told.stages[0].start) / timedelta(hours=1))
        assert told.stages[0].hours(told.stages[0].start - timedelta(days=1)) == 0
    assert sum(told.counts.values()) + len([f for f in told.faults if f.kind in ("duplicate", "unknown_event")]) == len(
        events
    )


@given(st.data())
def test_property_walks_along_the_table_have_no_faults(data):
    table, state, walk = lifecycle(), "", []
    for hour in range(data.draw(st.integers(0, 15))):
        possible = sorted(name for name, rule in table.events.items() if state in rule.of)
        if not possible:
            break
        name = data.draw(st.sampled_from(possible))
        state = table.events[name].to or state
        walk.append(Event(name, at(hour), "A"))
    told = life(walk)
    assert told.faults == []
    assert told.state_at(at(99)) == state
    returns = sum(bounce.kind == "returned" for bounce in told.bounces)
    assert returns == told.counts.get("returned", 0)


def test_a_stage_counts_its_hours():
    stage = Stage("signed", "A", at(1), at(4))
    assert [stage.hours(at(when)) for when in (0, 1, 2, 4, 9)] == [0, 0, 1, 3, 3]
