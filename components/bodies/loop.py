"""The closed loop: the stages against their limits, and the flow of orders that are sent back."""

from typing import Any, NamedTuple

from components import markup as html
from components.attributes import attributes
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


class Node(NamedTuple):
    """An organisation on one side of the flow. top, height: of its bar; middle: of its label; per cent."""

    code: str
    name: str
    n: int
    top: float
    height: float
    middle: float


def _drawn(moves: list[Any], most: int) -> list[Any]:
    """The largest moves whose organisations still fit on both sides."""
    ends: tuple[set[str], set[str]] = (set(), set())
    found = []
    for row in moves:
        wanted = (ends[0] | {row.from_org}, ends[1] | {row.to_org})
        if max(map(len, wanted)) <= most:
            ends = wanted
            found.append(row)
    return found


def _side(moves: list[Any], drawn: list[Any], side: str) -> dict[str, tuple[str, int]]:
    """Code -> name, moves (drawn or not) of the organisations of a side that are drawn."""
    found: dict[str, tuple[str, int]] = {}
    names = {getattr(row, f"{side}_org"): getattr(row, f"{side}_name") for row in drawn}
    for row in moves:
        code = getattr(row, f"{side}_org")
        if code in names:
            found[code] = (names[code], found.get(code, ("", 0))[1] + row.n)
    return found


def _placed(moves: list[Any], drawn: list[Any]) -> tuple[dict[str, Node], dict[str, Node], float]:
    """The organisations of both sides, the left by number, the right where what comes from the left is near; and the
    height of one move."""
    left, right = (_side(moves, drawn, side) for side in ("from", "to"))
    rank = {code: i for i, code in enumerate(sorted(left, key=lambda code: (-left[code][1], code)))}
    pull = {code: [(rank[r.from_org], r.n) for r in drawn if r.to_org == code] for code in right}
    near = {code: sum(i * n for i, n in some) / sum(n for _, n in some) for code, some in pull.items()}
    orders = sorted(left, key=lambda code: rank[code]), sorted(right, key=lambda code: (near[code], code))
    slots: list[list[tuple[str, int, float]]] = []
    for some, order in zip((left, right), orders, strict=True):
        floor = 60 / len(order)  # a label needs room however few the moves
        total = sum(some[code][1] for code in order)
        slots.append([(code, some[code][1], floor + 40 * some[code][1] / total) for code in order])
    scale = min(slot * 0.8 / n for side in slots for _, n, slot in side)
    nodes: list[dict[str, Node]] = []
    for some, side in zip((left, right), slots, strict=True):
        top, made = 0.0, {}
        for code, n, slot in side:
            made[code] = Node(code, some[code][0], n, top + (slot - n * scale) / 2, n * scale, top + slot / 2)
            top += slot
        nodes.append(made)
    return nodes[0], nodes[1], scale


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
        drawn = _drawn(first, 5 if look.wall else 7)
        left, right, scale = _placed(moves, drawn)
        picture = html.Img(src=_ribbons(drawn, (left, right), scale, hot, look), className="ribbons", alt="")
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


def _ribbons(
    moves: list[Any],
    sides: tuple[dict[str, Node], dict[str, Node]],
    scale: float,
    hot: set[tuple[str, str]],
    look: Look,
) -> str:
    """The flow as a picture: a band for each pair, as wide as it has orders; those of ping-pong pairs stand out."""
    left, right = sides
    order = sorted(moves, key=lambda row: (left[row.from_org].middle, right[row.to_org].middle))
    begun = {code: node.top for code, node in left.items()}
    reached = {code: node.top for code, node in right.items()}
    palette, cool, warm = look.palette, [], []
    for row in order:
        y, z, width = begun[row.from_org], reached[row.to_org], row.n * scale
        begun[row.from_org] += width
        reached[row.to_org] += width
        below, under = y + width, z + width
        path = f"M2 {y:.2f}C50 {y:.2f} 50 {z:.2f} 98 {z:.2f}V{under:.2f}C50 {under:.2f} 50 {below:.2f} 2 {below:.2f}Z"
        is_hot = (row.from_org, row.to_org) in hot
        colour = palette.worse if is_hot else palette.ramp_3
        (warm if is_hot else cool).append(
            f"<path d='{path}' fill='{colour}' fill-opacity='{0.75 if is_hot else 0.42}'/>"
        )
    bars = []
    for nodes, x, place in ((left, 0, 0), (right, 98, 1)):
        quarrel = {pair[place] for pair in hot}
        for node in nodes.values():
            colour = palette.worse if node.code in quarrel else palette.ramp_3
            bars.append(
                f"<rect x='{x}' y='{node.top:.2f}' width='2' height='{max(node.height, 0.6):.2f}' fill='{colour}'/>"
            )
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100' preserveAspectRatio='none'>"
        f"{''.join(cool)}{''.join(warm)}{''.join(bars)}</svg>"
    )
    return html.picture(drawing)


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
