"""Values as text -> values one can count with: missing marks, full-width digits, numbers, times.

Everything works on whole columns. Times come out as wall-clock time of the city, to the second.
"""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from data_access.intake.columns import by_value, holds, is_plain, is_tidy, pc
from data_access.intake.description import Description, Field_, Times

MISSING = (
    "-",
    "–",
    "—",
    "--",
    "nan",
    "NaN",
    "NAN",
    "NULL",
    "null",
    "None",
    "N/A",
    "n/a",
    "NA",
    "#N/A",
    "ND",
    "Error",
    "-9999",
    "-9999.0",
    "NaT",
)
_SPACE = "[\\s\u00a0\u3000\ufeff]+"
_ISO_SHAPE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)?$"
_ZONED_SHAPE = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}([.,]\d+)?)? ?(Z|[+-]\d{2}:?\d{2})$"
_LOSSY = r"^[+-]?\d+([.,]\d+)?[Ee][+-]?\d+$"


def clean(column: pa.Array | pa.ChunkedArray, missing: Iterable[str] = ()) -> pa.Array:
    """Text without spaces and line breaks around and with single ones inside; marks for "missing" become ''."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    nothing = pa.array([*MISSING, *missing], pa.string())

    def change(texts: pa.Array) -> pa.Array:
        if not is_tidy(texts) or holds(texts, b"_x000D_"):
            texts = pc.replace_substring(texts, "_x000D_", " ")
            texts = pc.replace_substring_regex(texts, "[\\x00-\\x08]", "")
            texts = pc.replace_substring_regex(texts, _SPACE, " ")
        texts = pc.ascii_trim_whitespace(texts)  # wider spaces are gone by now
        lost = pc.is_in(texts, value_set=nothing)
        return pc.if_else(lost, "", texts) if pc.any(lost).as_py() else texts

    return by_value(column, change)


def half_width(column: pa.Array) -> pa.Array:
    """Full-width letters and digits as the usual ones (NFKC); the same array when there are none."""
    if is_plain(column):
        return column
    return by_value(column, lambda texts: pc.utf8_normalize(texts, form="NFKC"))


def assemble(description: Description, table: pa.Table, file_name: str) -> dict[str, pa.Array]:
    """Every field of the description as a column of text, '' where the file has nothing."""
    cleaned: dict[str, pa.Array] = {}

    def source(name: str) -> pa.Array | None:
        if name not in cleaned:
            if name not in table.column_names:
                return None
            cleaned[name] = clean(table.column(name), description.missing)
        return cleaned[name]

    rows = table.num_rows
    empty = pa.array([""] * rows, pa.string())
    result: dict[str, pa.Array] = {}
    for target, one in description.needed():
        value = _value(one, source, rows, empty)
        if one.file_name:
            found = re.search(one.file_name, file_name)
            text = found[1] if found else ""
            value = (
                pa.array([text] * rows, pa.string())
                if value is None
                else _joined([pa.array([text] * rows), value], one)
            )
        result[target] = value if value is not None else empty
    return result


def _value(one: Field_, source, rows: int, empty: pa.Array) -> pa.Array | None:
    if one.constant is not None:
        return pa.array([one.constant] * rows, pa.string())
    if one.column:
        return next((found for name in one.column if (found := source(name)) is not None), empty)
    if one.join:
        parts = []
        for position, name in enumerate(one.join):
            part = source(name)
            part = empty if part is None else half_width(part)
            if one.pad:
                part = pc.replace_substring_regex(part, r"^(\d+)\.0+$", r"\1")
                digits = pc.match_substring_regex(part, r"^\d+$")
                part = pc.if_else(digits, pc.utf8_lpad(part, one.pad[position], "0"), part)
            parts.append(part)
        return _joined(parts, one)
    if one.template:
        pieces = re.split(r"\{([^{}]+)\}", one.template)
        parts = [
            (source(piece) if source(piece) is not None else empty) if i % 2 else pa.array([piece] * rows, pa.string())
            for i, piece in enumerate(pieces)
        ]
        return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, ""))
    return None


def _joined(parts: list[pa.Array], one: Field_) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, one.separator))


def lossy(column: pa.Array) -> np.ndarray:
    """Where a number was written in scientific notation, so that digits are lost (2.02506E+12)."""
    if not holds(column, b"E", b"e"):
        return np.zeros(len(column), dtype=bool)
    return pc.match_substring_regex(column, _LOSSY).to_numpy(zero_copy_only=False)


# ---- numbers ---------------------------------------------------------------------------------------------------------
_UNITS = {"%": 0.01, "％": 0.01, "千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
_NUMBER = re.compile(r"^([+-]?\d+(?:\.\d+)?(?:[Ee][+-]?\d+)?)\s*([%千万萬亿億]*)\s*([A-Za-z]*|[\u4e00-\u9fff]*)$")


def number(text: str) -> float | None:
    """One number as people write it: 1,234; 12%; 3.5 ft; (206)亿; *3.36. None when it is none, or several (a|b)."""
    plain = re.sub(r"[\s,，*＊()（）]", "", text.replace("−", "-"))
    plain = plain.translate(str.maketrans("０１２３４５６７８９．％", "0123456789.%"))
    found = _NUMBER.match(plain)
    if found is None:
        return None
    value = float(found[1])
    for unit in found[2]:
        value *= _UNITS[unit]
    return value


def numbers(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (NaN: none) and where there is text that is no number."""
    there = pc.not_equal(column, "").to_numpy(zero_copy_only=False)
    plain = pc.match_substring_regex(column, r"^[+-]?\d{1,15}(\.\d+)?$")
    values = pc.if_else(plain, column, pa.scalar(None, pa.string())).cast(pa.float64()).to_numpy(zero_copy_only=False)
    values = np.array(values, dtype=np.float64)
    odd = there & ~plain.to_numpy(zero_copy_only=False)
    for position in np.flatnonzero(odd):
        found = number(column[int(position)].as_py())
        values[position] = np.nan if found is None else found
    return values, there & np.isnan(values)


# ---- times -----------------------------------------------------------------------------------------------------------
def times(column: pa.Array, how: Times, city_zone: str) -> tuple[np.ndarray, np.ndarray]:
    """Times as datetime64[s] of the city (NaT: none) and where there is text that is no time."""
    text = half_width(column)
    there = pc.not_equal(text, "").to_numpy(zero_copy_only=False)
    result = np.full(len(text), "NaT", dtype="datetime64[s]")
    left = there.copy()
    for form in how.formats:
        if not left.any():
            break
        part = text if left.all() else text.filter(pa.array(left))
        values = _parsed(part, form, how.zone, city_zone)
        result[left] = values
        left = there & np.isnat(result)
    return result, left


def _parsed(text: pa.Array, form: str, zone: str, city_zone: str) -> np.ndarray:
    if form == "iso":
        return _iso(text, zone, city_zone)
    if form in ("excel", "epoch", "epoch_ms"):
        return _counted(text, form, zone, city_zone)
    pattern = _shape(form)
    fits = pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False)
    result = np.full(len(text), "NaT", dtype="datetime64[s]")
    if fits.any():
        part = text if fits.all() else text.filter(pa.array(fits))
        strings = part.to_pandas() if "%p" not in form else pc.utf8_upper(part).to_pandas()
        parsed = pd.to_datetime(strings, format=form, errors="coerce")
        result[fits] = _to_city(pd.Series(parsed), zone, city_zone)
    return result


_SHAPES = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{1,2}", "d": r"\d{1,2}", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{1,2}",
    "S": r"\d{1,2}", "p": r"[AaPp][Mm]", "f": r"\d{1,9}", "z": r"(Z|[+-]\d{2}:?\d{2})", "%": "%",
}  # fmt: skip


def _shape(form: str) -> str:
    """A regular expression for what a strptime pattern accepts; digits that touch have their full width."""
    pieces = re.split(r"%(.)", form)
    pattern = "^"
    for position, piece in enumerate(pieces):
        if position % 2 == 0:
            pattern += re.escape(piece).replace(r"\ ", " ")
            continue
        touching = (pieces[position - 1] == "" and position > 1) or (
            pieces[position + 1] == "" and position + 2 < len(pieces)
        )
        shape = _SHAPES.get(piece, ".+")
        pattern += shape.replace("{1,2}", "{2}") if touching else shape
    return pattern + "$"


def _iso(text: pa.Array, zone: str, city_zone: str) -> np.ndarray:
    lengths = pc.min_max(pc.binary_length(text))
    if lengths["min"].as_py() == lengths["max"].as_py() == 19:  # the common form; Arrow refuses what is not exactly it
        try:
            values = text.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)
            return _shifted(values.astype("datetime64[s]"), zone, city_zone)
        except pa.ArrowInvalid:
            pass
    result = np.full(len(text), "NaT", dtype="datetime64[s]")
    naive = pc.match_substring_regex(text, _ISO_SHAPE).to_numpy(zero_copy_only=False)
    if naive.any():
        part = text if naive.all() else text.filter(pa.array(naive))
        part = pc.utf8_slice_codeunits(part, 0, 19)
        try:
            values = part.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)
            result[naive] = _shifted(values.astype("datetime64[s]"), zone, city_zone)
        except pa.ArrowInvalid:  # a day or hour that does not exist is among them
            result[naive] = _to_city(
                pd.to_datetime(part.to_pandas(), format="ISO8601", errors="coerce"), zone, city_zone
            )
    zoned = pc.match_substring_regex(text, _ZONED_SHAPE).to_numpy(zero_copy_only=False)
    if zoned.any():
        parsed = pd.to_datetime(text.filter(pa.array(zoned)).to_pandas(), format="ISO8601", errors="coerce", utc=True)
        result[zoned] = _to_city(parsed, zone, city_zone)
    return result


def _counted(text: pa.Array, form: str, zone: str, city_zone: str) -> np.ndarray:
    values, _ = numbers(text)
    if form == "excel":
        values = np.where((values >= 20_000) & (values < 80_000), values, np.nan)  # 1954 to 2119
        parsed = pd.to_datetime(pd.Series(values), unit="D", origin="1899-12-30", errors="coerce").dt.round("s")
        return _to_city(parsed, zone, city_zone)
    parsed = pd.to_datetime(pd.Series(values), unit="ms" if form == "epoch_ms" else "s", errors="coerce", utc=True)
    return _to_city(parsed, zone, city_zone)


def _shifted(values: np.ndarray, zone: str, city_zone: str) -> np.ndarray:
    return values if zone in ("", city_zone) else _to_city(pd.Series(values), zone, city_zone)


def _to_city(parsed: pd.Series, zone: str, city_zone: str) -> np.ndarray:
    """Wall-clock time of the city; hours that a change of clocks skips move on, hours it repeats are the first."""
    if parsed.dt.tz is None and zone not in ("", city_zone):
        first = np.ones(len(parsed), dtype=bool)
        parsed = parsed.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    if parsed.dt.tz is not None:
        parsed = parsed.dt.tz_convert(city_zone).dt.tz_localize(None)
    return parsed.to_numpy().astype("datetime64[s]")
