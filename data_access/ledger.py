"""The ledger of published figures: what cities have printed about themselves, as printed, and whether it adds up.

The figures are facts of documents, of different years and definitions: they are for looking up and never for ranking
(NOTE_ZH, NOTE_EN). Words, remarks and checks are data, in ledger.toml. All questions raise nothing on an empty ledger.
"""

import re
import tomllib
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, or_, select

from data_access import engine
from data_access.schema import published_figure as t
from domain import published

_PLACE = re.compile(r"第(\d+)段第(\d+)–(\d+)字")
_CHECK_COLUMNS = [
    "check",
    "city",
    "city_en",
    "adcode",
    "kind",
    "left",
    "right",
    "state",
    "state_zh",
    "state_en",
    "sentence_zh",
    "sentence_en",
    "row_ids",
]


@cache
def words() -> dict[str, Any]:
    """ledger.toml: note, basis, precision, kinds, states, domains, cities, remarks, checks, units, qualifiers."""
    with Path(__file__).with_name("ledger.toml").open("rb") as file:
        return tomllib.load(file)


NOTE_ZH: str = words()["note"]["zh"]
NOTE_EN: str = words()["note"]["en"]


def figures(city: str | None = None, domain: str | None = None, text: str | None = None) -> pd.DataFrame:
    """The figures, in the order of the documents: one row a figure.

    city: its code or Chinese name; domain: its key; text: a piece of the indicator's name in either language or of
    the printed value, in any case and width; % and _ are taken as they are. An empty one does not narrow.

    Columns: those of table published_figure (value in `unit`, value_base in `unit_base`, printed with qualifier and
    unit as the document has it), with as_of_precision (day, month, year) and as_of_basis (stated, document, inferred)
    apart, and for the screen: city_en, domain_zh, domain_en, kind_zh, kind_en, date_zh, date_en (the date and how sure
    it is), document_en, locator_en, mark ('contradiction' where the document contradicts itself, else ''), mark_zh,
    mark_en (why), remark_zh, remark_en (what to know before using the figure).
    """
    query: Select[Any] = select(t).order_by(t.c.row_id)
    if city:
        query = query.where(or_(t.c.adcode == city, t.c.city == city))
    if domain:
        query = query.where(t.c.domain == domain)
    searched = (t.c.indicator_zh, t.c.indicator_en, t.c.printed)
    wanted = unicodedata.normalize("NFKC", text or "").strip()
    if wanted:
        query = query.where(or_(*(column.icontains(wanted, autoescape=True) for column in searched)))
    return _told(engine.read(query))


def cities() -> pd.DataFrame:
    """One row a city, by code: city, city_en, adcode, figures (how many), first and last (as_of), document(_en)."""
    said: list[Any] = [
        t.c.city,
        t.c.adcode,
        func.count().label("figures"),
        func.min(t.c.as_of).label("first"),
        func.max(t.c.as_of).label("last"),
        func.min(t.c.document).label("document"),
    ]
    query: Any = select(*said).group_by(t.c.city, t.c.adcode).order_by(t.c.adcode)
    frame = engine.read(query)
    frame["city_en"] = [_city(code, "en", name) for code, name in zip(frame["adcode"], frame["city"], strict=True)]
    frame["document_en"] = [
        _city(code, "document_en", title) for code, title in zip(frame["adcode"], frame["document"], strict=True)
    ]
    return frame


def checks() -> pd.DataFrame:
    """The checks whose figures are all there, contradictions first: does each document agree with itself?

    Columns: check (its id), city, city_en, adcode, kind (sum, product, rate, count, same, growth, within), left (what
    the parts say), right (the total as printed), state (consistent, contradiction), state_zh, state_en, sentence_zh,
    sentence_en (all of it in words), row_ids (the figures used, comma between, the total last).
    """
    named = sorted({row for check in words()["checks"] for row in (*check["parts"], check["total"])})
    found = engine.read(select(t).where(t.c.row_id.in_(named)))
    rows: dict[int, dict[str, Any]] = {row["row_id"]: row for row in found.to_dict("records")}
    said = [
        _checked(check, [rows[part] for part in check["parts"]], rows[check["total"]])
        for check in words()["checks"]
        if {*check["parts"], check["total"]} <= rows.keys()
    ]
    frame = pd.DataFrame(said, columns=_CHECK_COLUMNS)
    return frame.sort_values("state", key=lambda state: state != "contradiction", kind="stable", ignore_index=True)


def _city(code: str, field: str, otherwise: str) -> str:
    return words()["cities"].get(code, {}).get(field, otherwise)


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    """The figures with what the screen says about them."""
    known = words()
    remarks = {row: remark for remark in known["remarks"] for row in remark["rows"]}
    marks: dict[int, list[tuple[str, str]]] = {}
    if len(frame):
        for check in checks().to_dict("records"):
            if check["state"] != "contradiction":
                continue
            rows = [int(row) for row in check["row_ids"].split(",")]
            for row in rows[-1:] if check["kind"] == "count" else rows:  # what is listed is right, how many is not
                marks.setdefault(row, []).append((check["sentence_zh"], check["sentence_en"]))
    said = [_said(row, known, remarks.get(row["row_id"], {}), marks) for row in frame.to_dict("records")]
    columns = [*frame.columns, *_said_columns()]
    return pd.DataFrame(said, columns=columns)


def _said_columns() -> list[str]:
    pairs = ("domain", "kind", "date", "mark", "remark")
    plain = ["as_of_basis", "city_en", "document_en", "locator_en", "mark"]
    return [*plain, *(f"{p}_{end}" for p in pairs for end in ("zh", "en"))]


def _said(
    row: dict[str, Any], known: dict[str, Any], remark: dict[str, str], marks: dict[int, list[tuple[str, str]]]
) -> dict[str, Any]:
    precision, _, basis = str(row["as_of_precision"]).partition(" ")
    marked = marks.get(row["row_id"], [])
    said = row | {
        "as_of_precision": precision,
        "as_of_basis": basis,
        "city_en": _city(row["adcode"], "en", row["city"]),
        "document_en": _city(row["adcode"], "document_en", row["document"]),
        "locator_en": _PLACE.sub(r"paragraph \1, characters \2 to \3", row["locator"]),
        "mark": "contradiction" if marked else "",
        "mark_zh": "".join(zh for zh, _ in marked),
        "mark_en": " ".join(en for _, en in marked),
        "remark_zh": remark.get("zh", ""),
        "remark_en": remark.get("en", ""),
    }
    for language, opened, closed in (("zh", "（", "）"), ("en", " (", ")")):
        sure = [known[of].get(key, {}).get(language, key) for of, key in (("precision", precision), ("basis", basis))]
        said[f"domain_{language}"] = known["domains"].get(row["domain"], {}).get(language, row["domain"])
        said[f"kind_{language}"] = known["kinds"].get(row["kind"], {}).get(language, row["kind"])
        said[f"date_{language}"] = (
            row["as_of"] + opened + ("，" if language == "zh" else ", ").join(filter(None, sure)) + closed
        )
    return said


def _number(value: Decimal, group: str = "") -> str:
    """At most two decimals, no trailing zeros."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():{group}f}"


def _formula(kind: str, values: list[float], made: Decimal, percent: bool, group: str = "") -> str:
    """The parts and what they make, as a person would write it: 80 + 23 = 103."""
    shown = [_number(published.exact(value), group) for value in values]
    if kind in {"count", "same", "within"}:
        return _number(made, group)
    if kind == "growth":
        return f"2^{shown[0]} - 1 = {_number(made)}"
    joined = {"sum": " + ", "product": " × ", "rate": " ÷ "}[kind].join(shown)
    return f"{joined} = {_number(made, group)}"


def _checked(check: dict[str, Any], parts: list[dict[str, Any]], total: dict[str, Any]) -> dict[str, Any]:
    """One check, computed and put into words."""
    known, kind = words(), check["kind"]
    additive = kind in {"sum", "same", "within"}
    based = additive and any(part["unit"] != total["unit"] for part in parts)
    column, unit = ("value_base", total["unit_base"]) if based else ("value", total["unit"])
    percent = kind == "rate" and unit == "%"
    values = [part[column] for part in parts]
    made = published.expected(kind, values, percent=percent)
    state = published.judge(kind, made, total[column], total["qualifier"], parts[0]["qualifier"])
    told = known["states"][state]
    left = _formula(kind, values, made, percent)
    # Chinese counts in 万 and 亿 as printed; English in ones
    column_en = "value_base" if additive else "value"
    values_en = [part[column_en] for part in parts]
    left_en = _formula(kind, values_en, published.expected(kind, values_en, percent=percent), percent, ",")
    unit_en = check.get("unit_en", known["units"].get(total["unit_base"], ""))
    unit_en = unit_en if unit_en in {"", "%"} else f" {unit_en}"
    total_en = known["qualifiers"][total["qualifier"]] + _number(published.exact(total[column_en]), ",") + unit_en
    if kind == "within":
        said_zh, said_en = f"{parts[0]['printed']}，原文合计{total['printed']}", f"{left_en} of {total_en}"
    elif kind == "same":
        said_zh = f"{parts[0]['printed']}，另一处{total['printed']}"
        said_en = f"{known['qualifiers'][parts[0]['qualifier']]}{left_en}{unit_en} and {total_en}"
    else:
        said_zh, said_en = f"{left}{unit}，原文{total['printed']}", f"{left_en}{unit_en}, printed {total_en}"
    note_en = f" {check['note_en']}" if "note_en" in check else ""
    return {
        "check": check["id"],
        "city": total["city"],
        "city_en": _city(total["adcode"], "en", total["city"]),
        "adcode": total["adcode"],
        "kind": kind,
        "left": parts[0]["printed"] if kind in {"same", "within"} else left,
        "right": total["printed"],
        "state": state,
        "state_zh": told["zh"],
        "state_en": told["en"],
        "sentence_zh": f"{check['name_zh']}：{said_zh}：{told['zh']}。{check.get('note_zh', '')}",
        "sentence_en": f"{check['name_en']}: {said_en}: {told['en']}.{note_en}",
        "row_ids": ",".join(str(row) for row in (*check["parts"], check["total"])),
    }
