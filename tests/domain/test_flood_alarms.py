"""The alarm engine over rising, falling, noisy, gappy and late hydrographs."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.flood.alarms import Engine
from domain.flood.ladder import ladder, step_at
from domain.flood.levels import Limits, Threshold, depth_state, reservoir_state, river_state
from domain.flood.rules import read, rules
from domain.flood.storms import Said
from domain.flood.track import Gauge, Readings

START = 1_784_332_800  # 2026-07-18 00:00
MINUTE, STEP = 60, 300
BOOK = read()
RIVER = (Threshold("warning", 20.0), Threshold("guarantee", 21.3), Threshold("record", 22.06))
DAM = (Threshold("limit", 65.0, "level", "0601", "0930"), Threshold("normal", 66.5), Threshold("flood_high", 67.0),
       Threshold("design", 68.0), Threshold("check", 70.0))  # fmt: skip
GAUGES = (
    Gauge("A", "river", "level", STEP, 0.01, "", "up", RIVER),
    Gauge("R", "reservoir", "level", STEP, 0.01, "", "up", DAM),
    Gauge("W", "waterlogging", "depth", STEP, 1.0, "", "up", ()),
    Gauge("G", "rain", "rain", STEP, 0.1, "", "up", ()),
    Gauge("V", "video", "level", STEP, 0.01, "", "up", RIVER),
    Gauge("T", "tide", "level", STEP, 0.01, "", "up", RIVER),
)
OVER = ("cleared", "closed", "false_alarm")
Row = tuple[str, int, int, float, int]  # station, known, moment, value, quality
ELEMENT = {gauge.code: gauge.element for gauge in GAUGES}


def engine(fast: bool = True) -> Engine:
    return Engine(GAUGES, BOOK, fast=fast)


def run(rows: list[Row], cuts: list[int], *, fast: bool = True, restart: bool = False, until: int = 0) -> list[Said]:
    """Feed rows in parts that end at the moments of `cuts`."""
    made, running, since = [], engine(fast), -1
    end = max([until, *(known for _, known, *_ in rows)], default=START)
    for cut in sorted({*(c for c in cuts if c < end), end}):
        for station, element in ELEMENT.items():
            some = sorted((k, m, v, q) for s, k, m, v, q in rows if s == station and since < k <= cut)
            if some:
                columns = zip(*some, strict=True)
                kinds = (np.int64, np.int64, float, np.int64)
                arrays = (np.array(c, dtype=kind) for c, kind in zip(columns, kinds, strict=True))
                running.feed(station, element, Readings(*arrays))
        made += running.advance(cut)
        since = cut
        if restart:
            kept = running.dump()
            assert json.loads(kept)
            running = engine(fast)
            running.load(kept)
    return made


def levels(values: list[float], station: str = "A", step: int = STEP) -> list[Row]:
    return [(station, START + n * step, START + n * step, value, 0) for n, value in enumerate(values)]


def events(said: list[Said], rule: str = "level", *, repeated: bool = False) -> list[str]:
    return [s.event.event for s in said if s.event.rule == rule and (repeated or s.event.event != "repeated")]


# ---- single courses ------------------------------------------------------------------------------------------------
def test_a_crossing_is_one_alarm_that_rises_and_falls_with_the_water():
    up = [19.0 + 0.05 * n for n in range(64)]  # to 22.15
    down = up[::-1] + [19.0] * 30
    said = [s for s in run(levels(up + down), []) if s.event.rule == "level"]
    assert len({s.event.alarm for s in said}) == 1
    told = events(said)
    assert told == ["raised", *["escalated"] * 3, "lowered", "lowered", "lowered", "clearing", "cleared"]
    assert [s.event.level for s in said if s.event.event in ("raised", "escalated")] == [1, 2, 3, 4]
    assert [s.seq for s in said] == list(range(1, len(said) + 1))


def test_raised_by_the_second_sample_or_when_time_passed():
    first = [19.4] * 5 + [19.6]
    at = START + 5 * STEP
    early = run(levels(first), [], until=at + 9 * MINUTE)
    assert events(early) == []
    (raised,) = [s.event for s in run(levels(first), [], until=at + 10 * MINUTE) if s.event.event == "raised"]
    assert raised.known == at + 600
    second = [s.event for s in run(levels([*first, 19.6]), []) if s.event.rule == "level"]
    assert (second[0].known, second[0].level, second[0].threshold) == (at + STEP, 1, 20.0)


def test_one_sample_above_raises_nothing():
    assert events(run(levels([19.49, 19.51, 19.49, 19.51, 19.49] * 3), [], until=START + 100 * STEP)) == []


def test_chatter_within_the_deadband_is_one_alarm():
    said = run(levels([19.5, 19.5, *[19.47, 19.51] * 100]), [])
    assert events(said) == ["raised"]


def test_below_the_deadband_it_clears_after_its_delay_and_not_before():
    low = [19.6, 19.6, 19.6]
    almost = run(levels(low + [19.44] * 6), [])
    assert events(almost) == ["raised", "clearing"]
    assert events(run(levels(low + [19.44] * 7), [])) == ["raised", "clearing", "cleared"]
    assert events(run(levels(low + [19.44] * 5 + [19.5]), [])) == ["raised", "clearing", "resumed"]


def test_a_spike_is_held_until_the_next_sample_confirms_it():
    calm = [19.0, 19.01] * 6
    assert events(run(levels([*calm, 23.0, *calm]), [])) == []
    told = [s.event for s in run(levels([*calm, 23.0, 23.0, 23.01]), []) if s.event.rule == "level"]
    assert told[0].event == "raised" and told[0].level == 4


def test_repeated_ever_later_until_somebody_acknowledges():
    rows = levels([20.2] * 200)
    said = [s.event for s in run(rows, []) if s.event.rule == "level" and s.event.event == "repeated"]
    gaps = np.diff([START + STEP, *(event.known for event in said)]) // 3600
    assert gaps.tolist() == [2, 4, 8]


def test_the_rate_of_rise_and_the_predicted_crossing_come_before_the_crossing():
    said = run(levels([18.0] * 12 + [18.0 + 0.06 * n for n in range(1, 40)]), [])
    first = {}
    for one in said:
        first.setdefault((one.event.rule, one.event.name), one.event)
    assert first["rise", "rise"].level == 2
    warned, crossed = first["predicted", "warning"], next(s.event for s in said if s.event.level == 2
                                                          and s.event.rule == "level")  # fmt: skip
    assert warned.known < crossed.known - 3600 and warned.level == 1
    ended = [s.event for s in said if s.event.rule == "predicted" and s.event.event == "escalated"]
    assert (ended[0].name, ended[0].level) == ("guarantee", 2)


def test_a_tide_is_no_flood_until_it_reaches_a_threshold():
    """0.7 m/h, which a river's alarm calls orange."""
    water = [18.0 + 1.3 * np.sin(n / 149 * 2 * np.pi) for n in range(300)]
    tide = [("T", *row[1:]) for row in levels(water)]
    assert "rise" in {said.event.rule for said in run(levels(water), [])}
    assert [said for said in run(tide, []) if said.event.rule == "rise"] == []
    high = [("T", *row[1:]) for row in levels([20.2] * 4)]
    assert [said.event.level for said in run(high, []) if said.event.rule == "level"] == [2]


def test_two_sensors_of_one_code_are_silent_each_for_itself():
    """A reservoir's code may be that of a rain gauge too; both fall silent when their sender does."""
    both = (GAUGES[1], Gauge("R", "rain", "rain", STEP, 0.1, "", "up", ()))
    for order in (both, both[::-1]):
        running = Engine(order, BOOK)
        for gauge in order:
            times = np.arange(START, START + 3600, STEP)
            values = np.full(len(times), 64.0 if gauge.element == "level" else 0.0)
            running.feed("R", gauge.element, Readings(times, times, values, np.zeros(len(times), np.int64)))
        running.advance(START + 3300)
        running.load(running.dump())
        said = [(one.event.alarm, one.seq) for one in running.advance(START + 9000)]
        moment = "20260718T022500"
        assert said == [(f"R|silent|{moment}", 1), (f"R|silent|{moment}|rain", 1)]
        done = [running.act(START + 9000, alarm, "closed", "值班员") for alarm, _ in said]
        assert [[one.event.alarm for one in some] for some in done] == [[alarm] for alarm, _ in said]


def test_standing_water_with_noise_of_the_sensor_does_not_rise():
    rng = np.random.default_rng(3)
    values = 19.3 + rng.integers(0, 2, 500) * 0.01
    assert events(run(levels(values.tolist()), []), "rise") == []
    assert events(run(levels(values.tolist()), []), "predicted") == []


def test_silence_is_said_once_and_ends_with_two_good_readings():
    rows = levels([19.0] * 5) + [("A", k, k, 19.0, 0) for k in (START + 20_000, START + 20_300)]
    said = [s.event for s in run(rows, []) if s.event.rule == "silent" and s.event.station == "A"]
    assert [e.event for e in said] == ["raised", "cleared"]
    assert said[0].known == START + 4 * STEP + 90 * MINUTE and said[1].known == START + 20_300


def test_late_readings_never_rewrite_what_was_said():
    rows = levels([19.0] * 40)
    known = START + 30 * STEP + 7
    late = [("A", known, START + n * STEP + 60, 23.0, 0) for n in range(10)]
    assert events(run(rows + late, [])) == []


def test_a_buffered_hydrograph_that_arrives_at_once_raises_when_it_is_known():
    known = START + 40 * STEP
    rows = levels([19.0] * 10) + [("A", known, START + n * STEP, 20.5, 0) for n in range(10, 41)]
    said = [s.event for s in run(rows, []) if s.event.rule == "level"]
    assert said[0].event == "raised" and said[0].known == known


def test_a_camera_counts_when_two_sets_of_frames_agree():
    alone = [("V", START + n * STEP, START + n * STEP, v, 3) for n, v in enumerate([20.6, 20.1, 20.7, 20.2])]
    assert events(run(alone, [])) == []
    agreed = [("V", START + n * STEP, START + n * STEP, v, 3) for n, v in enumerate([20.6, 20.61, 20.6, 20.62])]
    assert events(run(agreed, [])) == ["raised"]


def test_rain_is_one_alarm_with_the_window_that_decides():
    said = [s.event for s in run(levels([5.0] * 24 + [0.0] * 300, "G"), []) if s.event.rule == "rain"]
    assert [(e.event, e.level, e.name) for e in said if e.event in ("raised", "escalated")] == [
        ("raised", 3, "rain3"), ("escalated", 4, "rain3")]  # fmt: skip
    assert said[0].value == 50.0 and said[-1].event == "cleared"


def test_many_alarms_of_a_catchment_become_one_storm():
    gauges = [Gauge(f"S{n:02}", "river", "level", STEP, 0.01, "", "up", RIVER) for n in range(14)]
    running = Engine(gauges, BOOK)
    for gauge in gauges:
        moments = START + np.arange(20) * STEP
        values = np.where(np.arange(20) < 3, 20.2, 19.0)
        running.feed(gauge.code, "level", Readings(moments, moments, values, np.zeros(20, dtype=np.int64)))
    said = running.advance(START + 20 * STEP)
    parents = [s.event for s in said if s.event.rule == "storm-level"]
    assert [e.event for e in parents] == ["raised", "cleared"]
    grouped = [s for s in said if s.event.event == "grouped"]
    assert len(grouped) == 14 and {s.parent for s in grouped} == {parents[0].alarm}


# ---- people ----------------------------------------------------------------------------------------------------------
def opened() -> tuple[Engine, str]:
    running = engine()
    moments = START + np.arange(3) * STEP
    running.feed("A", "level", Readings(moments, moments, np.full(3, 20.2), np.zeros(3, dtype=np.int64)))
    said = running.advance(START + 3 * STEP)
    return running, next(s.event.alarm for s in said if s.event.rule == "level")


def go_on(running: Engine, values: list[float], first: int = 4) -> list[Said]:
    moments = START + (first + np.arange(len(values))) * STEP
    running.feed("A", "level", Readings(moments, moments, np.array(values), np.zeros(len(values), dtype=np.int64)))
    return running.advance(int(moments[-1]))


def test_acknowledged_is_not_repeated_and_escalation_asks_again():
    running, alarm = opened()
    (done,) = running.act(START + 3 * STEP, alarm, "acknowledged", "王")
    assert (done.event.person, done.event.event) == ("王", "acknowledged")
    later = go_on(running, [20.2] * 100)
    assert "repeated" not in events(later, repeated=True)
    assert events(go_on(running, [20.4, 20.6, 20.8, 21.0, 21.2, 21.3, 21.4], 104)) == ["escalated"]


def test_shelved_is_silent_until_then_unless_it_gets_worse():
    running, alarm = opened()
    running.act(START + 3 * STEP, alarm, "shelved", "王", until=START + 3 * STEP + 7200)
    told = events(go_on(running, [20.2] * 60), repeated=True)
    assert told[0] == "unshelved" and told[1] == "repeated"
    running, alarm = opened()
    running.act(START + 3 * STEP, alarm, "shelved", "王", until=START + 90_000)
    assert events(go_on(running, [20.4, 20.6, 20.8, 21.0, 21.2, 21.3, 21.4])) == ["unshelved", "escalated"]


def test_closed_stays_closed_until_it_gets_worse_or_comes_again():
    running, alarm = opened()
    running.act(START + 3 * STEP, alarm, "closed", "王", text="处置完毕")
    assert go_on(running, [20.2] * 50) == []
    assert running.act(running.upto, alarm, "noted", "王") == []
    worse = [s.event for s in go_on(running, [20.5, 20.8, 21.1, 21.3, 21.4], 60) if s.event.rule == "level"]
    assert worse[0].event == "raised" and worse[0].alarm != alarm and worse[0].level == 3


# ---- whatever comes ------------------------------------------------------------------------------------------------
@st.composite
def hydrographs(draw: st.DrawFn) -> list[Row]:
    """Hours of several sensors: waves, noise, gaps, spikes, late and doubled messages, bad quality."""
    rows: list[Row] = []
    base = {"A": 19.4, "R": 64.8, "W": 2.0, "G": 0.0, "V": 19.6}
    size = {"A": 2.8, "R": 4.0, "W": 60.0, "G": 14.0, "V": 2.0}
    for station in draw(st.sets(st.sampled_from(sorted(base)), min_size=1)):
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        n, step = draw(st.integers(5, 160)), draw(st.sampled_from([60, 300, 300, 900, 3600]))
        wave = np.sin(np.linspace(0, draw(st.floats(0.5, 9)), n)) * size[station] * draw(st.floats(0, 1))
        value = base[station] + wave + rng.normal(0, draw(st.sampled_from([0, 0.01, 0.05])), n)
        value[rng.random(n) < draw(st.sampled_from([0, 0.03]))] += size[station] * 2
        value = np.round(np.maximum(value, 0), 2)
        kept = rng.random(n) >= draw(st.sampled_from([0, 0.1, 0.5]))
        moment = START + np.arange(n) * step
        delay = np.where(rng.random(n) < draw(st.sampled_from([0, 0.1])), rng.integers(0, 20_000, n), 0)
        worst = 3 if station == "V" else 2
        quality = np.where(rng.random(n) < draw(st.sampled_from([0, 0.05, 0.5])), worst, 0)
        for i in np.flatnonzero(kept):
            rows.append((station, int(moment[i] + delay[i]), int(moment[i]), float(value[i]), int(quality[i])))
    return rows


cuts = st.lists(st.integers(START - 100, START + 600_000), max_size=8)


@settings(max_examples=120, deadline=None)
@given(rows=hydrographs(), parts=cuts)
def test_any_cut_any_path_any_restart_says_the_same(rows: list[Row], parts: list[int]):
    whole = run(rows, [], fast=False, until=START + 650_000)
    assert run(rows, [], until=START + 650_000) == whole
    assert run(rows, parts, until=START + 650_000) == whole
    assert run(rows, parts, restart=True, until=START + 650_000) == whole
    assert run(rows, parts, fast=False, restart=True, until=START + 650_000) == whole


@settings(max_examples=80, deadline=None)
@given(rows=hydrographs())
def test_every_alarm_is_raised_once_and_ends_at_most_once(rows: list[Row]):
    said = run(rows, [], until=START + 650_000)
    by: dict[str, list[Said]] = {}
    for one in said:
        by.setdefault(one.event.alarm, []).append(one)
    for told in by.values():
        names = [s.event.event for s in told]
        assert names[0] == "raised" and names.count("raised") == 1
        assert sum(name in OVER for name in names) <= 1 and not set(names[:-1]) & set(OVER)
        assert [s.seq for s in told] == list(range(1, len(told) + 1))
        assert [s.event.known for s in told] == sorted(s.event.known for s in told)
    # one open alarm of a sensor and a quantity at a time
    open_now: dict[tuple[str, str], str] = {}
    for one in said:
        key = one.event.station, one.event.rule
        if one.event.event == "raised":
            assert key not in open_now
            open_now[key] = one.event.alarm
        elif one.event.event in OVER:
            assert open_now.pop(key) == one.event.alarm


@settings(max_examples=60, deadline=None)
@given(rise=st.floats(0.02, 0.25), top=st.floats(19.6, 23), noise=st.sampled_from([0.0, 0.005, 0.01]))
def test_a_wave_is_one_alarm_of_its_highest_colour(rise: float, top: float, noise: float):
    up = np.arange(18.5, top, rise)
    values = np.concatenate([np.full(20, 18.5), up, [top] * 3, up[::-1], np.full(30, 18.5)])
    values = np.round(values + np.random.default_rng(1).uniform(-noise, noise, len(values)), 2)
    said = [s.event for s in run(levels(values.tolist()), []) if s.event.rule == "level"]
    assert len({event.alarm for event in said}) == 1 and said[-1].event == "cleared"
    held = [step_at(ladder("river", "level", Limits.on(RIVER, date(2026, 7, 18)), rules(date(2026, 7, 18))), v)
            for v in values.tolist()]  # fmt: skip
    assert max(event.level for event in said) == max(step.level for step in held if step is not None)


# ---- steps ----------------------------------------------------------------------------------------------------------
@given(value=st.integers(1800, 2300), drop=st.sets(st.sampled_from(["warning", "guarantee", "record"])))
def test_the_ladder_of_a_river_says_what_its_state_says(value: int, drop: set[str]):
    held, day = rules(date(2026, 7, 18)), date(2026, 7, 18)
    limits = Limits.on([t for t in RIVER if t.name not in drop], day)
    state = river_state(value / 100, limits, held)
    step = step_at(ladder("river", "level", limits, held), value / 100)
    assert (state.level or 0) == (step.level if step else 0)


@given(value=st.integers(640, 710), rising=st.booleans(), high=st.booleans())
def test_the_ladder_of_a_reservoir_says_what_its_state_says(value: int, rising: bool, high: bool):
    held, day = rules(date(2026, 7, 18)), date(2026, 7, 18)
    limits = Limits.on([t for t in DAM if high or t.name != "flood_high"], day)
    state = reservoir_state(value / 10, limits, rising, held)
    step = step_at(ladder("reservoir", "level", limits, held), value / 10, rising)
    assert (state.level or 0) == (step.level if step else 0)


@given(value=st.integers(0, 60))
def test_the_ladder_of_a_road_says_what_its_state_says(value: int):
    held = rules(date(2026, 7, 18))
    step = step_at(ladder("waterlogging", "depth", Limits({}), held), value)
    assert depth_state(value, Limits({}), held).level == (step.level if step else 0)


def test_a_state_of_another_form_is_refused():
    with pytest.raises(ValueError, match="another version"):
        engine().load('{"form": 0}')
