"""Where numbers of a headline lead: the list holds as many as the number says, the map is of it, the page is its."""

import json
from urllib.parse import parse_qsl

import pytest

from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from data_access.areas import tree

CITY = "990100"
LANGS = ("zh", "en")
LISTED = {
    "hotline": {"hotline.received", "hotline.open", "hotline.overdue", "hotline.due_today", "hotline.satisfaction"},
    "services": {
        "services.received", "services.open_cases", "services.overdue_cases", "services.on_time_finished",
        "services.good_rating",
    },
}  # fmt: skip
VIEWS = ({}, {"area": "district", "period": "90d"}, {"period": "7d", "at": "2026-05-29T10:00"}, {"compare": "none"})


def view_of(asked: dict[str, str], **more: str) -> View:
    own = {"area": tree().children(CITY)[0].code} if "area" in asked else {}
    return View.from_query(asked | own | more)


def links(element: Element) -> list[Element]:
    inside = [one for node in element.nodes if isinstance(node, Element) for one in links(node)]
    return ([element] if element.tag == "a" else []) + inside


def leads(page: str, view: View) -> dict[str, Element]:
    """Key of the tile that a link stands in, and its class -> the link."""
    asked = panels[f"{page}.headline"]
    drawn = asked.draw(asked.answer(view), look_of(view))

    def tiles(element: Element) -> list[Element]:
        inside = [one for node in element.nodes if isinstance(node, Element) for one in tiles(node)]
        return ([element] if "data-indicator" in element.attributes else []) + inside

    return {
        f"{tile.attributes['data-indicator']} {link.attributes['class']} {n}": link
        for tile in tiles(drawn)
        for n, link in enumerate(links(tile))
    }


def counted(row) -> int:
    """What is listed of a tile: what is counted, or of a rate those that fail it."""
    return int(row.denominator - row.numerator if row.denominator == row.denominator else row.value)


@pytest.mark.parametrize("asked", VIEWS)
@pytest.mark.parametrize("page", LISTED)
def test_a_list_is_as_long_as_its_number_says(cockpit, page, asked):
    view = view_of(asked)
    answer = panels[f"{page}.headline"].query(view)
    rows = answer.frame.set_index("key")
    assert {key for key, lead in answer.facts["leads"].items() if "state" in lead} == LISTED[page]
    assert answer.facts["list"] in panels
    for key in LISTED[page]:
        there = panels[answer.facts["list"]].query(view.to(**answer.facts["leads"][key]))
        assert (there.facts["total"] if there.facts else 0) == counted(rows.loc[key]), key
    assert counted(rows.loc[f"{page}.received"]) > 0


@pytest.mark.parametrize("page", LISTED)
def test_a_map_is_of_the_number_that_led_there(cockpit, page):
    answer = panels[f"{page}.headline"].query(View())
    shown = {key: lead["metric"] for key, lead in answer.facts["leads"].items() if "metric" in lead}
    assert len(shown) >= 2
    for key, metric in shown.items():
        (first, *_) = panels[f"{page}.map"].query(View(metric=metric)).measured
        assert first.key == key


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("page", LISTED)
def test_numbers_are_drawn_as_links(cockpit, page, lang):
    view = View.from_query({"lang": lang})
    answer = panels[f"{page}.headline"].query(view)
    drawn = leads(page, view)
    told = [json.loads(link.attributes["data-fields"]) for link in drawn.values()]
    assert sorted(map(str, told)) == sorted(map(str, answer.facts["leads"].values()))
    for link in drawn.values():
        listed = "state" in json.loads(link.attributes["data-fields"])
        assert link.attributes.get("data-show") == (answer.facts["list"] if listed else None)


@pytest.mark.parametrize("lang", LANGS)
def test_numbers_of_the_overview_lead_to_their_pages(cockpit, lang):
    view = View.from_query({"lang": lang, "period": "7d", "metric": "hotline.overdue", "theme": "light"})
    answer = panels["overview.headline"].query(view)
    found = {key.split()[0]: link.attributes["href"] for key, link in leads("overview", view).items()}
    assert found == answer.facts["leads"]
    assert set(found) == {key for key in answer.frame["key"] if key.startswith(("hotline.", "services.", "flood."))}
    for key, href in found.items():
        page, _, query = href.partition("?")
        assert page == f"/{key.partition('.')[0]}"
        kept = View.from_query(dict(parse_qsl(query)))
        assert kept == view.to(metric="", state="open" if key == "hotline.open" else "")
