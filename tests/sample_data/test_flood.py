"""The demo city's flood data: its network, its water, its gauges and what is wrong with some of them."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from data_access import engine
from data_access.flood import tables
from data_access.schema import category, load_log, quarantine, source
from sample_data import feed
from sample_data.build import build
from sample_data.flood import duty, fill, limits, rows, sensors, sites
from sample_data.flood.basins import PER_DAY, Basin, Water, rating
from sample_data.flood.fitting import POOL, SHORT_OF_RECORD, WARNED, fitted
from sample_data.flood.reservoirs import RESERVOIRS, standing
from sample_data.flood.weather import STEP, rain, seconds, storm_cells
from sample_data.plan import Plan, Storm, storms_between
from tests.sample_data.demo_city import UNTIL, connected, orders

FLOOD_DAYS = 13


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """A demo city of three weeks, as busy as the usual one, with flood readings of most of them."""
    with connected(tmp_path_factory.mktemp("demo")):
        yield build(orders=58_000, days=20, until=UNTIL, flood_days=FLOOD_DAYS)


@pytest.fixture(scope="module")
def readings(city: dict) -> pd.DataFrame:
    frame = engine.read(select(tables.flood_reading))
    assert len(frame) == city["readings"]
    return frame


def _series(readings: pd.DataFrame, station: str, element: str) -> pd.Series:
    mine = readings[(readings["station"] == station) & (readings["element"] == element)]
    return mine.set_index("moment")["value"].sort_index()


def _node(name: str) -> str:
    return sites.node_codes()[name]


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Two years and more with all their storms, fitted."""
    start = datetime(2024, 10, 13)
    return fitted(Plan(7, start, UNTIL, storms=storms_between(start, UNTIL, 7)))


@pytest.fixture(scope="module")
def basin(plan: Plan) -> Basin:
    return Basin(plan, limits.outfalls())


def _during(basin: Basin, storm: Storm, days: int = 6) -> Water:
    first = storm.start.date() - timedelta(days=1)
    return basin.run(first, first + timedelta(days=days), standing(first, basin.plan))


def _of(plan: Plan, kind: str) -> Storm:
    return [storm for storm in plan.storms if storm.kind == kind][-1]


# ---- the network -----------------------------------------------------------------------------------------------------
def test_there_are_as_many_stations_as_promised() -> None:
    kinds = pd.DataFrame(rows.stations())["kind"].value_counts().to_dict()
    assert kinds == {"rain": 90, "river": 33, "tide": 1, "reservoir": 3, "weir": 2, "waterlogging": 46, "video": 8}
    frame = pd.DataFrame(rows.stations())
    assert not frame.duplicated(["code", "kind"]).any()
    assert frame["code"].duplicated().sum() == 3  # a reservoir with a rain gauge: one code, two roles
    assert frame[["district_code", "street_code"]].ne("").all(axis=None)


def test_river_stations_lie_on_their_river_in_order_to_the_mouth() -> None:
    stations = [node for node in sites.nodes().values() if node.kind == "river"]
    for node in stations:
        line = sites.rivers()[node.river].line
        assert shapely.distance(line, shapely.Point(node.x, node.y)) < 0.01
        assert node.from_source + node.to_mouth == pytest.approx(line.length, abs=0.02)
    for reach in rows.reaches():
        above, below = sites.nodes()[reach["upstream"]], sites.nodes()[reach["downstream"]]
        assert below.drainage > above.drainage
        assert reach["travel_min_h"] < reach["travel_h"] < reach["travel_max_h"]
        if above.river == below.river:
            assert below.to_mouth < above.to_mouth
            assert sites.bed(below.river, below.from_source) < sites.bed(above.river, above.from_source)
        else:
            assert (above.river, below.river) in {("qingxi", "yunshui"), ("baisha", "yunshui")}
    ends = {r["upstream"] for r in rows.reaches()}
    assert [n.name for n in sites.nodes().values() if n.code not in ends] == ["海滨"]  # all water comes there


def test_waterlogging_points_lie_in_their_streets_and_drain_to_a_river_station() -> None:
    for point, outfall in zip(sites.ponding_points(), limits.outfalls(), strict=True):
        assert point.street.shape.contains(shapely.Point(point.x, point.y))
        assert point.street.name.endswith("街道")
        twin = sites.nodes()[point.twin]
        assert outfall > sites.bed(twin.river, twin.from_source)
        assert abs(outfall - limits.stages()[point.twin].warning) < 1
    assert {p.kind for p in sites.ponding_points()} == {"underpass", "road", "garage"}


def test_catchments_cover_the_city_once_and_weights_add_up() -> None:
    frame = pd.DataFrame(rows.weights()).groupby("place")["weight"].sum()
    assert np.allclose(frame, 1)
    assert {c.code for c in sites.catchments()} | {"990100", "990102"} <= set(frame.index)
    shapes = [c.shape for c in sites.catchments()]
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(sum(s.area for s in shapes), rel=0.002)
    assert sum(c["area_km2"] for c in rows.catchments()) == pytest.approx(8405, rel=0.005)
    for row in rows.catchments():
        assert shapely.geometry.shape(json.loads(row["geojson"])).is_valid


def test_thresholds_rise_in_their_order_and_some_are_not_known() -> None:
    frame = pd.DataFrame(rows.thresholds())
    assert not frame.duplicated(["station", "name", "element", "season_from", "valid_from"]).any()
    now = frame[frame["valid_to"].isna()]
    order = ["forecast", "warning", "alert", "guarantee", "record"]
    for _, known in now[now["name"].isin(order)].groupby("station"):
        levels = known.set_index("name")["value"]
        assert levels.reindex(order).dropna().is_monotonic_increasing
    without = {n.name for n in sites.nodes().values() if n.kind == "river" and n.code not in set(frame["station"])}
    assert without == set(limits.UNKNOWN)
    assert now[["consequence_zh", "consequence_en"]].ne("").all(axis=None)
    assert frame.loc[frame["element"] == "level", "datum"].nunique() == 2
    old = frame[frame["valid_to"].notna()]
    assert list(old["station"]) == [_node("东关")]
    for name, reservoir in RESERVOIRS.items():
        mine = now[now["station"] == _node(name)].set_index("name")["value"]
        fixed = mine[mine.index != "limit"]
        assert fixed[["dead", "normal", "flood_high", "design", "check", "crest"]].is_monotonic_increasing
        assert mine["limit"].between(fixed["dead"], fixed["normal"]).all()
        assert reservoir.limit(date(2026, 7, 1)) == mine["limit"].min()
    held_low = RESERVOIRS["蒋峪水库"]
    assert held_low.limit(date(2026, 12, 31)) == held_low.limit(date(2027, 1, 1)) < held_low.normal  # over New Year


def test_curves_rise_and_the_rating_is_the_one_of_the_water() -> None:
    frame = pd.DataFrame(rows.curves())
    for _, one in frame.groupby(["station", "kind", "surveyed"]):
        assert (one["level"].diff().dropna() > 0).all()
        assert (one["value"].diff().dropna() >= 0).all()
    for name in ("铁炉", "东关"):
        node = sites.nodes()[_node(name)]
        known = frame[(frame["station"] == node.code) & (frame["kind"] == "rating")]
        flow = float(np.interp(limits.stages()[node.code].warning, known["level"], known["value"]))
        assert float(rating(node, np.array([flow]))[0]) == pytest.approx(limits.stages()[node.code].warning, abs=0.05)


# ---- the water -------------------------------------------------------------------------------------------------------
def test_the_same_days_give_the_same_water_however_they_are_asked(basin: Basin) -> None:
    storm = _of(basin.plan, "front")
    first = storm.start.date()
    day = timedelta(days=1)
    whole = basin.run(first, first + 3 * day, standing(first, basin.plan))
    held, parts = standing(first, basin.plan), []
    for n in range(3):
        water = basin.run(first + n * day, first + (n + 1) * day, held)
        again = basin.run(first + n * day, first + (n + 1) * day, held)
        assert np.array_equal(water.level, again.level)
        held = water.held
        parts.append(water)
    assert np.array_equal(np.concatenate([p.rain for p in parts]), whole.rain)
    assert np.abs(np.concatenate([p.level for p in parts]) - whole.level).max() < 0.02
    assert np.abs(np.concatenate([p.depth for p in parts]) - whole.depth).max() < 0.5


def test_reservoirs_keep_what_does_not_leave(basin: Basin) -> None:
    water = _during(basin, _of(basin.plan, "great"))
    for name in RESERVOIRS:
        code = _node(name)
        coming = water.flow[:, water.nodes.index(code)]
        kept = np.diff(water.storage[code])
        assert np.allclose(kept, (coming - water.released[code])[1:] * STEP / 1e6, atol=1e-9)
        assert water.released[code].max() <= RESERVOIRS[name].capacity(RESERVOIRS[name].crest)
        assert (water.released[code] >= 0).all()


def test_the_crest_comes_down_the_river_in_the_reaches_time(basin: Basin) -> None:
    water = _during(basin, _of(basin.plan, "great"))
    flow = {code: water.flow[:, n] for n, code in enumerate(water.nodes)}
    line = [_node(name) for name in ("青溪口", "沙河", "解放路", "西关", "北关", "东关", "双河口", "观潮")]
    crests = [int(flow[code].argmax()) for code in line]
    assert crests == sorted(crests)
    hours = sum(r["travel_h"] for r in rows.reaches() if r["upstream"] in line[:-1] or r["upstream"] == _node("望江闸"))
    assert (crests[-1] - crests[0]) * STEP / 3600 == pytest.approx(hours, rel=0.6)
    passed = flow[line[-1]].sum() - flow[line[-2]].sum()
    assert passed > 0  # what joins on the way; nothing is lost


def test_no_more_runs_off_than_falls(basin: Basin) -> None:
    for kind in ("front", "great", "local"):
        water = _during(basin, _of(basin.plan, kind))
        fallen = (water.areal.sum(axis=0) * np.array([c.area for c in sites.catchments()]) * 1000)[:13].sum()
        left = water.flow[:, water.nodes.index(_node("海滨"))].sum() * STEP
        stored = sum(water.storage[_node(name)][-1] - water.storage[_node(name)][0] for name in RESERVOIRS) * 1e6
        assert 0 < left + stored < 0.85 * fallen


def test_storms_are_of_different_kind(basin: Basin) -> None:
    known = [(limits.stages()[c], n) for n, c in enumerate(sites.nodes()) if c in limits.stages()]
    known = [(s, n) for s, n in known if list(sites.nodes().values())[n].name not in limits.UNKNOWN]

    def over(water: Water, name: str) -> int:
        return sum(water.level[:, n].max() >= getattr(stage, name) for stage, n in known)

    assert {s.kind for s in basin.plan.storms} == {"front", "local", "typhoon", "great", "now"}
    great, front, local, typhoon = (_during(basin, _of(basin.plan, k)) for k in ("great", "front", "local", "typhoon"))
    assert over(great, "guarantee") > 10
    near = max(great.level[:, n].max() - s.record for s, n in known if list(sites.nodes().values())[n].kind == "river")
    assert near == pytest.approx(-SHORT_OF_RECORD, abs=0.05)
    assert over(front, "warning") >= 5
    assert over(front, "guarantee") == 0
    assert front.depth.max() < 15
    assert over(local, "warning") == 0
    assert (local.depth.max(axis=0) > 40).sum() >= 3
    assert over(typhoon, "warning") >= 5
    wet = {name: (water.areal.mean(axis=1) > 0.05).sum() for name, water in (("front", front), ("local", local))}
    assert wet["front"] > 5 * wet["local"]


@pytest.mark.parametrize("until", [UNTIL, datetime(2026, 6, 18, 14, 30), datetime(2027, 3, 1, 0, 2)])
def test_a_storm_is_on_whenever_the_city_is_built(until: datetime) -> None:
    start = until - timedelta(days=30)
    plan = fitted(Plan(7, start, until, storms=[s for s in storms_between(start, until, 7) if s.kind == "now"]))
    first = until.date() - timedelta(days=1)
    water = Basin(plan, limits.outfalls()).run(first, first + timedelta(days=3), standing(first, plan))
    now = (seconds(until) - water.start) // STEP - 1
    level = dict(zip(water.nodes, water.level.T, strict=True))
    warned = level[_node(WARNED)] - limits.stages()[_node(WARNED)].warning
    assert 0.05 < warned[now] < 0.2
    assert (np.diff(warned[now - 12 : now + 25 : 6]) > 0).all()  # rising before and after
    below = RESERVOIRS[POOL].limit(until.date()) - level[_node(POOL)]
    assert 0.05 < below[now] < 0.15
    assert below[now + 12] < below[now]
    deep = [n for n, p in enumerate(sites.ponding_points()) if p.kind == "underpass" and water.depth[now, n] > 40]
    assert deep
    coming = water.areal[now : now + PER_DAY // 2, [c.code for c in sites.catchments()].index("BS1")].sum()
    assert coming > 15


# ---- the gauges ------------------------------------------------------------------------------------------------------
def test_readings_are_in_order_and_every_series_speaks(city: dict, readings: pd.DataFrame) -> None:
    assert readings["moment"].is_monotonic_increasing
    assert not readings.duplicated(["station", "element", "moment"]).any()
    assert readings["moment"].max() == UNTIL
    told = set(zip(readings["station"], readings["element"], strict=True))
    assert told == {(c.station, c.element) for c in sensors.channels()}
    known = engine.read(select(tables.flood_station))
    assert set(readings["station"]) == set(known["code"])
    fresh = readings[readings["moment"] > UNTIL - timedelta(hours=1)].groupby(["station", "element"]).size()
    assert (fresh == 12).all()
    silent = {_node(sensors.SILENT), sensors.SILENT_POINT, sensors.gauge_of(sensors.SKEWED)}
    assert set(known["code"]) - set(fresh.index.get_level_values("station")) == silent
    assert (readings.loc[readings["element"] == "rain", "minutes"] == 5).all()


def test_the_readings_tell_of_the_storm_of_now(city: dict, readings: pd.DataFrame) -> None:
    level = _series(readings, _node(WARNED), "level")
    assert level.iloc[-1] > limits.stages()[_node(WARNED)].warning
    assert level.iloc[-1] > level.iloc[-13] > level.iloc[-25]
    pool = _series(readings, _node(POOL), "level")
    assert 0.05 < RESERVOIRS[POOL].limit(UNTIL.date()) - pool.iloc[-1] < 0.15
    forecast = engine.read(select(tables.flood_rain_forecast))
    newest = forecast[forecast["made_at"] == forecast["made_at"].max()]
    assert newest["made_at"].iloc[0] == UNTIL.replace(minute=0)
    assert newest["moment"].max() == newest["made_at"].iloc[0] + timedelta(hours=24)
    assert newest.groupby("place")["mm"].sum()["BS1"] > 15
    response = engine.read(select(tables.flood_response))
    assert response["end_at"].isna().sum() == 1


def test_what_is_wrong_with_some_gauges(city: dict, readings: pd.DataFrame) -> None:
    stuck = _series(readings, _node(sensors.STUCK), "level")
    held = stuck[UNTIL - sensors.STUCK_FOR + timedelta(minutes=5) :]
    assert held.min() == held.max()
    neighbour = _series(readings, _node("光明"), "level")[UNTIL - sensors.STUCK_FOR :]
    assert neighbour.max() - neighbour.min() > 0.5

    impossible = readings[readings["quality"] == 2]
    assert set(impossible["station"]) == {sensors.gauge_of(sensors.SPIKING)}
    assert (impossible["value"] > 80).all()
    assert len(impossible) == len(sensors.SPIKES)

    assert _series(readings, _node(sensors.SILENT), "level").index.max() <= UNTIL - sensors.SILENT_FOR
    assert _series(readings, sensors.SILENT_POINT, "depth").index.max() <= UNTIL - sensors.SILENT_POINT_FOR

    refused = engine.read(select(quarantine).where(quarantine.c.source == "flood_rain"))
    assert len(refused) == 288
    ahead = pd.to_datetime([json.loads(raw)["moment"] for raw in refused["raw"]])
    assert ahead.max() > UNTIL + timedelta(minutes=30)

    gauges = {g.code: g for g in sites.rain_gauges()}
    dry = gauges[sensors.gauge_of(sensors.DRY)]
    assert _series(readings, dry.code, "rain")[UNTIL - timedelta(hours=3) :].sum() == 0
    near = [g for g in gauges.values() if g is not dry and (g.x - dry.x) ** 2 + (g.y - dry.y) ** 2 <= 100]
    sums = [_series(readings, g.code, "rain")[UNTIL - timedelta(hours=3) :].sum() for g in near]
    assert sum(mm >= 25 for mm in sums) >= 2

    seen = _series(readings, sensors.DISAGREEING, "level")
    camera = next(c for c in sites.cameras() if c.code == sensors.DISAGREEING)
    apart = (seen - _series(readings, camera.twin, "level"))[UNTIL - sensors.DISAGREEING_FOR + timedelta(minutes=5) :]
    assert apart.mean() == pytest.approx(sensors.APART, abs=0.03)
    before = (seen - _series(readings, camera.twin, "level"))[: UNTIL - sensors.DISAGREEING_FOR]
    assert before.abs().max() < 0.15
    video = readings[readings["station"].str.startswith("SP")]
    assert video["confidence"].between(0.3, 1).all()
    assert readings.loc[~readings["station"].str.startswith("SP"), "confidence"].isna().all()

    false = _series(readings, _node(sensors.FALSE), "level")
    begins = UNTIL - sensors.FALSE_BEFORE
    jumped = false[begins + timedelta(minutes=5) : begins + sensors.FALSE_FOR]
    assert (jumped > limits.stages()[_node(sensors.FALSE)].warning).all()
    assert false[begins - timedelta(hours=1) : begins].max() < jumped.min() - 1

    late = readings[readings["received_at"].notna()]
    assert set(late["station"]) == {_node(sensors.LATE)}
    assert (late["received_at"] == UNTIL - sensors.LATE_AT).all()


def test_officers_deal_with_alarms_and_one_was_false(city: dict) -> None:
    events = engine.read(select(tables.flood_alarm_event))
    assert not events.duplicated(["alarm", "seq"]).any()
    deeds = events[events["person"] != ""]
    assert {"acknowledged", "assigned", "false_alarm"} <= set(deeds["event"])
    false = deeds[deeds["event"] == "false_alarm"]
    assert set(false["station"]) == {_node(sensors.FALSE)}
    assert "level" in set(false["rule"])
    assert _node(duty.NEVER) not in set(deeds["station"])
    raised = events[(events["event"] == "raised") & (events["rule"] == "level")].set_index("station")["moment"]
    assert UNTIL - timedelta(hours=6) < raised.loc[[_node(WARNED)]].max() < UNTIL
    acknowledged = deeds.loc[deeds["event"] == "acknowledged", "alarm"]
    assert 0 < acknowledged.nunique() < events["alarm"].nunique()


def test_loads_of_each_source_are_told(city: dict) -> None:
    known = engine.read(select(source)).set_index("key")
    assert set(fill.SOURCES) <= set(known.index)
    loads = engine.read(select(load_log).where(load_log.c.source.in_(fill.SOURCES)))
    assert (loads["data_to"] == UNTIL).all()
    assert set(loads["source"]) == set(fill.SOURCES)


# ---- the hotline -----------------------------------------------------------------------------------------------------
def test_people_call_where_water_stands(city: dict, readings: pd.DataFrame) -> None:
    codes = engine.read(select(category)).set_index("name_zh")["code"]
    calls = orders()
    calls = calls[calls["category"].isin(codes[["路面积水", "小区积水", "排水不畅"]])]
    calls = calls[calls["accept_at"] > UNTIL - timedelta(hours=3)]
    deepest = readings[readings["element"] == "depth"].groupby("station")["value"].max()
    points = pd.DataFrame([(p.street.code, deepest[p.code]) for p in sites.ponding_points()], columns=["street", "cm"])
    by_street = points.groupby("street")["cm"].max()
    counts = calls["street_code"].value_counts().reindex(by_street.index, fill_value=0)
    deep, shallow = counts[by_street > 40], counts[by_street < 10]
    assert len(deep) >= 3
    assert deep.mean() > 5 * shallow.mean() + 3


# ---- the feed --------------------------------------------------------------------------------------------------------
LATE = datetime(2026, 11, 21, 22, 40)  # the feed soon passes midnight


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small demo city built at LATE."""
    folder = tmp_path_factory.mktemp("late")
    with connected(folder):
        build(orders=300, days=2, until=LATE, flood_days=1)
    return folder / "city.duckdb"


def _fed(built: Path, folder: Path, minutes: tuple[int, ...], restarts: bool) -> pd.DataFrame:
    """The readings that the feed adds in some steps (minutes after LATE)."""
    folder.mkdir()
    shutil.copy(built, folder / "city.duckdb")
    with connected(folder):
        feed.forget()
        for minute in minutes:
            if restarts:
                feed.forget()
            feed.step(LATE + timedelta(minutes=minute))
        days = engine.read(select(tables.flood_day))
        assert days["day"].max().date() == date(2026, 11, 22)
        refused = engine.read(select(quarantine))
        assert len(refused) == 288 + 36
        assert (refused["reason"] == "future").all()
        frame = engine.read(select(tables.flood_reading).where(tables.flood_reading.c.moment > LATE))
        return frame.drop(columns=["received_at"]).sort_values(["moment", "station", "element"], ignore_index=True)


def test_the_feed_goes_on_as_if_it_had_never_stopped(built: Path, tmp_path: Path) -> None:
    """Through midnight, step by step with or without restarts: the same readings as in one go."""
    steps = (5, 7, 40, 79, 80, 81, 120, 180)
    whole = _fed(built, tmp_path / "one", (180,), False)
    assert sorted(whole["moment"].unique()) == [LATE + timedelta(minutes=5 * n) for n in range(1, 37)]
    pd.testing.assert_frame_equal(_fed(built, tmp_path / "many", steps, False), whole)
    pd.testing.assert_frame_equal(_fed(built, tmp_path / "restarted", steps, True), whole)


def test_rain_does_not_depend_on_how_it_is_asked() -> None:
    storm = Storm(datetime(2026, 7, 1, 6), 24, 1.0, "typhoon")
    points = np.array([[60.0, 55.0], [80.0, 60.0]])
    start = seconds(datetime(2026, 7, 1))
    whole = rain(storm_cells(storm), points, start, 2 * PER_DAY, 7)
    late = rain(storm_cells(storm), points, start + PER_DAY * STEP, PER_DAY, 7)
    assert whole.sum() > 20
    assert np.array_equal(whole[PER_DAY:], late)
