"""The geography of the made-up prefecture-level city 云川市 (Yunchuan, code 990100), and how it was made.

`python -m sample_data.geography` writes the two committed files again, byte for byte the same:

* yunchuan/areas.geojson: city, districts (区县) and streets and towns (街道, 镇, 乡) as features with `code`,
  `name`, `name_en`, `level` (0 city, 1 district, 2 street or town), `parent` (null: the city), `kind` (statutory or
  functional), `counts_in` (of a functional zone 功能区: the statutory district that official statistics count it in,
  else null) and `population` (people). Each level is a coverage: neighbours share every vertex, children fill their
  parent exactly.
  Districts do not overlap, the functional zone included, so the city is the plain sum of its ten districts.
* yunchuan/water.geojson: rivers (lines from source to mouth; a tributary ends at a vertex of the main river), lake,
  reservoirs and the sea along the coast, as features with `key`, `kind`, `name`, `name_en`.

Coordinates are WGS 84 longitude and latitude with five decimals (about 1 m). The city lies around 117.2 E, 36.1 N,
where the real coast is far away, so its outline fits no map. Inside this module the plane is in km, x east, y north.
The terrain: hills in the south-west, a plain, and a coast in the north-east.

Errors: `area_frame` and `water_frame` raise FileNotFoundError when the files are missing.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from sample_data.geography_mesh import (
    Mesh,
    Noise,
    Passages,
    borders,
    build_mesh,
    grow,
    jittered_grid,
    meander,
    passages,
    tidy,
)
from sample_data.geography_names import CITY, DISTRICTS, SUFFIXES, PlaceName

FOLDER = Path(__file__).parent / "yunchuan"
AREAS = FOLDER / "areas.geojson"
WATER = FOLDER / "water.geojson"
SEED = 20260

_CENTRE_KM = (64.0, 55.0)
_CENTRE_DEGREES = (117.2, 36.1)
_KM_PER_DEGREE = (111.32 * math.cos(math.radians(36.1)), 110.96)
_MARGIN = 16.0  # km of neighbouring land and sea around the city that are grown too
_WIDTH, _HEIGHT = 162.0, 142.0

# Seats of the neighbouring cities: what they reach first is not ours. That makes the silhouette.
_NEIGHBOURS = (
    (-4.0, 2.0), (14.0, -7.0), (42.0, -5.0), (68.0, -9.0), (92.0, 3.0), (124.0, 10.0), (141.0, 24.0), (-12.0, 38.0),
    (-11.0, 62.0), (-3.0, 92.0), (18.0, 104.0), (36.0, 118.0), (50.0, 124.0),
)  # fmt: skip
_ISLAND = (112.0, 79.0)
_LAKE = (64.0, 51.0)
_RIVERS = (
    ("yunshui", "云水河", "Yunshui River",
     [(9.0, 17.0), (20.0, 27.0), (31.0, 34.0), (40.0, 47.0), (53.0, 54.0), (66.0, 60.0), (76.0, 67.0), (88.0, 76.0),
      (106.0, 92.0)]),
    ("qingxi", "青溪河", "Qingxi River", [(8.0, 47.0), (17.0, 55.0), (29.0, 63.0), (42.0, 62.0), (53.0, 54.0)]),
    ("baisha", "白沙河", "Baisha River",
     [(42.0, 12.0), (51.0, 21.0), (63.0, 31.0), (72.0, 41.0), (74.5, 54.0), (76.0, 67.0)]),
)  # fmt: skip
# key, names, river it dams, km from that river's source to the dam, length of the lake behind it
_RESERVOIRS = (
    ("longtan", "龙潭水库", "Longtan Reservoir", 0, 19.0, 7.5),
    ("shipan", "石盘水库", "Shipan Reservoir", 1, 10.0, 5.0),
    ("jiangyu", "蒋峪水库", "Jiangyu Reservoir", 2, 11.0, 5.5),
)


@dataclass
class Terrain:
    """The city's random fields and water, all in km."""

    rng: np.random.Generator
    rough: Noise
    fine: Noise
    coast: Noise
    rivers: list[np.ndarray]

    def inland(self, points: np.ndarray) -> np.ndarray:
        """Roughly the distance in km from the coast, negative in the sea."""
        distance = 117.0 - (0.68 * points[:, 0] + 0.735 * points[:, 1])
        distance += 8.0 * self.coast(points)
        distance += 9.0 * _hill(points, (117.0, 51.0), 7.0) - 7.0 * _hill(points, (97.0, 84.0), 5.0)
        distance += 5.0 * _hill(points, (66.0, 104.0), 6.0) - 6.0 * _hill(points, (105.0, 63.0), 6.0)
        distance -= 2.0 * np.clip(points[:, 0] - 126, 0, None) * np.clip((points[:, 1] - 38) / 12, 0, 1)
        away = np.hypot(*(points - _ISLAND).T) * (1 + 0.5 * self.rough(points * 2.5))
        return np.where(away < 2.9, 1.0, np.where(away < 7, np.minimum(distance, -0.5), distance))

    def height(self, points: np.ndarray) -> np.ndarray:
        """0 on the plain to 1 in the south-western hills."""
        slope = (40.0 - (0.75 * points[:, 0] + 0.66 * points[:, 1] - 8.0)) / 14.0
        return 1 / (1 + np.exp(-slope - self.rough(points)))

    def roughness(self, points: np.ndarray) -> np.ndarray:
        """What a km of growth costs: ridges and odd corners are crossed late, so borders come to lie there."""
        return np.exp(2.0 * self.rough(points) + 0.4 * self.height(points))


def _hill(points: np.ndarray, centre: tuple[float, float], radius: float) -> np.ndarray:
    return np.exp(-(((points - centre) / radius) ** 2).sum(axis=1))


def _degrees(points: np.ndarray) -> np.ndarray:
    """km on the plane to longitude and latitude, rounded as published."""
    return np.round((points - _CENTRE_KM) / _KM_PER_DEGREE + _CENTRE_DEGREES, 5)


def plane(degrees: np.ndarray) -> np.ndarray:
    """Longitude and latitude to km on the plane."""
    return (np.asarray(degrees) - _CENTRE_DEGREES) * _KM_PER_DEGREE + _CENTRE_KM


def degrees(points: np.ndarray) -> np.ndarray:
    """km on the plane to longitude and latitude, to about a metre."""
    return _degrees(np.asarray(points))


def _density(points: np.ndarray) -> np.ndarray:
    """People per km2, before it is fitted to the districts' totals: the urban core, the seats and the country."""
    seats = np.full(len(points), 0.018)
    for district in DISTRICTS:
        urban = district.km2 < 500
        seats += (0.5 if urban else 0.6) * _hill(points, district.seat, 4.5 if urban else 2.7)
        seats += 0.02 * _hill(points, district.seat, 14.0)
    return seats + 0.5 * _hill(points, (69.0, 60.0), 6.0)


def _terrain(seed: int) -> Terrain:
    rng = np.random.default_rng(seed)
    rough, coast = Noise(rng, 16.0, 5, 0.72), Noise(rng, 26.0, 6, 0.62)
    rivers = [meander(rng, controls, 0.3, 0.5) for *_, controls in _RIVERS]
    return Terrain(rng, rough, Noise(rng, 5.0, 4, 0.75), coast, rivers)


def _mesh(terrain: Terrain) -> tuple[Mesh, Terrain]:
    """The mesh: about 0.34 km in town, 0.5 at the coast, 0.8 inland, 3 km at sea. Rivers end at the coast."""
    main = terrain.rivers[0]
    sea = np.flatnonzero(terrain.inland(main) < -0.3)
    terrain.rivers[0] = main[: sea[0] + 1] if len(sea) else main
    for number in (1, 2):  # a tributary ends at the main river's vertex that it first comes near to
        river = terrain.rivers[number]
        away = np.hypot(*(river[:, None] - terrain.rivers[0][None]).transpose(2, 0, 1))
        near = np.flatnonzero(away.min(axis=1) < 0.8)[0]
        terrain.rivers[number] = np.concatenate([river[:near], terrain.rivers[0][[away[near].argmin()]]])
    pieces = []
    for chosen, spacing in enumerate((3.0, 0.8, 0.5, 0.34)):
        points = jittered_grid(terrain.rng, _WIDTH, _HEIGHT, spacing) - _MARGIN
        inland = terrain.inland(points)
        zone = np.where(np.abs(inland) < 3.5, 2, np.where(inland > 0, 1, 0))
        pieces.append((points[np.where(_density(points) > 0.2, 3, zone) == chosen], spacing))
    points = np.concatenate([piece for piece, _ in pieces])
    clearance = np.concatenate([np.full(len(piece), min(0.55, 0.7 * spacing)) for piece, spacing in pieces])
    return build_mesh(points, terrain.rivers, clearance), terrain


def _nearest(centres: np.ndarray, place: tuple[float, float] | np.ndarray, allowed: np.ndarray) -> int:
    """The allowed triangle nearest to a place."""
    away = np.hypot(*(centres - place).T)
    return int(np.where(allowed, away, np.inf).argmin())


def _balanced(ways: Passages, seeds: list[int], weight: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Growth repeated with adjusted reluctance until each seed's share of the weight is near the one wanted."""
    factor = np.ones(len(seeds))
    label = grow(ways, seeds, factor)
    for turn in range(10):
        got = np.bincount(label[label >= 0], weight[label >= 0], len(seeds))
        step = np.clip((np.maximum(got, 1e-9) / wanted) ** (0.45 - 0.03 * turn), 0.5, 2.0)
        factor = np.round(np.where(np.isnan(wanted), 1.0, factor * step), 6)
        label = grow(ways, seeds, factor)
    return label


def _districts(mesh: Mesh, terrain: Terrain) -> tuple[np.ndarray, np.ndarray]:
    """Per triangle: its district's number, -1 for other cities' land, -2 for the sea; and whether it is the island."""
    centres = mesh.centres
    land = terrain.inland(centres) > 0
    roughness = terrain.roughness(centres)
    out_at_sea = _nearest(centres, (110.0, 110.0), ~land)  # what looks like sea but is cut off from it is land
    land = grow(passages(mesh, roughness, 0.0, land), [out_at_sea], np.ones(1)) < 0
    seats = [district.seat for district in DISTRICTS]
    seeds = [_nearest(centres, place, land) for place in (*seats, *_NEIGHBOURS)]
    wanted = np.array([district.km2 for district in DISTRICTS] + [np.nan] * len(_NEIGHBOURS))
    ways = passages(mesh, roughness, 6.0, land)
    label = _balanced(ways, seeds, mesh.areas, wanted)
    island = grow(ways, [_nearest(centres, _ISLAND, land)], np.ones(1)) == 0
    label = np.where(label >= len(DISTRICTS), -1, np.where(label < 0, -2, label))
    label[island] = next(number for number, one in enumerate(DISTRICTS) if one.code == "990183")
    label = tidy(mesh, label)
    island = grow(passages(mesh, roughness, 0.0, label), [_nearest(centres, _ISLAND, land)], np.ones(1)) == 0
    return label, island


def _streets(mesh: Mesh, terrain: Terrain, district: np.ndarray, island: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Per triangle the number of its street (-1 none), and per street its district. Small where people are many."""
    centres, areas = mesh.centres, mesh.areas
    weight = areas * _density(centres) ** 0.85
    rng = terrain.rng
    seeds: list[int] = []
    owner: list[int] = []
    for number, one in enumerate(DISTRICTS):
        inside = np.flatnonzero((district == number) & ~island)
        islands = [_nearest(centres, _ISLAND, island)] if (island & (district == number)).any() else []
        count = len(one) - len(islands)
        order = np.cumsum(weight[inside]) / weight[inside].sum()
        sites = centres[inside[np.searchsorted(order, rng.random(count))]]
        for _ in range(9):  # towards the weighted centres of their cells: evenly spread by people
            nearest = ((centres[inside, None] - sites[None]) ** 2).sum(axis=2).argmin(axis=1)
            heavy = np.bincount(nearest, weight[inside], count)
            moved = [np.bincount(nearest, weight[inside] * centres[inside, axis], count) for axis in (0, 1)]
            sites = np.where(heavy[:, None] > 0, np.column_stack(moved) / np.maximum(heavy, 1e-9)[:, None], sites)
        chosen = np.zeros(len(centres), dtype=bool)
        chosen[inside] = True
        for site in sites:
            seeds.append(_nearest(centres, site, chosen))
            chosen[seeds[-1]] = False
        seeds += islands
        owner += [number] * len(one)
    within = np.where(island, 100, district)
    of = np.array(owner)
    mass = np.bincount(district[(district >= 0) & ~island], weight[(district >= 0) & ~island], len(DISTRICTS))
    wanted = 0.6 + rng.random(len(seeds))  # sizes differ, but no street is a crumb
    wanted *= mass[of] / np.bincount(of, wanted)[of]
    wanted[island[seeds]] = np.nan
    roughness = np.sqrt(terrain.roughness(centres)) * np.exp(1.1 * terrain.fine(centres))
    ways = passages(mesh, roughness, 3.0, within)
    label = _balanced(ways, seeds, weight, wanted)
    label[district < 0] = -1
    return tidy(mesh, label, within), owner


def _assemble(rng: np.random.Generator, mesh: Mesh, label: np.ndarray) -> np.ndarray:
    """One polygon per label, in rounded degrees."""
    lines = borders(rng, mesh, label, _degrees, 0.6)
    shapes = [shapely.build_area(shapely.MultiLineString(one)) for one in lines]
    return shapely.normalize(np.array(shapes))


@dataclass
class Site:
    """What naming needs to know of one street: all in km, `people` still unscaled."""

    number: int
    place: np.ndarray
    people: float
    density: float
    sea: float
    river: float
    lake: float
    height: float
    island: bool


def _fit(name: PlaceName, site: Site, seat: tuple[float, float]) -> float:
    """How badly a name fits a place (lower is better)."""
    east, north = site.place - seat
    across = {"E": east, "W": -east, "N": north, "S": -north}
    if name.tag in across:
        return -across[name.tag] / (math.hypot(east, north) + 1.5)
    near = {"0": math.hypot(east, north), "c": site.sea, "r": site.river, "l": site.lake, "h": -site.height}
    return near.get(name.tag, 0.0)


def _name_streets(sites: list[Site], number: int) -> list[tuple[Site, str, str, str]]:
    """Site, code, name and English name of one district's streets: 街道 where it is dense, 乡 where it is empty."""
    one = DISTRICTS[number]
    ranked = sorted(sites, key=lambda site: (site.island, -site.density))
    named = []
    for which, (suffix, english, first) in SUFFIXES.items():
        names = one.places(which)
        group, ranked = ranked[: len(names)], ranked[len(names) :]
        chosen: dict[int, PlaceName] = {}
        for name in sorted(names, key=lambda name: name.tag == ""):
            rest = [site for site in group if site.number not in chosen]
            best = min(rest, key=lambda site: (round(_fit(name, site, one.seat), 6), site.number))
            chosen[best.number] = name
        group.sort(key=lambda site: names.index(chosen[site.number]))
        for offset, site in enumerate(group):
            name = chosen[site.number]
            named.append((site, f"{one.code}{first + offset:03d}", name.name + suffix, f"{name.english} {english}"))
    return named


def _sites(mesh: Mesh, terrain: Terrain, district: np.ndarray, label: np.ndarray, island: np.ndarray) -> list[Site]:
    """What naming and counting need to know of each street."""
    centres, areas = mesh.centres, mesh.areas
    people = areas * _density(centres)
    sea = shapely.MultiPoint(centres[(district == -2) & (terrain.inland(centres) > -0.8)])
    rivers = shapely.MultiLineString([shapely.LineString(river) for river in terrain.rivers])
    found = []
    for number in range(int(label.max()) + 1):
        inside = label == number
        mass, area = people[inside].sum(), areas[inside].sum()
        place = np.average(centres[inside], axis=0, weights=people[inside])
        spots = shapely.MultiPoint(centres[inside])
        found.append(
            Site(
                number, place, mass * (0.8 + 0.4 * terrain.rng.random()), mass / area,
                float(shapely.distance(sea, spots)) + 0.02 * float(shapely.distance(sea, shapely.Point(place))),
                float(shapely.distance(rivers, shapely.Point(place))), float(np.hypot(*(place - _LAKE))),
                float(terrain.height(place[None])[0]), bool(island[inside].any()),
            )
        )  # fmt: skip
    return found


def _share(total: int, weights: list[float]) -> list[int]:
    """Whole people by weight (damped: towns differ less than the field does), summing exactly to total."""
    damped = np.array(weights) ** 0.8
    shares = np.floor(damped / damped.sum() * total).astype(int).tolist()
    shares[int(np.argmax(damped))] += total - sum(shares)
    return shares


def _blob(rng: np.random.Generator, centre: tuple[float, float], radius: float, wobble: float) -> shapely.Polygon:
    """A rounded lake of uneven outline."""
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = np.full(len(turn), radius)
    for wave in range(2, 9):
        reach += radius * wobble / wave * np.cos(wave * turn + rng.random() * 2 * np.pi)
    return shapely.Polygon(np.column_stack([np.cos(turn) * 1.35, np.sin(turn) * 0.8]) * reach[:, None] + centre)


def _reservoir(rng: np.random.Generator, river: np.ndarray, dam: float, length: float) -> shapely.Geometry:
    """A drowned valley: widest at the dam, with side arms."""
    line = shapely.LineString(river)
    stops = np.linspace(max(dam - length, 0.3), dam, 24)
    valley = shapely.get_coordinates(line.interpolate(stops))
    width = np.linspace(0.1, 0.6, len(stops)) * (0.7 + 0.6 * rng.random(len(stops)))
    parts = [shapely.Point(place).buffer(size) for place, size in zip(valley, width, strict=True)]
    parts += [shapely.LineString(valley).buffer(0.15)]
    for stop, side in ((8, 1), (13, -1), (18, 1), (21, -1)):
        along = valley[stop + 1] - valley[stop - 1]
        across = np.array([-along[1], along[0]]) / np.hypot(*along) * side * (0.9 + 1.1 * rng.random())
        for reach in np.linspace(0, 1, 9):  # an arm that bends upstream and tapers
            spot = valley[stop] + across * reach - along * 0.9 * reach**2
            parts.append(shapely.Point(spot).buffer(0.34 - 0.24 * reach + 0.05 * rng.random()))
    return shapely.union_all(parts).buffer(0.18).buffer(-0.18).simplify(0.05)


def _feature(shape: shapely.Geometry, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}


def _collection(features: list[dict]) -> str:
    """A feature collection, one feature a line, with no space wasted."""
    lines = [json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    """A water body's km in published degrees."""
    return shapely.make_valid(shapely.transform(shape, _degrees))


def make(seed: int = SEED) -> tuple[str, str]:
    """The text of areas.geojson and of water.geojson for a seed."""
    mesh, terrain = _mesh(_terrain(seed))
    district, island = _districts(mesh, terrain)
    label, owner = _streets(mesh, terrain, district, island)
    sites = _sites(mesh, terrain, district, label, island)
    with_sea = np.where(district == -2, len(owner), label)
    shapes = _assemble(terrain.rng, mesh, with_sea)

    streets, districts, outlines = [], [], []
    for number, one in enumerate(DISTRICTS):
        own = [site for site in sites if owner[site.number] == number]
        named = _name_streets(own, number)
        total = one.people * 1000 + int(terrain.rng.random() * 9000)
        people = _share(total, [site.people for site, *_ in named])
        outline = shapely.normalize(shapely.coverage_union_all(shapes[[site.number for site in own]]))
        outlines.append(outline)
        kind = "functional" if one.counts_in else "statutory"
        districts.append(
            _feature(
                outline, code=one.code, name=one.name, name_en=one.english, level=1, parent=CITY[0], kind=kind,
                counts_in=one.counts_in, population=total,
            )
        )  # fmt: skip
        for (site, code, name, english), population in zip(named, people, strict=True):
            streets.append(
                _feature(
                    shapes[site.number], code=code, name=name, name_en=english, level=2, parent=one.code,
                    kind="statutory", counts_in=None, population=population,
                )
            )  # fmt: skip
    code, name, english = CITY
    city = _feature(
        shapely.normalize(shapely.coverage_union_all(outlines)), code=code, name=name, name_en=english, level=0,
        parent=None, kind="statutory", counts_in=None,
        population=sum(feature["properties"]["population"] for feature in districts),
    )  # fmt: skip

    frame = _degrees(np.array([[0.0, 0.0], [_WIDTH, _HEIGHT]]) - _MARGIN + [[6.0, 6.0], [-8.0, -4.0]])
    sea = shapely.transform(shapely.intersection(shapes[-1], shapely.box(*frame.ravel())), lambda xy: np.round(xy, 5))
    water = [
        _feature(max(shapely.get_parts(sea), key=shapely.area), key="sea", kind="sea", name="东湾", name_en="East Bay")
    ]
    for river, (key, name, english, _) in zip(terrain.rivers, _RIVERS, strict=True):
        line = shapely.LineString(_degrees(river))
        water.append(_feature(line, key=key, kind="river", name=name, name_en=english))
    for key, name, english, river, dam, length in _RESERVOIRS:
        shape = _rounded(_reservoir(terrain.rng, terrain.rivers[river], dam, length))
        water.append(_feature(shape, key=key, kind="reservoir", name=name, name_en=english))
    lake = _rounded(_blob(terrain.rng, _LAKE, 1.9, 0.32))
    water.append(_feature(lake, key="yunhu", kind="lake", name="云湖", name_en="Lake Yunhu"))
    return _collection([city, *districts, *streets]), _collection(water)


def area_frame() -> gpd.GeoDataFrame:
    """The committed areas, all three levels, indexed 0.. in file order (city, districts, streets); WGS 84."""
    return _read(AREAS)


def water_frame() -> gpd.GeoDataFrame:
    """The committed rivers, lake, reservoirs and sea; WGS 84."""
    return _read(WATER)


def _read(path: Path) -> gpd.GeoDataFrame:
    collection = json.loads(path.read_text("utf-8"))
    return gpd.GeoDataFrame.from_features(collection["features"], crs="EPSG:4326")


def main() -> None:
    """Writes both files."""
    FOLDER.mkdir(exist_ok=True)
    areas, water = make()
    AREAS.write_text(areas, "utf-8", newline="\n")
    WATER.write_text(water, "utf-8", newline="\n")
    print(f"{AREAS.name}: {len(areas.encode()):,} bytes, {WATER.name}: {len(water.encode()):,} bytes")


if __name__ == "__main__":
    main()
