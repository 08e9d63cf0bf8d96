"""Curves over days, and over moments that each has for itself, native."""

import math
from datetime import datetime
from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import qn

from briefing.charts.frame import AXIS, HEAD, KEY, axes, chart_in, filled, flat, key_rows, laid, legend
from briefing.ink import Box, Pen, element
from briefing.natives.blocks import Curve, Lines, Scatter, Series


def curves(pen: Pen, block: Lines, box: Box) -> None:
    """Curves over days in a box; limits are curves of the chart itself."""
    head = HEAD if block.heading else 0.0
    if head:
        pen.heading(block.heading, box, HEAD - 0.04)
    area = Box(box.x, box.y + head, box.w, box.h - head)
    data = CategoryChartData(number_format=block.number)
    data.categories = [day.date() for day in block.days]
    for one in block.series:
        data.add_series(one.name, one.amounts)
    for limit in block.limits:
        data.add_series(limit.words, [limit.value] * len(block.days))
    kind = XL_CHART_TYPE.AREA if block.area else XL_CHART_TYPE.LINE
    chart = chart_in(pen, kind, area, data, 11)
    known = [v for one in block.series for v in one.amounts if v is not None] + [one.value for one in block.limits]
    low, high = (min([0.0, *known]) if block.from_zero else min(known, default=0.0)), max(known, default=1.0)
    several = len(block.series) + len(block.limits) > 1
    left, right, base = 0.65, 0.25, AXIS
    names = [one.name for one in block.series] + [one.words for one in block.limits]
    key = KEY * key_rows(names, area.w - left - 0.1) if several else 0.0
    if several:
        legend(chart, names, area, left)
    laid(chart, left / area.w, (key + 0.08) / area.h, (area.w - left - right) / area.w,
          (area.h - key - base - 0.08) / area.h)  # fmt: skip
    axes(chart, low, high + (high - low or 1.0) * 0.08, number=block.number, shown=True)
    chart.category_axis.tick_labels.number_format = "mm-dd"
    chart.category_axis.tick_labels.number_format_is_linked = False
    _every(chart, max(1, math.ceil(len(block.days) / max((area.w - left - right) / 0.75, 1))))
    extra = [Series("", limit.words, (), limit.role, dashed=True) for limit in block.limits]
    for made, told in zip(chart.plots[0].series, [*block.series, *extra], strict=True):
        filled(made, told, line=not block.area)


def _every(chart: Any, days: int) -> None:
    """A date under every so many-th day."""
    axis = chart.category_axis._element
    for tag in ("c:majorUnit", "c:majorTimeUnit", "c:baseTimeUnit"):
        for old in axis.findall(qn(tag)):
            axis.remove(old)
    for tag, value in (("baseTimeUnit", "days"), ("majorUnit", str(days)), ("majorTimeUnit", "days")):
        element(f"c:{tag}", axis, val=value)


UNITS = (1 / 24, 1 / 12, 1 / 8, 1 / 4, 1 / 2, 1, 2, 7, 14)  # days between marks under moments
EPOCH = datetime(1899, 12, 30)  # where spreadsheets count days from


def serial(moment: datetime) -> float:
    """A moment as spreadsheets count it, in days."""
    return (moment - EPOCH).total_seconds() / 86400


def scatter(pen: Pen, block: Scatter, box: Box) -> None:
    """Curves over moments in a box; limits are curves of the chart itself, from the first moment to the last."""
    head = HEAD if block.heading else 0.0
    if head:
        pen.heading(block.heading, box, HEAD - 0.04)
    area = Box(box.x, box.y + head, box.w, box.h - head)
    moments = [at for curve in block.curves for at, _ in curve.points]
    known = [v for curve in block.curves for _, v in curve.points if v is not None]
    first, last = min(moments), max(moments)
    spread = (max(known, default=1.0) - min(known, default=0.0)) or 1.0
    limits = [one for one in block.limits if one.value <= max(known, default=0.0) + spread * 1.5 + 1e-9]
    extra = [Curve("", one.words, ((first, one.value), (last, one.value)), one.role, dashed=True) for one in limits]
    data = XyChartData(number_format=block.number)
    for curve in [*block.curves, *extra]:
        series = data.add_series(curve.name)
        for at, value in curve.points:
            series.add_data_point(serial(at), value)
    chart = chart_in(pen, XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, area, data, 11)
    values = [*known, *(one.value for one in limits)]
    low, high = min(values), max(values)
    pad = max(high - low, 0.2) * 0.08
    left, right = 0.75, 0.3
    names = [curve.name for curve in [*block.curves, *extra]]
    key = KEY * key_rows(names, area.w - left - 0.1)
    legend(chart, names, area, left)
    laid(chart, left / area.w, (key + 0.08) / area.h, (area.w - left - right) / area.w,
          (area.h - key - AXIS - 0.08) / area.h)  # fmt: skip
    axes(chart, (0.0 if low == 0 else math.floor((low - pad) * 10) / 10), high + pad, number=block.number, shown=True)
    axis = chart.category_axis
    axis.minimum_scale, axis.maximum_scale = serial(first), serial(last)
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "mm-dd hh:mm", False
    flat(axis)
    spans = (serial(last) - serial(first)) / max(int((area.w - left - right) / 1.15), 1)
    axis.major_unit = next((unit for unit in UNITS if unit >= spans), UNITS[-1])
    for made, told in zip(chart.plots[0].series, [*block.curves, *extra], strict=True):
        filled(made, Series(told.column, told.name, (), told.role, told.dashed), line=True)
