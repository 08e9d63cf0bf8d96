"""Templates: what is wrong in one is said with its place, and the others go on."""

import pytest

from briefing import templates
from briefing.templates import SHIPPED, TemplateError, load, read

GOOD = """
title = { zh = "供暖日报", en = "Heating" }
numbering = { zh = "第{number}期", en = "No. {number}" }
covers = "day"
[[sections]]
name = "heat"
title = { zh = "供暖", en = "Heating" }
rules = ["movers"]
[[sections.panels]]
panel = "overview.changed"
view = { topic = "0201" }
show = "table"
columns = [{ name = "name", zh = "类别", en = "Category" }]
"""
PANELS = {"overview.changed"}


def test_the_shipped_ones_are_sound(app):
    from components.panel import panels  # noqa: PLC0415

    found, wrong = load(None, panels)
    assert wrong == []
    assert set(found) == {"daily", "weekly", "monthly"}


def test_a_city_has_its_own(tmp_path):
    (tmp_path / "heating.toml").write_text(GOOD, "utf-8")
    (tmp_path / "daily.toml").write_text(GOOD, "utf-8")
    found, wrong = load(tmp_path)
    assert wrong == []
    assert set(found) == {"daily", "weekly", "monthly", "heating"}
    assert found["daily"].template.title.zh == "供暖日报"
    assert found["daily"].digest == found["heating"].digest != found["weekly"].digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('covers = "day"', 'covers = "day', "line 4"),
        ('covers = "day"', 'covers = "hour"', "covers"),
        ('"overview.changed"', '"overview.chnged"', "panels[1] (overview.chnged) > panel: there is no panel"),
        ('["movers"]', '["moovers"]', "sections[1] (heat) > rules: there is no rule 'moovers'"),
        ('topic = "0201"', 'topik = "0201"', "'topik' is no field of a view"),
        ('topic = "0201"', 'at = "2026-01-01"', "'at' is no field of a view that a template may set"),
        ('topic = "0201"', 'windows = "many"', "'many' is no value of windows"),
        ('"供暖日报", en = "Heating"', '"供暖日报"', "title > en"),
        ('show = "table"', 'show = "pie"', "panels[1] (overview.changed) > show"),
        ("columns = [{", "colums = [{", "colums"),
        ('zh = "第{number}期"', 'zh = "第{nummer}期"', "nummer"),
        ('["movers"]', '[{ rule = "volume", of = "hotline.headline", key = "x" }]', "no panel is called"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path, old, new, said):
    assert GOOD.count(old) == 1
    (tmp_path / "heating.toml").write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(TemplateError) as error:
        read(tmp_path / "heating.toml", PANELS)
    assert str(error.value).startswith("heating.toml: ")
    assert said in str(error.value)


def test_a_broken_one_leaves_the_others(tmp_path):
    (tmp_path / "daily.toml").write_text("nonsense\n[x]\n", "utf-8")
    (tmp_path / "latin.toml").write_bytes("title = 'é'".encode("latin-1"))
    found, wrong = load(tmp_path)
    assert set(found) == {"weekly", "monthly"}  # the shipped one does not stand in for what its owner wrote
    assert len(wrong) == 2
    assert any(one.startswith("daily.toml: ") and "line 1" in one for one in wrong)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    found, wrong = load(tmp_path / "none")
    assert set(found) == {path.stem for path in SHIPPED.glob("*.toml")}
    assert "there is no such folder" in wrong[0]


def test_tables_need_columns_and_tiles_keys(tmp_path):
    for old, new, said in (
        ('columns = [{ name = "name", zh = "类别", en = "Category" }]', "", "a table needs columns"),
        ('show = "table"', 'show = "tiles"', "tiles need keys"),
    ):
        (tmp_path / "heating.toml").write_text(GOOD.replace(old, new), "utf-8")
        with pytest.raises(TemplateError, match=said):
            templates.read(tmp_path / "heating.toml", PANELS)
