"""How long cases took against their limits: a distribution, a lane an item or a department, and what is close now."""

import math
from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount, given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, number, percent, text

REACH = 1.6  # promises that a department's lane is long


def times(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/times.py. facts: chosen, bins [(edge as a share of the promise, of
    the legal limit where that is chosen, None beyond; n)], in_time (bins within it), n, late, without (cases that have
    no such limit), pressing {late, today, next}, links (addresses of the same), once (a
    sentence), here (code chosen)."""
    lang, chosen = look.lang, answer.facts["chosen"]
    rows = _near(answer, lang) if chosen == "near" else _lanes(answer, look)
    return html.Div([_histogram(answer.facts, lang), rows, _pressing(answer.facts, lang)], className="took")


def _histogram(facts: dict[str, Any], lang: str) -> html.Element:
    bins, within = facts["bins"], facts["in_time"]
    legal = "_legal" if facts["chosen"] == "legal" else ""
    most = max((n for _, n in bins), default=0) or 1
    bars, before = [], 0.0
    for i, (edge, n) in enumerate(bins):
        off = i >= within
        span = f"{before * 100:.0f}–{edge * 100:.0f}%" if edge else f"> {before * 100:.0f}%"
        share = percent(n / facts["n"] if facts["n"] else None)
        title = text(f"took.of_bin{legal}", lang, span=span, n=exact(n), share=share)
        height = f"max({n / most * 100:.1f}%, {2 if n else 0}px)"
        bars.append(
            html.Span(html.Span(className="fill" + (" off" if off else ""), style={"height": height}), title=title)
        )
        before = edge or before
    bars.insert(within, html.Span(className="limit"))
    late = [
        html.B(text(f"took.late{legal}", lang, n=exact(facts["late"]))),
        html.Span(text("took.late_share", lang, share=percent(facts["late"] / facts["n"] if facts["n"] else None))),
    ]
    head = text(f"took.histogram{legal}", lang, n=exact(facts["n"]), without=exact(facts["without"]))
    axis = [html.Span("0"), html.Span("50%"), html.Span(text("took.promise", lang)), html.Span("> 200%")]
    return html.Div(
        [
            html.P(head, className="key", title=head),
            html.Div([html.Div(bars, className="bars"), html.P(late, className="late-words")], className="plot"),
            html.Div(axis, className="axis"),
            html.P(facts["once"], className="key once") if facts["once"] else None,
        ],
        className="histogram",
    )


def _scale(value: float, reach: float) -> float:
    """Where a number of days stands, per cent of the lane: by its root, so that short ones can be told apart."""
    return min(math.sqrt(max(value, 0.0) / reach), 1.0) * 100


def _lanes(answer: Answer, look: Look) -> html.Element:
    lang, by_org = look.lang, answer.facts["chosen"] == "org"
    some = list(rows_of(answer.frame))
    shown = [amount(v) for row in some for v in (row.p90, row.promised)]
    reach = max((v for v in shown if v is not None), default=1.0) * 1.15 or 1.0
    lines = [_row(row, by_org, reach, answer.facts["here"], lang) for row in some]
    first = text("took.c_share" if by_org else "took.c_days", lang)
    heads = [
        html.Span(first, className="name"),
        html.Span(_ticks(by_org, reach), className="t-lane"),
        html.Span(text("took.c_p90", lang), className="t-p90"),
        html.Span(text("took.c_late", lang), className="t-late"),
    ]
    key = text("took.key_org" if by_org else "took.key", lang)
    return html.Div(
        [
            html.Div(heads, className="t-heads"),
            html.Ol(lines, className="rows took-rows fits", tabIndex="0"),
            html.P(key, className="key"),
        ],
        className="lanes",
    )


def _ticks(by_org: bool, reach: float) -> list[html.Element]:
    if by_org:
        marks = [(0.5, "50%"), (1.0, "100%")]
        return [html.Span(said, style={"left": f"{at / REACH * 100:.1f}%"}) for at, said in marks]
    some = [n for n in (1, 2, 5, 10, 20, 40, 80) if n <= reach]
    kept = some[-1:] + [n for a, n in zip(some[1:], some, strict=False) if _scale(a, reach) - _scale(n, reach) > 9]
    return [html.Span(f"{n}", style={"left": f"{_scale(n, reach):.1f}%"}) for n in kept]


def _row(row: Any, by_org: bool, reach: float, here: str, lang: str) -> html.Element:
    shares = by_org and row.kind == "org"
    median, p90 = (row.of_promise, row.of_promise_p90) if shares else (row.median, row.p90)
    limit = 1.0 if shares else amount(row.promised)

    def at(value: float) -> str:
        return f"{min(value / REACH, 1.0) * 100:.1f}%" if shares else f"{_scale(value, reach):.1f}%"

    off = row.of_promise_p90 > 1
    marks = [
        html.Span(
            className="line" + (" off" if off else ""), style={"left": at(median), "right": f"calc(100% - {at(p90)})"}
        ),
        html.Span(className="dot", style={"left": at(median)}),
        html.Span(className="end" + (" off" if off else ""), style={"left": at(p90)}),
    ]
    if limit is not None:
        marks.append(html.Span(className="limit", style={"left": at(limit)}))
    legal = amount(row.legal)
    if not shares and legal is not None and legal <= reach:
        marks.append(html.Span(className="legal", style={"left": at(legal)}))
    title = text(
        "took.of_row", lang, name=row.name, n=exact(row.n), median=_days(row.median), p90=_days(row.p90),
        promised=_days(row.promised), legal=_days(row.legal), share=percent(row.of_promise_p90, 0),
        of_legal=percent(row.of_legal_p90, 0),
    )  # fmt: skip
    said = f"{percent(p90, 0)}%" if shares else text("took.days", lang, n=_days(p90))
    late: list[Any] = [html.B(exact(row.late), className="off" if row.late else ""), f" / {number(row.n, lang)}"]
    if given(row.kept):
        late = [text("took.kept", lang, share=percent(row.kept))]
    name: Any = _cut(row.name) if row.kind == "item" else row.name
    if row.kind == "special":
        name = [html.Span(text("took.special", lang), className="tag"), row.name]
    cells = [
        html.Span(name, className="name", title=row.name),
        html.Span(marks, className="t-lane", title=title),
        html.Span(said, className="t-p90" + (" off" if off else "")),
        html.Span(late, className="t-late"),
    ]
    value = "" if row.code == here and row.kind != "special" else row.code
    link = attributes({"data-set": row.kind, "data-value": value})
    return html.Li(html.A(cells, href="#", **link), className=row.kind + (" chosen" if row.code == here else ""))


def _cut(name: str, room: int = 22) -> str:
    """A name without its middle where it is long: items that differ at the end stay apart. room: letters, of which a
    Chinese one takes two."""
    widths = [2 if c > "\u2e7f" else 1 for c in name]
    if sum(widths) <= room:
        return name
    head, tail, front, back = 0, len(name), 0, 0
    while front + widths[head] <= room * 0.38:
        front += widths[head]
        head += 1
    while back + widths[tail - 1] <= room * 0.58:
        tail -= 1
        back += widths[tail]
    return f"{name[:head].rstrip()}…{name[tail:].lstrip()}"


def _days(value: float | None) -> str:
    """Working days with at most one decimal."""
    if not given(value):
        return DASH
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def _near(answer: Answer, lang: str) -> html.Element:
    columns = ("late", "today", "next", "open")
    heads = [html.Span("", className="name"), *(html.Span(text(f"took.n_{name}", lang)) for name in columns)]
    lines = []
    for row in rows_of(answer.frame):
        cells: list[Any] = [html.Span(row.name, className="name", title=row.name)]
        for name in columns:
            n = getattr(row, name)
            css = "n off" if name == "late" and n else "n soon" if name == "today" and n else "n"
            cells.append(html.Span(exact(n) if n else DASH, className=css))
        link = attributes({"data-set": "org", "data-value": "" if row.org == answer.facts["here"] else row.org})
        lines.append(html.Li(html.A(cells, href="#", **link)))
    return html.Div(
        [html.Div(heads, className="n-heads"), html.Ol(lines, className="rows near-rows fits", tabIndex="0")],
        className="nears",
    )


def _pressing(facts: dict[str, Any], lang: str) -> html.Element:
    """Links to the very cases that press."""
    parts = [
        html.A(
            [text(f"took.p_{key}", lang), html.B(f" {exact(n)} "), text("took.cases", lang)],
            href=facts["links"][key] or "?",
            className="off" if key == "late" and n else "",
            **attributes({"data-go": ""}),
        )
        for key, n in facts["pressing"].items()
    ]
    return html.P(parts, className="pressing")
