"""What all native charts share: the chart in its frame, where its plot lies, its legend, axes and colours."""

import math
from collections.abc import Sequence
from typing import Any

from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Pt

from briefing import measure
from briefing.ink import Box, Pen, element, fonted, paint
from briefing.natives.blocks import Series

HEAD = 0.30  # inches: the strip over a plot for headings and words of limits
KEY = 0.30  # a line of the legend
AXIS = 0.30  # tick labels under a plot


def chart_in(pen: Pen, kind: Any, box: Box, data: Any, size: float) -> Any:
    frame = pen.slide.shapes.add_chart(kind, *box.emu, data)
    frame.name = pen.name
    chart = frame.chart
    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(size)
    paint(chart.font.color, "text")
    fonted(chart.font._rPr, pen.lang)
    space = chart._chartSpace
    for old in space.findall(qn("c:roundedCorners")):
        old.set("val", "0")
    if (gaps := space.chart.find(qn("c:dispBlanksAs"))) is None:
        gaps = element("c:dispBlanksAs", space.chart)
    gaps.set("val", "gap")
    return chart


def laid(chart: Any, x: float, y: float, w: float, h: float) -> None:
    """Where the plot itself lies, as shares of the chart, so that words beside it meet their bars."""
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    area.insert(0, _layout(x, y, w, h, inner=True))


def _layout(x: float, y: float, w: float, h: float, *, inner: bool) -> Any:
    layout = element("c:layout")
    manual = element("c:manualLayout", layout)
    pairs = [("layoutTarget", "inner")] if inner else []
    pairs += [("xMode", "edge"), ("yMode", "edge"), ("x", x), ("y", y), ("w", w), ("h", h)]
    for tag, value in pairs:
        element(f"c:{tag}", manual, val=value if isinstance(value, str) else f"{value:.5f}")
    return layout


def key_rows(names: Sequence[str], wide: float) -> int:
    """How many lines the names of a legend take in a width."""
    return max(1, math.ceil(sum(measure.inches(name, 11) + 0.62 for name in names) / wide))


def legend(chart: Any, names: Sequence[str], area: Box, left: float) -> None:
    """A legend over the plot of an area, from so far left; inches."""
    wide = area.w - left - 0.1
    wanted = sum(measure.inches(name, 11) + 0.62 for name in names) * 1.1
    _key(chart, area.h, left / area.w, min(wanted, wide) / area.w, KEY * key_rows(names, wide))


def _key(chart: Any, tall: float, left: float, width: float, high: float) -> None:
    chart.has_legend = True
    chart.legend.include_in_layout = False
    legend = chart.legend._element
    for old in legend.findall(qn("c:layout")):
        legend.remove(old)
    position = legend.find(qn("c:legendPos"))
    if position is None:
        position = element("c:legendPos")
        legend.insert(0, position)
    position.set("val", "t")
    position.addnext(_layout(left, 0.0, width, high / tall, inner=False))


def axes(chart: Any, low: float, high: float, *, number: str = "General", shown: bool = False) -> None:
    value, category = chart.value_axis, chart.category_axis
    value.minimum_scale, value.maximum_scale = low, high
    value.has_major_gridlines = shown
    value.visible = shown
    if shown:
        paint(value.major_gridlines.format.line.color, "hairline")
        value.major_gridlines.format.line.width = Pt(0.5)
        value.tick_labels.number_format, value.tick_labels.number_format_is_linked = number, False
        paint(value.tick_labels.font.color, "muted")
        fonted(value.tick_labels.font._rPr)
        value.format.line.fill.background()
        value.major_tick_mark = XL_TICK_MARK.NONE
    category.has_major_gridlines = False
    category.major_tick_mark = XL_TICK_MARK.NONE
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    paint(category.format.line.color, "hairline")
    fonted(category.tick_labels.font._rPr)


def filled(made: Any, told: Series, *, line: bool) -> None:
    """Colours of a series and of its single points, as theme colours."""
    if line:
        paint(made.format.line.color, told.role)
        made.format.line.width = Pt(1.0 if told.role == "pale" else 1.5 if told.dashed else 2.25)
        if told.dashed:
            made.format.line.dash_style = MSO_LINE.DASH
        made.smooth = False
        return
    made.format.fill.solid()
    paint(made.format.fill.fore_color, told.role)
    made.invert_if_negative = False
    for at, role in sorted(told.points.items()):
        fill = made.points[at].format.fill
        fill.solid()
        paint(fill.fore_color, role)


def labelled(made: Any, number: str, size: float, where: Any) -> None:
    labels = made.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = number, False
    labels.position = where
    labels.font.size = Pt(size)
    paint(labels.font.color, "text")
    fonted(labels.font._rPr)


def flat(axis: Any) -> None:
    """Words under an axis are never turned."""
    body = axis.tick_labels.font._element.getparent().getparent().getparent().find(qn("a:bodyPr"))
    if body is not None:
        body.set("rot", "0")
        body.set("vert", "horz")
