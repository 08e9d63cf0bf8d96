"""Where appeals are sudden: what the map's places are marked with, and the few that are called out."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from components.words import exact, number, text
from data_access import bursts as sudden
from data_access import hotline
from data_access.areas import Area, tree
from data_access.where import place_column
from domain.bursts import score
from pages.asking import Asked

CALLED = 3  # places at most, each with another category


@dataclass(frozen=True)
class Marked:
    """The bursts of a place: how many, and of the most unusual category who called, how many were expected, how far
    that is, and the streets that have it."""

    code: str
    n: int
    category: str
    callers: int
    expected: float
    z: float
    streets: tuple[str, ...]


def marked(asked: Asked, parent: Area) -> dict[str, Marked]:
    """Child of the place -> its bursts, for those that have any."""
    column = place_column(parent.level + 1).removesuffix("_code")
    inside: dict[str, dict[str, list[sudden.Burst]]] = defaultdict(lambda: defaultdict(list))
    for burst in sudden.bursts(parent, asked.at, asked.where):
        if burst.state == "burst" and hasattr(burst, column):
            inside[getattr(burst, column)][burst.category].append(burst)
    found = {}
    for code, categories in inside.items():
        each = []
        for category, some in categories.items():
            callers, expected = sum(b.callers for b in some), sum(b.expected for b in some)
            streets = tuple(sorted({b.street for b in some}))
            n = sum(len(others) for others in categories.values())
            each.append(Marked(code, n, category, callers, expected, float(score(callers, expected)), streets))
        found[code] = max(each, key=lambda one: (one.z, one.category))
    return found


def columns(codes: list[str], found: dict[str, Marked], lang: str) -> dict[str, list[Any]]:
    """bursts (how many), burst (the most unusual category), burst_callers, burst_expected: of each place."""
    names = hotline.category_names(lang)
    some = [found.get(code) for code in codes]
    return {
        "bursts": [one.n if one else 0 for one in some],
        "burst": [names.get(one.category, one.category) if one else "" for one in some],
        "burst_callers": [one.callers if one else None for one in some],
        "burst_expected": [one.expected if one else None for one in some],
    }


def called_out(asked: Asked, found: dict[str, Marked], here: str) -> list[dict[str, Any]]:
    """code, name, said (actual and expected), sentence, fields (what a click sets): the most unusual, each of another
    category; of a street, its own."""
    names, chosen = hotline.category_names(asked.lang), {}
    for one in sorted(found.values(), key=lambda one: (-one.z, one.code)):
        if here in ("", one.code) and one.category not in chosen and len(chosen) < CALLED:
            chosen[one.category] = one
    told = []
    for one in chosen.values():
        place, name = tree().get(one.code), names.get(one.category, one.category)
        values = {"callers": exact(one.callers), "expected": number(one.expected, asked.lang, int(one.expected < 10))}
        where = place.label(asked.lang) if place else one.code
        told.append(
            {
                "code": one.code,
                "name": name,
                "said": text("map.burst_said", asked.lang, **values),
                "sentence": text("map.burst", asked.lang, what=name, where=where, **values),
                "fields": {"category": one.category, "area": one.streets[0] if len(one.streets) == 1 else one.code},
            }
        )
    return told
