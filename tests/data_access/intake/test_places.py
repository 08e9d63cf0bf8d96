"""Where an order belongs, by each way of telling."""

import pyarrow as pa
import pytest

from data_access.intake import privacy
from data_access.intake.description import Description
from data_access.intake.places import Places
from domain.masking import mask_text


def find(place: dict, values: dict) -> tuple[list, list, list]:
    given = {"key": "t", "name_zh": "测", "name_en": "T", "columns": {"accept_at": "at"}, "place": place}
    places = Places(Description.model_validate(given))
    found = places.find({f"place.{role}": pa.array([value]) for role, value in values.items()}, 1)
    return found.district[0], found.street[0], found.by[0]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("中山区江宁街道人民路5号", ("D1", "S11", "address")),
        ("中山區臺北市臺北市中山區江寧街道建国北路", ("D1", "S11", "address")),
        ("大安区江宁镇", ("D2", "S21", "address")),
        ("大安区106台湾台北市大安区民辉里020鄰市民大道三段１２８巷８號", ("D2", "S22", "address")),
        ("大 安 区 民辉里", ("D2", "S22", "address")),
        ("中山区江宁办事处", ("D1", "S11", "address")),
        ("中山区朝阳门外大街", ("D1", "", "address")),  # a road, not the street of that name
        ("中山区民辉里", ("D1", "", "address")),  # a street of another district
        ("民辉里12号", ("D2", "S22", "address")),  # only one district has it
        ("云川市朝阳门外街道", ("D1", "S12", "address")),
        ("云川市某处", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_addresses(duck_city, address: str, expected: tuple) -> None:
    assert find({"address": "a"}, {"address": address}) == expected


@pytest.mark.parametrize(
    ("district", "street", "expected"),
    [
        ("中山区", "江宁街道", ("D1", "S11", "name")),
        ("中山", "江宁", ("D1", "S11", "alias")),
        ("大安区", "江宁镇", ("D2", "S21", "name")),
        ("", "江宁办事处", ("D1", "S11", "alias")),
        ("大安区", "不存在街道", ("D2", "", "name")),
        ("不存在区", "江宁街道", ("", "", "")),
        ("", "", ("", "", "")),
    ],
)
def test_names(duck_city, district: str, street: str, expected: tuple) -> None:
    assert find({"district": "d", "street": "s"}, {"district": district, "street": street}) == expected


def test_codes_then_names_then_address(duck_city) -> None:
    place = {"code": "c", "district": "d", "address": "a"}
    assert find(place, {"code": "S22", "district": "中山区", "address": ""}) == ("D2", "S22", "code")
    assert find(place, {"code": "?", "district": "中山区", "address": "大安区"}) == ("D1", "", "name")
    assert find(place, {"code": "", "district": "", "address": "大安区"}) == ("D2", "", "address")
    assert find(place, {"code": "C", "district": "", "address": ""}) == ("", "", "")


def test_without_areas_nothing_is_placed(duckdb_only) -> None:
    assert find({"address": "a", "lon": "x", "lat": "y"}, {"address": "中山区", "lon": "1.5", "lat": "2.5"}) == (
        "",
        "",
        "",
    )


TEXTS = [
    "中山区人民路12号3栋502室",
    "中山区人民路1234号3栋502室",
    "大安區臺北市大安區民輝里020鄰市民大道三段１２８巷８號",
    "请致电 138-1234-5678 张先生",
    "2026年3月5日12时停电",
    "12345热线 95598",
    "联系人：李四 电话0571-88888888",
    "松江路１８４巷２６弄６號 0912345678",
    "G25高速12-301",
    "无数字",
    "",
    "a@b.cn 5",
]


def test_masking_columns_is_masking_each_text() -> None:
    masker = privacy.Masker("key")
    many = [text.replace("1", str(digit)) for text in TEXTS for digit in range(10)]
    assert masker.texts(pa.array(many)).to_pylist() == [mask_text(text) for text in many]


def test_callers_are_the_same_however_the_number_is_written() -> None:
    keys = privacy.Masker("key").callers(
        pa.array(["138 1234 5678", "+86 13812345678", "", "1381234567８", "13900000000"])
    )
    first, second, none, third, other = keys.to_pylist()
    assert first == second == third != other
    assert none is None
    assert privacy.Masker("other").callers(pa.array(["13812345678"]))[0].as_py() != first
