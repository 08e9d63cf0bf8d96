"""Native charts: blocks in, charts on a slide out, each with its workbook, that a person goes on with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Pt

from briefing import measure
from briefing.ink import Box, Run, element, fonted, paint, put, rule
from briefing.natives.blocks import Bars, Column, Curve, Limit, Lines, Scatter, Series

HEAD = 0.30  # inches: the strip over the bars for headings and words of limits
TALLEST = 0.46  # of a row of bars
KEY = 0.30  # the legend
AXIS = 0.30  # tick labels under a plot


def bars(slide: Any, block: Bars, box: Box, lang: str, name: str) -> None:
    """Bars in a box, what is told of each beside it."""
    (_upright if block.upright else _lying)(slide, block, box, lang, name)


def _chart(slide: Any, kind: Any, box: Box, data: Any, name: str, lang: str, size: float) -> Any:
    frame = slide.shapes.add_chart(kind, *box.emu, data)
    frame.name = name
    chart = frame.chart
    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(size)
    paint(chart.font.color, "text")
    fonted(chart.font._rPr, lang)
    space = chart._chartSpace
    for old in space.findall(qn("c:roundedCorners")):
        old.set("val", "0")
    if (gaps := space.chart.find(qn("c:dispBlanksAs"))) is None:
        gaps = element("c:dispBlanksAs", space.chart)
    gaps.set("val", "gap")
    return chart


def _laid(chart: Any, x: float, y: float, w: float, h: float) -> None:
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


def _legend(chart: Any, tall: float, left: float, width: float) -> None:
    """A legend over the plot; tall: the chart in inches."""
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
    position.addnext(_layout(left, 0.0, width, KEY / tall, inner=False))


def _axes(chart: Any, low: float, high: float, *, number: str = "General", shown: bool = False) -> None:
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


def _filled(made: Any, told: Series, *, line: bool) -> None:
    """Colours of a series and of its single points, as theme colours."""
    if line:
        paint(made.format.line.color, told.role)
        made.format.line.width = Pt(1.5 if told.dashed else 2.25)
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


def _labelled(made: Any, number: str, size: float, where: Any) -> None:
    labels = made.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = number, False
    labels.position = where
    labels.font.size = Pt(size)
    paint(labels.font.color, "text")
    fonted(labels.font._rPr)


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


def _number_words(number: str, value: float | None) -> str:
    """About as wide as the label of a value will be."""
    return "" if value is None else f"{value * 100:.2f}%" if "%" in number else f"{value:,.2f}"


def _lying(slide: Any, block: Bars, box: Box, lang: str, name: str) -> None:
    n, several = len(block.names), len(block.series) > 1
    key = KEY if several else 0.0
    room = box.h - HEAD - key
    row = min(TALLEST, room / max(n, 1))
    size = max(8.0, min(12.0, row * 72 * 0.55))
    beside = [(column, _beside_width(column, size)) for column in block.beside]
    while beside and sum(w for _, w in beside) > box.w * 0.5:
        beside.pop()
    plot_w = box.w - sum(w for _, w in beside)
    longest = max((measure.inches(words, size) for words in block.names), default=0.0)
    left = min(longest * 1.06 + 0.14, plot_w * 0.42)
    names = [measure.cut(words, left - 0.12, size) for words in block.names]
    low, high = extent(block)
    data = CategoryChartData(number_format=block.number)
    data.categories = names
    for one in block.series:
        data.add_series(one.name, one.amounts)
    top = box.y + HEAD
    tall = row * n + key
    kind = XL_CHART_TYPE.BAR_STACKED if block.stacked else XL_CHART_TYPE.BAR_CLUSTERED
    chart = _chart(slide, kind, Box(box.x, top, plot_w, tall), data, name, lang, size)
    if several:
        _legend(chart, tall, left / plot_w, min(0.95 - left / plot_w, 0.16 * len(block.series)))
    _laid(chart, left / plot_w, key / tall, (plot_w - left - 0.05) / plot_w, (tall - key) / tall)
    _axes(chart, low, high)
    chart.category_axis.reverse_order = True
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = (45, 100 if block.stacked else -5)
    for made, told in zip(plot.series, block.series, strict=True):
        _filled(made, told, line=False)
        small = size - (2 if several and not block.stacked else 0.5)
        where = XL_LABEL_POSITION.CENTER if block.stacked else XL_LABEL_POSITION.OUTSIDE_END
        if block.limits and not several and not block.stacked and low >= 0:
            where = XL_LABEL_POSITION.INSIDE_BASE
        if not block.stacked or n <= 12:
            _labelled(made, block.number if not block.stacked else f"{block.number};;", max(small, 7), where)
        if where == XL_LABEL_POSITION.INSIDE_BASE:
            _light(made, told, max(small, 7), block.number)
    across = plot_w - left - 0.05

    def at(value: float) -> float:
        return box.x + left + (value - low) / (high - low) * across

    _limits(slide, block.limits, lang, name, at, (top + key, top + tall), box)
    if block.heading and not block.limits:
        put(slide, Box(box.x, box.y, plot_w, HEAD - 0.04), [[Run(measure.cut(block.heading, plot_w, 11), 11, role="muted")]],
            lang, f"{name} heading")  # fmt: skip
    x = box.x + plot_w
    for column, width in beside:
        rows = Box(x, top + key, width, tall - key)
        _beside(slide, column, rows, size, lang, f"{name} {column.name}")
        x += width


def _light(made: Any, told: Series, size: float, number: str) -> None:
    """White figures within bars of a strong colour."""
    for at, role in told.points.items():
        if role in ("worse", "deep", "red", "line"):
            label = made.points[at].data_label
            label.font.size = Pt(size)
            label.font.bold = True
            paint(label.font.color, "surface")
            label.position = XL_LABEL_POSITION.INSIDE_BASE
            made_label = label._dLbl
            if (shown := made_label.find(qn("c:showVal"))) is not None:
                shown.set("val", "1")
            made_label.find(qn("c:idx")).addnext(element("c:numFmt", formatCode=number, sourceLinked="0"))


def _limits(
    slide: Any, limits: Sequence[Limit], lang: str, name: str, at: Any, ends: tuple[float, float], box: Box
) -> None:
    """Lines through all bars, their words above; those that would meet are left to the right one's side."""
    taken = box.x
    for one in sorted(limits, key=lambda limit: limit.value):
        x = at(one.value)
        rule(slide, (x, ends[0] - 0.05), (x, ends[1]), f"{name} limit", role=one.role, points=1.25)
        width = measure.inches(one.words, 10, bold=True) * 1.12 + 0.06
        left = max(min(x - width / 2, box.x + box.w - width), taken)
        if left + width > box.x + box.w + 0.01:
            continue
        put(slide, Box(left, box.y, width, HEAD - 0.06), [[Run(one.words, 10, True, one.role)]], lang,
            f"{name} limit words", align="center")  # fmt: skip
        taken = left + width + 0.08


def _beside_width(column: Column, size: float) -> float:
    longest = max([measure.inches(cell, size - 1) for cell in column.cells] + [measure.inches(column.heading, 9.5)])
    return min(longest * 1.08 + 0.22, 3.2)


def _beside(slide: Any, column: Column, box: Box, size: float, lang: str, name: str) -> None:
    """A column of words whose rows meet those of the bars, with its heading above."""
    align = "right" if column.right else "left"
    put(slide, Box(box.x, box.y - HEAD, box.w, HEAD - 0.06), [[Run(column.heading, 9.5, role="muted")]], lang,
        f"{name} heading", align=align, anchor="bottom", margin=0.06)  # fmt: skip
    row = box.h / max(len(column.cells), 1)
    for n, cell in enumerate(column.cells):
        words = measure.cut(cell, box.w - 0.14, size - 1)
        put(slide, Box(box.x, box.y + n * row, box.w, row), [[Run(words, size - 1, role=column.roles.get(n, "muted"))]],
            lang, f"{name} {n + 1}", align=align, anchor="middle", margin=0.06)  # fmt: skip


def _upright(slide: Any, block: Bars, box: Box, lang: str, name: str) -> None:
    n, several = len(block.names), len(block.series) > 1
    head = HEAD if block.heading else 0.05
    key = KEY if several else 0.0
    if block.heading:
        put(slide, Box(box.x, box.y, box.w, head - 0.04), [[Run(measure.cut(block.heading, box.w, 11), 11, role="muted")]],
            lang, f"{name} heading")  # fmt: skip
    area = Box(box.x, box.y + head, box.w, box.h - head)
    data = CategoryChartData(number_format=block.number)
    data.categories = list(block.names)
    for one in block.series:
        data.add_series(one.name, one.amounts)
    kind = XL_CHART_TYPE.COLUMN_STACKED if block.stacked else XL_CHART_TYPE.COLUMN_CLUSTERED
    chart = _chart(slide, kind, area, data, name, lang, 10)
    left, right, base = 0.6, 0.15, AXIS
    if several:
        _legend(chart, area.h, left / area.w, min(0.9, 0.16 * len(block.series)))
    plot = (left, key + 0.08, area.w - left - right, area.h - key - 0.08 - base)
    _laid(chart, plot[0] / area.w, plot[1] / area.h, plot[2] / area.w, plot[3] / area.h)
    low, high = extent(block)
    _axes(chart, low, high, number=block.number, shown=True)
    per = max(1, round(n * max((measure.inches(w, 10) for w in block.names), default=0.3) * 1.25 / plot[2]))
    _skip(chart, per)
    chart.plots[0].gap_width = 40
    chart.plots[0].overlap = 100 if block.stacked else 0
    for made, told in zip(chart.plots[0].series, block.series, strict=True):
        _filled(made, told, line=False)
        if n <= 16 and not block.stacked and not several:
            _labelled(made, block.number, 10, XL_LABEL_POSITION.OUTSIDE_END)
    for limit in block.limits:
        y = area.y + plot[1] + (high - limit.value) / (high - low) * plot[3]
        rule(slide, (area.x + left, y), (area.x + left + plot[2], y), f"{name} limit", role=limit.role, points=1.25)
        width = measure.inches(limit.words, 10, bold=True) * 1.12 + 0.06
        put(slide, Box(area.x + left + plot[2] - width, y - 0.22, width, 0.2), [[Run(limit.words, 10, True, limit.role)]],
            lang, f"{name} limit words", align="right")  # fmt: skip


def _skip(chart: Any, per: int) -> None:
    """Every so many-th name under the columns."""
    axis = chart.category_axis._element
    for tag in ("c:tickLblSkip", "c:noMultiLvlLbl"):
        for old in axis.findall(qn(tag)):
            axis.remove(old)
    element("c:tickLblSkip", axis, val=str(per))
    element("c:noMultiLvlLbl", axis, val="0")


def curves(slide: Any, block: Lines, box: Box, lang: str, name: str) -> None:
    """Curves over days in a box; limits are curves of the chart itself."""
    head = HEAD if block.heading else 0.0
    if head:
        put(slide, Box(box.x, box.y, box.w, head - 0.04), [[Run(measure.cut(block.heading, box.w, 11), 11, role="muted")]],
            lang, f"{name} heading")  # fmt: skip
    area = Box(box.x, box.y + head, box.w, box.h - head)
    data = CategoryChartData(number_format=block.number)
    data.categories = [day.date() for day in block.days]
    for one in block.series:
        data.add_series(one.name, one.amounts)
    for limit in block.limits:
        data.add_series(limit.words, [limit.value] * len(block.days))
    kind = XL_CHART_TYPE.AREA if block.area else XL_CHART_TYPE.LINE
    chart = _chart(slide, kind, area, data, name, lang, 11)
    known = [v for one in block.series for v in one.amounts if v is not None] + [one.value for one in block.limits]
    low, high = (min([0.0, *known]) if block.from_zero else min(known, default=0.0)), max(known, default=1.0)
    several = len(block.series) + len(block.limits) > 1
    key = KEY if several else 0.0
    if several:
        _legend(chart, area.h, 0.05, min(0.9, 0.17 * (len(block.series) + len(block.limits))))
    left, right, base = 0.65, 0.25, AXIS
    _laid(chart, left / area.w, (key + 0.08) / area.h, (area.w - left - right) / area.w,
          (area.h - key - base - 0.08) / area.h)  # fmt: skip
    _axes(chart, low, high + (high - low or 1.0) * 0.08, number=block.number, shown=True)
    chart.category_axis.tick_labels.number_format = "mm-dd"
    chart.category_axis.tick_labels.number_format_is_linked = False
    _every(chart, max(1, round(len(block.days) / 12)))
    extra = [Series("", limit.words, (), limit.role, dashed=True) for limit in block.limits]
    for made, told in zip(chart.plots[0].series, [*block.series, *extra], strict=True):
        _filled(made, told, line=not block.area)


def _every(chart: Any, days: int) -> None:
    """A date under every so many-th day."""
    axis = chart.category_axis._element
    for tag in ("c:majorUnit", "c:majorTimeUnit", "c:baseTimeUnit"):
        for old in axis.findall(qn(tag)):
            axis.remove(old)
    for tag, value in (("baseTimeUnit", "days"), ("majorUnit", str(days)), ("majorTimeUnit", "days")):
        element(f"c:{tag}", axis, val=value)


EPOCH = datetime(1899, 12, 30)  # where spreadsheets count days from


def serial(moment: datetime) -> float:
    """A moment as spreadsheets count it, in days."""
    return (moment - EPOCH).total_seconds() / 86400


def scatter(slide: Any, block: Scatter, box: Box, lang: str, name: str) -> None:
    """Curves over moments in a box; limits are curves of the chart itself, from the first moment to the last."""
    head = HEAD if block.heading else 0.0
    if head:
        put(slide, Box(box.x, box.y, box.w, head - 0.04), [[Run(measure.cut(block.heading, box.w, 11), 11, role="muted")]],
            lang, f"{name} heading")  # fmt: skip
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
    chart = _chart(slide, XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, area, data, name, lang, 11)
    values = [*known, *(one.value for one in limits)]
    low, high = min(values), max(values)
    pad = max(high - low, 0.2) * 0.08
    _legend(chart, area.h, 0.05, min(0.92, 0.14 * (len(block.curves) + len(extra))))
    left, right = 0.75, 0.3
    _laid(chart, left / area.w, (KEY + 0.08) / area.h, (area.w - left - right) / area.w,
          (area.h - KEY - AXIS - 0.08) / area.h)  # fmt: skip
    _axes(chart, (0.0 if low == 0 else low - pad), high + pad, number=block.number, shown=True)
    axis = chart.category_axis
    axis.minimum_scale, axis.maximum_scale = serial(first), serial(last)
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "mm-dd hh:mm", False
    axis.major_unit = max((serial(last) - serial(first)) / 8, 1 / 24)
    for made, told in zip(chart.plots[0].series, [*block.curves, *extra], strict=True):
        _filled(made, Series(told.column, told.name, (), told.role, told.dashed), line=True)
