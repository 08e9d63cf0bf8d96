"""Reports (专报): the archive, and one issue as a document. What it shows was kept when it was made; nothing is asked
anew, whatever became of the data."""

from datetime import timedelta
from typing import Any

from dash import html, register_page
from dash.development.base_component import Component

from components.bodies.report import report_issue, report_list
from components.panel import Answer, moment_of, panel, panels
from components.rows import tabled
from components.view import View
from components.words import days, moment, text
from data_access import report_deliveries as deliveries
from data_access import reports
from data_access.reports import Issue, Part

register_page(__name__, path="/reports", name="reports", order=6, nav="more", filtered=False)

ROLLING = {"day": "today", "week": "7d", "month": "30d"}  # what the period of a report is today


@panel(report_list, sets="report")
def list(view: View) -> Answer:  # noqa: A001 - the panel's public name
    """key, title, numbered, covers (the period in words), made_at, late, state (draft | released), said (the state in
    words), delivery (none | done | waiting | failed), delivered (the same in words): newest first."""
    lang, at = view.lang, moment_of(view)
    some = reports.issues(at + timedelta(seconds=59))
    tried = deliveries.attempts([one.key for one in some])
    rows = []
    for one in some:
        state, words = _delivery(tried[one.key], lang)
        rows.append(
            {
                "key": one.key,
                "title": one.title(lang),
                "numbered": one.numbered(lang),
                "covers": days(one.covers_from, one.covers_to),
                "made_at": one.made_at,
                "late": one.late,
                "state": one.text.state,
                "said": text(f"report.{one.text.state}", lang),
                "delivery": state,
                "delivered": words,
            }
        )
    columns = ("key", "title", "numbered", "covers", "made_at", "late", "state", "said", "delivery", "delivered")
    chosen = view.report or (some[0].key if some else "")
    note = text("report.count", lang, n=len(some))
    return Answer(tabled(rows, columns), (), {"chosen": chosen}, blank="" if rows else "empty", note=note)


def _delivery(tried: Any, lang: str) -> tuple[str, str]:
    """How the newest version was delivered: the worst of its targets."""
    newest = max((one.version for one in tried), default=0)
    last = {one.target: one for one in tried if one.version == newest}
    for event, state in (("failed", "failed"), ("started", "waiting")):
        if bad := [text(f"report.to_{one.target}", lang) for one in last.values() if one.event == event]:
            return state, text(f"report.delivery_{state}", lang, to=text("report_says.comma", lang).join(bad))
    if last:
        to = text("report_says.comma", lang).join(text(f"report.to_{name}", lang) for name in last)
        return "done", text("report.delivery_done", lang, to=to)
    return "none", ""


@panel(report_issue)
def issue(view: View) -> Answer:
    """section, id, tone (bad | good | note), text, edited (by whom): the sentences of the issue that is
    open, in the document's order."""
    lang, at = view.lang, moment_of(view)
    found = reports.issue(view.report) if view.report else next(iter(reports.issues(at + timedelta(seconds=59))), None)
    if found is None:
        note = text("report.unknown" if view.report else "report.none", lang)
        return Answer(tabled([], COLUMNS), facts={"lacking": ["issue"]}, blank="none", note=note)
    said = found.text.content.get(lang) or []
    rows = [{name: one.get(name, "") for name in COLUMNS} for one in said]
    told = reports.parts(found.key, lang)
    facts = {
        "title": "",
        "key": found.key,
        "head": _head(found, lang),
        "sections": [{"name": one["name"], "title": one[lang]} for one in found.about["sections"]],
        "said": said,
        "top": [one["id"] for one in reports.on_top(said)],
        "parts": [_shown(found, place, part, view) for place, part in told],
        "definitions": _definitions(told),
        "texts": [_version(one, lang) for one in found.texts],
        "version": found.text.version,
        "state": found.text.state,
        "deliveries": [_attempt(one, lang) for one in deliveries.attempts([found.key])[found.key]],
        "altered": reports.altered(found.key),
        "hash": found.hash,
    }
    return Answer(tabled(rows, COLUMNS), (), facts, note=found.numbered(lang))


COLUMNS = ("section", "id", "tone", "text", "edited")


def _head(found: Issue, lang: str) -> dict[str, Any]:
    late = text("report.late", lang, at=moment(found.asked_at, lang, year=True)) if found.late else ""
    return {
        "title": found.title(lang),
        "numbered": found.numbered(lang),
        "covers": text("report.covers", lang, days=_days(found)),
        "at": text("report.at", lang, at=moment(found.asked_at, lang, year=True)),
        "made": text("report.made", lang, at=moment(found.made_at, lang, year=True)),
        "late": late,
        "demo": text("app.demo", lang) if found.about.get("demo") else "",
        "area": found.about["area"][lang],
    }


def _days(found: Issue) -> str:
    last = found.covers_to - timedelta(days=1)
    first = f"{found.covers_from:%Y-%m-%d}"
    return first if last <= found.covers_from else f"{first}—{last:%Y-%m-%d}"


def _shown(found: Issue, place: int, part: Part, view: View) -> dict[str, Any]:
    """A part as the document shows it. then, today: addresses of the view as it was, and as it is."""
    name = part.shown.get("panel", part.panel)
    path = "/" if name.startswith("overview.") else f"/{name.partition('.')[0]}"
    was = View.from_search(part.search).to(lang=view.lang, theme=view.theme)
    now = was.to(at=None, period=ROLLING.get(found.about["covers"], "30d"))
    shown = {key: value for key, value in part.shown.items() if key not in ("light", "dark")}
    return shown | {
        "place": place,
        "section": part.section,
        "then": path + was.search if name in panels else "",
        "today": path + now.search if name in panels else "",
        "source": part.meta.get("source", {}).get("name", ""),
        "period": part.meta.get("period", {}).get("words", ""),
        "picture": f"/reports/figure/{found.key}/{place}.{view.theme}.json",
        "paper": f"/reports/figure/{found.key}/{place}.light.json",
    }


def _definitions(told: Any) -> Any:
    """Each indicator's definition once: name, definition, is_not, origin."""
    known: dict[str, Any] = {}
    for _, part in told:
        if part.shown.get("kind") in ("none", "blank"):
            continue
        wanted = part.shown.get("tiles")
        for one in part.meta.get("definitions", ()):
            if wanted is None or any(tile["name"] == one["name"] for tile in wanted):
                known.setdefault(one["key"], {name: one[name] for name in ("name", "definition", "is_not", "origin")})
    return [*known.values()]


def _version(one: reports.Text, lang: str) -> str:
    who = one.person or text("report.program", lang)
    at = moment(one.moment, lang, year=True)
    return text("report.version", lang, n=one.version, state=text(f"report.{one.state}", lang), who=who, at=at)


def _attempt(one: deliveries.Attempt, lang: str) -> dict[str, str]:
    words = text(
        f"report.attempt_{one.event}", lang, to=text(f"report.to_{one.target}", lang), n=one.attempt,
        version=one.version, at=moment(one.moment, lang), detail=one.detail,
    )  # fmt: skip
    hint = text(f"report.hint_{one.target}", lang) if one.event == "failed" else ""
    return {"event": one.event, "words": words, "hint": hint}


def layout(**query: str) -> Component:
    lang = View.from_query(query).lang
    return html.Div([list.slot(lang), issue.slot(lang)], className="grid reports")
