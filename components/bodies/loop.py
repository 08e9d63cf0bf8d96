"""The closed loop: the stages against their limits, and the flow of orders that are sent back."""

from typing import Any

from components import markup as html
from components.attributes import attributes
from components.bodies.ribbons import Node, drawn_of, placed, ribbons
from components.panel import Answer
from components.rows import amount, count, given, rows
from components.theme import Look
from components.words import DASH, exact, number, percent, text
from domain.rounding import half_up

REACH = 1.8  # limits that a lane is long; longer times end in an arrow


def lasting(hours: float | None, lang: str) -> str:
    """A length of time with at most one decimal: 22 分, 3.2 时, 6.8 天."""
    if not given(hours):
        return DASH
    unit, n = ("minutes", hours * 60) if hours < 2 else ("hours", hours) if hours < 48 else ("days", hours / 24)
    whole = unit == "minutes" or n >= 100 or float(n).is_integer()
    return text(f"funnel.{unit}", lang, n=f"{half_up(n, 0):.0f}" if whole else f"{half_up(n, 1):.1f}")


def _at(share: float) -> str:
    return f"{min(share, REACH) / REACH * 100:.1f}%"


def _lane(row: Any, lang: str) -> html.Element:
    """The median as a dot and a line to the 90th percentile, against the limit."""
    share, p90 = amount(row.share), amount(row.share_p90)
    marks: list[html.Element] = []
    if share is not None and p90 is not None:
        beyond = max(share, 1.0)
        marks.append(html.Span(className="line", style={"left": _at(share), "right": f"calc(100% - {_at(p90)})"}))
        if p90 > 1:
            marks.append(
                html.Span(className="line off", style={"left": _at(beyond), "right": f"calc(100% - {_at(p90)})"})
            )
        if p90 > REACH:
            marks.append(html.Span("▸", className="beyond"))
        marks.append(html.Span(className="dot" + (" off" if share > 1 else ""), style={"left": _at(share)}))
        marks.insert(0, html.Span(className="limit", style={"left": _at(1.0)}))
    said = text("funnel.of_limit", lang, median=percent(share, 0), p90=percent(p90, 0)) if marks else None
    return html.Span(marks, className="lane", title=said)


def funnel(answer: Answer, look: Look) -> html.Element:
    """answer.frame: stage, name, passed, timed, median_h, p90_h, limit_h, share, share_p90, waiting (NaN: none), in the
    order of the stages. facts: received, direct (None: no source tells), own (the stage
    that each order's own limit is for), balance {opening, arrivals, closures, closing, off, now}."""
    lang = look.lang
    most = amount(answer.frame["passed"].max()) or 1.0
    heads = ("stage", "passed", "lane", "median", "p90", "limit", "waiting")
    head = html.Li([html.Span(text(f"funnel.{h}", lang), className=h) for h in heads], className="heads")
    lines = [head]
    for row in rows(answer.frame):
        off = given(row.share_p90) and row.share_p90 > 1
        bar = html.Span(className="fill", style={"width": f"{row.passed / most * 100:.1f}%"})
        cells: list[Any] = [
            html.Span(row.name, className="stage", title=row.name),
            html.Span([html.Span(bar, className="bar-track"), html.B(number(row.passed, lang))], className="passed"),
        ]
        if row.stage == "accept":
            direct, words = answer.facts["direct"], ""
            if direct is not None:
                sent = answer.facts["received"] - direct
                words = text("funnel.split", lang, sent=exact(sent), direct=exact(direct))
            cells.append(html.Span(words, className="split", title=words))
        else:
            limit = lasting(row.limit_h, lang) if given(row.limit_h) else DASH
            if row.stage == answer.facts["own"] and given(row.share):
                limit = text("funnel.own", lang)
            cells += [
                _lane(row, lang),
                html.Span(lasting(row.median_h, lang), className="median"),
                html.Span(lasting(row.p90_h, lang), className="p90" + (" off" if off else "")),
                html.Span(limit, className="limit-h"),
                html.Span(number(row.waiting, lang), className="waiting", title=exact(row.waiting)),
            ]
        lines.append(html.Li(cells, **attributes({"data-stage": row.stage})))
    return html.Div(
        [html.Ol(lines, className="rows stages fits", tabIndex="0"), _balance(answer, lang)], className="funnel"
    )


def _balance(answer: Answer, lang: str) -> html.Element:
    """Opening + arrivals - closures = open, and whether it is."""
    told = answer.facts["balance"]
    off = int(told["off"])
    n = {key: exact(told[key]) for key in ("opening", "arrivals", "closures", "closing")}
    key = "closing" if told["now"] else "closing_then"
    parts: list[Any] = [
        f"{text('funnel.opening', lang, n=n['opening'])} + {text('funnel.arrivals', lang, n=n['arrivals'])}"
        f" − {text('funnel.closures', lang, n=n['closures'])} {'≠' if off else '='} ",
        html.B(text(f"funnel.{key}", lang, n=n["closing"])),
    ]
    words = text("funnel.broken", lang, n=exact(abs(off))) if off else text("funnel.balanced", lang)
    parts.append(html.Span(f"{'⚠' if off else '✓'} {words}", className="check " + ("off" if off else "kept")))
    return html.P(parts, className="balance")


# ---- who sends orders back to whom -----------------------------------------------------------------------------------


def bounces(answer: Answer, look: Look) -> html.Element:
    """answer.frame: from_org, from_name, to_org, to_name, kind, n, orders, back, most, order_id, the most moves first.
    facts: returns, reassigned, refused, waiting (counts), chosen (organisation)."""
    lang = look.lang
    every = list(rows(answer.frame))
    moves = [row for row in every if row.from_org != row.to_org]
    pairs = _pairs(moves)
    parts: list[Any] = []
    shown = ""
    if moves:
        hot = {key for pair in pairs[:2] for key in ((pair[1], pair[2]), (pair[2], pair[1]))}
        first = sorted(moves, key=lambda row: (row.from_org, row.to_org) not in hot)  # what quarrels, then the largest
        drawn = drawn_of(first, 5 if look.wall else 7)
        left, right, scale = placed(moves, drawn)
        picture = ribbons(drawn, (left, right), scale, hot, look)
        parts = [_labels(left, "from", hot, answer), picture, _labels(right, "to", hot, answer)]
        n, every_n = sum(row.n for row in drawn), sum(row.n for row in moves)
        if n < every_n:
            shown = text("bounces.shown", lang, n=exact(n), of=exact(every_n))
    said = (text("bounces.returned_by", lang), shown, text("bounces.passed_to", lang))
    heads = html.Div([html.Span(words) for words in said], className="heads")
    return html.Div([heads, html.Div(parts, className="flow"), _said(answer, every, pairs, lang)], className="bounces")


def _pairs(moves: list[Any]) -> list[tuple[int, str, str, str, str]]:
    """n, code, code, name, name of the organisations that send orders to each other and back, the most first."""
    both: dict[tuple[str, str], tuple[int, str, str, str, str]] = {}
    for row in moves:
        if row.back and row.from_org and row.to_org:
            first, second = sorted((row.from_org, row.to_org))
            n = both.get((first, second), (0,))[0] + row.n
            names = {row.from_org: row.from_name, row.to_org: row.to_name}
            both[first, second] = (n, first, second, names[first], names[second])
    return sorted(both.values(), key=lambda pair: (-pair[0], pair[1], pair[2]))


def _labels(nodes: dict[str, Node], side: str, hot: set[tuple[str, str]], answer: Answer) -> html.Element:
    place = 0 if side == "from" else 1
    quarrel = {pair[place] for pair in hot}
    made = []
    for node in nodes.values():
        words = [html.Span(node.name, className="name"), html.Span(exact(node.n), className="n")]
        linked = bool(node.code)
        value = "" if node.code == answer.facts["chosen"] else node.code
        more = attributes({"data-set": "org", "data-value": value}) if linked else {}
        inside = words if side == "from" else words[::-1]
        cell = html.A(inside, href="#", title=node.name, **more) if linked else html.Span(inside)
        css = "quarrel" if node.code in quarrel else ""
        made.append(html.Li(cell, className=css, style={"top": f"{node.middle:.2f}%"}))
    return html.Ol(made, className=f"ends {side}")


def _said(answer: Answer, every: list[Any], pairs: list[tuple[int, str, str, str, str]], lang: str) -> html.Element:
    """The counts beside the flow, the worst ping-pong and the order that was moved most."""
    keys = ("reassigned", "refused", *(["waiting"] if answer.facts["waiting"] else []))
    parts: list[Any] = [html.Span(text(f"bounces.{key}", lang, n=exact(answer.facts[key]))) for key in keys]
    worst = max(every, key=lambda row: (row.most, row.n), default=None)
    if worst is not None and count(worst.most) > 1:
        link = attributes({"data-set": "order", "data-value": str(worst.order_id)})
        parts.append(html.A(text("bounces.most", lang, n=exact(worst.most)), href="#", **link))
    if pairs:
        n, _, _, one, other = pairs[0]
        parts.append(html.Span(text("bounces.pair", lang, one=one, other=other, n=exact(n)), className="pair"))
    return html.P(parts, className="said")
