"""Single orders: a page of their list, each with its time left around its limit; and one order with its course."""

from datetime import datetime, timedelta
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, moment, text

STEPS = (8, 24, 72, 240, 720)  # hours on each side of the limit that a lane can show
COURSE = ("returned", "reassigned", "redone", "extended", "urged", "supervised")


def span_words(minutes: float, lang: str) -> str:
    """A length of time in its two largest units: 2 天 3 时, 6 时 20 分, 48 分."""
    whole = int(abs(minutes))
    days, hours, rest = whole // 1440, whole % 1440 // 60, whole % 60
    parts = [("days", days), ("hours", hours)] if days else [("hours", hours), ("minutes", rest)]
    return " ".join(text(f"orders.{unit}", lang, n=n) for unit, n in parts if n) or text("orders.minutes", lang, n=0)


def left_words(minutes: float | None, lang: str) -> tuple[str, str]:
    """(words, tone) of the time left; negative is overdue, None is nothing to say."""
    if minutes is None:
        return "", ""
    key, css = ("orders.over", "worse") if minutes < 0 else ("orders.left", "")
    return text(key, lang, age=span_words(minutes, lang)), css


def scale_of(minutes: list[float]) -> int:
    """Hours on each side of the limit: the smallest step that shows three quarters of the orders whole."""
    hours = sorted(abs(m) / 60 for m in minutes)
    wanted = hours[len(hours) * 3 // 4] if hours else 0
    return next((step for step in STEPS if step >= wanted), STEPS[-1])


def _lane(minutes: float | None, scale: int) -> html.Element:
    """Time left to the left of the limit, time over to the right of it; what does not fit ends open."""
    if minutes is None:
        return html.Span(className="due-lane none")
    share = min(abs(minutes) / 60 / scale, 1.0)
    cut = " cut" if abs(minutes) / 60 > scale else ""
    side, css = ("left", "over") if minutes < 0 else ("right", "left")
    bar = html.Span(className=f"fill {css}{cut}", style={"width": f"{share * 50:.1f}%", side: "50%"})
    return html.Span(bar, className="due-lane")


def course_words(row: Any, lang: str) -> str:
    """退单 1 · 重办 1; a dash when nothing out of the ordinary happened."""
    said = [text(f"orders.{name}", lang, n=n) for name in COURSE if (n := int(getattr(row, name)))]
    return " · ".join(said) or DASH


def orders(answer: Answer, look: Look) -> html.Element:
    """answer.frame: order, order_no, title, category_name, place_name, org_name, state_name, accept_at, left_minutes
    (NaN: closed, or no limit), urge (marked), COURSE, closed_said. facts: columns (that are told), order (the open
    one), total, next (cursor), first (whether this is the first page), export (query), sort, sorts, said (what a cap
    cuts), at; of other lists also: field (the identity, and what a row sets), panel, words (section of theirs), cells
    (column -> its name in the frame)."""
    lang, facts = look.lang, answer.facts
    listed = list(rows_of(answer.frame))
    scale = scale_of([m for row in listed if (m := amount(row.left_minutes)) is not None])
    told, field = facts["columns"], facts.get("field", "order")
    now = facts[field]
    cells = [_head(name, scale, facts, lang) for name in told]
    rows = [
        html.Li(
            html.A(
                [_cell(name, row, scale, facts, lang) for name in told],
                href="#",
                **attributes(
                    {"data-set": field, "data-value": "" if getattr(row, field) == now else getattr(row, field)}
                ),
            ),
            className="chosen" if getattr(row, field) == now else "",
        )
        for row in listed
    ]
    grid = attributes({"data-columns": " ".join(told)})
    return html.Div(
        [
            html.Div(cells, className="orders-head"),
            html.Ol(rows, className="rows orders fits", tabIndex="0"),
            _foot(answer, len(listed), lang),
        ],
        className="ordered",
        **grid,
    )


def _head(name: str, scale: int, facts: dict[str, Any], lang: str) -> html.Element:
    if name == "lane":
        reach = text("orders.days", lang, n=scale // 24) if scale >= 48 else text("orders.hours", lang, n=scale)
        said = [
            html.Span(text("orders.left", lang, age=reach)),
            html.B(text("orders.due", lang)),
            html.Span(text("orders.over", lang, age=reach)),
        ]
        return html.Span(said, className="c-lane")
    options = facts["sorts"].get(name)
    words = text(f"{facts.get('words', 'orders')}.c_{name}", lang)
    if not options:
        return html.Span(words, className=f"c-{name}")
    value = next((v for v, _ in options if v != facts["sort"]), options[0][0])
    now = next((a for v, a in options if v == facts["sort"]), "")
    return html.A(
        [words, f" {now}"],
        href="#",
        className=f"c-{name} sort" + (" sorted" if now else ""),
        **attributes({"data-set": "sort", "data-value": value, "title": text("orders.sort_by", lang, name=words)}),
    )


def _cell(name: str, row: Any, scale: int, facts: dict[str, Any], lang: str) -> html.Element:
    css = f"c-{name}"
    if name == "lane":
        return _lane(amount(row.left_minutes), scale)
    cells = facts.get("cells", {})
    if name == "title":
        return html.Span(
            row.title or getattr(row, cells.get("category", "category_name")),
            className=f"name {css}",
            title=row.title or None,
        )
    if name == "left":
        words, tone = left_words(amount(row.left_minutes), lang)
        if getattr(row, "urge", False):
            return html.Span([html.B("◆ "), words], className=f"{css} urge")
        return html.Span(words or row.closed_said, className=f"{css} {tone}".strip())
    match name:
        case "number":
            said = getattr(row, cells.get(name, "order_no"))
        case "accepted":
            when = getattr(row, cells.get(name, "accept_at"))
            said = moment(when, lang) if when.year == facts["at"].year else when.strftime("%Y-%m-%d")
        case "course":
            said = getattr(row, cells[name]) if name in cells else course_words(row, lang)
        case "state":
            said = row.state_name.split("（")[0].split(",")[0]  # what it waits for is in the drawer
        case _:
            said = getattr(row, cells.get(name, f"{name}_name")) or DASH
    return html.Span(said, className=css, title=said)


def _foot(answer: Answer, shown: int, lang: str) -> html.Element:
    facts = answer.facts
    parts: list[Any] = [html.Span(text("orders.shown", lang, shown=shown, n=exact(facts["total"])))]
    if facts["said"]:
        parts.append(html.Span(facts["said"], className="warn"))
    if not facts["first"]:
        first = attributes({"data-set": "after", "data-value": ""})
        parts.append(html.A(text("orders.first", lang), href="#", className="step", **first))
    if facts["next"]:
        more = attributes({"data-set": "after", "data-value": facts["next"]})
        parts.append(html.A(text("orders.next", lang), href="#", className="step", **more))
    kinds, panel = (("xlsx", "Excel"), ("csv", "CSV")), facts.get("panel", "hotline.records")
    parts += [
        html.A(
            text("orders.export", lang, kind=words),
            href=f"/data/{panel}.{kind}{facts['export']}",
            className="export" + (" first" if kind == "xlsx" else ""),
            download=f"{panel}.{kind}",
        )
        for kind, words in kinds
    ]
    return html.P(parts, className="count")


# ---- one order ------------------------------------------------------------------------------------------------------


def order(answer: Answer, look: Look) -> html.Element:
    """answer.frame: seq, event, event_name, at, org_name, state_name, hours, limit_hours, late, fault_name, result: one
    row an event. facts: unknown (the number that nobody knows), order_no, title, content, pairs (name, words), left
    (minutes), share (of the limit used, None), said (how it stands), reveal (address)."""
    lang, facts = look.lang, answer.facts
    shut = html.A(
        text("order.close", lang), href="#", className="shut", **attributes({"data-set": "order", "data-value": ""})
    )
    if "unknown" in facts:
        said = text("order.unknown", lang, number=facts["unknown"])
        return html.Div([shut, html.P(said, className="says")], className="course")
    words, css = left_words(facts["left"], lang)
    head = html.Div(
        [
            html.Div(
                [html.Strong(facts["order_no"]), html.Span(words or facts["said"], className=f"stand {css}"), shut]
            ),
            html.H3(facts["title"]),
            html.P(facts["content"]) if facts["content"] else None,
        ],
        className="order-head",
    )
    pairs = [html.Div([html.Small(name), html.Span(value)]) for name, value in facts["pairs"]]
    masked = html.P(
        [
            text("order.masked", lang),
            " ",
            html.A(
                text("order.reveal", lang), href=facts["reveal"], className="in-text", target="_blank", rel="noopener"
            ),
        ],
        className="masked",
    )
    steps = [_step(row, lang) for row in rows_of(answer.frame)]
    heads = [html.Span(text(f"order.c_{name}", lang)) for name in ("at", "event", "org", "took")]
    course = html.Ol(steps, className="rows steps", tabIndex="0")
    return html.Div(
        [head, html.Div(pairs, className="pairs"), masked, html.Div(heads, className="steps-head"), course],
        className="course",
    )


def _step(row: Any, lang: str) -> html.Element:
    """An event: when, what, whose, and how long what it began took against its own limit."""
    hours, limit = amount(row.hours), amount(row.limit_hours)
    took: list[Any] = []
    if hours is not None:
        if limit:
            share = min(hours / limit, 1.5) / 1.5 * 100
            fill = html.Span(className="fill over" if row.late else "fill", style={"width": f"{share:.1f}%"})
            took.append(html.Span([fill, html.Span(className="limit")], className="step-lane"))
        said = span_words(hours * 60, lang)
        if limit:
            said = text("order.of_limit", lang, took=said, limit=span_words(limit * 60, lang))
        took.append(html.Span(said, className="worse" if row.late else ""))
    name: list[Any] = [html.B(row.event_name)]
    name += [html.Span(row.result, className="result")] if row.result else []
    name += [html.Span(row.fault_name, className="warn")] if row.fault_name else []
    return html.Li(
        [
            html.Span(moment(row.at, lang), className="when"),
            html.Span(name, className="event"),
            html.Span(row.org_name or DASH, className="org", title=row.org_name or None),
            html.Span(took, className="took"),
        ],
        className="over" if row.late else "",
    )


def minutes_between(start: datetime, end: datetime) -> float:
    """Minutes from one moment to another; negative when it lies before."""
    return (end - start) / timedelta(minutes=1)
