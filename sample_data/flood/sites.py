"""Where the demo city's gauges stand: rivers as chains of nodes, catchments, streets. All in km of geography's plane.

A node is a river station, a reservoir's dam or a weir. Nodes lie on the drawn rivers, in order from source to mouth;
青溪河 and 白沙河 end in 云水河. Nothing here depends on the seed.
"""

import json
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import shapely

from sample_data.geography import AREAS, WATER, plane

Shape = shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True)
class River:
    """A drawn river. joins: the river it ends in ('' the sea) and at which of its km from the source."""

    key: str
    name: str
    name_en: str
    line: shapely.LineString
    joins: str
    at_km: float
    datum: str
    top: float  # m, bed at the source
    mouth: float  # m, bed at the mouth


@dataclass(frozen=True)
class Node:
    """A place on a river that water is followed to."""

    code: str
    kind: str  # river | reservoir | weir
    river: str  # key
    name: str
    name_en: str
    from_source: float  # km
    to_mouth: float  # km, along its own river
    x: float
    y: float
    catchment: str
    lateral: dict[str, float]  # catchment: share of its area that joins between the node above and this one
    above: tuple[str, ...]  # the nodes whose water comes here next
    drainage: float  # km²


@dataclass(frozen=True)
class Catchment:
    """Land that drains to one node; '' outlet: straight to the sea."""

    code: str
    name: str
    name_en: str
    river: str
    first: float  # km from the source
    last: float
    outlet: str
    runoff: float
    shape: Shape  # km
    area: float


@dataclass(frozen=True)
class Street:
    code: str
    name: str
    name_en: str
    district: str
    population: int
    shape: Shape  # km


DATUM = "1985国家高程基准"
OTHER_DATUM = "废黄河口基面"  # of 白沙河; the heights below are already in it
_DATUM_OF = {"yunshui": (DATUM, 168.0, -1.5), "qingxi": (DATUM, 172.0, 28.5), "baisha": (OTHER_DATUM, 124.0, 6.2)}
_JOINS = {"qingxi": "yunshui", "baisha": "yunshui"}
SHORT = {"yunshui": "云水河", "qingxi": "青溪河", "baisha": "白沙河"}

# river: (kind, name, English, km from the source)
_NODES = {
    "yunshui": (
        ("river", "虎头崖", "Hutouya", 9.0), ("reservoir", "龙潭水库", "Longtan Reservoir", 19.4),
        ("river", "松岭", "Songling", 20.8), ("river", "龙潭", "Longtan", 27.5), ("river", "竹溪口", "Zhuxikou", 36.0),
        ("river", "老君", "Laojun", 45.3), ("river", "黄泥岗", "Huangnigang", 52.5), ("river", "柳林", "Liulin", 59.2),
        ("river", "古城", "Gucheng", 64.2), ("river", "青溪口", "Qingxikou", 66.6), ("river", "沙河", "Shahe", 73.2),
        ("river", "解放路", "Jiefanglu", 79.4), ("weir", "望江闸", "Wangjiang Weir", 82.6),
        ("river", "西关", "Xiguan", 85.2), ("river", "北关", "Beiguan", 89.6), ("river", "东关", "Dongguan", 94.2),
        ("river", "双河口", "Shuanghekou", 97.0), ("river", "观潮", "Guanchao", 103.6),
        ("weir", "滨河挡潮闸", "Binhe Tidal Weir", 109.2), ("river", "海滨", "Haibin", 113.2),
    ),
    "qingxi": (
        ("river", "孟坪", "Mengping", 3.5), ("reservoir", "石盘水库", "Shipan Reservoir", 10.6),
        ("river", "高庙", "Gaomiao", 11.9), ("river", "太平", "Taiping", 17.5), ("river", "洛滨", "Luobin", 23.4),
        ("river", "张店集", "Zhangdianji", 28.8), ("river", "石门", "Shimen", 37.5),
        ("river", "城关", "Chengguan", 46.6), ("river", "溪尾", "Xiwei", 57.2),
    ),
    "baisha": (
        ("river", "南沟", "Nangou", 4.0), ("reservoir", "蒋峪水库", "Jiangyu Reservoir", 11.6),
        ("river", "白石", "Baishi", 13.0), ("river", "铁炉", "Tielu", 20.5), ("river", "杏花", "Xinghua", 26.8),
        ("river", "光明", "Guangming", 33.2), ("river", "官桥", "Guanqiao", 47.2),
        ("river", "南苑", "Nanyuan", 54.6), ("river", "大桥", "Daqiao", 67.4), ("river", "凤凰", "Fenghuang", 74.2),
    ),
}  # fmt: skip
# code, names, river, from km, to km, outlet, runoff coefficient when wet
_CATCHMENTS = (
    ("YS1", "龙潭水库上游", "Above Longtan Reservoir", "yunshui", 0.0, 19.4, "龙潭水库", 0.78),
    ("YS2", "龙潭至老君", "Longtan to Laojun", "yunshui", 19.4, 45.3, "老君", 0.72),
    ("YS3", "老君至古城", "Laojun to Gucheng", "yunshui", 45.3, 64.2, "古城", 0.66),
    ("YS4", "城区上游", "Above the city", "yunshui", 64.2, 79.4, "解放路", 0.64),
    ("YS5", "城区", "The city", "yunshui", 79.4, 94.2, "东关", 0.74),
    ("YS6", "河口", "The estuary", "yunshui", 94.2, 116.0, "海滨", 0.60),
    ("QX1", "石盘水库上游", "Above Shipan Reservoir", "qingxi", 0.0, 10.6, "石盘水库", 0.78),
    ("QX2", "石盘至张店集", "Shipan to Zhangdianji", "qingxi", 10.6, 28.8, "张店集", 0.72),
    ("QX3", "青溪河下游", "Lower Qingxi River", "qingxi", 28.8, 59.0, "溪尾", 0.66),
    ("BS1", "蒋峪水库上游", "Above Jiangyu Reservoir", "baisha", 0.0, 11.6, "蒋峪水库", 0.78),
    ("BS2", "蒋峪至光明", "Jiangyu to Guangming", "baisha", 11.6, 33.2, "光明", 0.70),
    ("BS3", "光明至南苑", "Guangming to Nanyuan", "baisha", 33.2, 54.6, "南苑", 0.66),
    ("BS4", "白沙河下游", "Lower Baisha River", "baisha", 54.6, 78.0, "凤凰", 0.68),
)
_COASTS = (
    ("NC", "北部沿海", "Northern coast", "qingxi", 20.0, 95.0),
    ("EC", "东部沿海", "Eastern coast", "", 108.0, 48.0),
)
_COAST_SEEDS = {
    "NC": [(x, y) for x in range(18, 84, 4) for y in (82, 88, 94, 100)],
    "EC": [(x, y) for x in range(94, 130, 4) for y in (22, 28, 34, 40, 46, 52, 58, 64, 70, 76)],
}


def _plain(shape: shapely.Geometry) -> Shape:
    assert isinstance(shape, shapely.Polygon | shapely.MultiPolygon)
    return shape


@cache
def streets() -> tuple[Street, ...]:
    """The streets of the committed areas, by code."""
    found = []
    for feature in json.loads(AREAS.read_text("utf-8"))["features"]:
        said = feature["properties"]
        if said["level"] == 2:
            shape = _plain(shapely.transform(shapely.geometry.shape(feature["geometry"]), plane))
            found.append(Street(said["code"], said["name"], said["name_en"], said["parent"], said["population"], shape))
    return tuple(sorted(found, key=lambda street: street.code))


@cache
def _tree() -> shapely.STRtree:
    return shapely.STRtree([street.shape for street in streets()])


def street_at(x: float, y: float) -> Street:
    """The street at a place, or the nearest."""
    return streets()[int(_tree().nearest(shapely.Point(x, y)))]


@cache
def rivers() -> dict[str, River]:
    """The drawn rivers by key."""
    drawn = {}
    for feature in json.loads(WATER.read_text("utf-8"))["features"]:
        if feature["properties"]["kind"] == "river":
            line = shapely.transform(shapely.geometry.shape(feature["geometry"]), plane)
            drawn[feature["properties"]["key"]] = (feature["properties"], line)
    found = {}
    for key, (said, line) in drawn.items():
        joins = _JOINS.get(key, "")
        at = float(drawn[joins][1].project(shapely.Point(line.coords[-1]))) if joins else 0.0
        found[key] = River(key, said["name"], said["name_en"], line, joins, at, *_DATUM_OF[key])
    return found


@cache
def catchments() -> tuple[Catchment, ...]:
    """The city's land by the stretch of river that it lies nearest to."""
    seeds, labels = [], []
    for n, (_, _, _, river, first, last, _, _) in enumerate(_CATCHMENTS):
        line = rivers()[river].line
        stops = np.arange(first + 0.5, min(last, line.length), 1.0)
        seeds += shapely.get_coordinates(line.interpolate(stops)).tolist()
        labels += [n] * len(stops)
    for n, (code, *_) in enumerate(_COASTS, len(_CATCHMENTS)):
        seeds += _COAST_SEEDS[code]
        labels += [n] * len(_COAST_SEEDS[code])
    outline = shapely.union_all([s.shape for s in streets()]).simplify(0.15)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=outline, ordered=True).geoms
    found = []
    rows = [*_CATCHMENTS, *((c, zh, en, "", 0.0, 0.0, "", 0.62) for c, zh, en, *_ in _COASTS)]
    for n, (code, zh, en, river, first, last, outlet, runoff) in enumerate(rows):
        own = shapely.union_all([cell for cell, label in zip(cells, labels, strict=True) if label == n])
        shape = _plain(shapely.intersection(own, outline).simplify(0.2))
        area = round(float(shape.area), 1)
        found.append(Catchment(code, zh, en, river, first, last, node_codes().get(outlet, ""), runoff, shape, area))
    return tuple(found)


@cache
def node_codes() -> dict[str, str]:
    """Code of each node by name, eight digits as the standard has them."""
    found = {}
    for number, key in enumerate(_NODES, 1):
        for n, (kind, name, *_) in enumerate(_NODES[key], 1):
            prefix = {"river": "9910", "reservoir": "9930", "weir": "9940"}[kind]
            found[name] = f"{prefix}{number}{n:02d}0"
    return found


@cache
def nodes() -> dict[str, Node]:
    """All nodes by code, each after those above it."""
    codes, found = node_codes(), {}
    for key in ("qingxi", "baisha", "yunshui"):
        line, above = rivers()[key].line, ""
        for kind, name, english, km in _NODES[key]:
            place = line.interpolate(km)
            passed = found[above].from_source if above else 0.0
            joined = [r for r in rivers().values() if r.joins == key and passed < r.at_km <= km]
            coming = tuple(filter(None, [above, *(codes[_NODES[r.key][-1][1]] for r in joined)]))
            lateral = _lateral(key, passed, km)
            for r in joined:
                lateral |= _lateral(r.key, found[codes[_NODES[r.key][-1][1]]].from_source, r.line.length)
            drainage = sum(found[c].drainage for c in coming)
            drainage += sum(part * c.area for c in catchments() for part in [lateral.get(c.code, 0.0)])
            catchment = next(c.code for c in catchments() if c.river == key and c.first < km <= c.last)
            found[codes[name]] = Node(
                codes[name], kind, key, name, english, km, round(float(line.length) - km, 2), float(place.x),
                float(place.y), catchment, lateral, coming, round(drainage, 1),
            )  # fmt: skip
            above = codes[name]
    return found


def _lateral(river: str, start: float, end: float) -> dict[str, float]:
    """Which share of each catchment joins a river between two kilometres."""
    found = {}
    for c in catchments():
        if c.river == river:
            last = min(c.last, float(rivers()[river].line.length))
            shared = min(end, last) - max(start, c.first)
            if shared > 0:
                found[c.code] = shared / (last - c.first)
    return found


def bed(river: str, km: float) -> float:
    """Height of the bed, m, some km from the source: steep in the hills, flat on the plain."""
    one = rivers()[river]
    left = 1 - km / float(one.line.length)
    return one.mouth + (one.top - one.mouth) * left**1.7


def slope(river: str, km: float) -> float:
    """Fall of the bed, m per m."""
    return max((bed(river, km - 0.5) - bed(river, km + 0.5)) / 1000, 4.5e-4)


@dataclass(frozen=True)
class Gauge:
    """A rain gauge, a waterlogging point or a camera."""

    code: str
    name: str
    name_en: str
    x: float
    y: float
    street: Street
    catchment: str
    twin: str = ""
    zh: str = ""
    en: str = ""
    capacity: float = 0.0  # mm/h that the drains take
    bowl: float = 0.0  # cm of depth for each mm that they do not
    kind: str = ""


def catchment_at(x: float, y: float) -> str:
    """The catchment of a place, or the nearest."""
    spot = shapely.Point(x, y)
    return min(catchments(), key=lambda c: (shapely.distance(c.shape, spot), c.code)).code


def _short(street: Street) -> tuple[str, str]:
    name, english = street.name, street.name_en
    for suffix in ("街道", "镇", "乡"):
        name = name.removesuffix(suffix)
    return name, english.rsplit(" ", 1)[0]


@cache
def rain_gauges() -> tuple[Gauge, ...]:
    """90 rain gauges: one at each reservoir, the others one a street, sparser in town."""
    found = []
    for node in nodes().values():
        if node.kind == "reservoir":
            found.append(
                Gauge(node.code, node.name, node.name_en, node.x, node.y, street_at(node.x, node.y), node.catchment)
            )
    wide = sorted(streets(), key=lambda s: (-s.shape.area, s.code))[: 90 - len(found)]
    for n, street in enumerate(sorted(wide, key=lambda s: s.code), 1):
        spot = street.shape.representative_point()
        zh, en = _short(street)
        code = f"9920{n:03d}0"
        found.append(
            Gauge(code, zh + "雨量站", f"{en} rain gauge", spot.x, spot.y, street, catchment_at(spot.x, spot.y))
        )
    return tuple(found)


_POINTS = (  # kind, what follows the road's name, English, drains mm/h, cm per mm beyond them
    ("underpass", "下穿隧道", "underpass", 34.0, 1.30),
    ("underpass", "铁路桥下", "railway underpass", 31.0, 1.45),
    ("road", "低洼路段", "low road", 38.0, 0.62),
    ("road", "路口", "crossing", 40.0, 0.55),
    ("garage", "地下车库入口", "garage entrance", 36.0, 0.75),
)
_SAID = {
    "underpass": ("下穿通道，积水40厘米断路", "Underpass; closed from 40 cm"),
    "road": ("低洼道路", "Low-lying road"),
    "garage": ("地下空间入口，需备沙袋和挡板", "Way to rooms below ground; sandbags and boards at hand"),
}
_ROADS = (
    ("建国路", "Jianguo Road"), ("解放路", "Jiefang Road"), ("人民路", "Renmin Road"), ("文昌路", "Wenchang Road"),
    ("滨河大街", "Binhe Avenue"), ("新华路", "Xinhua Road"), ("朝阳路", "Chaoyang Road"),
    ("迎宾大街", "Yingbin Avenue"),
    ("学府路", "Xuefu Road"), ("青年路", "Qingnian Road"), ("光明路", "Guangming Road"), ("和平路", "Heping Road"),
)  # fmt: skip
_COUNTS = {"990102": 14, "990103": 11, "990104": 7, "990171": 5, "990181": 3, "990182": 3, "990183": 3}


@cache
def ponding_points() -> tuple[Gauge, ...]:
    """46 waterlogging points (积水点) in the streets of the towns, worst built first."""
    stations = [n for n in nodes().values() if n.kind == "river"]
    found: list[Gauge] = []
    for district, count in _COUNTS.items():
        own = [s for s in streets() if s.district == district and s.name.endswith("街道")]
        for n in range(count):
            street, turn = own[n % len(own)], n // len(own)
            spot = street.shape.representative_point()
            west, south, east, north = street.shape.bounds
            x = spot.x + (0.16 if turn else -0.05) * (east - west)
            y = spot.y + (0.12 if turn else 0.04) * (north - south)
            if not street.shape.contains(shapely.Point(x, y)):
                x, y = spot.x, spot.y
            number = len(found)
            kind, zh, en, capacity, bowl = _POINTS[number % len(_POINTS)]
            road, road_en = _ROADS[(number * 5 + turn) % len(_ROADS)]
            twin = min(stations, key=lambda s: (s.x - x) ** 2 + (s.y - y) ** 2)
            name, english = f"{_short(street)[0]}{road}{zh}", f"{_short(street)[1]} {road_en} {en}"
            found.append(
                Gauge(
                    f"JS{number + 1:03d}", name, english, x, y, street, catchment_at(x, y), twin.code,
                    *_SAID[kind], capacity, bowl, kind,
                )
            )  # fmt: skip
    return tuple(found)


VIDEO = ("解放路", "西关", "东关", "城关", "光明", "龙潭水库", "石盘水库", "望江闸")


@cache
def cameras() -> tuple[Gauge, ...]:
    """8 cameras that read the level beside a gauge."""
    found = []
    for n, name in enumerate(VIDEO, 1):
        node = nodes()[node_codes()[name]]
        gauge = Gauge(
            f"SP{n:03d}", f"{node.name}视频", f"{node.name_en} camera", node.x, node.y, street_at(node.x, node.y),
            node.catchment, node.code,
        )  # fmt: skip
        found.append(replace(gauge, x=gauge.x + 0.02, y=gauge.y + 0.02))
    return tuple(found)


@cache
def weights() -> dict[str, np.ndarray]:
    """For each catchment, the share of its area nearest to each of rain_gauges() (Thiessen), adding up to 1."""
    gauges = np.array([(g.x, g.y) for g in rain_gauges()])
    return {c.code: shares(c.shape, gauges) for c in catchments()}


def shares(shape: Shape, gauges: np.ndarray, step: float = 0.7) -> np.ndarray:
    """The share of a shape that lies nearest to each gauge, from a grid of `step` km."""
    west, south, east, north = shape.bounds
    x, y = (part.ravel() for part in np.meshgrid(np.arange(west, east, step), np.arange(south, north, step)))
    inside = shapely.contains_xy(shape, x, y)
    if not inside.any():
        spot = shape.representative_point()
        x, y, inside = np.array([spot.x]), np.array([spot.y]), np.array([True])
    away = (x[inside, None] - gauges[:, 0]) ** 2 + (y[inside, None] - gauges[:, 1]) ** 2
    counts = np.bincount(away.argmin(axis=1), minlength=len(gauges))
    return counts / counts.sum()
