"""Tables whose cells are coloured by their number: the share late, orders by hour; the mix of channels and types."""

import json
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount, given, rows
from components.theme import Look
from components.words import DASH, exact, number, percent, signed, text

STEPS = 5  # shades of the ramp
TOTAL = "*"
NOT_LINKED = (TOTAL, "+", "")  # all, all others, none named


def late(answer: Answer, look: Look) -> html.Element:
    """answer.facts kind: shares | hours | mix; the frame is that of the panel hotline.late."""
    return {"hours": _hours, "mix": _mix}.get(answer.facts["kind"], _shares)(answer, look)


def _shade(value: float, most: float) -> str:
    return f"s{min(STEPS - 1, int(value / most * STEPS)) if most > 0 else 0}"


def _fields(fields: dict[str, str]) -> dict[str, Any]:
    """What makes a link set several fields of the View at once."""
    return attributes({"data-fields": json.dumps(fields, ensure_ascii=False)})


def _shares(answer: Answer, look: Look) -> html.Element:
    """answer.frame: row, row_name, column, column_name, due, late, share, few; '*' the total, '+' all others. facts:
    field (that a column sets), now {topic, field: what is chosen}, back (what the field goes back to)."""
    lang, facts = look.lang, answer.facts
    field, now = facts["field"], facts["now"]
    lines: dict[str, list[Any]] = {}
    for row in rows(answer.frame):
        lines.setdefault(row.row, []).append(row)
    whole = amount(lines[TOTAL][-1].share) or 0.0
    heads = [html.Th("", scope="col")]
    for one in lines[TOTAL][:-1]:
        words = one.column_name
        plain = one.column in NOT_LINKED
        value = facts["back"] if one.column == now[field] else one.column
        more = attributes({"data-set": field, "data-value": value})
        named = html.Span(words, title=words) if plain else html.A(words, href="#", title=words, **more)
        heads.append(html.Th(named, scope="col"))
    heads.append(html.Th(text("late.of", lang), scope="col", className="sum"))
    made = [html.Tr(heads)]
    for code, cells in lines.items():
        first = cells[0].row_name
        if code in NOT_LINKED:
            name: Any = html.Span(first, title=first)
        else:
            value = "" if code == now["topic"] else code
            name = html.A(first, href="#", title=first, **attributes({"data-set": "topic", "data-value": value}))
        tds = [html.Th(name, scope="row")]
        tds += [_cell(one, whole, field, now, facts["back"]) for one in cells[:-1]]
        total = cells[-1]
        tds.append(html.Td([html.B(exact(total.late)), f"/{exact(total.due)}"], className="sum"))
        made.append(html.Tr(tds, className="total" if code == TOTAL else "chosen" if code == now["topic"] else ""))
    return html.Div(html.Table([html.Thead(made[:2]), html.Tbody(made[2:], className="fits")]), className="heat shares")


def _cell(one: Any, whole: float, field: str, now: dict[str, str], back: str) -> html.Element:
    """A share; empty where nothing was due, grey where too few were, warm where it is twice that of the whole."""
    if not one.due:
        return html.Td("", className="none")
    said = percent(one.share, 1)
    title = f"{one.row_name} · {one.column_name}: {exact(one.late)} / {exact(one.due)}"
    css = (
        "few"
        if one.few
        else _warmth(one.share, whole)
        if one.row != TOTAL
        else "plain" + (" off" if one.share > whole else "")
    )
    if one.row in NOT_LINKED or one.column in NOT_LINKED:
        return html.Td(html.Span(said, title=title), className=css)
    chosen = now["topic"] == one.row and now[field] == one.column
    fields = {"topic": "", field: back} if chosen else {"topic": one.row, field: one.column}
    link = html.A(said, href="#", title=title, **_fields(fields))
    return html.Td(link, className=css + (" chosen" if chosen else ""))


def _warmth(share: float, whole: float) -> str:
    """w2: at least three times the share of the whole, w1: twice; below a blue, the fuller the closer to it."""
    if whole <= 0 or share <= 0:
        return "s0"
    times = share / whole
    return "w2" if times >= 3 else "w1" if times >= 2 else f"s{min(3, int(times * 2))}"


def _hours(answer: Answer, look: Look) -> html.Element:
    """answer.frame: weekday, hour, n, hours, per_hour (NaN: the period has no such hour). facts: days {'1': name}."""
    lang = look.lang
    most = amount(answer.frame["per_hour"].max()) or 0.0
    lines: dict[int, list[Any]] = {}
    for row in rows(answer.frame):
        lines.setdefault(row.weekday, []).append(row)
    step = 6 if look.wall else 3
    heads = [html.Th("", scope="col")]
    heads += [html.Th(f"{h}" if h % step == 0 else "", scope="col") for h in range(24)]
    heads.append(html.Th(text("late.per_day", lang), scope="col", className="sum"))
    body = []
    for weekday, cells in lines.items():
        tds = [html.Th(answer.facts["days"][str(weekday)], scope="row")]
        for one in cells:
            if not given(one.per_hour):
                tds.append(html.Td("", className="none"))
                continue
            title = text(
                "late.hour_title",
                lang,
                day=answer.facts["days"][str(weekday)],
                hour=one.hour,
                n=number(one.per_hour, lang, 1),
            )
            tds.append(html.Td("", className=_shade(one.per_hour, most), title=title))
        per_day = sum(one.per_hour for one in cells if given(one.per_hour))
        whole = all(given(one.per_hour) for one in cells)
        tds.append(html.Td(number(per_day, lang, 0) if whole else DASH, className="sum"))
        body.append(html.Tr(tds))
    said = text("late.hours_said", lang, most=number(most, lang, 1), **_peak(answer))
    return html.Div(
        [html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)]), html.P(said, className="said")],
        className="heat hours",
    )


def _peak(answer: Answer) -> dict[str, Any]:
    best = max(rows(answer.frame), key=lambda row: row.per_hour if given(row.per_hour) else -1.0)
    return {"day": answer.facts["days"][str(best.weekday)], "hour": best.hour}


def _mix(answer: Answer, look: Look) -> html.Element:
    """answer.frame: kind (channel | appeal | line), code, name, n, share, base, base_share, change. facts: against, now
    {channel, appeal, line: what is chosen}."""
    lang = look.lang
    blocks = []
    told = list(rows(answer.frame))
    for kind in dict.fromkeys(row.kind for row in told if row.kind != "line"):
        some = [row for row in told if row.kind == kind]
        most = max((row.share for row in some if given(row.share)), default=1.0) or 1.0
        lines = []
        for row in some:
            chosen = bool(row.code) and row.code == answer.facts["now"][kind]
            moved = f"{signed(row.change * 100, 1)}" if given(row.change) else DASH
            title = f"{exact(row.base)} → {exact(row.n)}" if given(row.base) else exact(row.n)
            fill = html.Span(className="fill", style={"width": f"{(row.share or 0) / most * 100:.1f}%"})
            cells = [
                html.Span(row.name, className="name", title=row.name),
                html.Span(fill, className="bar-track"),
                html.Span(f"{percent(row.share, 1)}%", className="n", title=title),
                html.Span(moved if answer.facts["against"] else "", className="moved"),
            ]
            if row.code:
                more = attributes({"data-set": kind, "data-value": "" if chosen else row.code})
                lines.append(html.Li(html.A(cells, href="#", **more), className="chosen" if chosen else ""))
            else:
                lines.append(html.Li(html.Span(cells, className="unlinked")))
        against = answer.facts["against"]
        heads = [html.Span(text(f"late.{kind}", lang))]
        heads += [html.Span(text("late.points", lang, against=against), className="moved")] if against else []
        blocks.append(html.Div([html.H3(heads), html.Ol(lines, className="rows mix fits")]))
    return html.Div([*blocks, _by_line([row for row in told if row.kind == "line"], answer, lang)], className="mixes")


def _by_line(some: list[Any], answer: Answer, lang: str) -> html.Element | None:
    """The lines in one: few have more than three."""
    if not some:
        return None
    parts = []
    for row in some:
        chosen = bool(row.code) and row.code == answer.facts["now"]["line"]
        moved = f" ({signed(row.change * 100, 1)})" if given(row.change) else ""
        words = [row.name, html.B(f" {percent(row.share, 1)}%")]
        if not row.code:
            parts.append(html.Span(words, title=exact(row.n) + moved))
            continue
        more = attributes({"data-set": "line", "data-value": "" if chosen else row.code})
        css = "chosen" if chosen else ""
        parts.append(html.A(words, href="#", className=css, title=exact(row.n) + moved, **more))
    return html.P([html.Span(text("late.line", lang), className="key"), *parts], className="mix-lines")
