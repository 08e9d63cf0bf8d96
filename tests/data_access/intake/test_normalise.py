"""Values as people and systems write them."""

import numpy as np
import pyarrow as pa
import pytest

from data_access.intake import normalise
from data_access.intake.description import Description, Times


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1,234.5", 1234.5),
        ("12%", 0.12),
        ("１２．５", 12.5),
        ("3.5 ft", 3.5),
        ("(206)亿", 206e8),
        ("*3.36", 3.36),
        ("-7", -7),
        ("2.02506E+12", 2.02506e12),
        ("0.260|0.267", None),
        ("abc", None),
        ("", None),
    ],
)
def test_numbers_as_text(text: str, value: float | None) -> None:
    assert normalise.number(text) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize("mark", ["", "-", "–", "ND", "nan", "-9999", "Error", "NULL", "N/A", " \t", "\u3000", "无"])
def test_missing_in_every_spelling(mark: str) -> None:
    assert normalise.clean(pa.array([mark, "x"]), ["无"]).to_pylist() == ["", "x"]


def test_zero_is_a_value() -> None:
    assert normalise.clean(pa.array(["0", "00"])).to_pylist() == ["0", "00"]


def test_clean_takes_line_breaks_and_escapes_out() -> None:
    assert normalise.clean(pa.array(["\n\t\ta_x000D_\n b\u3000 c "])).to_pylist() == ["a b c"]


@pytest.mark.parametrize(
    ("text", "forms", "zone", "expected"),
    [
        ("2026-01-02 03:04:05", ["iso"], "", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05.678", ["iso"], "", "2026-01-02T03:04:05"),
        ("2026-01-02 03:04", ["iso"], "", "2026-01-02T03:04:00"),
        ("2026-01-02", ["iso"], "", "2026-01-02T00:00:00"),
        ("2026-01-02T03:04:05Z", ["iso"], "", "2026-01-02T11:04:05"),
        ("2026-01-02T03:04:05+09:00", ["iso"], "", "2026-01-02T02:04:05"),
        ("2026-01-02 03:04:05", ["iso"], "UTC", "2026-01-02T11:04:05"),
        ("01/02/2026 12:04:05 AM", ["%m/%d/%Y %I:%M:%S %p"], "", "2026-01-02T00:04:05"),
        ("1/2/2026 1:04:05 pm", ["%m/%d/%Y %I:%M:%S %p"], "", "2026-01-02T13:04:05"),
        ("02-01-2026", ["%d-%m-%Y"], "", "2026-01-02T00:00:00"),
        ("2.1.2026", ["%d.%m.%Y"], "", "2026-01-02T00:00:00"),
        ("2026/1/2 3:04:05", ["iso", "%Y/%m/%d %H:%M:%S"], "", "2026-01-02T03:04:05"),
        ("20260102 030405", ["%Y%m%d %H%M%S"], "", "2026-01-02T03:04:05"),
        ("20260102030405", ["%Y%m%d%H%M%S"], "", "2026-01-02T03:04:05"),
        ("46024.5", ["iso", "excel"], "", "2026-01-02T12:00:00"),
        ("1767322845", ["epoch"], "", "2026-01-02T11:00:45"),
        ("1767322845000", ["epoch_ms"], "", "2026-01-02T11:00:45"),
        ("２０２６-01-02", ["iso"], "", "2026-01-02T00:00:00"),
        ("2026-02-30 00:00:00", ["iso"], "", "NaT"),
        ("2026-01-02 25:00:00", ["iso"], "", "NaT"),
        ("12", ["iso", "excel", "%Y%m%d"], "", "NaT"),
        ("13/02/2026", ["%m/%d/%Y"], "", "NaT"),
        ("nonsense", ["iso"], "", "NaT"),
    ],
)
def test_times(text: str, forms: list[str], zone: str, expected: str) -> None:
    how = Times(formats=tuple(forms), zone=zone)
    values, unread = normalise.times(pa.array([text, ""]), how, "Asia/Shanghai")
    assert str(values[0]) == expected
    assert unread.tolist() == [expected == "NaT", False]
    assert np.isnat(values[1])


def test_several_forms_in_one_column() -> None:
    column = pa.array(["2026-01-02 03:04:05", "2026/1/2 3:04:05", "46024", "01:00"])
    values, unread = normalise.times(column, Times(formats=("iso", "%Y/%m/%d %H:%M:%S", "excel")), "Asia/Shanghai")
    assert [str(value) for value in values[:3]] == ["2026-01-02T03:04:05", "2026-01-02T03:04:05", "2026-01-02T00:00:00"]
    assert unread.tolist() == [False, False, False, True]


def fields(columns: dict, table: dict, name: str = "") -> dict[str, list]:
    description = Description.model_validate({"key": "t", "name_zh": "测", "name_en": "T", "columns": columns})
    result = normalise.assemble(description, pa.table(table), name)
    return {target: column.to_pylist() for target, column in result.items()}


def test_joined_padded_and_from_the_file_name() -> None:
    joined = {"accept_at": {"join": ["d", "t"], "pad": [8, 6]}}
    table = {"d": ["20200501", "20200501", "２０２００５０１"], "t": ["000400.0", "400", "1500"]}
    assert fields(joined, table)["accept_at"] == ["20200501 000400", "20200501 000400", "20200501 001500"]
    named = {"accept_at": {"join": ["t"], "file_name": r"(\d{8})"}}
    assert fields(named, {"t": ["03:00"]}, "orders_20260102.csv")["accept_at"] == ["20260102 03:00"]


def test_first_column_there_template_and_constant() -> None:
    columns = {
        "accept_at": ["old", "new"],
        "title": {"template": "{a}：{b}"},
        "channel": {"constant": "phone"},
        "org": {"column": "gone", "optional": True},
    }
    got = fields(columns, {"new": ["2026-01-01"], "a": ["x"], "b": ["y"]})
    assert got == {"accept_at": ["2026-01-01"], "title": ["x：y"], "channel": ["phone"], "org": [""]}


def test_numbers_that_lost_digits() -> None:
    assert normalise.lossy(pa.array(["2.02506E+12", "2025060100001", "E12", "1E5", ""])).tolist() == [
        True,
        False,
        False,
        True,
        False,
    ]
