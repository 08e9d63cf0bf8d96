"""Cases that cross a border, from where to where; and themes (一件事): what handling several items as one saves."""

from typing import Any

from components.bodies import services_crossing as bodies
from components.panel import Answer, panel
from components.rows import tabled
from components.view import View
from components.words import text
from data_access.areas import tree
from data_access.services import catalogue, counts
from data_access.services import crossing as data
from domain.services.cases import saved
from pages.services.asked import CASES, Asked, ask
from pages.services.throughput import until

MEASURES = ("steps", "materials", "days", "visits")
COLUMNS = (
    "kind", "from_code", "from_name", "to_code", "to_name", "cases",
    *(f"{what}_{when}" for what in MEASURES for when in ("before", "after", "saved")),
)  # fmt: skip


@panel(bodies.crossing, about="services.accepted", source="services", needs=(CASES,), sets="matter")
def crossing(view: View) -> Answer:
    """kind flow: from_code, from_name (where it was handed in), to_code, to_name (part of the place that it was handled
    for, '': none known), cases accepted in the period, the most first. kind theme: from_code, from_name (the theme),
    cases accepted by it; steps, materials, days, visits before and after, and saved (1 - after / before)."""
    asked = ask(view)
    span = until(asked)
    flows = data.flows(asked.area, span, asked.where)
    themes = _themes(asked)
    frame = tabled([*_flows(asked, flows), *themes], COLUMNS, COLUMNS[6:])
    if not asked.known:
        return Answer(frame, blank="none")
    accepted = counts.totals(asked.area, asked.span, asked.base, asked.where)["now"].accepted
    crossed = sum(flow.n for flow in flows)
    if not crossed and not themes:
        return Answer(frame, blank="empty")
    scopes = data.scopes(asked.at.date())
    facts = {
        "crossed": crossed,
        "share": crossed / accepted if accepted else None,
        "places": len({flow.origin for flow in flows}),
        "scopes": {scope: scopes.get(scope, 0) for scope in ("nation", "delta")},
        "themed": sum(row["cases"] for row in themes),
        "saved": {what: _overall(themes, what) for what in MEASURES},
        "chosen": view.matter,
    }
    return Answer(frame, (), facts)


def _flows(asked: Asked, flows: tuple[data.Flow, ...]) -> list[dict[str, Any]]:
    places, elsewhere = tree(), data.elsewhere()
    rows = []
    for flow in flows:
        zh, en = elsewhere.get(flow.origin, (flow.origin, None))
        here = places.get(flow.place)
        name = here.label(asked.lang) if here else text("crossing.unplaced", asked.lang)
        told = (
            "flow",
            flow.origin,
            zh if asked.lang == "zh" else en or zh,
            flow.place,
            name,
            flow.n,
        )
        rows.append(dict.fromkeys(COLUMNS) | dict(zip(COLUMNS, told, strict=False)))
    return rows


def _themes(asked: Asked) -> list[dict[str, Any]]:
    """The themes online at the moment, the most cases first."""
    span = until(asked)
    found = counts.by_value(asked.area, span, None, "theme", asked.where, names=("accepted",))
    cases = {row.code: row.now.accepted for row in found}
    rows = []
    for theme in catalogue.themes(asked.at):
        name = theme.name if asked.lang == "zh" else theme.name_en or theme.name
        row = dict.fromkeys(COLUMNS) | {"kind": "theme", "from_code": theme.code, "from_name": name, "to_code": ""}
        row |= {"to_name": "", "cases": cases.get(theme.code, 0)}
        for what, before, after in zip(MEASURES, theme.before, theme.after, strict=True):
            told = saved(before, after).value if before is not None and after is not None else None
            row |= {f"{what}_before": before, f"{what}_after": after, f"{what}_saved": told}
        rows.append(row)
    return sorted(rows, key=lambda row: (-row["cases"], row["from_code"]))


def _overall(themes: list[dict[str, Any]], what: str) -> dict[str, float | None]:
    """What all cases of the themes would have taken before and took after: sums over cases, never a mean of shares."""
    known = [row for row in themes if row[f"{what}_before"] is not None and row[f"{what}_after"] is not None]
    before = sum(row["cases"] * row[f"{what}_before"] for row in known)
    after = sum(row["cases"] * row[f"{what}_after"] for row in known)
    return {"before": before, "after": after, "saved": saved(before, after).value}
