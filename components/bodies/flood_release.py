"""Releases compared in short: a line each, highest level and flow below on lanes that share their limit."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.panel import Answer
from components.theme import Look
from components.words import text

NUMERALS = {"zh": "一二三四五", "en": "12345"}


def flood_release(answer: Answer, look: Look) -> html.Element:
    """facts: reservoir, name, station (the one below that is tightest), target, limit, candidates (title, sub, level
    and flow by factor, level_left, safe, latest, verdict, words), advised, says [(what, why)]."""
    facts, lang = answer.facts, look.lang
    told = facts["candidates"]
    levels = [z for one in told for z in one["level"]] + [v for v in (facts["target"], facts["limit"]) if v is not None]
    flows = [q for one in told for q in one["flow"] or ()] + [one["safe"] for one in told if one["safe"]]
    z_span = (min(levels) - 0.2, max(levels) + 0.2)
    q_span = (0.0, max(flows) * 1.05) if flows else (0.0, 1.0)
    head = html.Div(
        [
            html.Span(text("release.c_plan", lang)),
            html.Span(_head(text("release.c_level", lang), facts["target"], "m")),
            html.Span(
                _head(text("release.c_flow", lang, name=facts["station"]), told[0]["safe"], "m³/s") if flows else ""
            ),
            html.Span(text("release.c_latest", lang)),
        ],
        className="plan-row plan-top",
    )
    rows = [
        html.Li(
            [
                html.Div(
                    [
                        html.Strong(f"{NUMERALS[lang][i]} {one['title']}"),
                        html.Span(one["sub"], className="sub", title=one["sub"]),
                    ]
                ),
                html.Div(
                    [
                        _lane(one["level"], z_span, facts["target"]),
                        html.Span([html.B(f"{one['level'][1]:.2f}"), f" {one['level_left'] or 'm'}"]),
                    ]
                ),
                html.Div(_flow(one, q_span, lang)),
                html.Div(
                    [
                        html.Strong(one["latest"]),
                        html.Span(one["words"], className=f"sub {one['verdict']}", title=one["words"]),
                    ],
                    className="when",
                ),
            ],
            className="plan-row" + (" advised" if i == facts["advised"] else ""),
        )
        for i, one in enumerate(told)
    ]
    says = html.P([html.B(what) for what, _ in facts["says"]], className="says")
    foot = html.Div(
        [
            html.Span(text("release.advises", lang), className="sub"),
            html.A(
                text("release.open", lang),
                href="#",
                className="act",
                **attributes({"data-set": "reservoir", "data-value": facts["reservoir"]}),
            ),
        ],
        className="release-foot",
    )
    return html.Div([head, html.Ol(rows, className="plans"), says, foot], className="released")


def _head(words: str, limit: float | None, unit: str) -> str:
    if limit is None:
        return words
    said = f"{limit:.2f}" if unit == "m" else f"{limit:,.0f}"
    return f"{words} {said}"


def _lane(values: tuple[float, ...], span: tuple[float, float], limit: float | None) -> html.Element:
    low, high = span

    def at(value: float) -> str:
        return f"{min(max((value - low) / (high - low), 0), 1) * 100:.1f}%"

    first, middle, last = values
    over = limit is not None and middle > limit
    inside = [
        html.Span(className="band", style={"--from": at(first), "--to": at(last)}),
        html.Span(className="point over" if over else "point", style={"--at": at(middle)}),
    ]
    if limit is not None:
        inside.append(html.Span(className="limit", style={"--at": at(limit)}))
    return html.Span(inside, className="plan-lane")


def _flow(one: dict[str, Any], span: tuple[float, float], lang: str) -> list[Any]:
    if not one["flow"]:
        return []
    left = one["safe"] - one["flow"][1]
    words = text("release.left" if left >= 0 else "release.over", lang, value=f"{abs(left):,.0f}")
    return [
        _lane(one["flow"], span, one["safe"]),
        html.Span([html.B(f"{one['flow'][1]:,.0f}"), f" {words}"], className="over" if left < 0 else None),
    ]
