"""The tree of areas and finding one by what people call it."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine, insert, update

from data_access import areas, clock, engine
from data_access.areas import Area, AreaTree, build_tree
from data_access.schema import area


def place(code: str, name: str, parent: str | None, level: int, name_en: str | None = None) -> Area:
    return Area(
        code, name, name_en, parent, level, "statutory", None, None, None, None, None, False, areas.pinyin(name)
    )


ROWS = [
    place("1", "深圳市", None, 0, "Shenzhen"),
    place("x", "龙华区", "1", 1, "Longhua District"),
    place("y", "東山區", "1", 1),
    place("q", "龙华街道", "x", 2, "Longhua Subdistrict"),
    place("p", "观澜街道", "x", 2),
    place("m", "城北镇", "y", 2),
    place("n", "城北镇", "x", 2),
    place("deep", "一社区", "q", 3),
]


@pytest.fixture
def tree() -> AreaTree:
    aliases = [(alias, one.code) for one in ROWS for alias in areas.aliases_of(one.name, one.name_en)]
    return build_tree(ROWS, [*aliases, ("鹏城", "1")])


def codes(found: list[Area]) -> list[str]:
    return [one.code for one in found]


def test_codes_are_joined_by_parent_and_nothing_else(tree: AreaTree) -> None:
    assert tree.root is not None
    assert tree.root.code == "1"
    assert codes(tree.children("1")) == ["x", "y"]
    assert codes(tree.path("deep")) == ["1", "x", "q", "deep"]
    assert codes(tree.descendants("x")) == ["n", "p", "q", "deep"]
    assert tree.depth() == 3


def test_unknown_codes_give_nothing(tree: AreaTree) -> None:
    assert tree.get("?") is None
    assert tree.get(None) is None
    assert (tree.children("?"), tree.path("?"), tree.descendants("?")) == ([], [], [])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("深圳", "1"),
        ("鹏城", "1"),
        ("szs", "1"),
        ("shenzhen", "1"),
        ("SHENZHEN shi", "1"),
        ("龙华街道", "q"),
        ("lhjd", "q"),
        ("Longhua Sub", "q"),
        ("guanlan", "p"),
        ("gljd", "p"),
        ("观", "p"),
        ("澜", "p"),
        ("东山区", "y"),
        ("dsq", "y"),
        ("deep", "deep"),
    ],
)
def test_search_finds_by_name_alias_english_pinyin_initials_and_code(tree: AreaTree, text: str, first: str) -> None:
    assert codes(tree.search(text))[0] == first


def test_search_knows_nothing_of_nothing(tree: AreaTree) -> None:
    assert tree.search("") == []
    assert tree.search("   ") == []
    assert tree.search("火星") == []
    assert len(tree.search("l", limit=1)) == 1


@pytest.mark.parametrize(
    ("name", "within", "found"),
    [
        ("龙华区", None, ["x"]),
        ("龙华街道", None, ["q"]),
        ("龙华", None, ["x", "q"]),  # the name alone does not tell
        ("龙华", "x", ["q"]),
        ("龙华镇", None, ["q"]),  # once a town, now a subdistrict
        ("龙华新区", None, ["x"]),
        ("龙华街道办事处", None, ["q"]),
        ("东山区", None, ["y"]),
        ("東山", None, ["y"]),
        ("城北镇", None, ["m", "n"]),
        ("城北镇", "x", ["n"]),
        ("Longhua District", None, ["x"]),
        ("火星区", None, []),
        ("龙华区", "nowhere", []),
        ("", None, []),
    ],
)
def test_names_resolve_with_and_without_suffix(tree: AreaTree, name: str, within: str | None, found: list[str]) -> None:
    assert codes(tree.resolve(name, within)) == found


def test_both_ways_of_writing_tai_are_one() -> None:
    assert areas.aliases_of("臺北市") == {"臺北", "台北", "台北市"}
    assert areas.fold("臺北市") == areas.fold("台北 市")
    assert areas.stem("東區") == ("东区", "")  # one character is no name


def test_pinyin_is_kept_with_initials() -> None:
    assert areas.pinyin("云川市") == "yunchuan shi|ycs"
    assert areas.pinyin("重庆市").startswith("chongqing")
    assert areas.pinyin("Baltimore") == ""


def test_labels_fall_back_to_the_name() -> None:
    assert ROWS[0].label("en") == "Shenzhen"
    assert ROWS[2].label("en") == "東山區"
    assert ROWS[0].label("zh") == "深圳市"


def store(code: str, name: str, since: date, until: date | None = None) -> dict[str, object]:
    values = {"code": code, "name": name, "valid_from": since, "valid_to": until, "level": 0, "kind": "statutory"}
    return {**values, "shaped": False, "parent": None}


def test_the_tree_is_kept_until_the_data_or_the_day_changes(database: Engine) -> None:
    with engine.committing() as connection:
        connection.execute(insert(area).values(store("c", "旧名市", date(1990, 1, 1), date(2026, 3, 1))))
        connection.execute(insert(area).values(store("c", "新名市", date(2026, 3, 1))))
    with clock.held(datetime(2026, 2, 28, 23, 59)):
        before = areas.tree()
        assert before.root is not None
        assert before.root.name == "旧名市"
        assert areas.tree() is before
    with clock.held(datetime(2026, 3, 1)):
        assert [one.name for one in areas.resolve_name("新名市")] == ["新名市"]
        assert areas.resolve_name("旧名市") == []
        kept = areas.tree()
        with engine.committing() as connection:
            connection.execute(update(area).where(area.c.name == "新名市").values(name="改名市"))
        assert areas.tree() is not kept
        assert areas.tree().get("c") is not None
        assert [one.name for one in areas.resolve_name("改名市")] == ["改名市"]
