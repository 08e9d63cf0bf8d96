import dataclasses
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from domain.flood import advice, release
from domain.flood.plan import HOLD, Step, plan_text, read_plan
from domain.flood.release import Control, Setting
from domain.flood.routing import Reach
from domain.flood.storage import CUBIC, HOUR, Curve

AT = datetime(2026, 7, 18, 14, 30)
DT = 0.25
N = 4 * 48 + 1
STORAGE = Curve((142, 150, 155, 158.5, 160.3, 161.8, 163.6, 165), (12, 45, 72, 95, 110, 123, 140, 155))
CAPACITY = Curve((142, 150, 155, 158, 160, 163, 165), (0, 180, 380, 560, 680, 900, 1100))
REACHES = (Reach("dam", "bridge", 4.0), Reach("brook", "bridge", 1.0), Reach("bridge", "city", 2.0))


def bell(base, high, at, width, n=N):
    hours = np.arange(n) * DT
    return base + (high - base) * np.exp(-(((hours - at) / width) ** 2))


def hold_then(flow, past=96):
    return np.concatenate([np.full(past, flow[0]), flow])


RULES = SimpleNamespace(band=(0.8, 1.2), ramp_share=0.25, ramp_minutes=30, notify_h=1.0, offset_h=2.0)


@pytest.fixture
def setting():
    return whole()


def whole():
    return Setting(
        node="dam",
        storage=STORAGE,
        capacity=CAPACITY,
        level=158.08,
        current=160.0,
        inflow=bell(60, 800, 4, 5),
        past=np.full(96, 160.0),
        reaches=REACHES,
        own={"brook": hold_then(bell(150, 560, 3, 3)), "city": hold_then(bell(100, 250, 4, 4))},
        controls=(Control("bridge", 760.0), Control("city", 1250.0)),
        limit=158.5,
        target=160.3,
        dt=DT,
        rules=RULES,
    )


def test_plans_are_texts():
    plan = read_plan("0718T1730-280,0718T2200-480", AT)
    assert plan == (Step(3.0, 280.0), Step(7.5, 480.0))
    assert plan_text(plan, AT) == "0718T1730-280,0718T2200-480"
    assert read_plan("", AT) == HOLD
    over_new_year = read_plan("0101T0030-100", datetime(2026, 12, 31, 23, 30))
    assert over_new_year == (Step(1.0, 100.0),)
    assert plan_text(over_new_year, datetime(2026, 12, 31, 23, 30)) == "0101T0030-100"


@pytest.mark.parametrize(
    "text", ["x", "0718T1730", "0718T1730-", "0718T1730--5", "0718T1730-nan", "0718T1730-1e9", "0230T0000-1",
             "0718T2500-1", ",".join(["0718T1730-1"] * 13)],
)  # fmt: skip
def test_texts_that_are_no_plan(text):
    with pytest.raises(ValueError, match=r".+"):
        read_plan(text, AT)


@given(st.lists(st.tuples(st.integers(-100, 3000), st.integers(0, 9000)), max_size=8, unique_by=lambda one: one[0]))
def test_plans_survive_being_told(told):
    plan = tuple(sorted(Step(minutes / 60, float(flow)) for minutes, flow in told))
    again = read_plan(plan_text(plan, AT), AT)
    assert [step.flow for step in again] == [step.flow for step in plan]
    assert [step.hours for step in again] == pytest.approx([step.hours for step in plan])


def test_a_release_changes_no_faster_than_the_ramp(setting):
    wanted = np.array(setting.wanted((Step(1.0, 900.0), Step(10.0, 0.0))))
    assert setting.ramp == 0.25 * 760 / 2
    assert wanted[:4].tolist() == [160] * 4
    assert np.abs(np.diff(wanted)).max() == pytest.approx(setting.ramp)
    assert wanted.max() == 900
    assert wanted[-1] == 0
    assert wanted[3:6].tolist() == [160, 255, 350]  # from its moment on


def test_holding_passes_the_target_only_when_more_comes(setting):
    held = release.outcome(setting, HOLD)
    assert held.peak[0] < held.peak[1] < held.peak[2]
    assert setting.limit is not None
    assert setting.limit < held.peak[1]
    assert held.hours_over_limit[1] == pytest.approx((held.course.level[1] > 158.5).sum() * DT)
    balance = (0.5 * (setting.inflow[1:] + setting.inflow[:-1]) - held.course.release[1, :-1]).sum() * DT * HOUR / CUBIC
    assert held.course.storage[1, -1] - held.course.storage[1, 0] == pytest.approx(balance)


def test_the_river_below_gets_the_release_and_all_else(setting):
    held = release.outcome(setting, HOLD)
    more = release.outcome(setting, (Step(1.0, 500.0),))
    bridge, fuller = held.passages[0], more.passages[0]
    assert (bridge.code, more.passages[1].code) == ("bridge", "city")
    assert bridge.flow[1][0] == pytest.approx(160 + setting.own["brook"][0])
    added = (fuller.flow[1] - bridge.flow[1]).sum()
    let = (more.course.release[1] - held.course.release[1]).sum()
    assert 0.85 * let < added <= let + 1e-6  # the rest is still on its way
    assert bridge.left[1] == pytest.approx(760 - bridge.peak[1])
    assert (fuller.flow[1] >= bridge.flow[1] - 1e-6).all()


def test_what_is_allowed_is_what_the_river_can_still_take(setting):
    least = np.minimum(760 - setting.without["bridge"][2][16:], np.inf)
    assert setting.allowed is not None
    assert (setting.allowed[: len(least)] <= least + 1e-9).all()
    plan = (Step(1.0, float(setting.allowed[4:].min()) // 10 * 10),)
    assert min(one.left[1] for one in release.outcome(setting, plan).passages) >= 0


def test_verdicts(setting):
    held = release.outcome(setting, HOLD)
    at_once = release.outcome(setting, advice.at_once(setting, 1.0))
    assert advice.judge(setting, at_once, held).below == ("bridge",)
    low = dataclasses.replace(setting, target=held.peak[1] - 0.05)
    assert advice.judge(low, held, held).reservoir == "expected"
    between = dataclasses.replace(setting, target=(held.peak[1] + held.peak[2]) / 2)
    assert advice.judge(between, held, held).reservoir == "high"
    safe = dataclasses.replace(setting, target=held.peak[2] + 0.01)
    assert advice.judge(safe, held, held).feasible
    thirsty = dataclasses.replace(setting, controls=(Control("bridge", 500.0),))
    verdict = advice.judge(thirsty, *[release.outcome(thirsty, HOLD)] * 2)
    assert verdict.natural == ("bridge",)  # too much with the plan or without it
    assert verdict.below == ()


def test_the_staged_plan_waits_for_the_brook_and_keeps_the_river_safe(setting):
    held = release.outcome(setting, HOLD)
    tight = dataclasses.replace(setting, target=held.peak[1])  # holding passes it when more comes
    plan = advice.staged(tight, 1.0)
    found = release.outcome(tight, plan)
    verdict = advice.judge(tight, found, held)
    assert 1 <= len(plan) <= 2
    assert plan[0].hours >= 1.0
    assert verdict.feasible
    assert found.peak[2] < held.peak[2]
    assert [step.flow for step in plan] == sorted({step.flow for step in plan})
    candidates = [held, found, release.outcome(tight, advice.at_once(tight, 1.0))]
    assert advice.rank(candidates, tight) == 1


def test_a_plan_that_empties_the_flood_room_is_advised_before_one_that_does_not(setting):
    held = release.outcome(setting, HOLD)
    safe = dataclasses.replace(setting, target=held.peak[2] + 0.1)
    plan = advice.staged(safe, 1.0)
    held, found = (release.outcome(safe, one) for one in (HOLD, plan))
    assert safe.limit is not None
    assert advice.judge(safe, held, held).feasible
    assert held.final[1] > safe.limit >= found.final[1]
    assert advice.rank([held, found], safe) == 1
    assert "stays" in [one.kind for one in advice.reasons(safe, found, held, None)]


def test_nothing_is_staged_on_a_quiet_day(setting):
    quiet = dataclasses.replace(setting, inflow=np.full(N, 100.0))
    assert advice.staged(quiet, 1.0) == HOLD
    assert advice.rank([release.outcome(quiet, HOLD)], quiet) == 0


def test_the_latest_start_is_the_last_that_holds(setting):
    plan = (Step(3.0, 480.0),)
    held = release.outcome(setting, HOLD)
    tight = dataclasses.replace(setting, target=held.peak[2] - 0.2)
    latest = advice.latest_start(tight, plan)
    assert latest is not None
    assert 0 < latest < 48

    def high(hours):
        return release.pool(tight, [(Step(hours, 480.0),)], 1.2).level.max()

    assert high(latest) <= tight.target
    assert high(latest + DT) > tight.target
    high_enough = dataclasses.replace(setting, target=held.peak[2] + 0.01)
    assert advice.latest_start(high_enough, plan) == float("inf")
    assert advice.latest_start(dataclasses.replace(setting, target=158.1), plan) is None


@trials(max_examples=25)
@given(st.floats(0.02, 0.95), st.floats(200, 700), st.floats(0, 12))
def test_the_latest_start_is_what_bisection_finds(share, flow, wait):
    plan = (Step(0.0, flow), Step(wait, flow + 50)) if wait >= DT else (Step(0.0, flow),)
    loose = whole()
    least, most = (release.outcome(loose, one).peak[2] for one in (plan, HOLD))
    tight = dataclasses.replace(loose, target=least + share * (most - least))

    def holds(step):
        return release.pool(tight, [tuple(Step(s.hours + step * DT, s.flow) for s in plan)], 1.2).level.max() <= (
            tight.target + 1e-9
        )

    low, high = 0, N - 1  # low is fine, high is not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    assert advice.latest_start(tight, plan) == (low * DT if holds(0) else None)


def test_starts_that_spare_the_river(setting):
    spans = advice.open_windows(setting, (Step(1.0, 480.0),))
    held = release.outcome(setting, HOLD)
    assert spans
    assert spans[0][0] > 1.0  # not at once: the brook is high then
    for hours in (spans[0][0], spans[-1][1]):
        found = release.outcome(setting, (Step(hours, 480.0),))
        assert advice.judge(setting, found, held).below == ()
    found = release.outcome(setting, (Step(spans[0][0] - 1.0, 480.0),))
    assert advice.judge(setting, found, held).below == ("bridge",)


def test_peaks_are_kept_apart(setting):
    early, late = ({one.code: one for one in advice.offsets(setting, (Step(h, 480.0),))} for h in (0.5, 8.0))
    assert late["bridge"].hours - early["bridge"].hours == 7.5
    assert late["bridge"].apart
    assert not early["bridge"].apart
    assert advice.offsets(setting, (Step(1.0, 10.0),)) == []


def test_reasons_are_data(setting):
    held = release.outcome(setting, HOLD)
    tight = dataclasses.replace(setting, target=held.peak[2] - 0.2)
    plan = (Step(8.0, 480.0),)
    told = advice.reasons(tight, release.outcome(tight, plan), held, advice.latest_start(tight, plan))
    kinds = [one.kind for one in told]
    assert kinds[0] == "reaches_limit"
    assert {"plan", "offset", "latest"} <= set(kinds)
    first = told[0].numbers["hours"]
    assert held.course.level[1, round(first / DT)] > 158.5


def test_starts_are_on_half_hours(setting):
    assert setting.first_start(past_the_hour=30) == 1.0
    assert setting.first_start(past_the_hour=40) == pytest.approx(80 / 60)
    assert setting.first_start(past_the_hour=0) == 1.0


def test_required_release(setting):
    need = advice.required(setting)
    assert need is not None
    steady = dataclasses.replace(setting, capacity=None, current=need, past=np.full(96, need))
    assert release.outcome(steady, HOLD).final[1] == pytest.approx(158.5, abs=0.01)


@trials(max_examples=40)
@given(st.floats(0, 600), st.floats(0, 600), st.floats(0, 40))
def test_more_is_never_worse_for_the_reservoir_and_never_better_below(flow, more, start):
    one = whole()
    less, full = (release.outcome(one, (Step(start, amount),)) for amount in (flow, flow + more))
    assert full.peak[1] <= less.peak[1] + 1e-9
    assert full.course.release[1].sum() >= less.course.release[1].sum() - 1e-6
