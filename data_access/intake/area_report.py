"""What a load of areas found and did, as sentences a person can act on and as data."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data_access.intake.description import IntakeError

Lang = Literal["zh", "en"]

# kind of finding -> heading, sentence; both languages. {name} {code} {other} {amount} ... come from the finding.
WORDS: dict[str, dict[Lang, tuple[str, str]]] = {
    "no_code": {"zh": ("没有代码", "没有代码，未载入"), "en": ("No code", "has no code; set aside")},
    "no_name": {"zh": ("没有名称", "没有名称，未载入"), "en": ("No name", "has no name; set aside")},
    "long_code": {
        "zh": ("代码过长", "代码超过 20 个字符，未载入"),
        "en": ("Code too long", "has a code of more than 20 characters; set aside"),
    },
    "duplicate_code": {
        "zh": ("代码重复", "代码与第 {other_line} 条“{other}”重复，未载入"),
        "en": ("Duplicate code", "has the code of number {other_line}, {other}; set aside"),
    },
    "same_row_twice": {
        "zh": ("同一区域出现两次", "与第 {other_line} 条相同，只取一次"),
        "en": ("Same area twice", "says the same as number {other_line}; taken once"),
    },
    "unknown_parent": {
        "zh": ("上级不存在", "上级代码 {parent} 不存在，未载入"),
        "en": ("Unknown parent", "names the parent {parent}, which is nowhere; set aside"),
    },
    "cycle": {
        "zh": ("上下级循环", "上下级成环（{loop}），未载入"),
        "en": ("Cycle", "is its own ancestor ({loop}); set aside"),
    },
    "parent_set_aside": {
        "zh": ("上级未载入", "上级 {parent} 未载入，因此也未载入"),
        "en": ("Parent set aside", "hangs below {parent}, which was set aside; set aside too"),
    },
    "statistical_row": {
        "zh": ("统计用行", "是统计用行（市辖区），不是地方，未载入，以免重复计算"),
        "en": ("Statistical row", "is a statistical row, not a place; set aside so that nothing counts twice"),
    },
    "root": {
        "zh": ("根区域", "作为城市；其上级 {parent} 不在数据中"),
        "en": ("Root", "is taken as the city; its parent {parent} is outside the data"),
    },
    "unknown_counts_in": {
        "zh": ("归属区不存在", "统计归属 {counts_in} 不存在，已忽略"),
        "en": ("Unknown counts_in", "counts in {counts_in}, which is nowhere; ignored"),
    },
    "bad_population": {
        "zh": ("人口不是数字", "人口“{value}”不是数字，留空"),
        "en": ("Population not a number", 'has the population "{value}", not a number; left empty'),
    },
    "reversed_axes": {
        "zh": ("经纬度颠倒", "坐标为纬度、经度，已调换"),
        "en": ("Reversed axes", "has latitude before longitude; swapped"),
    },
    "converted": {
        "zh": ("坐标转换", "全部坐标由 {crs} 转换为 WGS 84"),
        "en": ("Coordinates converted", "all coordinates were converted from {crs} to WGS 84"),
    },
    "off_the_globe": {
        "zh": ("坐标超出范围", "坐标不在经纬度范围内（{bounds}），不带边界载入"),
        "en": ("Coordinates out of range", "has coordinates that are no degrees ({bounds}); loaded without shape"),
    },
    "unreadable_shape": {
        "zh": ("边界无法读取", "边界无法读取（{why}），不带边界载入"),
        "en": ("Unreadable shape", "has a shape that cannot be read ({why}); loaded without it"),
    },
    "not_polygon": {
        "zh": ("不是面", "几何类型为 {type}，不是面，不带边界载入"),
        "en": ("Not a polygon", "is a {type}, not a polygon; loaded without shape"),
    },
    "invalid_ring": {
        "zh": ("环无效", "边界无效（{why}），已修复，面积变化 {change:.4f} km²"),
        "en": ("Invalid ring", "has an invalid shape ({why}); repaired, its area changed by {change:.4f} km²"),
    },
    "sliver_part": {
        "zh": ("碎片", "有 {count} 个碎片（共 {m2:.0f} m²），已去除"),
        "en": ("Sliver", "has {count} sliver parts ({m2:.0f} m² together); removed"),
    },
    "tiny_area": {
        "zh": ("面积过小", "面积只有 {m2:.0f} m²，请核对"),
        "en": ("Tiny area", "measures only {m2:.0f} m²; please check"),
    },
    "overlap": {
        "zh": ("重叠", "与 {other} 重叠 {m2:.0f} m²（占较小者 {share:.2%}）"),
        "en": ("Overlap", "overlaps {other} by {m2:.0f} m² ({share:.2%} of the smaller)"),
    },
    "hairline_overlap": {
        "zh": ("细微重叠", "第 {level} 级有 {count} 处小于 1 m² 的重叠"),
        "en": ("Hairline overlaps", "level {level} has {count} overlaps of less than 1 m²"),
    },
    "gap": {
        "zh": ("缝隙", "与 {other} 之间有 {m2:.0f} m² 的缝隙"),
        "en": ("Gap", "has a gap of {m2:.0f} m² to {other}"),
    },
    "unmatched_edges": {
        "zh": ("边界不重合", "第 {level} 级有 {count} 个区域的边与相邻区域不完全重合"),
        "en": ("Edges not matched", "level {level} has {count} areas whose edges do not quite match their neighbours'"),
    },
    "not_covered": {
        "zh": ("下级未覆盖上级", "有 {km2:.2f} km²（{share:.2%}）不属于任何下级"),
        "en": ("Not covered", "has {km2:.2f} km² ({share:.2%}) that belongs to none of its children"),
    },
    "outside_parent": {
        "zh": ("超出上级", "有 {km2:.2f} km²（{share:.2%}）在上级 {parent} 之外"),
        "en": ("Outside its parent", "lies with {km2:.2f} km² ({share:.2%}) outside its parent {parent}"),
    },
    "dissolved": {
        "zh": ("边界由下级合成", "没有边界，由 {count} 个下级合成"),
        "en": ("Dissolved", "had no shape; made from its {count} children"),
    },
    "no_shape": {
        "zh": ("没有边界", "第 {level} 级有 {count} 个区域没有边界（{names}），以方格示意图表示"),
        "en": ("No shapes", "level {level}: {count} areas have no shape ({names}); shown as tiles"),
    },
    "too_large": {
        "zh": ("形状文件过大", "下级形状文件 {kb:.0f} KB，超过 {limit:.0f} KB"),
        "en": ("Shape file too large", "its children's shapes take {kb:.0f} KB, more than {limit:.0f} KB"),
    },
    "same_name": {
        "zh": ("同级同名", "与 {other}（{other_code}）同名且同一上级，请核对"),
        "en": ("Same name", "has the name of its sibling {other} ({other_code}); please check"),
    },
    "encoding": {
        "zh": ("文件编码", "按 {encoding} 读取"),
        "en": ("Encoding", "read as {encoding}"),
    },
}
_MENDED: dict[bool, dict[Lang, str]] = {
    True: {"zh": "；已修复", "en": "; repaired"},
    False: {"zh": "；未修复：改动过大，不安全", "en": "; left as it is: mending it would change too much"},
}
_MAY_STAY = ("overlap", "gap", "hairline_overlap", "unmatched_edges")  # the others say themselves what was done
_SHOWN = 20  # of one kind in the text; the JSON has all


class AreaLoadError(IntakeError):
    """A file of areas cannot be loaded at all; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Finding:
    """One thing found. line: the feature's number or the CSV's line, from 1; None when it is not about one row."""

    kind: str
    code: str = ""
    name: str = ""
    line: int | None = None
    repaired: bool = False
    detail: dict[str, Any] = field(default_factory=dict)

    def sentence(self, lang: Lang) -> str:
        words = WORDS[self.kind][lang][1].format(**self.detail)
        who = " ".join(part for part in (self.name, f"({self.code})" if self.code else "") if part)
        at = "" if self.line is None else (f"第 {self.line} 条 " if lang == "zh" else f"number {self.line} ")
        mended = _MENDED[self.repaired][lang] if self.kind in _MAY_STAY else ""
        return f"{at}{who} {words}{mended}".strip()


@dataclass
class AreaReport:
    """rows_read = stored + updated + already + quarantined + water. Sizes in bytes."""

    file: str = ""
    city: str = ""
    rows_read: int = 0
    stored: int = 0  # new areas
    updated: int = 0  # areas that changed: the old row was closed, a new one begins
    already: int = 0
    water: int = 0  # rivers, lakes: new or changed
    closed: int = 0  # areas that ended
    missing: int = 0  # valid in the database, not in this file, left as they are
    quarantined: list[tuple[int, str, str]] = field(default_factory=list)  # line, reason, the whole row
    findings: list[Finding] = field(default_factory=list)
    levels: dict[int, tuple[int, int]] = field(default_factory=dict)  # level -> areas, areas with shape
    shape_files: dict[str, int] = field(default_factory=dict)  # parent -> gzipped bytes
    placed_again: dict[str, int] = field(default_factory=dict)  # orders without a place: looked at, found by method

    def add(self, kind: str, code: str = "", name: str = "", line: int | None = None, **detail: Any) -> None:
        self.findings.append(Finding(kind, code, name, line, detail.pop("repaired", False), detail))

    def of(self, kind: str) -> list[Finding]:
        """The findings of one kind."""
        return [one for one in self.findings if one.kind == kind]

    @property
    def changed(self) -> bool:
        return bool(self.stored or self.updated or self.closed)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "file": self.file,
            "city": self.city,
            "rows_read": self.rows_read,
            "stored": self.stored,
            "updated": self.updated,
            "already": self.already,
            "water": self.water,
            "closed": self.closed,
            "missing": self.missing,
            "quarantined": len(self.quarantined),
            "quarantine": [{"line": line, "reason": reason} for line, reason, _ in self.quarantined],
            "levels": {str(level): {"areas": n, "shaped": shaped} for level, (n, shaped) in self.levels.items()},
            "shape_files": self.shape_files,
            "placed_again": self.placed_again,
            "found": dict(Counter(one.kind for one in self.findings)),
            "findings": [
                {
                    "kind": one.kind,
                    "code": one.code,
                    "name": one.name,
                    "line": one.line,
                    "repaired": one.repaired,
                    **one.detail,
                    "text": one.sentence("en"),
                    "text_zh": one.sentence("zh"),
                }
                for one in self.findings
            ],
        }

    def to_text(self, lang: Lang = "zh") -> str:
        """The report as lines of text: counts first, then what was found, by kind."""
        zh = lang == "zh"
        levels = "; ".join(
            f"第 {level} 级 {n} 个（{shaped} 个有边界）" if zh else f"level {level}: {n} areas, {shaped} with shape"
            for level, (n, shaped) in sorted(self.levels.items())
        )
        aside = len(self.quarantined)
        if zh:
            lines = [
                f"{self.file}：读入 {self.rows_read} 条 = 新增 {self.stored} + 变更 {self.updated}"
                f" + 已有 {self.already} + 隔离 {aside}" + (f" + 水体 {self.water}" if self.water else ""),
                *([f"城市 {self.city}；{levels}"] if self.city else []),
            ]
        else:
            lines = [
                f"{self.file}: {self.rows_read} read = {self.stored} new + {self.updated} changed + {self.already} "
                f"already there + {aside} set aside" + (f" + {self.water} water" if self.water else ""),
                *([f"City {self.city}; {levels}"] if self.city else []),
            ]
        if self.closed:
            lines.append(f"{self.closed} 个区域已终止" if zh else f"{self.closed} areas ended")
        if self.missing:
            lines.append(
                f"库中另有 {self.missing} 个区域不在此文件中，保持不变"
                if zh
                else f"{self.missing} areas of the database are not in this file and stay as they are"
            )
        if self.shape_files:
            largest = max(self.shape_files.values()) / 1000
            count = len(self.shape_files)
            lines.append(
                f"形状文件 {count} 个，最大 {largest:.0f} KB"
                if zh
                else f"{count} files of shapes, the largest {largest:.0f} KB gzipped"
            )
        if self.placed_again:
            lines.append(placed_again_text(self.placed_again, lang))
        for kind in dict.fromkeys(one.kind for one in self.findings):
            found = self.of(kind)
            mended = sum(one.repaired for one in found)
            if zh:
                lines.append(f"{WORDS[kind][lang][0]}：{len(found)}" + (f"（已修复 {mended}）" if mended else ""))
            else:
                lines.append(f"{WORDS[kind][lang][0]}: {len(found)}" + (f" ({mended} repaired)" if mended else ""))
            lines += [f"  - {one.sentence(lang)}" for one in found[:_SHOWN]]
            if len(found) > _SHOWN:
                rest = len(found) - _SHOWN
                lines.append(f"  … 另有 {rest} 条，见 JSON" if zh else f"  ... and {rest} more, all in the JSON")
        return "\n".join(lines)


def placed_again_text(counts: Mapping[str, int], lang: Lang) -> str:
    """What became of the orders that had no place."""
    looked = counts.get("looked", 0)
    found = sum(counts.values()) - looked
    if lang == "zh":
        return f"此前不在地图上的工单 {looked:,} 件重新落位：找到 {found:,}，仍不在地图上 {looked - found:,}"
    return (
        f"{looked:,} orders that were not on the map were placed again: "
        f"{found:,} found, {looked - found:,} still not on the map"
    )
