"""What is odd about a file although its rows could be stored: said in the report, never swallowed.

Examples are masked: a value in the wrong column may be somebody's name or number.
"""

from collections import Counter

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, func, select

from data_access.intake.checks import Checked
from data_access.intake.chunks import Found
from data_access.intake.columns import pc
from data_access.intake.description import Description
from data_access.intake.places import Places
from data_access.intake.report import Report
from data_access.intake.vocabulary import Vocabulary
from data_access.schema import hotline_order as o
from data_access.schema import load_log
from domain.masking import mask_text

_EXAMPLES = 5


def _examples(counter: Counter[str]) -> list[str]:
    return [f"{mask_text(value)[:40]} ×{count:,}" for value, count in counter.most_common(_EXAMPLES)]


class Watch:
    """Collects, chunk by chunk, what one file's report should point at."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._filled: dict[str, bool] = {}
        self._days: Counter[int] = Counter()
        self._lossy = 0
        self._numbered = 0
        self._lossy_examples: Counter[str] = Counter()
        self._open_closed = 0
        self._closed_open = 0
        self._due_first = 0
        self._long_numbers = 0
        self.repeated_rows = 0

    def columns(self, table: pa.Table) -> None:
        """Which columns hold anything at all."""
        for name in table.column_names:
            if not self._filled.get(name):
                self._filled[name] = bool(pc.any(pc.greater(pc.binary_length(table.column(name)), 0)).as_py())

    def times(self, fields: dict[str, pa.Array], checked: Checked) -> None:
        """Days, and states that their times contradict."""
        good = checked.wrong == ""
        accept = checked.times["accept_at"][good]
        days, counts = np.unique(accept.astype("datetime64[D]").astype(np.int64), return_counts=True)
        self._days.update(dict(zip(days.tolist(), counts.tolist(), strict=True)))
        if "due_at" in checked.times:
            self._due_first += int((checked.times["due_at"][good] < accept).sum())
        if "status" in fields and "close_at" in checked.times and self._description.status.open:
            values = pa.array(self._description.status.open, pa.string())
            status = fields["status"].filter(pa.array(good))
            is_open = pc.is_in(status, value_set=values).to_numpy(zero_copy_only=False)
            said = pc.not_equal(status, "").to_numpy(zero_copy_only=False)
            closed = ~np.isnat(checked.times["close_at"][good])
            self._open_closed += int((is_open & closed).sum())
            self._closed_open += int((said & ~is_open & ~closed).sum())

    def numbers(self, numbers: pa.Array, lossy: np.ndarray) -> None:
        """Numbers that lost digits or are too long."""
        self._numbered += pc.sum(pc.not_equal(numbers, "")).as_py() or 0
        if lossy.any():
            self._lossy += int(lossy.sum())
            self._lossy_examples.update(numbers.filter(pa.array(lossy)).to_pylist())
        self._long_numbers += pc.sum(pc.greater(pc.utf8_length(numbers), 40)).as_py() or 0

    def tell(self, report: Report, found: Found, places: Places, words: Vocabulary, connection: Connection) -> None:
        """Put everything into the report."""
        report.notes += found.notes
        if found.blank_rows:
            report.notes.append(f"{found.blank_rows:,} 空行 / blank rows")
        self._tell_repeats(report, connection)
        self._tell_times(report)
        self._tell_columns(report, found)
        self._tell_places(report, places)
        for name, counter in words.unknown.items():
            n = sum(counter.values())
            report.doubt(
                f"unknown_{name}",
                f"{n:,} 行的 {name} 不在代码表中",
                f"{n:,} rows have a {name} that is not in the code list",
                n,
                _examples(counter),
            )

    def _tell_repeats(self, report: Report, connection: Connection) -> None:
        key = self._description.key
        query = select(load_log.c.loaded_at).where(load_log.c.source == key, load_log.c.digest == report.digest)
        before = connection.execute(query.order_by(load_log.c.loaded_at.desc())).scalar()
        if before is not None:
            report.doubt("same_file", f"同一文件已于 {before} 导入", f"this very file was loaded at {before}")
        elif report.already and report.already >= 0.5 * max(1, report.rows_read):
            n = report.already
            report.doubt(
                "loaded_before",
                f"大部分工单（{n:,}）此前已导入：同一时段可能重复提供",
                f"most orders ({n:,}) were there before: the same period seems to be here twice",
                n,
            )
        if self._lossy:
            whole = self._lossy == self._numbered
            report.doubt(
                "lossy_numbers",
                f"{self._lossy:,} 个编号丢失了位数（科学计数法）{'，整个文件如此' if whole else ''}；按内容识别",
                f"{self._lossy:,} numbers lost digits (scientific notation){', the whole file' if whole else ''}; "
                "orders are known by their content",
                self._lossy,
                _examples(self._lossy_examples),
            )
        if report.stored and self._lossy < self._numbered and report.data_from is not None:
            self._tell_repeated_numbers(report, connection)
        report.doubt(
            "repeated_rows",
            f"{self.repeated_rows:,} 行在文件中重复出现（编号和内容都相同），只计一次",
            f"{self.repeated_rows:,} rows repeat another row of the file (same number and content) and count once",
            self.repeated_rows,
        )
        report.doubt(
            "long_numbers",
            f"{self._long_numbers:,} 个编号超过 40 个字符，已截断",
            f"{self._long_numbers:,} numbers have more than 40 characters and are kept cut",
            self._long_numbers,
        )

    def _tell_repeated_numbers(self, report: Report, connection: Connection) -> None:
        inside = o.c.accept_at.between(report.data_from, report.data_to)
        here = select(o.c.order_no).where(o.c.source == self._description.key, o.c.order_no != "", inside).distinct()
        query = (
            select(o.c.order_no, func.count().label("n"))
            .where(o.c.source == self._description.key, o.c.order_no.in_(here))
            .group_by(o.c.order_no)
            .having(func.count() > 1)
            .order_by(func.count().desc())
        )
        repeated = Counter({row[0]: row[1] for row in connection.execute(query) if "E+" not in row[0].upper()})
        n = len(repeated)
        report.doubt(
            "repeated_numbers",
            f"{n:,} 个编号出现在不同的工单上；每一条都已保留",
            f"{n:,} numbers are on more than one order; every order is kept",
            n,
            [f"{value} ×{count:,}" for value, count in repeated.most_common(_EXAMPLES)],
        )

    def _tell_times(self, report: Report) -> None:
        far = self._far_days()
        n = sum(far.values())
        report.doubt(
            "far_dates",
            f"{n:,} 行的受理日期远离其他行",
            f"{n:,} rows were accepted far from all the others",
            n,
            [str(np.datetime64(day, "D")) for day in sorted(far)[:_EXAMPLES]],
        )
        for code, n, zh, en in (
            ("open_closed", self._open_closed, "状态未办结却有办结时间", "rows are open and have a close time"),
            ("closed_open", self._closed_open, "状态已办结却无办结时间", "rows are closed and have no close time"),
            ("due_first", self._due_first, "办结时限早于受理", "rows were due before they were accepted"),
        ):
            report.doubt(code, f"{n:,} 行{zh}", f"{n:,} {en}", n)
        slid = report.reasons["slid"]
        report.doubt("slid", f"{slid:,} 行的各列似乎错位", f"the columns of {slid:,} rows seem shifted", slid)

    def _far_days(self) -> dict[int, int]:
        """Days (and their rows) that lie farther from the middle 90 % than that is wide, and at least 30 days."""
        if sum(self._days.values()) < 20:
            return {}
        days = np.array(sorted(self._days))
        share = np.cumsum([self._days[int(day)] for day in days]) / sum(self._days.values())
        low, high = int(days[np.searchsorted(share, 0.05)]), int(days[np.searchsorted(share, 0.95)])
        reach = max(30, high - low + 1)
        return {int(day): self._days[int(day)] for day in days if day < low - reach or day > high + reach}

    def _tell_columns(self, report: Report, found: Found) -> None:
        empty = [name for name in found.columns if not self._filled.get(name)]
        if report.rows_read > 1:
            report.doubt(
                "empty_columns",
                f"{len(empty)} 列完全为空",
                f"{len(empty)} columns are empty throughout",
                len(empty),
                empty[:_EXAMPLES],
            )
        n = found.undecodable
        report.doubt(
            "undecodable",
            f"{n:,} 处文字不符合编码 {found.encoding}",
            f"{n:,} characters are not valid {found.encoding}",
            n,
        )

    def _tell_places(self, report: Report, places: Places) -> None:
        doubts = places.doubts
        if places.tree.root is None:
            report.doubt(
                "no_areas",
                "尚未导入区域：所有工单都不在地图上。导入区域时会按地址和坐标重新落位；"
                "仅有区域代码或名称的，请再导入一次本文件",
                "no areas are loaded yet, so no order is on the map; loading areas places them by address and point, "
                "loading this file again then places them by code and name",
            )
        for code, n, zh, en in (
            (
                "rounded_points",
                doubts.rounded_points,
                "个坐标被取整到度，不用于定位",
                "points are rounded to whole degrees and place nothing",
            ),
            ("outside_points", doubts.outside_points, "个坐标不在任何区域内", "points lie outside every area"),
            (
                "swapped_points",
                doubts.swapped_points,
                "个坐标的经纬度似乎颠倒",
                "points seem to have longitude and latitude swapped",
            ),
            ("broken_points", doubts.broken_points, "个坐标无法识别", "points cannot be read"),
        ):
            report.doubt(code, f"{n:,} {zh}", f"{n:,} {en}", n)
        for code, counter, zh, en in (
            ("unknown_place_codes", doubts.unknown_codes, "行的区域代码未知", "rows have an unknown area code"),
            (
                "unknown_place_names",
                doubts.unknown_names,
                "行的区域名称未知或不唯一",
                "rows have an area name that is unknown or not unique",
            ),
        ):
            n = sum(counter.values())
            report.doubt(code, f"{n:,} {zh}", f"{n:,} {en}", n, _examples(counter))
