"""Small charts of the release board: lines in SVG that stretch with their slot, words beside them as HTML. They are
drawn anew with every change of a plan, which a chart library is too slow for."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from components import markup as html


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round values inside a span, at most so many."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 6) for n in range(first, math.floor(high / step + 1e-9) + 1)]


class Axis:
    """A span of values from the bottom (0) to the top (100) of a chart."""

    def __init__(self, low: float, high: float):
        self.low, self.high = low, high if high > low else low + 1

    def up(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0) * 100

    def y(self, value: float) -> str:
        return f"{100 - self.up(value):.1f}"


def path(values: Sequence[float], axis: Axis) -> str:
    """The line of values over the whole width."""
    return "M" + "L".join(_points(values, axis))


def _points(values: Sequence[float], axis: Axis) -> list[str]:
    """Every other value and the last: as fine as the screen shows them."""
    last = max(len(values) - 1, 1)
    low, per, across = axis.low, 100 / (axis.high - axis.low), 100 / last
    chosen = [*range(0, last, 2), last] if len(values) > 1 else [0]
    return [f"{i * across:.1f} {100 - min(max((values[i] - low) * per, 0.0), 100.0):.1f}" for i in chosen]


def stairs(values: Sequence[float], axis: Axis) -> str:
    """The same where a value holds until the next."""
    last = max(len(values) - 1, 1)
    points = []
    for i, value in enumerate(values):
        if i and value != values[i - 1]:
            points.append(f"{i / last * 100:.1f} {axis.y(values[i - 1])}")
        if not i or value != values[i - 1] or i == last:
            points.append(f"{i / last * 100:.1f} {axis.y(value)}")
    return "M" + "L".join(points)


def between(lower: Sequence[float], upper: Sequence[float], axis: Axis) -> str:
    """The area between two lines."""
    return "M" + "L".join([*_points(upper, axis), *reversed(_points(lower, axis))]) + "Z"


def above(values: Sequence[float], limit: float, axis: Axis) -> str:
    """The area of a line above a limit; '' where it stays below."""
    if max(values) <= limit:
        return ""
    return between([limit] * len(values), [max(value, limit) for value in values], axis)


def chart(
    drawn: Sequence[html.Element | None], axis: Axis, labels: Sequence[html.Element] = (), **more: Any
) -> html.Element:
    """Lines with the axis' rules under them and words over them."""
    grid = [html.Path(d=f"M0 {axis.y(value)}H100", className="rule") for value in ticks(axis.low, axis.high)]
    svg = html.drawing([*grid, *(one for one in drawn if one is not None)], 100, 100)
    return html.Div([svg, *labels], className="curve", **more)


def scale(axis: Axis) -> list[html.Element]:
    """The values at an axis' rules."""
    told = ticks(axis.low, axis.high)
    digits = 0 if all(float(value).is_integer() for value in told) else 1
    return [
        html.Span(f"{value:,.{digits}f}", className="tick", style={"--at": f"{axis.up(value):.1f}%"}) for value in told
    ]


def hours(at: datetime, length: float) -> list[tuple[float, str]]:
    """Where 0, 6, 12 and 18 o'clock lie (0 to 100), and what they are called."""
    first = (at + timedelta(hours=1)).replace(minute=0)
    found = []
    for n in range(int(length) + 1):
        moment = first + timedelta(hours=n)
        place = (moment - at) / timedelta(hours=length) * 100
        if moment.hour % 6 == 0 and 14 < place < 97:
            found.append((place, f"{moment:%H:%M}" if moment.hour else f"{moment:%m-%d}"))
    return found
