"""The places and organisations that orders are about, as arrays made from whatever areas the database holds."""

from dataclasses import dataclass
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


class DemoError(RuntimeError):
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
    organisations: pd.DataFrame  # code, name_zh, name_en, kind
    handler: np.ndarray  # L x S -> organisation
    street_org: np.ndarray  # S -> organisation

    def street(self, code: str) -> int:
        return self.streets.index(code)


def read_areas(connection: Connection, at: date) -> pd.DataFrame:
    """The areas valid on a day: code, parent, level, name, name_en, kind, population, lon, lat, area_km2."""
    names = ["code", "parent", "level", "name", "name_en", "kind", "population", "lon", "lat", "area_km2"]
    query = select(*(area.c[n] for n in names)).where(
        area.c.valid_from <= at, area.c.valid_to.is_(None) | (area.c.valid_to > at)
    )
    return pd.DataFrame(connection.execute(query.order_by(area.c.code)).fetchall(), columns=names)


def world(connection: Connection, seed: int, at: date) -> World:
    """Read the areas and lay out the city. Raises DemoError when there is no city with districts."""
    areas = read_areas(connection, at)
    root = areas[areas["level"] == 0]
    districts = areas[areas["level"] == 1]
    if root.empty or districts.empty:
        raise DemoError("No areas are loaded: load a city with at least one level of districts, or build with areas.")
    streets = areas[areas["level"] == 2]
    childless = districts[~districts["code"].isin(streets["parent"])]
    places = pd.concat([streets, childless.assign(parent=childless["code"], code="")], ignore_index=True)
    places = places.sort_values(["parent", "code"], ignore_index=True)
    codes = districts["code"].tolist()
    district_of = places["parent"].map({code: i for i, code in enumerate(codes)})
    places, district_of = places[district_of.notna()], district_of[district_of.notna()].to_numpy(int)
    km2 = places["area_km2"].astype(float)
    km2 = km2.fillna(km2.median() if km2.notna().any() else 50.0).clip(lower=0.1).to_numpy()
    keys = np.arange(len(places))
    guess = 60_000 * np.exp(0.4 * normal(keys, 50, seed))
    people = places["population"].astype(float).to_numpy()
    people = np.where(np.isnan(people) | (people <= 0), guess, people)
    name = places["name"].astype(str)
    urban = np.where(name.str.endswith("镇"), 0.62, np.where(name.str.endswith("乡"), 0.45, 1.0))
    organisations, handler, street_org = _organisations(places, districts, district_of, seed)
    return World(
        root["code"].iloc[0], places["code"].tolist(), name.tolist(), district_of, codes, districts["name"].tolist(),
        people, urban, km2, _points(connection, places, km2, seed), organisations, handler, street_org,
    )  # fmt: skip


def _points(connection: Connection, places: pd.DataFrame, km2: np.ndarray, seed: int) -> np.ndarray:
    """Points that lie inside each street where its boundary is known, else close about its label point."""
    shapes = {
        row.code: shapely.from_wkb(bytes(row.wkb))
        for row in connection.execute(select(boundary.c.code, boundary.c.wkb))
    }
    found = np.full((len(places), POINTS, 2), np.nan)
    for i, row in enumerate(places.itertuples()):
        keys = np.arange(POINTS * 8) + i * 100_000
        u, v = uniform(keys, 51, seed), uniform(keys, 52, seed)
        shape = shapes.get(row.code)
        if shape is not None and not shape.is_empty:
            west, south, east, north = shape.bounds
            x, y = west + (east - west) * u, south + (north - south) * v
            inside = shapely.contains_xy(shape, x, y)
            x, y = x[inside], y[inside]
            if len(x):
                found[i] = np.resize(np.stack([x, y], axis=1), (POINTS, 2))
                continue
        if row.lon is not None and not np.isnan(row.lon):
            radius = 0.25 * np.sqrt(km2[i] / np.pi) * np.sqrt(u[:POINTS])
            angle = 2 * np.pi * v[:POINTS]
            found[i, :, 0] = row.lon + radius * np.cos(angle) / (111.3 * np.cos(np.radians(row.lat)))
            found[i, :, 1] = row.lat + radius * np.sin(angle) / 111.3
    return np.round(found, 5)


def _organisations(
    places: pd.DataFrame, districts: pd.DataFrame, district_of: np.ndarray, seed: int
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rows = [(HOTLINE, "12345热线中心", "12345 hotline centre", "department")]
    rows += [(f"C-{key}", zh, en, "company") for key, (zh, en) in COMPANIES.items()]
    rows += [(f"B-{key}", zh, en, "department") for key, (zh, en) in DEPARTMENTS.items()]
    for d in districts.itertuples():
        english = d.name_en or d.name
        rows += [(f"{d.code}-{k}", f"{d.name}{zh}", f"{english} {en}", "district") for k, (zh, en) in BUREAUS.items()]
    offices = []
    for p in places.itertuples():
        code = f"S-{p.code or p.parent}"
        offices.append(code)
        office = "办事处" if str(p.name).endswith("街道") else "政府"
        rows.append((code, f"{p.name}{office}", f"{p.name_en or p.name} Office", "street"))
    frame = pd.DataFrame(rows, columns=["code", "name_zh", "name_en", "kind"])
    index = {code: i for i, code in enumerate(frame["code"])}
    street_org = np.array([index[code] for code in offices])
    codes = districts["code"].tolist()
    handler = np.zeros((len(leaves()), len(places)), dtype=np.int64)
    for n, leaf in enumerate(leaves()):
        kind, _, key = leaf.by.partition(":")
        if kind == "street":
            handler[n] = street_org
        elif kind == "district":
            handler[n] = [index[f"{codes[d]}-{key}"] for d in district_of]
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
    }
    return streets, {"failing": city.districts[failing]}, f"{city.districts[nth(0)]}-sjj"


def plant(plan: Plan, city: World) -> np.ndarray:
    """(S,) the share of orders closed late in each street, before time and category: the failing district's is high."""
    keys = np.arange(len(city.districts))
    district = 0.0165 * np.exp(0.42 * normal(keys, 60, plan.seed))
    district = np.clip(district, 0.006, 0.030)
    if "failing" in plan.districts:
        district[city.districts.index(plan.districts["failing"])] = 0.058
    street = np.exp(0.22 * normal(np.arange(len(city.streets)), 61, plan.seed))
    return district[city.district_of] * street
