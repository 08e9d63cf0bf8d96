"""Native tables: words in rows with readable widths, one line a row."""

from collections.abc import Sequence
from typing import Any

from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from briefing import measure
from briefing.ink import PALETTE, Box, Run, element, fill_frame, paint, put
from briefing.natives.blocks import Column, Table

ROW, HEAD = 0.285, 0.30  # inches
PAD = 0.07  # at both sides of a cell
PLAIN_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid


def fit_rows(tall: float, *, heading: bool) -> int:
    """How many rows a table has room for in a height."""
    return max(int((tall - HEAD - (HEAD if heading else 0) - 0.24) / ROW), 1)


def table(slide: Any, block: Table, box: Box, lang: str, name: str) -> int:
    """The table in a box. Returns how many rows are not shown, those told as `more` included."""
    top = box.y
    if block.heading:
        put(slide, Box(box.x, top, box.w, HEAD - 0.04), [[Run(measure.cut(block.heading, box.w, 11), 11, role="muted")]],
            lang, f"{name} heading")  # fmt: skip
        top += HEAD
    every = len(block.columns[0].cells) if block.columns else 0
    shown = min(every, fit_rows(box.h, heading=bool(block.heading)))
    size = 10.5 if len(block.columns) <= 8 else 9 if len(block.columns) <= 16 else 8
    widths = column_widths(block.columns, shown, box.w, size, matrix=block.plain)
    frame = slide.shapes.add_table(shown + 1, len(block.columns), Inches(box.x), Inches(top), Inches(sum(widths)),
                                   Inches(HEAD + ROW * shown))  # fmt: skip
    frame.name = name
    made = frame.table
    made.horz_banding = False
    made._tbl.tblPr.find(qn("a:tableStyleId")).text = PLAIN_STYLE
    made.rows[0].height = Inches(HEAD)
    for n in range(shown):
        made.rows[n + 1].height = Inches(ROW)
    for at, (column, width) in enumerate(zip(block.columns, widths, strict=True)):
        made.columns[at].width = Emu(int(Inches(width)))
        align = "center" if block.plain and at else "right" if column.right else "left"
        _cell(made.cell(0, at), column.heading, width, size - 0.5, lang, align=align, role="muted", head=True)
        for n, words in enumerate(column.cells[:shown]):
            role = column.roles.get(n)
            _cell(made.cell(n + 1, at), words, width, size, lang, align=align, role="text", ground=role)
    return every - shown + block.more


def column_widths(
    columns: Sequence[Column], shown: int, room: float, size: float, *, matrix: bool = False
) -> list[float]:
    """Widths that sum up to the room: what each column's words want; the widest give way where it is too little, the
    words get more air where it is much."""
    wanted = []
    for column in columns:
        cells = [
            *(measure.inches(cell, size) for cell in column.cells[:shown]),
            measure.inches(column.heading, size - 0.5),
        ]
        wanted.append(max(cells, default=0.3) * 1.06 + 2 * PAD + 0.04)
    if matrix:
        first = min(max(wanted[0], 0.6), room * 0.28)
        return [first, *[(room - first) / max(len(columns) - 1, 1)] * (len(columns) - 1)]
    over = sum(wanted) - room
    while over > 0.001:
        widest = max(wanted)
        at = [n for n, width in enumerate(wanted) if width >= widest - 0.001]
        below = max([width for width in wanted if width < widest - 0.001], default=0.0)
        step = min((widest - below) * len(at), over) / len(at)
        for n in at:
            wanted[n] -= step
        over = sum(wanted) - room
    spare = room - sum(wanted)
    air = min(spare, sum(wanted) * 0.6)
    return [width * (1 + air / sum(wanted)) for width in wanted]


def _cell(cell: Any, words: str, width: float, size: float, lang: str, *, align: str, role: str, head: bool = False,
          ground: Any = None) -> None:  # fmt: skip
    if head and measure.inches(words, size) > width - 2 * PAD:
        size = max(size - 2, 7)
    said = measure.cut(words, width - 2 * PAD, size)
    role = {"worse": "worse", "better": "better", "grey": "grey"}.get(ground, role) if isinstance(ground, str) else role
    if isinstance(ground, int) and ground >= 4:
        role = "surface"
    strong = isinstance(ground, str) and ground not in ("grey", "muted")
    fill_frame(cell.text_frame, [[Run(said, size, strong, role)]], lang, align=align, anchor="middle", wrap=False)
    cell.margin_left = cell.margin_right = Inches(PAD if width > 0.55 else 0.02)
    cell.margin_top = cell.margin_bottom = 0
    if isinstance(ground, int):
        cell.fill.solid()
        paint(cell.fill.fore_color, f"ramp{ground}")
    elif head:
        cell.fill.solid()
        paint(cell.fill.fore_color, "ground")
    else:
        cell.fill.background()
    _underlined(cell)


def _underlined(cell: Any) -> None:
    """A hairline under a cell."""
    properties = cell._tc.get_or_add_tcPr()
    line = element("a:lnB", w=str(int(Pt(0.5))))
    element("a:srgbClr", element("a:solidFill", line), val=PALETTE.hairline.removeprefix("#").upper())
    properties.insert(0, line)
