"""The scorecard: rates of the catalogue and rates of the cases as two blocks, each rate a row."""

from typing import Any

from components import markup as html
from components.bodies.tiles import spark_line
from components.judging import misses, tone
from components.panel import Answer
from components.rows import NAN, amount
from components.rows import rows as rows_of
from components.theme import Look
from components.words import DASH, exact, percent, signed, text
from data_access.indicators import Indicator, indicators

SEEN = 0.005  # points below which a change rounds to nothing


def scorecard(answer: Answer, look: Look) -> html.Element:
    """answer.frame: see pages/services/scorecard.py. facts: items_said, cases_said (what each block is of),
    lacking_items, lacking_cases (why a block is not there, ''), city_only, against."""
    told = list(rows_of(answer.frame))
    return html.Div(
        [_block(kind, [row for row in told if row.kind == kind], answer, look) for kind in ("item", "case")],
        className="scorecard",
    )


def _block(kind: str, some: list[Any], answer: Answer, look: Look) -> html.Element:
    lang, facts = look.lang, answer.facts
    head = [
        html.B(text(f"scorecard.{kind}s_title", lang)),
        html.Span(facts["items_said" if kind == "item" else "cases_said"]),
    ]
    if lacking := facts[f"lacking_{kind}s"]:
        return html.Div(
            [html.P(head[0], className="s-title"), html.P(lacking, className="s-none")], className="s-block"
        )
    peers = next((int(row.peers) for row in some if amount(row.peers)), 0)
    columns = ["name", "value", "parts", "peers" if kind == "item" else "target", "rank" if kind == "item" else "moved"]
    columns += ["gap" if kind == "item" else "rank", "trend"]
    words = ["", *(text(f"scorecard.c_{name}", lang) for name in columns[1:])]
    if kind == "item" and peers:
        words[3] = text("scorecard.of_peers", lang, n=peers)
    css = ("name", "value", "parts", "lane", "rank", "gap", "trend")
    heads = [html.Span(said, className=f"s-{name}") for name, said in zip(css, words, strict=True)]
    rows = [html.Li(_row(kind, row, answer, look), className="s-row") for row in some]
    return html.Div(
        [
            html.P(head, className="s-title"),
            html.Div(heads, className="s-head"),
            html.Ul(rows, className="s-rows fits"),
            html.P(facts["city_only"], className="s-none") if kind == "item" and facts["city_only"] else None,
        ],
        className="s-block",
    )


def _row(kind: str, row: Any, answer: Answer, look: Look) -> list[html.Element]:
    lang, one = look.lang, indicators().get(row.key)
    value = amount(row.value)
    off = one is not None and misses(value, one.target, one.better)
    variant = html.Small(text("scorecard.variant", lang, name=row.variant)) if row.variant else None
    parts = f"{exact(row.numerator)} / {exact(row.denominator)}" if amount(row.denominator) else DASH
    left_out = amount(row.left_out)
    hint = text("scorecard.left_out", lang, n=exact(left_out)) if left_out else None
    trend = [NAN if one == "-" else float(one) for one in row.trend.split()]
    name = html.Span([text(f"scorecard.short_{row.key.partition('.')[2]}", lang), variant], className="s-name")
    shared = [
        name._replace(attributes=name.attributes | {"title": row.name}),
        html.Span(percent(value), className="s-value off" if off else "s-value"),
        html.Span(parts, className="s-parts", title=hint),
    ]
    drawn = html.Span(spark_line(trend, look), className="s-trend")
    place, unpublished = _place(row, lang), text("scorecard.unpublished", lang) if answer.facts["whole"] else DASH
    if kind == "item":
        gap = html.Span(row.gap_said or ("" if place else unpublished), className="s-gap", title=row.gap_said or None)
        return [*shared, _lane(row, one), html.Span(place or DASH, className="s-rank"), gap, drawn]
    target = f"{one.target * 100:g}%" if one is not None and one.target is not None else DASH
    moved = _moved(one, value, amount(row.base), answer)
    return [
        *shared,
        html.Span(target, className="s-lane"),
        html.Span(moved or DASH, className="s-rank"),
        html.Span(place or unpublished, className="s-gap"),
        drawn,
    ]


def _moved(one: Indicator | None, value: float | None, base: float | None, answer: Answer) -> html.Element | None:
    """+0.14, in points; None where there is nothing to compare with."""
    if not answer.facts["against"] or value is None or base is None:
        return None
    points = (value - base) * 100
    seen = points if abs(points) >= SEEN else 0.0
    return html.Span(signed(seen, 2) if seen else "=", className=f"change {tone(one, seen)}")


def _place(row: Any, lang: str) -> list[html.Element] | None:
    """6 / 16, of the month that was published last; None where nothing was."""
    rank, peers = amount(row.rank), amount(row.peers)
    if rank is None:
        return None
    title = text("scorecard.published", lang, month=row.rank_month, value=percent(row.rank_value))
    return [html.B(f"{rank:.0f}", title=title), html.Small(f" / {peers:.0f}" if peers else "")]


def _lane(row: Any, one: Indicator | None) -> html.Element:
    """Where the peers lie, as published: a tick each, ours as a dot; the target as a mark below."""
    values = [float(v) for v in row.peers_values.split()]
    mine, target = amount(row.rank_value), one.target if one else None
    if len(values) < 2 or mine is None:
        return html.Span(DASH, className="s-lane none")
    low, high = min(values), max(values)
    reach = (high - low) or 1e-9
    if target is not None and low - reach < target < high + reach:
        low, high = min(low, target), max(high, target)
    reach = (high - low) or 1e-9

    def at(value: float) -> dict[str, str]:
        return {"left": f"{(value - low) / reach * 100:.1f}%"}

    marks = [html.Sign(className="peer", style=at(v)) for v in values]
    if target is not None and low <= target <= high:
        marks.append(html.Sign(className="goal", style=at(target)))
    return html.Span(html.Span([*marks, html.Sign(className="mine", style=at(mine))]), className="s-lane marked")
