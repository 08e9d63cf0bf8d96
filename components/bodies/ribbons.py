"""Flows from one side to another as bands, as wide as they are many."""

from typing import Any, NamedTuple

from components import markup as html
from components.theme import Look


class Node(NamedTuple):
    """A place or organisation on one side of the flow. top, height: of its bar; middle: of its label; per cent."""

    code: str
    name: str
    n: int
    top: float
    height: float
    middle: float


def drawn_of(moves: list[Any], most: int) -> list[Any]:
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


def placed(moves: list[Any], drawn: list[Any]) -> tuple[dict[str, Node], dict[str, Node], float]:
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


def ribbons(
    moves: list[Any],
    sides: tuple[dict[str, Node], dict[str, Node]],
    scale: float,
    hot: set[tuple[str, str]],
    look: Look,
) -> html.Element:
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
        (warm if is_hot else cool).append(html.Path(d=path, fill=colour, **{"fill-opacity": 0.75 if is_hot else 0.42}))
    bars = []
    for nodes, x, place in ((left, 0, 0), (right, 98, 1)):
        quarrel = {pair[place] for pair in hot}
        for node in nodes.values():
            colour = palette.worse if node.code in quarrel else palette.ramp_3
            height = f"{max(node.height, 0.6):.2f}"
            bars.append(html.Rect(x=x, y=f"{node.top:.2f}", width=2, height=height, fill=colour))
    return html.drawing([*cool, *warm, *bars], 100, 100, "ribbons")
