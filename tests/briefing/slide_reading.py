"""Reading slides back: what a file of slides holds, by a program that knows nothing of how it was made."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unicodedata import east_asian_width
from xml.etree import ElementTree

from pptx import Presentation
from pptx.util import Emu

LATER = {"万": 1e4, "亿": 1e8, "K": 1e3, "M": 1e6, "B": 1e9}
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def opened(file: bytes) -> Any:
    return Presentation(io.BytesIO(file))


def columns_of(name: str) -> list[str]:
    """'overview.trend 1: value, base' says which columns of the panel's data a shape draws."""
    return [one.strip() for one in name.rpartition(": ")[2].split(", ")]


def chart_rows(chart: Any) -> list[tuple[str, tuple[float | None, ...]]]:
    """(category, value of each series) of a chart with categories."""
    plot = chart.plots[0]
    names = [str(name) for name in plot.categories]
    series = [list(one.values) for one in plot.series]
    return [(name, tuple(values[n] for values in series)) for n, name in enumerate(names)]


def scatter_points(chart: Any) -> Iterator[tuple[str, list[tuple[datetime, float]]]]:
    """(name, points) of each curve of a scatter."""
    for series in chart.plots[0].series:
        xs, ys = (
            {
                int(pt.get("idx")): float(pt.find(f"{{{ns}}}v").text)
                for pt in series._element.iter(f"{{{ns}}}pt")
                if kind in _up(pt)
            }
            for ns, kind in ((C, "xVal"), (C, "yVal"))
        )
        yield series.name, [(datetime(1899, 12, 30) + timedelta(days=xs[n]), ys[n]) for n in sorted(ys)]


C = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def _up(node: Any) -> str:
    return " ".join(parent.tag for parent in node.iterancestors())


def cells_of(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def number_in(cell: str) -> tuple[float, float] | None:
    """(value, half of the last digit that is written) of a cell; None where it is no number."""
    found = re.fullmatch(r"([+−-]?)([\d,]+(?:\.\d+)?)([万亿KMB%]?)", cell.strip())
    if not found:
        return None
    sign, digits, unit = found.groups()
    scale = 0.01 if unit == "%" else LATER.get(unit, 1.0)
    value = float(digits.replace(",", "")) * scale * (-1 if sign in ("−", "-") else 1)
    decimals = len(digits.partition(".")[2])
    return value, 0.5 * 10**-decimals * scale


def says(cell: str, value: Any) -> bool:
    """Whether a cell says a value of the data."""
    if value is None or value == "":
        return cell in ("—", "")
    if isinstance(value, bool):
        return cell in (("是", "yes") if value else ("否", "no"))
    if isinstance(value, int | float):
        told = number_in(cell)
        return told is not None and abs(told[0] - value) <= told[1] * 1.000001
    if cell.endswith("…"):
        return value.startswith(cell[:-1].rstrip())
    return cell == value or (bool(re.match(r"\d{4}-\d\d-\d\dT", value)) and cell == value[5:16].replace("T", " "))


def row_says(names: list[str], cells: list[str], row: dict[str, Any]) -> bool:
    """Whether the cells of a table's row say a row of the data; columns put together are read apart."""
    for name, cell in zip(names, cells, strict=True):
        parts = re.split(r"[/→]", name)
        if not all(part in row for part in parts):
            continue
        said = re.split(r" / | → ", cell) if len(parts) > 1 and cell != "—" else [cell]
        if len(said) != len(parts):
            return cell == "—" and row[parts[-1]] is None
        if not all(says(one, row[part]) for part, one in zip(parts, said, strict=True)):
            return False
    return True


def box_of(shape: Any) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in inches."""
    left, top = Emu(shape.left).inches, Emu(shape.top).inches
    return left, top, left + Emu(shape.width).inches, top + Emu(shape.height).inches


def overlap(one: Any, other: Any) -> float:
    """The smaller side of what two shapes share, in inches; 0 where they share nothing."""
    (a, b, c, d), (e, f, g, h) = box_of(one), box_of(other)
    return max(0.0, min(min(c, g) - max(a, e), min(d, h) - max(b, f)))


def ems(words: str) -> float:
    return sum(1.0 if east_asian_width(letter) in "WFA" else 0.55 for letter in words)


def tall(frame: Any, width: float) -> float:
    """The height in inches that the words of a frame take in a width."""
    total = 0.0
    for paragraph in frame.paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs if run.font.size]
        if sizes:
            needed = sum(ems(run.text) * run.font.size.pt for run in paragraph.runs) / 72
            total += max(1, -(-needed * 0.98 // width)) * max(sizes) * 1.2 / 72
            total += (paragraph.space_after.pt / 72) if paragraph.space_after else 0.0
    return total


def parts(file: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(file))


def lacking(file: bytes) -> list[str]:
    """Relationships that lead nowhere, and parts that are no XML."""
    with parts(file) as told:
        names = set(told.namelist())
        wrong = []
        for name in names:
            if name.endswith((".xml", ".rels")):
                root = ElementTree.fromstring(told.read(name))
                if name.endswith(".rels"):
                    folder = name.replace("_rels/", "").rpartition("/")[0]
                    wrong += [
                        f"{name}: {target}"
                        for rel in root
                        if rel.get("TargetMode") != "External"
                        and _resolved(folder, target := rel.get("Target") or "") not in names
                    ]
        return wrong


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    path = folder.split("/") if folder else []
    for step in target.split("/"):
        path = path[:-1] if step == ".." else [*path, step]
    return "/".join(path)


def fonts_in(xml: bytes) -> list[tuple[str, str]]:
    """(Latin, East Asian) typeface of every run and default of a part that says a size or has words."""
    root = ElementTree.fromstring(xml)
    found = []
    for tag in ("rPr", "defRPr"):
        for node in root.iter(f"{A}{tag}"):
            latin, east = (node.find(f"{A}{name}") for name in ("latin", "ea"))
            found.append(
                ("" if latin is None else latin.get("typeface", ""), "" if east is None else east.get("typeface", ""))
            )
    return found


def as_json(text: str) -> Any:
    return json.loads(text)
