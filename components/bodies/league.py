"""The league: ranks, rates and a lane with a dot for the score, read against the score of the whole."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.rows import amount, given
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, number, percent, signed, text

PARTS = {
    "on_time": ("on_time_n", "due"),
    "response": ("responded", "dispatched_called"),
    "resolution": ("resolved", "asked"),
    "satisfaction": ("satisfied", "rated"),
}
FAR = 2.0  # points below the whole from which a score is marked


def league(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/hotline/league.py, best first. facts: rates (those told), per_10k (else orders), here
    (code chosen), field (that a row sets), whole (its score, or on-time rate), said, own (its own rank), frozen,
    has_last."""
    lang, facts = look.lang, answer.facts
    scored = len(facts["rates"]) == len(PARTS) - 1
    columns = ["rank", "last", "name", "volume", "on_time", *facts["rates"]]
    columns += (["called", "lane", "score"]) if scored else ["lane"]
    columns = [c for c in columns if c != "last" or facts["has_last"]]
    listed = list(rows_of(answer.frame))
    if look.wall:  # no one scrolls a wall: the worst first
        listed = [row for row in reversed(listed) if not row.few] + [row for row in listed if row.few]
    values = [v for row in listed if not row.few and (v := _value(row, scored)) is not None]
    ends = _ends([*values, facts["whole"]] if given(facts["whole"]) else values)
    head = [html.Span(_name(c, facts, lang), className=f"l-{c}") for c in columns]
    rows = [
        html.Li(
            html.A(
                [_cell(c, row, ends, facts, lang) for c in columns],
                href="#",
                **attributes({"data-set": facts["field"], "data-value": "" if row.code == facts["here"] else row.code}),
            ),
            className=" ".join(c for c, on in (("few", row.few), ("chosen", row.code == facts["here"])) if on),
        )
        for row in listed
    ]
    foot = [html.Span(facts["said"])] if facts["said"] else []
    foot += [html.Span(facts["own"])] if facts["own"] else []
    foot += [html.Span(facts["frozen"], className="frozen")] if facts["frozen"] else []
    return html.Div(
        [
            html.Div(head, className="league-head"),
            html.Ol(rows, className="rows leagued fits", tabIndex="0"),
            html.P(foot, className="says"),
        ],
        className="league",
        **attributes({"data-columns": " ".join(columns), "data-by": facts["field"]}),
    )


def _name(column: str, facts: dict[str, Any], lang: str) -> str:
    if column == "lane":
        return ""
    key = {"volume": "per_10k" if facts["per_10k"] else "received", "name": facts["field"]}.get(column, column)
    return text(f"league.{key}", lang)


def _value(row: Any, scored: bool) -> float | None:
    return amount(row.score if scored else row.on_time)


def _ends(values: list[float]) -> tuple[float, float]:
    """Where the lane begins and ends: a little before the least and at the most."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    reach = (high - low) or max(abs(high), 1e-9) * 0.01
    return low - reach * 0.25, high + reach * 0.05


def _cell(column: str, row: Any, ends: tuple[float, float], facts: dict[str, Any], lang: str) -> Any:
    css, title = f"l-{column}", None
    match column:
        case "lane":
            return _lane(row, ends, facts, lang)
        case "score":
            return _score(row, lang)
        case "rank":
            said = row.rank or DASH
        case "last":
            said = _last(row)
        case "name":
            said, css, title = row.name, f"name {css}", row.name
        case "volume":
            value = amount(row.per_10k if facts["per_10k"] else row.received)
            said = f"{value:,.1f}" if facts["per_10k"] and value is not None else number(value, lang)
            title = exact(row.received)
        case "called":
            said = exact(row.called)
        case _:
            numerator, denominator = (getattr(row, name) for name in PARTS[column])
            said = percent(amount(getattr(row, column)), 1)
            css += " rate off" if column in row.off.split() and not row.few else " rate"
            title = f"{exact(numerator)} / {exact(denominator)}" if given(denominator) else None
    return html.Span(said, className=css, title=title)


def _last(row: Any) -> list[Any]:
    """Last period's rank and how it moved."""
    if not given(row.rank_before):
        return [DASH]
    if not given(row.rise):
        return [f"{int(row.rank_before)}"]
    rise = int(row.rise)
    mark, css = (f"▲{rise}", "better") if rise > 0 else (f"▼{-rise}", "worse") if rise < 0 else (DASH, "level")
    return [f"{int(row.rank_before)} ", html.Span(mark, className=css)]


def _lane(row: Any, ends: tuple[float, float], facts: dict[str, Any], lang: str) -> html.Element:
    scored = given(row.score)
    value, (start, end) = _value(row, scored), ends
    if row.few or value is None:
        return html.Span(text("league.few", lang), className="l-lane words")
    at = (value - start) / (end - start) * 100
    far = scored and given(facts["whole"]) and value < facts["whole"] - FAR
    css = " off" if far else ""
    line = []
    if given(facts["whole"]):
        line = [html.Span(className="limit", style={"left": f"{(facts['whole'] - start) / (end - start) * 100:.1f}%"})]
    track = [
        html.Span(className=f"fill{css}", style={"width": f"{at:.1f}%"}),
        html.Span(className=f"dot{css}", style={"left": f"{at:.1f}%"}),
    ]
    return html.Span([*track, *line], className="l-lane track")


def _score(row: Any, lang: str) -> html.Element:
    drift = amount(row.drift)
    said: list[Any] = [DASH if not given(row.score) else f"{row.score:.1f}"]
    title = None
    if drift is not None and abs(drift) >= 0.05:
        said.append(html.Small(signed(drift, 1)))
        title = text("league.now_would_be", lang, value=f"{row.score + drift:.1f}")
    return html.Span(said, className="l-score", title=title)
