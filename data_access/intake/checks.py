"""Row checks: what cannot be believed goes to quarantine whole, with a reason in both languages."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from data_access.intake import normalise
from data_access.intake.columns import pc
from data_access.intake.description import TIMES, Description

REASONS = {
    "no_accept": ("没有受理时间", "no accept time"),
    "bad_time": ("时间无法识别", "a time that cannot be read"),
    "closed_first": ("办结早于受理", "closed before it was accepted"),
    "future": ("时间在将来", "a time in the future"),
    "year": ("年份不可能", "an impossible year"),
    "slid": ("各列错位", "its values have slid into other columns"),
    "header": ("重复的表头", "the header row again"),
    "ragged": ("列数不符", "a wrong number of values"),
    # of figures
    "no_indicator": ("指标未知", "an indicator that is not known"),
    "no_place": ("地点未知", "a place that is not known"),
    "no_period": ("没有时段", "no period"),
    "period_order": ("时段结束不晚于开始", "a period that ends before it begins"),
    "no_figure": ("没有数值", "no figure"),
    "bad_number": ("数值无法识别", "a figure that cannot be read"),
    "no_parts": ("比率缺少分子或分母", "a ratio without numerator or denominator"),
    # of flood data
    "no_station": ("没有测站编码", "no station"),
    "no_moment": ("没有观测时间", "no time of measurement"),
    "no_value": ("没有观测值", "nothing measured"),
    "no_element": ("观测要素未知", "an element that is not known"),
    "no_unit": ("单位未知", "a unit that is not known"),
    "bad_interval": ("时段长无法识别", "a length of interval that cannot be read"),
    "other_kind": ("本系统不用的站类", "a kind of station that is not used here"),
    "not_rising": ("库容曲线不随水位上升", "a storage curve that does not rise with the level"),
    "other_datum": ("基面与本站其他读数不同", "another datum than the station's other levels"),
    # of service data
    "no_hall": ("没有大厅", "no hall"),
    "no_business": ("没有业务", "no kind of business"),
    "no_count": ("没有等候人数", "no number of people waiting"),
    "no_standard": ("没有标准或服务的编号", "no number of the standard or service"),
    "contradiction": ("同一时段出现两个不同数值", "another figure for the same place and period in this file"),
}
_DAY = np.timedelta64(1, "D")


def reason(code: str, detail: str = "") -> str:
    """The text kept with a quarantined row: code, both languages, and the detail."""
    zh, en = REASONS[code]
    return f"{code}: {zh} / {en}{f' ({detail})' if detail else ''}"[:200]


@dataclass
class Checked:
    """The times of a chunk and, per row, the code of what is wrong ('' nothing) with its detail."""

    times: dict[str, np.ndarray]
    wrong: np.ndarray
    detail: np.ndarray


def check(
    description: Description,
    table: pa.Table,
    fields: dict[str, pa.Array],
    now: datetime,
    city_zone: str,
) -> Checked:
    """Parse the times of a chunk and judge each row. The first thing wrong with a row is what is said."""
    rows = table.num_rows
    wrong = np.full(rows, "", dtype=object)
    detail = np.full(rows, "", dtype=object)
    parsed: dict[str, np.ndarray] = {}
    unread: dict[str, np.ndarray] = {}
    for name in TIMES:
        if name in fields:
            parsed[name], unread[name] = normalise.times(fields[name], description.times, city_zone)

    def say(where: np.ndarray, code: str, what: str) -> None:
        fresh = where & (wrong == "")
        wrong[fresh] = code
        detail[fresh] = what

    accept = parsed["accept_at"]
    say(_header_again(description, table), "header", "")
    for name, where in unread.items():
        say(where, "bad_time", name)
    say(np.isnat(accept), "no_accept", "")
    latest = np.datetime64(now, "s") + np.timedelta64(description.checks.future_minutes, "m")
    earliest = np.datetime64(f"{description.checks.earliest}-01-01", "s")
    for name, values in parsed.items():
        say(values < earliest, "year", name)
        if name == "due_at":
            say(values > latest + 3660 * _DAY, "year", name)
        else:
            say(values > latest + 3660 * _DAY, "year", name)
            say(values > latest, "future", name)
    if "close_at" in parsed:
        say(parsed["close_at"] < accept, "closed_first", "")
    for position in np.flatnonzero((wrong == "bad_time") | (wrong == "no_accept")):
        if _slid(description, table, int(position), city_zone):
            wrong[position], detail[position] = "slid", ""
    return Checked(parsed, wrong, detail)


def _header_again(description: Description, table: pa.Table) -> np.ndarray:
    """Rows whose values are the names of the columns they stand in."""
    names = [name for name in description.columns["accept_at"].sources() if name in table.column_names]
    again = np.zeros(table.num_rows, dtype=bool)
    for name in names:
        same = pc.equal(pc.utf8_trim_whitespace(table.column(name)), name).to_numpy()
        again |= same
    return again


def _slid(description: Description, table: pa.Table, row: int, city_zone: str) -> bool:
    """Whether the accept time would be readable one or two columns to either side."""
    columns = table.column_names
    values = [table.column(position)[row].as_py() or "" for position in range(len(columns))]
    for step in (1, -1, 2, -2):
        moved = values[step:] + [""] * step if step > 0 else [""] * -step + values[:step]
        one = pa.table([pa.array([value], pa.string()) for value in moved], names=columns)
        field = normalise.assemble(description, one, "")["accept_at"]
        times, _ = normalise.times(field, description.times, city_zone)
        if not np.isnat(times[0]) and str(times[0]) >= str(description.checks.earliest):
            return True
    return False
