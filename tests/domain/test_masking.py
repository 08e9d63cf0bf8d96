"""Nothing personal is left, ordinary text is left alone, and masking twice is masking once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import caller_key, mask_phone, mask_text, normalise_phone

MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请致电13812341234联系", "请致电138****1234联系"),
        ("１３８１２３４１２３４", "138****1234"),
        ("138 1234 1234 / 138-1234-1234 / 1381 234 1234", "138****1234 / 138****1234 / 138****1234"),
        ("+86 13812341234，008613812341234", "138****1234，138****1234"),
        ("0571-87654321", "0571****4321"),
        ("(02)2345-6789", "(02)****6789"),
        ("0912-345-678", "0912***678"),
        ("电话:87654321", "电话:****21"),
        ("身份证340602199001011234，", "身份证3406**********1234，"),
        ("34060219900101123X", "3406**********123X"),
        ("银行卡6222020200112233445", "银行卡622****3445"),
        ("姓名：张三丰", "姓名：张**"),
        ("联系人张三，电话13900001111", "联系人张*，电话139****1111"),
        ("市民张三先生反映噪音", "市民张*先生反映噪音"),
        ("Name: John Smith", "Name: J***"),
        ("zhang.san@example.com", "z***@example.com"),
        ("中山路12号3栋502室", "中山路**号**栋**室"),
        ("阳光花园3栋502漏水", "阳光花园**栋**漏水"),
        ("幸福小区5-502", "幸福小区**"),
        ("8-2-301室", "**室"),
        ("三号楼二单元", "**号楼**单元"),
        ("１２８巷８號", "**巷**號"),
        ("忠孝東路五段100號之3 5樓", "忠孝東路五段**號 **樓"),
        ("人民路 66 号", "人民路 **号"),
        ("13812341234号", "138****1234号"),
    ],
)
def test_masked(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "反映路灯不亮",
        "反映人民路积水",
        "11月21号停水",
        "十一月二十一号停水",
        "2026-11-21 15:00",
        "地铁1号线噪音",
        "拨打电话12345无人接听",
        "第3号台风",
        "25.0330, 121.5654321",
        "欠薪12000元",
        "2026年11月21日",
        "教师先生活困难",
    ],
)
def test_left_alone(text):
    assert mask_text(text) == text


def test_the_house_number_after_a_road_named_by_a_number_is_masked():
    assert mask_text("五一路188号") == "五一路**号"


phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
wide = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.text(max_size=30), phones, st.text(max_size=30), st.booleans())
def test_property_no_mobile_number_is_left(before, phone, after, full_width):
    masked = mask_text(before + (phone.translate(wide) if full_width else phone) + after)
    assert phone not in masked
    assert not MOBILE.search(masked)


address_text = st.text(alphabet="0123456789１２Xx-号號栋楼室巷之三十一线月* ()姓名：张王三先生电话@.a\n+", max_size=40)


@given(st.one_of(address_text, st.text()))
def test_property_masking_twice_is_masking_once(text):
    once = mask_text(text)
    assert mask_text(once) == once


@given(address_text)
def test_property_no_run_of_eleven_digits_is_left(text):
    assert not re.search(r"\d{11}", mask_text(text))


@given(st.one_of(st.text(max_size=20), st.text(alphabet="0123456789１*+- ", max_size=20)))
def test_property_mask_phone_shows_at_most_seven_digits_and_settles(text):
    masked = mask_phone(text)
    assert mask_phone(masked) == masked
    assert sum(character.isdecimal() for character in masked) <= 7


def test_mask_phone():
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("+86 138-1234-1234") == "138****1234"
    assert mask_phone("０５７１－８７６５４３２１") == "057****4321"
    assert mask_phone("87654321") == "****21"
    assert mask_phone("12345") == "****"
    assert mask_phone("13812341234*") == "138****1234", "a star does not make it masked"
    assert mask_phone(" ") == ""


def test_same_caller_same_key_and_no_number_no_key():
    written = ["13812341234", "+86 138 1234 1234", "１３８-１２３４-１２３４", "008613812341234"]
    keys = {caller_key(normalise_phone(phone), "secret") for phone in written}
    assert len(keys) == 1
    assert caller_key("13812341234", b"secret") in keys
    assert caller_key("13812341234", "another secret") not in keys
    for phone, key in (("", "secret"), ("13812341234", "")):
        with pytest.raises(ValueError, match="caller key"):
            caller_key(phone, key)


@given(phones, st.binary(min_size=1))
def test_property_caller_key_fits_a_signed_big_integer(phone, key):
    assert 0 <= caller_key(phone, key) < 2**63
