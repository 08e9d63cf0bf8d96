"""The services page in a browser: a director who tries two windows, and the way from the city to one case."""

import json
import math
from datetime import datetime, timedelta

import pytest

SERVICES = "/services"


def data(server, panel: str, search: str = "") -> dict:
    return json.loads(server.get(f"/data/services.{panel}.json{search}"))


def wait_min(arrivals_h: float, service_min: float, windows: int) -> float:
    """Mean wait of M/M/c, summed from the probabilities of its states (handbook 3.7 says it in Erlang's form)."""
    load = arrivals_h * service_min / 60
    if load >= windows:
        return math.inf
    weights, many = [1.0], 1.0
    for n in range(1, 2000):
        many *= load / min(n, windows)
        weights.append(many)
    waiting = sum((n - windows) * weight for n, weight in enumerate(weights) if n > windows) / sum(weights)
    return waiting / arrivals_h * 60


@pytest.fixture
def morning(cockpit) -> str:
    """The latest forenoon at which windows were open."""
    newest = datetime.fromisoformat(json.loads(cockpit.get("/version"))["now"]).replace(hour=10, minute=30, second=0)
    for back in range(1, 12):
        at = f"{newest - timedelta(days=back):%Y-%m-%dT%H:%M}"
        if any(row["kind"] == "windows" for row in data(cockpit, "whatif", f"?at={at}")["data"]):
            return at
    raise AssertionError("no hall was open in any of twelve days")


def test_two_more_windows_and_by_how_much_the_wait_falls(desk, cockpit, morning) -> None:
    page = desk.open(f"?at={morning}", SERVICES)
    panel = page.locator(".p-whatif")
    opened = int(panel.locator(".steps-n b").inner_text())
    for _ in range(2):
        desk.click(".p-whatif .steps-n a:last-of-type")
    assert f"windows={opened + 2}" in desk.search
    assert int(panel.locator(".steps-n b").inner_text()) == opened + 2
    told = data(cockpit, "whatif", desk.search)
    halls = {row["name"]: row for row in data(cockpit, "halls", desk.search)["data"]}
    hall = next(row for name, row in halls.items() if panel.inner_text().count(name))
    mine = next(row for row in told["data"] if row["kind"] == "windows" and row["chosen"])
    assert mine["n"] == opened + 2
    load = mine["utilisation"] * mine["n"]
    service = hall["service"]
    expected = wait_min(load * 60 / service, service, mine["n"])
    assert mine["grows"] if math.isinf(expected) else mine["wait"] == pytest.approx(expected, rel=1e-6)
    if not mine["grows"]:
        assert f"{mine['wait']:.1f}" in panel.locator(".w-change").inner_text()
    page.go_back()
    page.go_back()
    page.wait_for_function(f"document.querySelector('.p-whatif .steps-n b').textContent === '{opened}'")
    assert "windows=" not in desk.search


def test_from_the_least_punctual_department_to_the_stages_of_a_case(desk, cockpit) -> None:
    page = desk.open(path=SERVICES)
    desk.click('.p-league a[data-set="org"]')
    org = page.evaluate("new URLSearchParams(location.search).get('org')")
    rows = data(cockpit, "records", desk.search)["data"]
    assert rows and {row["org"] for row in rows} == {org}
    before = desk.search
    assert not page.locator(".p-case").is_visible()
    desk.click('.p-records .rows a[data-set="case"]')
    shown = page.locator(".p-case")
    assert shown.is_visible()
    assert rows[0]["case_no"] in shown.inner_text()
    page.go_back()
    desk.ready()
    assert desk.search == before
    assert not shown.is_visible()


def test_tiles_follow_from_the_city_to_a_district_to_a_street(desk, cockpit) -> None:
    search, shown = "", []
    for _ in range(3):
        page = desk.open(search, SERVICES)
        told = {row["key"]: row for row in data(cockpit, "headline", desk.search)["data"]}
        received = told["services.received"]["value"]
        assert f"{received:,.0f}" in page.locator(".p-headline .tile").first.inner_text()
        shown.append(received)
        places = [row for row in data(cockpit, "map", desk.search)["data"] if row["kind"] == "place"]
        search = f"?area={max(places, key=lambda row: row['received'] or 0)['code']}"
    assert len(desk.crumbs()) == 3
    assert shown[0] > shown[1] > shown[2] > 0


def test_what_is_set_tighter_on_a_wall_keeps_the_colour_of_its_state(visit, cockpit, morning) -> None:
    """Words that their place would cut are set tighter there; that must not look like a hall with few windows free."""
    wall = visit(cockpit.url, (3840, 1080))
    page = wall.open(f"?mode=wall&lang=en&at={morning}", SERVICES)
    halls = data(cockpit, "halls", wall.search)["data"]
    states = ["doubtful" if row["doubtful"] else row["state"] for row in halls]
    assert "over" in states or "tight" in states
    assert page.locator(".snug").count() > 0
    shown = page.evaluate(
        """() => [...document.querySelectorAll('.halls-rows > li .h-word')].map((word) =>
          [word.textContent.trim()[0] || '', getComputedStyle(word).color])"""
    )
    tones = page.evaluate(
        """() => ['over', 'tight'].map((state) =>
          getComputedStyle(document.querySelector(`.halls-head .mark.${state}`)).color)"""
    )
    assert len({*tones}) == 2
    signs = {"over": "▲", "tight": "◆"}
    for state, (sign, tone) in zip(states, shown, strict=True):
        if state in signs:
            assert (sign, tone) == (signs[state], tones[["over", "tight"].index(state)])
        else:
            assert sign not in signs.values()
            assert tone not in tones
