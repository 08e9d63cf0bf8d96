"""Bars and columns, native, with what is told of each beside them."""

from collections.abc import Callable, Sequence
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.oxml.ns import qn
from pptx.util import Pt

from briefing import measure
from briefing.charts.frame import AXIS, HEAD, KEY, axes, chart_in, filled, flat, labelled, laid, legend
from briefing.ink import Box, Pen, Run, element, fonted, paint
from briefing.natives.blocks import Bars, Column, Limit, Series
from briefing.tables import aligned

TALLEST = 0.5  # inches: of a row of bars
STRONG = ("worse", "deep", "red", "orange", "blue", "line", "text", "grey", "better")  # grounds for white figures


def bars(pen: Pen, block: Bars, box: Box) -> None:
    """Bars in a box, what is told of each beside it."""
    (_upright if block.upright else _lying)(pen, block, box)


def extent(block: Bars) -> tuple[float, float]:
    """Where the axis of bars begins and ends: at zero, or below for what is less; with room for the labels."""
    by_bar = list(zip(*(one.amounts for one in block.series), strict=True))
    sums = [sum(v or 0.0 for v in row) for row in by_bar]
    known = sums if block.stacked else [v for row in by_bar for v in row if v is not None]
    values = [*known, *(limit.value for limit in block.limits), 0.0]
    low, high = min(values), max(values)
    high = max(high, block.most or 0.0)
    reach = (high - low) or 1.0
    return (low - reach * (0.16 if low < 0 else 0), high + reach * (0.0 if block.most else 0.16))


def _lying(pen: Pen, block: Bars, box: Box) -> None:
    n, several = len(block.names), len(block.series) > 1
    key = KEY if several else 0.0
    room = box.h - HEAD - key
    row = min(TALLEST, room / max(n, 1))
    size = round(max(8.0, min(12.0, row * 72 * 0.55)) * 2) / 2
    beside = [(column, _beside_width(column, size)) for column in block.beside]
    while beside and sum(w for _, w in beside) > box.w * 0.5:
        beside.pop()
    plot_w = box.w - sum(w for _, w in beside)
    longest = max((measure.inches(words, size) for words in block.names), default=0.0)
    share = 0.42
    if longest * 1.06 + 0.14 > plot_w * share:  # long names: smaller, and more room for them
        share, small = 0.58, max(8.0, size - 2)
        longest, size = longest * small / size, small
    left = min(longest * 1.06 + 0.14, plot_w * share)
    names = [measure.cut(words, left - 0.12, size) for words in block.names]
    low, high = extent(block)
    data = CategoryChartData(number_format=block.number)
    data.categories = names
    for one in block.series:
        data.add_series(one.name, one.amounts)
    top = box.y + HEAD
    tall = row * n + key
    kind = XL_CHART_TYPE.BAR_STACKED if block.stacked else XL_CHART_TYPE.BAR_CLUSTERED
    chart = chart_in(pen, kind, Box(box.x, top, plot_w, tall), data, size)
    if several:
        legend(chart, [one.name for one in block.series], Box(box.x, top, plot_w, tall), left)
    laid(chart, left / plot_w, key / tall, (plot_w - left - 0.05) / plot_w, (tall - key) / tall)
    axes(chart, low, high)
    chart.category_axis.reverse_order = True
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = (45, 100 if block.stacked else -5)
    for made, told in zip(plot.series, block.series, strict=True):
        filled(made, told, line=False)
        small = size - (2 if several and not block.stacked else 0.5)
        where = XL_LABEL_POSITION.CENTER if block.stacked else XL_LABEL_POSITION.OUTSIDE_END
        if block.limits and not several and not block.stacked and low >= 0:
            where = XL_LABEL_POSITION.INSIDE_BASE
        if not block.stacked or n <= 12:
            labelled(made, block.number if not block.stacked else f"{block.number};;", max(small, 7), where)
            if block.stacked and told.role in STRONG:
                paint(made.data_labels.font.color, "surface")
        if where == XL_LABEL_POSITION.INSIDE_BASE:
            _light(made, told, max(small, 7), block.number)
    across = plot_w - left - 0.05

    def at(value: float) -> float:
        return box.x + left + (value - low) / (high - low) * across

    _limits(pen, block.limits, at, Box(box.x, top + key, plot_w, tall - key))
    if block.heading and not block.limits:
        pen.heading(block.heading, Box(box.x, box.y, plot_w, HEAD), HEAD - 0.04)
    if beside:
        columns, widths = [column for column, _ in beside], [width for _, width in beside]
        aligned(pen, columns, widths, Box(box.x + plot_w, top + key, sum(widths), tall - key), size - 1)


def _light(made: Any, told: Series, size: float, number: str) -> None:
    """White figures within bars of a strong colour."""
    for at, role in told.points.items():
        if role in STRONG:
            label = made.points[at].data_label
            label.font.size = Pt(size)
            label.font.bold = True
            paint(label.font.color, "surface")
            fonted(label.font._rPr)
            label.position = XL_LABEL_POSITION.INSIDE_BASE
            made_label = label._dLbl
            if (shown := made_label.find(qn("c:showVal"))) is not None:
                shown.set("val", "1")
            made_label.find(qn("c:idx")).addnext(element("c:numFmt", formatCode=number, sourceLinked="0"))


def _limits(pen: Pen, limits: Sequence[Limit], at: Callable[[float], float], box: Box) -> None:
    """Lines through all bars of a box, their words above it; those that would meet stand beside each other."""
    taken = box.x + box.w
    for one in sorted(limits, key=lambda limit: -limit.value):
        x = at(one.value)
        pen.rule((x, box.y - 0.05), (x, box.y + box.h), "limit", one.role)
        width = measure.inches(one.words, 10, bold=True) * 1.12 + 0.06
        left = min(x - width / 2, taken - width)
        if left >= box.x:
            words = [[Run(one.words, 10, True, one.role)]]
            pen.put(Box(left, box.y - HEAD, width, HEAD - 0.06), words, "limit words", align="center")
            taken = left - 0.08


def _beside_width(column: Column, size: float) -> float:
    longest = max([measure.inches(cell, size - 1) for cell in column.cells] + [measure.inches(column.heading, 9.5)])
    return min(longest * 1.12 + 0.24, 3.2)


def _upright(pen: Pen, block: Bars, box: Box) -> None:
    n, several = len(block.names), len(block.series) > 1
    head = HEAD if block.heading else 0.05
    key = KEY if several else 0.0
    if block.heading:
        pen.heading(block.heading, box, HEAD - 0.04)
    area = Box(box.x, box.y + head, box.w, box.h - head)
    data = CategoryChartData(number_format=block.number)
    data.categories = list(block.names)
    for one in block.series:
        data.add_series(one.name, one.amounts)
    kind = XL_CHART_TYPE.COLUMN_STACKED if block.stacked else XL_CHART_TYPE.COLUMN_CLUSTERED
    chart = chart_in(pen, kind, area, data, 10)
    left, right, base = 0.6, 0.15, AXIS
    if several:
        legend(chart, [one.name for one in block.series], area, left)
    plot = (left, key + 0.08, area.w - left - right, area.h - key - 0.08 - base)
    laid(chart, plot[0] / area.w, plot[1] / area.h, plot[2] / area.w, plot[3] / area.h)
    low, high = extent(block)
    axes(chart, low, high, number=block.number, shown=True)
    usual = sorted(measure.inches(words, 10) for words in block.names)[n // 2] if n else 0.3
    per = max(1, round(n * usual * 1.25 / plot[2]))
    _skip(chart, per)
    chart.category_axis.tick_labels.font.size = Pt(8 if n > 20 else 10)
    flat(chart.category_axis)
    chart.plots[0].gap_width = 40
    chart.plots[0].overlap = 100 if block.stacked else 0
    for made, told in zip(chart.plots[0].series, block.series, strict=True):
        filled(made, told, line=False)
        if n <= 16 and not block.stacked and not several:
            labelled(made, block.number, 10, XL_LABEL_POSITION.OUTSIDE_END)
    for limit in block.limits:
        y = area.y + plot[1] + (high - limit.value) / (high - low) * plot[3]
        pen.rule((area.x + left, y), (area.x + left + plot[2], y), "limit", limit.role)
        width = measure.inches(limit.words, 10, bold=True) * 1.12 + 0.06
        words = [[Run(limit.words, 10, True, limit.role)]]
        pen.put(Box(area.x + left + plot[2] - width, y - 0.22, width, 0.2), words, "limit words", align="right")


def _skip(chart: Any, per: int) -> None:
    """Every so many-th name under the columns."""
    axis = chart.category_axis._element
    for tag in ("c:tickLblSkip", "c:noMultiLvlLbl"):
        for old in axis.findall(qn(tag)):
            axis.remove(old)
    element("c:tickLblSkip", axis, val=str(per))
    element("c:noMultiLvlLbl", axis, val="0")
