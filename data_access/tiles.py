"""A schematic map: one square tile a place, laid out so that neighbours stay neighbours where possible."""

import math
from collections.abc import Sequence

import numpy as np


def grid(points: Sequence[tuple[float, float] | None]) -> list[tuple[int, int]]:
    """(column, row) for each place, row 0 on top, all different. points: lon, lat in degrees, or None when unknown.

    With every point known, the places are assigned to the cells of a compact grid so that the squared distances moved
    are least; else they are laid in the order given, row by row, nearly square.
    """
    count = len(points)
    if not count:
        return []
    known = [point for point in points if point is not None and all(math.isfinite(value) for value in point)]
    if len(known) < count or count == 1:
        columns = math.ceil(math.sqrt(count))
        return [(index % columns, index // columns) for index in range(count)]
    lon, lat = np.array(known, dtype=float).T
    x = (lon - lon.mean()) * math.cos(math.radians(float(lat.mean())))
    y = lat.mean() - lat
    wide, high = max(float(np.ptp(x)), 1e-9), max(float(np.ptp(y)), 1e-9)
    aspect = min(max(wide / high, 0.6), 1.9)
    columns = max(1, round(math.sqrt(count * aspect)))
    rows = math.ceil(count / columns)
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    u = _spread(x, wide) * (columns - 1)
    v = _spread(y, high) * (rows - 1)
    if count > 500:  # the exact assignment would take seconds: bands from north to south, each from west to east
        return _bands(u, v, columns)
    across, down = np.array(cells, dtype=float).T
    cost = (u[:, None] - across[None, :]) ** 2 + (v[:, None] - down[None, :]) ** 2
    return [cells[cell] for cell in _assign(cost)]


def _spread(values: np.ndarray, extent: float) -> np.ndarray:
    """Positions in 0..1, half as measured and half by rank, so that a dense centre gets room."""
    measured = (values - values.min()) / extent
    ranked = np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(len(values) - 1, 1)
    return (measured + ranked) / 2


def _bands(u: np.ndarray, v: np.ndarray, columns: int) -> list[tuple[int, int]]:
    order = np.argsort(v, kind="stable")
    places: list[tuple[int, int]] = [(0, 0)] * len(u)
    for row, start in enumerate(range(0, len(u), columns)):
        band = order[start : start + columns]
        for column, index in enumerate(band[np.argsort(u[band], kind="stable")]):
            places[int(index)] = (column, row)
    return places


def _assign(cost: np.ndarray) -> list[int]:
    """The cheapest assignment of rows to columns (Hungarian method by shortest augmenting paths; columns >= rows)."""
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns + 1)
    owner = np.full(columns + 1, -1)  # owner[column]: its row; the last column is the start of each path
    for row in range(rows):
        owner[columns] = row
        here = columns
        best = np.full(columns, np.inf)
        back = np.full(columns, -1)
        done = np.zeros(columns + 1, dtype=bool)
        while owner[here] >= 0:
            done[here] = True
            free = ~done[:columns]
            at = owner[here]
            reduced = cost[at] - row_price[at] - column_price[:columns]
            better = free & (reduced < best)
            best[better], back[better] = reduced[better], here
            target = int(np.argmin(np.where(free, best, np.inf)))
            step = best[target]
            row_price[owner[done]] += step
            column_price[done] -= step
            best[free] -= step
            here = target
        while here != columns:
            before = int(back[here])
            owner[here] = owner[before]
            here = before
    found = [0] * rows
    for column in range(columns):
        if owner[column] >= 0:
            found[int(owner[column])] = column
    return found
