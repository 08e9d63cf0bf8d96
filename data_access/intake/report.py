"""What a load did, for people (both languages) and for programs (JSON). Holds no text that is not masked."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from data_access.intake.area_report import Lang
from data_access.intake.checks import REASONS

PLACED = {
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "alias": ("别名", "alias"),
    "address": ("地址文字", "address text"),
    "point": ("坐标", "point"),
}


@dataclass
class Doubt:
    """Something suspicious that a person should look at."""

    code: str
    zh: str
    en: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Report:
    """One file's load. rows_read = stored + updated + already + quarantined, always."""

    source: str
    file: str
    format: str = ""
    encoding: str = ""
    digest: str = ""
    rows_read: int = 0
    stored: int = 0
    updated: int = 0
    already: int = 0
    quarantined: int = 0
    unplaced: int = 0
    to_street: int = 0  # of the placed, how many down to the street
    blank_rows: int = 0
    placed_by: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[int]] = field(default_factory=dict)  # reason -> the first lines with it
    data_from: datetime | None = None
    data_to: datetime | None = None
    unused_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    seconds: float = 0.0
    load_id: str = ""

    def balanced(self) -> bool:
        """Whether every row read is accounted for exactly once."""
        return self.rows_read == self.stored + self.updated + self.already + self.quarantined

    def doubt(self, code: str, zh: str, en: str, count: int = 1, examples: list[str] | None = None) -> None:
        """Note a suspicion, unless there is nothing to it."""
        if count:
            self.doubts.append(Doubt(code, zh, en, count, examples or []))

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        result = asdict(self)
        for name in ("data_from", "data_to"):
            result[name] = result[name].isoformat(sep=" ") if result[name] else None
        result["placed_by"], result["reasons"] = dict(self.placed_by), dict(self.reasons)
        result["seconds"] = round(self.seconds, 2)
        return result

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_text(self, lang: Lang = "zh") -> str:
        """The report as lines in one language."""
        return "\n".join(self._lines(0 if lang == "zh" else 1))

    def _lines(self, which: int) -> list[str]:
        def say(zh: str, en: str) -> str:
            return (zh, en)[which]

        known = ", ".join(one for one in (self.format, self.encoding) if one)
        lines = [
            f"{self.file} ({known})",
            say(
                f"  读取 {self.rows_read:,} 行：新存 {self.stored:,}，更新 {self.updated:,}，"
                f"已有 {self.already:,}，隔离 {self.quarantined:,}",
                f"  {self.rows_read:,} rows read: {self.stored:,} stored, {self.updated:,} updated, "
                f"{self.already:,} already there, {self.quarantined:,} quarantined",
            ),
        ]
        if self.data_from and self.data_to:
            lines.append(say("  时间：", "  Times: ") + f"{self.data_from} .. {self.data_to}")
        placed = ", ".join(f"{PLACED[one][which]} {self.placed_by[one]:,}" for one in PLACED if self.placed_by[one])
        off = say(f"不在地图上 {self.unplaced:,}", f"not on the map {self.unplaced:,}")
        street = say(f"（到街道 {self.to_street:,}）", f" (down to the street {self.to_street:,})")
        if placed or self.unplaced or not self.data_from:  # readings have no place of their own
            lines.append(say("  落位：", "  Placed by: ") + (f"{placed}{street}; {off}" if placed else off))
        for code, count in self.reasons.most_common():
            where = ", ".join(map(str, self.lines.get(code, [])))
            lines.append(
                say("  隔离：", "  Quarantined: ")
                + f"{REASONS[code][which]}: {count:,}"
                + say("，行 ", ", lines ")
                + where
            )
        for one in self.doubts:
            examples = f" ({'; '.join(one.examples[:3])})" if one.examples else ""
            lines.append(say("  可疑：", "  Suspicious: ") + (one.zh if which == 0 else one.en) + examples)
        lines += [say("  说明：", "  Note: ") + note for note in self.notes]
        return lines
