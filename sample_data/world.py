"""The places and organisations that orders are about, as arrays made from whatever areas the database holds."""

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, select

from data_access.schema import area, boundary
from sample_data.plan import Plan
from sample_data.randomness import normal, uniform
from sample_data.vocabulary import BUREAUS, COMPANIES, DEPARTMENTS, HOTLINE, leaves

POINTS = 192  # places within a street that its orders come from
CODE_LENGTH = 20  # of an area
UNPLACED = -1  # the street of an order that is not on the map


class DemoError(ValueError):
    """The demo city cannot be built; the message says why and what to do."""


@dataclass(frozen=True)
class World:
    """Arrays over streets (S), leaves (L) and organisations (O)."""

    city: str
    streets: list[str]  # S codes; '' for a district without streets
    street_names: list[str]
    district_of: np.ndarray  # S -> index into districts
    districts: list[str]
    district_names: list[str]
    population: np.ndarray  # S
    urban: np.ndarray  # S, 1 town .. 0.4 countryside
    km2: np.ndarray  # S
    points: np.ndarray  # S x POINTS x 2, NaN where unknown
    communities: list[str]  # codes; the first is ''
    community_of: np.ndarray  # S x POINTS -> index into communities
    organisations: pd.DataFrame  # code, name_zh, name_en, kind, district_code
    handler: np.ndarray  # L x S -> organisation
    street_org: np.ndarray  # S -> organisation

    def street(self, code: str) -> int:
        return self.streets.index(code)


@dataclass(frozen=True)
class Place:
    """A row of the table `area`, as far as it matters here."""

    code: str
    parent: str | None
    level: int
    name: str
    name_en: str | None
    population: int | None
    lon: float | None
    lat: float | None
    area_km2: float | None


def read_areas(connection: Connection, at: date) -> list[Place]:
    """The areas valid on a day, by code."""
    query = select(*(area.c[field.name] for field in fields(Place))).where(
        area.c.valid_from <= at, area.c.valid_to.is_(None) | (area.c.valid_to > at)
    )
    return [Place(*row) for row in connection.execute(query.order_by(area.c.code))]


def world(connection: Connection, seed: int, at: date) -> World:
    """Read the areas and lay out the city. Raises DemoError when there is no city with districts."""
    areas = read_areas(connection, at)
    root = [place for place in areas if place.level == 0]
    districts = [place for place in areas if place.level == 1]
    if not root or not districts:
        raise DemoError("No areas are loaded: load a city with at least one level of districts, or build with areas.")
    inside = {d.code: [place for place in areas if place.level == 2 and place.parent == d.code] for d in districts}
    places = [place for d in districts for place in inside[d.code] or [replace(d, code="", parent=d.code)]]
    district_of = np.array([i for i, d in enumerate(districts) for _ in inside[d.code] or [d]])
    sizes = [place.area_km2 for place in places if place.area_km2]
    usual = float(np.median(sizes)) if sizes else 50.0
    km2 = np.maximum(np.array([place.area_km2 or usual for place in places]), 0.1)
    guess = 60_000 * np.exp(0.4 * normal(np.arange(len(places)), 50, seed))
    people = np.array([float(place.population or missing) for place, missing in zip(places, guess, strict=True)])
    urban = np.array([0.62 if p.name.endswith("镇") else 0.45 if p.name.endswith("乡") else 1.0 for p in places])
    organisations, handler, street_org = _organisations(places, districts, district_of)
    points = _points(connection, places, km2, seed)
    communities, community_of = _communities(places, people, points)
    return World(
        root[0].code, [p.code for p in places], [p.name for p in places], district_of,
        [d.code for d in districts], [d.name for d in districts],
        people, urban, km2, points, communities, community_of, organisations, handler, street_org,
    )  # fmt: skip


def _points(connection: Connection, places: list[Place], km2: np.ndarray, seed: int) -> np.ndarray:
    """Points that lie inside each street where its boundary is known, else close about its label point."""
    rows = connection.execute(select(boundary.c.code, boundary.c.wkb).order_by(boundary.c.valid_from))
    shapes = {row.code: bytes(row.wkb) for row in rows}
    found = np.full((len(places), POINTS, 2), np.nan)
    for i, place in enumerate(places):
        keys = np.arange(POINTS * 8) + i * 100_000
        u, v = uniform(keys, 51, seed), uniform(keys, 52, seed)
        if place.code in shapes:
            shape = shapely.from_wkb(shapes[place.code])
            west, south, east, north = shape.bounds
            x, y = west + (east - west) * u, south + (north - south) * v
            inside = shapely.contains_xy(shape, x, y)
            if inside.any():
                found[i] = np.resize(np.stack([x[inside], y[inside]], axis=1), (POINTS, 2))
        elif place.lon is not None and place.lat is not None:
            radius = 0.25 * np.sqrt(km2[i] / np.pi) * np.sqrt(u[:POINTS])
            angle = 2 * np.pi * v[:POINTS]
            found[i, :, 0] = place.lon + radius * np.cos(angle) / (111.3 * np.cos(np.radians(place.lat)))
            found[i, :, 1] = place.lat + radius * np.sin(angle) / 111.3
    return np.round(found, 4)  # some ten metres


def _communities(places: list[Place], people: np.ndarray, points: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The communities of each street, three to seven by its population: street code and three digits. A point belongs
    to the nearest of the street's first points, which stand for the communities' centres."""
    codes = [""]
    found = np.zeros(points.shape[:2], dtype=np.int64)
    for i, place in enumerate(places):
        if not place.code or len(place.code) > CODE_LENGTH - 3:
            continue
        count = int(np.clip(people[i] / 14_000, 3, 7))
        nearest = np.arange(POINTS) % count
        if not np.isnan(points[i]).any():
            nearest = ((points[i][:, None] - points[i][None, :count]) ** 2).sum(axis=2).argmin(axis=1)
        found[i] = len(codes) + nearest
        codes += [f"{place.code}{n + 1:03d}" for n in range(count)]
    return codes, found


def _organisations(
    places: list[Place], districts: list[Place], district_of: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rows = [(HOTLINE, "12345热线中心", "12345 hotline centre", "department", "")]
    rows += [(f"C-{key}", zh, en, "company", "") for key, (zh, en) in COMPANIES.items()]
    rows += [(f"B-{key}", zh, en, "department", "") for key, (zh, en) in DEPARTMENTS.items()]
    for d in districts:
        english = d.name_en or d.name
        rows += [
            (f"{d.code}-{k}", f"{d.name}{zh}", f"{english} {en}", "district", d.code) for k, (zh, en) in BUREAUS.items()
        ]
    offices = []
    for p, district in zip(places, district_of, strict=True):
        code = f"S-{p.code or p.parent}"
        offices.append(code)
        office = "办事处" if p.name.endswith("街道") else "政府"
        rows.append((code, f"{p.name}{office}", f"{p.name_en or p.name} Office", "street", districts[district].code))
    frame = pd.DataFrame(rows, columns=["code", "name_zh", "name_en", "kind", "district_code"])
    index = {row[0]: i for i, row in enumerate(rows)}
    street_org = np.array([index[code] for code in offices])
    handler = np.zeros((len(leaves()), len(places)), dtype=np.int64)
    for n, leaf in enumerate(leaves()):
        kind, _, key = leaf.by.partition(":")
        if kind == "street":
            handler[n] = street_org
        elif kind == "district":
            handler[n] = [index[f"{districts[d].code}-{key}"] for d in district_of]
        else:
            handler[n] = index[f"{'C' if kind == 'company' else 'B'}-{key}"]
    return frame, handler, street_org


def roles(city: World) -> tuple[dict[str, str], dict[str, str], str]:
    """Who plays which planted part: streets by role, districts by role, the unfair organisation's code."""
    weight = city.population * city.urban
    total = np.bincount(city.district_of, weights=weight, minlength=len(city.districts))
    order = np.argsort(-total, kind="stable")
    named = [i for i, name in enumerate(city.district_names) if name.startswith("石桥")]
    failing = named[0] if named else int(order[min(len(order) - 1, len(order) * 6 // 10)])
    others = [int(d) for d in order if d != failing] or [failing]

    def street(district: int, rank: int) -> str:
        inside = np.flatnonzero(city.district_of == district)
        return city.streets[inside[np.argsort(-weight[inside], kind="stable")][min(rank, len(inside) - 1)]]

    def nth(n: int) -> int:
        return others[n % len(others)]

    streets = {
        "worsening": street(nth(1), 0),
        "supply": street(nth(0), 1),
        "water": street(nth(4), 0),
        "noise": street(nth(2), 1),
        "odour": street(nth(3), 2),
        "gas": street(nth(1), 2),
        "lift": street(nth(0), 3),
        "estate": street(nth(2), 2),
    }
    return streets, {"failing": city.districts[failing]}, f"{city.districts[nth(0)]}-sjj"


def plant(plan: Plan, city: World) -> np.ndarray:
    """(S,) the share of orders closed late in each street, before time and category: the failing district's is high."""
    keys = np.arange(len(city.districts))
    district = 0.0172 * np.exp(0.42 * normal(keys, 60, plan.seed))
    district = np.clip(district, 0.006, 0.030)
    if "failing" in plan.districts:
        district[city.districts.index(plan.districts["failing"])] = 0.055
    street = np.exp(0.22 * normal(np.arange(len(city.streets)), 61, plan.seed))
    weight = city.population * city.urban
    mean = np.bincount(city.district_of, weights=weight * street) / np.bincount(city.district_of, weights=weight)
    return district[city.district_of] * street / mean[city.district_of]
