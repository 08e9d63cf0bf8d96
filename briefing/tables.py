"""Native tables: words in rows with readable widths, one line a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from briefing import measure
from briefing.ink import PALETTE, Box, Pen, Run, element, fill_frame, paint
from briefing.natives.blocks import Column, Role, Table

ROW, LEAST, HEAD = 0.30, 0.245, 0.30  # inches
DOUBLE = 0.46  # head of a matrix: two lines
PAD = 0.07  # at both sides of a cell
PLAIN_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid


def fit_rows(tall: float, *, heading: bool) -> int:
    """How many rows a table has room for in a height."""
    return max(int((tall - HEAD - (HEAD if heading else 0) + 0.001) / LEAST), 1)


def height(block: Table) -> float:
    """How high a table of few rows stands."""
    return (HEAD if block.heading else 0.0) + HEAD + ROW * len(block.columns[0].cells) + 0.01


def table(pen: Pen, block: Table, box: Box) -> int:
    """The table in a box. Returns how many rows are not shown, those told as `more` included."""
    top = box.y
    if block.heading:
        pen.heading(block.heading, box, HEAD - 0.04)
        top += HEAD
    every = len(block.columns[0].cells) if block.columns else 0
    shown = min(every, fit_rows(box.h, heading=bool(block.heading)))
    head = DOUBLE if block.plain else HEAD
    row = min(ROW, (box.h - (top - box.y) - head) / max(shown, 1))
    size = 10.5 if len(block.columns) <= 8 else 9 if len(block.columns) <= 16 else 8
    widths = column_widths(block.columns, shown, box.w, size, matrix=block.plain)
    made = _added(pen, Box(box.x, top, sum(widths), head + row * shown), shown, widths, head)
    _filled(made, block.columns, size, pen.lang, matrix=block.plain)
    return every - shown + block.more


def aligned(pen: Pen, columns: Sequence[Column], widths: Sequence[float], box: Box, size: float) -> None:
    """A table beside bars: its rows share out the box, its headings stand above it."""
    n = max(len(columns[0].cells), 1)
    beside = Pen(pen.slide, pen.lang, f"{pen.name} beside: {', '.join(column.name for column in columns)}")
    made = _added(beside, Box(box.x, box.y - HEAD, box.w, HEAD + box.h), n, widths, HEAD)
    _filled(made, columns, size, pen.lang, ruled=False)


def _added(pen: Pen, box: Box, rows: int, widths: Sequence[float], head: float) -> Any:
    """A native table without a style, its head so high, its rows equal."""
    frame = pen.slide.shapes.add_table(rows + 1, len(widths), *box.emu)
    frame.name = pen.name
    made = frame.table
    made.horz_banding = False
    made._tbl.tblPr.find(qn("a:tableStyleId")).text = PLAIN_STYLE
    made.rows[0].height = Inches(head)
    for n in range(rows):
        made.rows[n + 1].height = Inches((box.h - head) / max(rows, 1))
    for at, width in enumerate(widths):
        made.columns[at].width = Emu(int(Inches(width)))
    return made


def _filled(made: Any, columns: Sequence[Column], size: float, lang: str, *, matrix: bool = False,
            ruled: bool = True) -> None:  # fmt: skip
    """Words into a table: headings, then as many rows as it has."""
    rows = len(made.rows) - 1
    for at, column in enumerate(columns):
        width = made.columns[at].width.inches
        align = "center" if matrix and at else "right" if column.right else "left"
        cell = _Cell(lang, width, size, align, ruled)
        cell.write(made.cell(0, at), column.heading, head=2 if matrix else 1)
        for n, words in enumerate(column.cells[:rows]):
            cell.write(made.cell(n + 1, at), words, ground=column.roles.get(n))


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
        wanted.append(max(cells, default=0.3) * 1.08 + 2 * PAD + 0.06)
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


@dataclass(frozen=True)
class _Cell:
    """How the cells of a column are written."""

    lang: str
    width: float
    size: float
    align: str
    ruled: bool

    def write(self, cell: Any, words: str, *, head: int = 0, ground: Role | int | None = None) -> None:
        """Words on one line of a cell; of the head of a matrix (2) on two. ground: a colour of the words, or a step of
        the ramp that the cell is filled with."""
        size = self.size - (0.5 if head else 0)
        margin = PAD if self.width > 0.55 else 0.02
        room = (self.width - 2 * margin) * 0.96
        if head == 1 and measure.inches(words, size) > room:
            size = max(size - 1.5, 7)
        said = measure.cut(words, room * (1.7 if head > 1 else 1), size)
        filled, strong = isinstance(ground, int), isinstance(ground, str) and ground not in ("grey", "pale")
        quiet = head or not self.ruled
        role = (
            ("surface" if ground >= 4 else "text")
            if isinstance(ground, int)
            else ground or ("muted" if quiet else "text")
        )
        role = "grey" if role == "pale" else role
        fill_frame(cell.text_frame, [[Run(said, size, strong, role)]], self.lang, align=self.align, anchor="middle",
                   wrap=head > 1)  # fmt: skip
        cell.margin_left = cell.margin_right = Inches(margin)
        cell.margin_top = cell.margin_bottom = 0
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        if filled or (head and self.ruled):
            cell.fill.solid()
            paint(cell.fill.fore_color, f"ramp{ground}" if filled else "ground")
        else:
            cell.fill.background()
        if self.ruled:
            _underlined(cell)


def _underlined(cell: Any) -> None:
    """A hairline under a cell."""
    properties = cell._tc.get_or_add_tcPr()
    line = element("a:lnB", w=str(int(Pt(0.5))))
    element("a:srgbClr", element("a:solidFill", line), val=PALETTE.hairline.removeprefix("#").upper())
    properties.insert(0, line)
