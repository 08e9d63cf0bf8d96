"""晾晒台: ranks with a dot for the rate and a line for where it probably lies, read against the rate of the whole."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, percent, text


def league(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/league.py, best first. facts: field (that a row sets), here (chosen), whole (its
    rate), rates, items (key, words, whether it is this
    one: of cases, of the catalogue), has_last, intervals, frozen, ledger."""
    lang, facts = look.lang, answer.facts
    listed = list(rows_of(answer.frame))
    if look.wall:  # no one scrolls a wall: the worst first
        listed = [row for row in reversed(listed) if not row.few] + [row for row in listed if row.few]
    ends = _ends(listed, facts["whole"])
    whole = amount(facts["whole"])
    mark = []
    if whole is not None:
        said = text("sunned.whole", lang, value=percent(whole))
        mark = [html.Span(said, className="mark", style={"--at": f"{_at(whole, ends):.1f}%"})]
    head = html.Div(
        [
            html.Span(text("sunned.c_rank", lang), className="b-rank"),
            html.Span(text("sunned.c_name", lang), className="b-name"),
            html.Span(mark, className="b-lane"),
            html.Span(text("sunned.c_value", lang), className="b-value"),
            html.Span(text("sunned.c_parts", lang), className="b-parts"),
            html.Span(text("sunned.c_last", lang) if facts["has_last"] else "", className="b-moved"),
        ],
        className="sunned-head",
    )
    rows = [_row(row, ends, whole, facts, lang) for row in listed]
    return html.Div(
        [_rates(facts, lang), head, html.Ol(rows, className="rows sunned-rows fits", tabIndex="0"), _foot(facts, lang)],
        className="sunned",
    )


def _rates(facts: dict[str, Any], lang: str) -> html.Element:
    """Links to the rates that may rank: those of cases, and by themselves those of items."""
    groups = []
    for kind in ("rates", "items"):
        links = [
            html.A(
                words,
                href="#",
                **attributes({"data-set": "metric", "data-value": key, "aria-current": str(now).lower()}),
            )
            for key, words, now in facts[kind]
        ]
        if links:
            here = "here" if any(now for *_, now in facts[kind]) else ""
            groups.append(html.Span([html.Small(text(f"sunned.of_{kind}", lang)), *links], className=here))
    return html.Div(groups, className="sunned-rates")


def _ends(listed: list[Any], whole: float | None) -> tuple[float, float]:
    """Where the lane begins and ends: around what is ranked and the whole."""
    values = [v for row in listed if not row.few for v in (amount(row.low), amount(row.high), amount(row.value))]
    known = [v for v in [*values, amount(whole)] if v is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    reach = (high - low) or 0.01
    return low - reach * 0.04, high + reach * 0.04


def _at(value: float, ends: tuple[float, float]) -> float:
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0) * 100


def _row(row: Any, ends: tuple[float, float], whole: float | None, facts: dict[str, Any], lang: str) -> html.Element:
    value = amount(row.value)
    parts = f"{exact(amount(row.numerator))} / {exact(amount(row.denominator))}"
    here = row.code == facts["here"]
    cells = [
        html.Span(row.rank or DASH, className="b-rank"),
        html.Span(row.name, className="name b-name", title=row.name),
        html.Span(text("sunned.few", lang), className="b-lane few") if row.few else _lane(row, ends, whole, lang),
        html.Span(percent(value), className=f"b-value {row.apart}".strip(), title=_drift(row, lang)),
        html.Span(parts, className="b-parts", title=parts),
        _moved(row, lang) if facts["has_last"] else html.Span("", className="b-moved"),
    ]
    go = attributes({"data-set": facts["field"], "data-value": "" if here else row.code})
    css = " ".join(c for c, on in (("few", row.few), ("chosen", here)) if on)
    return html.Li(html.A(cells, href="#", **go), className=css)


def _lane(row: Any, ends: tuple[float, float], whole: float | None, lang: str) -> html.Element:
    low, high, value = amount(row.low), amount(row.high), amount(row.value)
    parts: list[html.Element] = []
    title = None
    if whole is not None:
        parts.append(html.Span(className="line", style={"left": f"{_at(whole, ends):.1f}%"}))
    if low is not None and high is not None:
        a, b = _at(low, ends), _at(high, ends)
        style = {"left": f"{a:.1f}%", "width": f"{max(b - a, 0.4):.1f}%"}
        parts.append(html.Span(className=f"reach {row.apart}".strip(), style=style))
        title = text("sunned.reach", lang, low=percent(low), high=percent(high))
    if value is not None:
        parts.append(html.Span(className=f"dot {row.apart}".strip(), style={"left": f"{_at(value, ends):.1f}%"}))
    return html.Span(parts, className="b-lane", title=title)


def _drift(row: Any, lang: str) -> str | None:
    drift, value = amount(row.drift), amount(row.value)
    if drift is None or value is None or abs(drift) < 5e-5:
        return None
    return text("sunned.now_would_be", lang, value=percent(value + drift))


def _moved(row: Any, lang: str) -> html.Element:
    rise, before = amount(row.rise), amount(row.rank_before)
    title = text("sunned.before", lang, rank=int(before)) if before is not None else None
    if rise is None:
        return html.Span(DASH, className="b-moved", title=title)
    said = f"▲{rise:.0f}" if rise > 0 else f"▼{-rise:.0f}" if rise < 0 else "="
    css = "better" if rise > 0 else "worse" if rise < 0 else ""
    return html.Span(said, className=f"b-moved {css}".strip(), title=title)


def _foot(facts: dict[str, Any], lang: str) -> html.Element:
    said: list[Any] = []
    if facts["frozen"]:
        said.append(html.Span(facts["frozen"], className="frozen"))
    if facts["intervals"]:
        said.append(html.Span(text("sunned.intervals", lang), className="key"))
    told = facts["ledger"]
    ledger = None
    if told:
        bar = html.Span(
            html.Span(className="fill", style={"width": f"{told['share'] * 100:.1f}%"}), className="bar-track"
        )
        words = text("sunned.ledger", lang, found=exact(told["found"]), fixed=exact(told["fixed"]))
        ledger = html.P(
            [html.Span(words), bar, html.B(f"{percent(told['share'])} %")],
            className="problems-fixed",
            title=" · ".join(told["kinds"]),
        )
    return html.Div([html.P(said, className="says") if said else None, ledger], className="sunned-foot")
