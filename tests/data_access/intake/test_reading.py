"""Every kind of file and every fault of files (the fault classes of real exports), on small synthetic ones."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from data_access.intake import reading
from data_access.intake.chunks import Found
from data_access.intake.csv_files import detect_encoding
from data_access.intake.description import Description, IntakeError

WANTED = Description.model_validate(
    {"key": "t", "name_zh": "测", "name_en": "T", "columns": {"accept_at": "时间", "title": "内容"}}
)
ROWS = [
    ("2026-01-01", "噪音扰民，请尽快处理"),
    ("2026-01-02", "路灯不亮"),
    ("2026-01-03", "我们小区的电梯坏了很久没有人来修理"),
]
TRADITIONAL = [
    ("2026-01-01", "場所與設施噪音舉發"),
    ("2026-01-02", "路燈不亮或損壞，請儘快處理"),
    ("2026-01-03", "大型廢棄物清運聯繫"),
]


def read(path: Path, wanted: Description = WANTED) -> tuple[list[tuple], list[int], Found, list]:
    found = Found()
    rows, lines, bad = [], [], []
    for chunk in reading.chunks(path, wanted, found):
        rows += list(zip(*(chunk.table.column(name).to_pylist() for name in ("时间", "内容")), strict=True))
        lines += chunk.lines.tolist()
        bad += [(one.line, one.reason) for one in chunk.bad]
    return rows, lines, found, bad


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    rows = TRADITIONAL if encoding == "big5" else ROWS
    path = tmp_path / "a.csv"
    title = "時間,內容" if encoding == "big5" else "时间,内容"
    wanted = WANTED
    if encoding == "big5":
        wanted = Description.model_validate(
            {"key": "t", "name_zh": "測", "name_en": "T", "columns": {"accept_at": "時間", "title": "內容"}}
        )
    path.write_bytes(newline.join([title, *(",".join(row) for row in rows), ""]).encode(encoding))
    found = Found()
    got = [
        row
        for chunk in reading.chunks(path, wanted, found)
        for row in zip(*(column.to_pylist() for column in chunk.table.columns), strict=True)
    ]
    assert got == rows
    assert found.encoding == encoding


def test_detects_gb18030_without_header_help(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("反映,投诉\n小区物业服务不到位,楼道长期无人打扫\n".encode("gb18030"))
    assert detect_encoding(path) == "gb18030"
    path.write_bytes("派工項目,案件地址\n路燈故障或設施損壞,中山區民權東路三段\n".encode("big5"))
    assert detect_encoding(path) == "big5"


def test_newlines_in_fields_keep_the_line_numbers_right(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('时间,内容\n2026-01-01,"a\nb\nc"\n2026-01-02,d\n\n2026-01-03,x,y\n2026-01-04,e\n', encoding="utf-8")
    rows, lines, found, bad = read(path)
    assert rows == [("2026-01-01", "a\nb\nc"), ("2026-01-02", "d"), ("2026-01-04", "e")]
    assert lines == [2, 5, 8]
    assert bad == [(7, "3 values where the header has 2")]
    assert found.blank_rows == 1


def test_title_lines_before_the_header_and_other_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("某市热线日报\n\n编号;时间;内容\n1;2026-01-01;a,b\n", encoding="utf-8")
    rows, lines, _, _ = read(path)
    assert (rows, lines) == ([("2026-01-01", "a,b")], [4])


def test_excel_finds_the_sheet_and_types_its_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["这里没有数据"])
    sheet = book.create_sheet("工单")
    sheet.append(["导出"])
    sheet.append(["时间", "内容"])
    sheet.append([pd.Timestamp("2026-01-01 08:30").to_pydatetime(), "a_x000D_\tb"])
    sheet.append([46023.5, 7.0])
    path = tmp_path / "a.xlsx"
    book.save(path)
    rows, lines, found, _ = read(path)
    assert rows == [("2026-01-01 08:30:00", "a\r\tb"), ("46023.5", "7")]
    assert lines == [3, 4]
    assert found.notes == ["sheet 工单 of 2"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps([{"时间": t, "内容": c} for t, c in ROWS], ensure_ascii=False)),
        ("a.json", json.dumps([{"时间": t, "内容": c} for t, c in ROWS])),
        ("b.jsonl", "\n".join(json.dumps({"时间": t, "内容": c}, ensure_ascii=False) for t, c in ROWS)),
        (
            "c.geojson",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "geometry": {"type": "Point", "coordinates": [1, 2]},
                            "properties": {"时间": t, "内容": c},
                        }
                        for t, c in ROWS
                    ],
                },
                ensure_ascii=False,
            ),
        ),
    ],
)
def test_json_of_every_shape(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    rows, lines, _, _ = read(path)
    assert rows == ROWS
    assert lines == [1, 2, 3]


def test_json_records_by_name_longer_than_one_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    many = [{"时间": "2026-01-01", "内容": "很长的内容" * 400} for _ in range(500)]
    path.write_text(json.dumps({"meta": {"n": 1}, "data": many}, ensure_ascii=False), encoding="utf-8")
    wanted = WANTED.model_copy(update={"read": WANTED.read.model_copy(update={"records": "data"})})
    rows, _, _, _ = read(path, wanted)
    assert rows == [("2026-01-01", "很长的内容" * 400)] * 500


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"时间": pd.to_datetime(["2026-01-01 08:00", None]), "内容": ["a", None]}).to_parquet(path)
    rows, lines, _, _ = read(path)
    assert [row[0][:19] for row in rows] == ["2026-01-01 08:00:00", ""]
    assert [row[1] for row in rows] == ["a", ""]
    assert lines == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.csv", None, "no such file"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf\n", "is empty"),
        ("a.csv", b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table>", "web page"),
        ("a.csv", b"  <html><body>login</body></html>", "web page"),
        ("a.csv", "编号,别的\n1,2\n".encode(), "has no column"),
        ("a.csv", "时间,时间,内容\n1,2,3\n".encode(), "more than once"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Excel file"),
        ("a.xlsx", b"PK\x03\x04broken", "not a workbook"),
        ("a.parquet", b"PAR1broken", "Parquet"),
        ("a.json", '[{"时间": "2026-01-01", "内容": "a"}, {"时间"'.encode(), "not valid JSON"),
        ("a.json", b"[]", "no records"),
        ("a.json", b"[1, 2]", "not an object"),
        ("a.bin", b"abc", "what kind of file"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path: Path, name: str, content: bytes | None, sentence: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IntakeError, match=sentence) as caught:
        read(path)
    assert str(tmp_path) not in str(caught.value)
    assert str(caught.value).endswith((".", ")", "again."))


def test_bytes_that_are_not_utf8_are_counted_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "".join(f"2026-01-01,好的内容{i}\n" for i in range(3000))
    path.write_bytes(("时间,内容\n" + good).encode() + b"2026-01-02,a\xff\xfeb\n")
    rows, _, found, _ = read(path)
    assert rows[-1] == ("2026-01-02", "a\ufffd\ufffdb")
    assert found.undecodable == 2
