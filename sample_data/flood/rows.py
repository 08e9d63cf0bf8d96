"""The rows of the demo city's flood network: stations, thresholds, curves, catchments, weights, reaches, gates."""

import json
from datetime import date

import numpy as np
import shapely

from sample_data.flood import sites
from sample_data.flood.basins import MUSKINGUM_X, rating, travel_hours
from sample_data.flood.limits import UNKNOWN, WARNING_ONLY, outfalls, stages
from sample_data.flood.reservoirs import RESERVOIRS
from sample_data.geography import degrees

SINCE = date(2020, 1, 1)
SURVEYS = (date(2012, 5, 1), date(2023, 4, 20))  # of the reservoirs; the newer counts
CHANGED = date(2025, 5, 1)  # the day that 东关's warning level was raised with its dike
SOURCE = {
    "rain": "flood_rain", "river": "flood_river", "tide": "flood_river", "weir": "flood_river",
    "reservoir": "flood_reservoir", "waterlogging": "flood_waterlogging", "video": "flood_video",
}  # fmt: skip
GAUGED = (  # river stations that measure flow too (水文站); the others only the level (水位站)
    "孟坪", "高庙", "洛滨", "张店集", "城关", "溪尾", "南沟", "白石", "铁炉", "光明", "南苑", "凤凰", "虎头崖", "松岭",
    "老君", "古城", "青溪口", "解放路", "东关", "观潮",
)  # fmt: skip
TIDAL = "海滨"  # where the sea holds the river up: its tides are no floods
_MEANS = {  # what reaching a threshold means
    "forecast": ("启动洪水预报，加密监测", "Forecasting starts; readings are watched closely"),
    "warning": ("巡堤上岗，专人值守", "Dike patrols take their posts"),
    "alert": ("抢险队伍到位，关闭沿河低洼通道", "Repair teams stand by; low riverside ways are closed"),
    "guarantee": (
        "堤防满负荷，沿河人员准备转移",
        "The dike bears its design flood; people at the river prepare to leave",
    ),
    "record": ("超历史最高，危险区人员全部转移", "Beyond anything on record; everyone leaves the danger zone"),
    "bank": ("漫堤，险段紧急撤离", "The dike is overtopped; immediate evacuation"),
    "dead": ("停止供水以外的放水", "No release but for supply"),
    "limit": ("汛期不得超过，需研究泄洪", "Not to be exceeded in the season; a release is to be considered"),
    "normal": ("蓄满，停止蓄水", "Full; no more is stored"),
    "flood_high": ("下游防护对象的设计洪水，全力泄洪", "What the land below is protected against; full release"),
    "design": ("大坝设计洪水，坝体专人看守", "The dam's design flood; the dam is guarded"),
    "check": ("大坝校核洪水，下游全面转移", "The dam's check flood; everyone below leaves"),
    "crest": ("坝顶", "Crest of the dam"),
    "blue": ("有积水，关注", "Water on the road; watched"),
    "yellow": ("设警示标志，安排值守", "Warning signs and a guard"),
    "orange": ("交通管制，排涝泵车到场", "Traffic is controlled; pump trucks come"),
    "red": ("断路绕行，撤离地下空间", "Road closed; rooms below ground are cleared"),
}
_LIVES = {  # who lives behind the dike
    "高庙": ("高庙镇3个村约4200人", "3 villages of Gaomiao, some 4,200 people"),
    "铁炉": ("铁炉镇镇区及2个村约6800人", "The town of Tielu and 2 villages, some 6,800 people"),
    "光明": ("光明街道沿河小区约1.6万人", "Riverside estates of Guangming, some 16,000 people"),
    "解放路": ("老城沿江片区约2.4万人", "The old town at the river, some 24,000 people"),
    "东关": ("东关街道低洼片区约1.1万人", "Low parts of Dongguan, some 11,000 people"),
    "观潮": ("观潮街道与开发区泵站", "Guanchao and the pumping stations of the zone"),
}
_UNITS = {
    "town": ("{}政府、{}水利站", "{} government; {} water station"),
    "city": ("{}办事处、市城市管理局、市公安局交警支队", "{} office; City Management Bureau; Traffic Police"),
}


def _place(x: float, y: float) -> dict:
    lon, lat = degrees(np.array([[x, y]]))[0]
    street = sites.street_at(x, y)
    return {"lon": float(lon), "lat": float(lat), "district_code": street.district, "street_code": street.code}


def stations() -> list[dict]:
    """Rows of flood_station."""
    found = []
    for node in sites.nodes().values():
        river = sites.rivers()[node.river]
        zh, en = node.name, node.name_en
        kind = "tide" if node.name == TIDAL else node.kind
        if node.kind == "river":
            zh += "潮位站" if kind == "tide" else "水文站" if node.name in GAUGED else "水位站"
            en += " tide gauge" if kind == "tide" else " hydrological station" if node.name in GAUGED else " gauge"
        lives = _LIVES.get(node.name, (None, None))
        found.append(_station(
            node.code, kind, zh, en, _place(node.x, node.y), river=river.name, catchment=node.catchment,
            datum=river.datum, km=round(node.to_mouth, 1), drainage_km2=node.drainage, resolution=0.01,
            notes_zh=lives[0], notes_en=lives[1],
        ))  # fmt: skip
    for g in sites.rain_gauges():
        found.append(
            _station(g.code, "rain", g.name, g.name_en, _place(g.x, g.y), catchment=g.catchment, resolution=0.1)
        )
    for g, outfall in zip(sites.ponding_points(), outfalls(), strict=True):
        found.append(_station(
            g.code, "waterlogging", g.name, g.name_en, _place(g.x, g.y), catchment=g.catchment, resolution=1.0,
            twin=g.twin, outfall_level=outfall, notes_zh=g.zh, notes_en=g.en,
        ))  # fmt: skip
    for g in sites.cameras():
        node = sites.nodes()[g.twin]
        river = sites.rivers()[node.river]
        found.append(_station(
            g.code, "video", g.name, g.name_en, _place(g.x, g.y), river=river.name, catchment=g.catchment,
            datum=river.datum, km=round(node.to_mouth, 1), resolution=0.01, twin=g.twin,
        ))  # fmt: skip
    return found


def _station(code: str, kind: str, name: str, name_en: str, place: dict, **more: object) -> dict:
    usual = {
        "river": "", "catchment": "", "datum": "", "km": None, "drainage_km2": None, "twin": "", "outfall_level": None,
        "notes_zh": None, "notes_en": None,
    }  # fmt: skip
    base = {
        "code": code, "kind": kind, "source": SOURCE[kind], "name": name, "name_en": name_en, "interval_minutes": 5,
        "enabled_from": SINCE, "enabled_to": None,
    }  # fmt: skip
    return base | place | usual | more


def thresholds() -> list[dict]:
    """Rows of flood_threshold."""
    found = []
    for code, stage in stages().items():
        node = sites.nodes()[code]
        if node.name in UNKNOWN or node.name == "滨河挡潮闸":
            continue
        datum = sites.rivers()[node.river].datum
        names = ("warning",) if node.name in WARNING_ONLY else (
            "forecast", "warning", "alert", "guarantee", "record", "bank",
        )  # fmt: skip
        for name in names:
            value = getattr(stage, name)
            if node.name == "东关" and name == "warning":
                found.append(_threshold(code, name, round(value - 0.3, 2), datum) | {"valid_to": CHANGED})
                found.append(_threshold(code, name, value, datum) | {"valid_from": CHANGED})
            else:
                found.append(_threshold(code, name, value, datum))
    for reservoir in RESERVOIRS.values():
        code = sites.node_codes()[reservoir.name]
        datum = sites.rivers()[sites.nodes()[code].river].datum
        for name in ("dead", "normal", "flood_high", "design", "check", "crest"):
            found.append(_threshold(code, name, getattr(reservoir, name), datum))
        for start, end, value in reservoir.seasons:
            found.append(_threshold(code, "limit", value, datum) | {"season_from": start, "season_to": end})
    for point in sites.ponding_points():
        steps = (3.0, 15.0, 25.0, 40.0) if point.kind == "underpass" else (3.0, 15.0, 27.0, 40.0)
        for name, value in zip(("blue", "yellow", "orange", "red"), steps, strict=True):
            found.append(_threshold(point.code, name, value, "") | {"element": "depth"})
    return found


def _threshold(station: str, name: str, value: float, datum: str) -> dict:
    zh, en = _MEANS[name]
    return {
        "station": station, "name": name, "element": "level", "season_from": "", "season_to": "", "valid_from": SINCE,
        "valid_to": None, "value": float(value), "datum": datum, "consequence_zh": zh, "consequence_en": en,
    }  # fmt: skip


def curves() -> list[dict]:
    """Rows of flood_curve."""
    found = []
    for r in RESERVOIRS.values():
        code = sites.node_codes()[r.name]
        levels, storage = r.curve
        found += _curve(code, "storage", SURVEYS[0], levels, storage * 1.03)  # before it silted up
        found += _curve(code, "storage", SURVEYS[1], levels, storage)
        found += _curve(code, "surface", SURVEYS[1], levels, np.round(np.gradient(storage, levels), 3))
        found += _curve(code, "discharge", SURVEYS[1], levels, np.round([r.capacity(z) for z in levels], 1))
    for node in sites.nodes().values():
        if node.name in GAUGED:
            flows = np.array([0.5, 2, 5, 10, 20, 50, 100, 200, 400, 800, 1200, 1800, 2600, 3600, 5000, 7000, 9500])
            flows = flows[flows < 5 * stages()[node.code].guarantee_flow]
            found += _curve(node.code, "rating", SURVEYS[1], np.round(rating(node, flows), 3), flows)
    return found


def _curve(station: str, kind: str, surveyed: date, levels: np.ndarray, values: np.ndarray) -> list[dict]:
    return [
        {"station": station, "kind": kind, "surveyed": surveyed, "point": n, "level": float(z), "value": float(v)}
        for n, (z, v) in enumerate(zip(levels, values, strict=True), 1)
    ]


def catchments() -> list[dict]:
    """Rows of flood_catchment."""
    found = []
    for c in sites.catchments():
        shape = shapely.transform(c.shape, lambda xy: np.round(degrees(xy), 4).astype(float))
        found.append({
            "code": c.code, "name": c.name, "name_en": c.name_en, "area_km2": c.area, "outlet": c.outlet,
            "river": sites.rivers()[c.river].name if c.river else "", "runoff": c.runoff,
            "geojson": json.dumps(json.loads(shapely.to_geojson(shape)), separators=(",", ":")),
        })  # fmt: skip
    return found


def weights() -> list[dict]:
    """Rows of flood_weight: of the catchments, the districts, the streets and the city."""
    gauges = sites.rain_gauges()
    places = np.array([(g.x, g.y) for g in gauges])
    found = dict(sites.weights())
    streets = sites.streets()
    by_street = {s.code: sites.shares(s.shape, places, max(0.15, s.shape.area**0.5 / 14)) for s in streets}
    for district in sorted({s.district for s in streets}):
        own = [s for s in streets if s.district == district]
        area = np.array([s.shape.area for s in own])
        found[district] = np.average([by_street[s.code] for s in own], axis=0, weights=area)
    found["990100"] = np.average([by_street[s.code] for s in streets], axis=0, weights=[s.shape.area for s in streets])
    return [
        {"place": place, "station": gauges[n].code, "weight": float(parts[n])}
        for place, parts in (found | by_street).items()
        for n in np.flatnonzero(parts)
    ]


def reaches() -> list[dict]:
    """Rows of flood_reach: from node to node downstream."""
    found = []
    for node in sites.nodes().values():
        for code in node.above:
            above = sites.nodes()[code]
            hours = travel_hours(above, node)
            length = node.from_source - above.from_source
            if above.river != node.river:
                length = above.to_mouth + node.from_source - sites.rivers()[above.river].at_km
            street = sites.street_at(node.x, node.y)
            zh, en = _UNITS["city" if street.name.endswith("街道") else "town"]
            stage = stages().get(node.code)
            safe = None if stage is None or node.name in UNKNOWN else round(stage.guarantee_flow, -1)
            found.append({
                "upstream": code, "downstream": node.code, "flow": 0.0, "length_km": round(length, 1),
                "travel_h": hours, "travel_min_h": round(0.75 * hours, 2), "travel_max_h": round(1.5 * hours, 2),
                "x": MUSKINGUM_X, "safe_flow": safe,
                "notify_zh": zh.format(street.name, street.name),
                "notify_en": en.format(street.name_en, street.name_en),
            })  # fmt: skip
    return found


def gates() -> list[dict]:
    """Rows of flood_gate."""
    found = []
    for r in RESERVOIRS.values():
        for n, (zh, en, capacity) in enumerate(r.gates, 1):
            found.append({
                "station": sites.node_codes()[r.name], "gate": f"G{n}", "name": zh, "name_en": en, "capacity": capacity,
            })  # fmt: skip
    for name, count, capacity in (("望江闸", 6, 620.0), ("滨河挡潮闸", 8, 700.0)):
        for n in range(1, count + 1):
            found.append({
                "station": sites.node_codes()[name], "gate": f"G{n}", "name": f"{n}号闸孔", "name_en": f"Bay {n}",
                "capacity": capacity,
            })  # fmt: skip
    return found
