"""Collective appeals (群体性诉求): the third list of the bursts panel."""

from typing import Any

from components.panel import Answer, Measured
from components.rows import tabled
from components.words import exact, text
from data_access import crowds as data
from data_access import hotline
from data_access.areas import tree
from data_access.bursts import place_of
from domain.hotline_rules import rules
from pages.asking import Asked

COLUMNS = (
    "kind", "category", "name", "area", "place", "spots", "orders", "callers", "peak", "since", "last", "open",
    "similar", "keywords", "lon", "lat",
)  # fmt: skip
NUMBERS = ("orders", "callers", "peak", "open", "lon", "lat")


def crowded(asked: Asked) -> Answer:
    """kind (crowd), category, name, area, place, spots (how many places), orders, callers (distinct), peak (callers of
    the fullest 24 hours), since, last, open (NaN: no source tells closings), similar (orders of other categories that
    tell of the same), keywords, lon, lat (about where): one row a category and street, the fullest first."""
    view, lang = asked.view, asked.lang
    of = rules(asked.at.date())
    found = data.there(asked.area, asked.at, asked.where)
    spots = sum(crowd.spots for crowd in found)
    measured = (Measured.of("hotline.crowds", spots if asked.known else None),)
    note = text(
        "bursts.crowd_note", lang, days=of.crowd_days, metres=f"{of.crowd_metres:g}", hours=f"{of.crowd_hours:g}",
        callers=of.crowd_callers,
    )  # fmt: skip
    if not found:
        return Answer(tabled([], COLUMNS), measured, blank="empty" if asked.known else "none", note=note)
    names = hotline.category_names(lang)
    table = [_told(crowd, names, lang) for crowd in found]
    since = [_since(crowd, asked) for crowd in found]
    facts: dict[str, Any] = {
        "days": {},
        "spans": [text("bursts.peak", lang, n=exact(crowd.peak)) for crowd in found],
        "since": since,
        "labels": [
            text(
                "bursts.crowd_sentence", lang, what=row["name"], where=row["place"], callers=exact(crowd.callers),
                orders=exact(crowd.orders), peak=exact(crowd.peak), hours=f"{of.crowd_hours:g}", since=words,
            )
            for crowd, row, words in zip(found, table, since, strict=True)
        ],
        "links": [_fields(crowd, asked) for crowd in found],
        "chosen": [
            n for n, crowd in enumerate(found)
            if view.category == crowd.category and asked.area.code in ("", crowd.street, crowd.district)
        ],
        "heads": [text(f"bursts.head_{name}", lang) for name in ("what", "peak", "people", "since_open")],
        "below": text("bursts.crowd_below", lang),
        "again": True,
    }  # fmt: skip
    return Answer(tabled(table, COLUMNS, NUMBERS), measured, facts, note=note)


def _told(crowd: data.Crowd, names: dict[str, str], lang: str) -> dict[str, Any]:
    street = place_of(crowd.street, crowd.district)
    community = tree().get(crowd.community)
    place = community or street
    label = place.label(lang) if place else text("bursts.unplaced", lang)
    if crowd.spots > 1:
        label = text("bursts.spots", lang, street=label, n=crowd.spots)
    elif community is None and crowd.community and street is not None:
        label = text("bursts.community", lang, street=label, code=crowd.community[-3:])
    return {
        "kind": "crowd",
        "category": crowd.category,
        "name": names.get(crowd.category, crowd.category),
        "area": street.code if street else "",
        "place": label,
        "spots": crowd.spots,
        "orders": crowd.orders,
        "callers": crowd.callers,
        "peak": crowd.peak,
        "since": crowd.begin,
        "last": crowd.last,
        "open": crowd.open,
        "similar": crowd.similar,
        "keywords": " ".join(crowd.keywords),
        "lon": crowd.lon,
        "lat": crowd.lat,
    }


def _since(crowd: data.Crowd, asked: Asked) -> str:
    """The days, and what is still to do."""
    lang = asked.lang
    first, last = crowd.begin.strftime("%m-%d"), crowd.last.strftime("%m-%d")
    said = [first if first == last else f"{first}–{last}"]
    if crowd.open:
        said.append(text("bursts.open", lang, n=exact(crowd.open)))
    if crowd.similar:
        said.append(text("bursts.similar", lang, n=exact(crowd.similar)))
    return " · ".join(said)


def _fields(crowd: data.Crowd, asked: Asked) -> dict[str, str]:
    """What a click sets: the category and the street; again: not the category."""
    view, place = asked.view, place_of(crowd.street, crowd.district)
    if place is None:
        return {"category": "" if view.category == crowd.category else crowd.category}
    if view.category == crowd.category and view.area == place.code:
        return {"category": ""}
    return {"category": crowd.category, "area": place.code}
