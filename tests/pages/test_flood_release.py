"""Reservoirs, the river as a line, releases and their board: every number another way, and what people may write."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import delete, select

from components.markup import Element
from components.panel import look_of, panels
from components.view import View
from components.words import text
from data_access import engine
from data_access.flood import forecast, reservoirs
from data_access.flood import release as data
from data_access.flood import stations as network
from data_access.flood.tables import flood_advice
from domain.flood.plan import plan_text
from domain.flood.release import CONSTANTS
from pages.flood import constants
from pages.flood.asked import ask
from tests import flood_by_hand as by_hand
from tests.conftest import MOMENT
from tests.pages.flood_city import body, newest, stations

NAMES = ("reservoirs", "line", "release", "board")


def dam() -> str:
    return str(stations().query("kind == 'reservoir'")["code"].iloc[0])


VIEWS = {
    "city": lambda: {},
    "one reservoir": lambda: {"reservoir": dam()},
    "a plan": lambda: {"reservoir": dam(), "plan": "0618T1730-40,0618T2100-90"},
    "a wall": lambda: {"mode": "wall", "reservoir": dam()},
    "the past": lambda: {"at": "2026-06-17T03:20", "reservoir": dam()},
    "before any data": lambda: {"at": "2001-01-01T08:00", "reservoir": dam()},
    "nonsense": lambda: {"reservoir": "nowhere", "plan": "x,y-z", "station": "q"},
}


def drawn(name: str, client, query: dict[str, str]) -> tuple[Any, Element | None]:
    seen = View.from_query(query)
    with client.application.test_request_context():
        answer = panels[f"flood.{name}"].answer(seen)
        return answer, None if answer.blank else panels[f"flood.{name}"].draw(answer, look_of(seen))


def walk(one: Any) -> Iterator[Element]:
    if isinstance(one, Element):
        yield one
        for node in one.nodes:
            yield from walk(node)


def words_of(one: Any) -> str:
    if not isinstance(one, Element):
        return str(one)
    return " ".join(words_of(node) for node in one.nodes)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", NAMES)
def test_every_view_is_drawn_and_its_frame_is_its_json(client, name, view, lang):
    query = VIEWS[view]() | {"lang": lang}
    answer, tree = drawn(name, client, query)
    assert len(body(client, name, **query)["data"]) == len(answer.frame)
    if tree is not None:
        assert "nan" not in words_of(tree).lower().split()
        assert json.dumps(tree)


def test_a_reservoir_has_its_newest_level_and_its_own_limits(client):
    last = newest().set_index(["station", "element"])["value"]
    told = body(client, "reservoirs")["data"]
    assert {row["code"] for row in told} == set(stations().query("kind == 'reservoir'")["code"])
    for row in told:
        limits = network.limits(row["code"], MOMENT.date())
        assert row["level"] == pytest.approx(last[row["code"], "level"])
        assert row["outflow"] == pytest.approx(last[row["code"], "outflow"])
        assert row["limit"] == limits.get("limit")
        assert row["margin"] == pytest.approx(row["level"] - limits.get(row["threshold"]))
        assert row["net"] == pytest.approx(row["inflow"] - row["outflow"])


def test_the_line_follows_the_water_to_the_sea(client):
    known = stations().set_index(["code", "kind"])
    for river in network.rivers()[:3]:
        first = network.line(river)[0]
        told = body(client, "line", station=first.code)["data"]
        assert told[0]["station"] == first.code
        far = [row["km"] for row in told if row["km"] is not None]
        assert far == sorted(far, reverse=True)
        for row in told:
            limits = network.limits(row["station"], MOMENT.date())
            reference = limits.get(row["reference"]) if row["reference"] else None
            assert (row["margin"] is None) == (reference is None or row["level"] is None)
            if row["margin"] is not None:
                assert row["margin"] == pytest.approx(row["level"] - reference)
            assert (row["station"], row["kind"]) in known.index


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_plan_comes_to_is_what_the_board_says(client, lang):
    query = VIEWS["a plan"]() | {"lang": lang}
    every = body(client, "board", **query)["data"]
    told = pd.DataFrame([row for row in every if row["part"] == "candidate"])
    own = told[told["key"] == "own"]
    assert set(own["plan"]) == {query["plan"]}
    assert len(set(told.groupby("candidate").size())) == 1
    assert len(set(told[told["advised"]]["candidate"])) == 1
    assert (told["low"] <= told["expected"] + 1e-6).all()
    assert (told["expected"] <= told["high"] + 1e-6).all()
    left = told["limit"] - told["expected"]
    assert left.to_numpy() == pytest.approx(told["left"].to_numpy(), nan_ok=True)
    short = pd.DataFrame(body(client, "release", **query)["data"])
    pd.testing.assert_frame_equal(told, short)
    _, tree = drawn("board", client, query)
    assert tree is not None
    inputs = [one.attributes for one in walk(tree) if one.tag == "input" and one.attributes.get("type") == "number"]
    assert [one["value"] for one in inputs] == ["40", "90"]
    assert text("board.badge", lang) in words_of(tree)
    assert sum(one.attributes.get("class", "").startswith("candidate ") or one.attributes.get("class") == "candidate"
               for one in walk(tree)) == 3  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", list(range(3)))
def test_constant_releases_come_to_what_plain_loops_count(client, code, lang):
    dam_code = sorted(stations().query("kind == 'reservoir'")["code"])[code]
    setting = data.setting(dam_code, MOMENT)
    assert setting is not None
    design = network.limits(dam_code, MOMENT.date()).get("design")
    safe = min(one.safe for one in setting.controls)
    assert setting.capacity is not None
    flows = {"zero": 0.0, "current": setting.current, "half_safe": safe / 2, "safe": safe, "capacity": 1e9}
    if (needed := reservoirs.ecological(dam_code, MOMENT).flow) is not None:
        flows["ecological"] = needed
    answer, tree = drawn("board", client, {"reservoir": dam_code, "lang": lang})
    told = [row for row in body(client, "board", reservoir=dam_code, lang=lang)["data"] if row["part"] == "constant"]
    assert list(dict.fromkeys(row["key"] for row in told)) == list(CONSTANTS)
    assert {row["candidate"] for row in told} == {4, 5, 6, 7, 8, 9}
    words = words_of(tree)
    for key, flow in flows.items():
        rows = [row for row in told if row["key"] == key]
        known, dt = by_hand.counted(setting, flow), setting.dt
        assert [row["place"] for row in rows[1:]] == [
            each.code for each in setting.controls if each.code in known.below
        ]
        levels, out = known.levels[1], known.out[1]
        assert rows[0]["flow"] == pytest.approx(known.out[1][0] if key == "capacity" else flow)
        assert (rows[0]["low"], rows[0]["expected"], rows[0]["high"]) == pytest.approx([max(z) for z in known.levels])
        step = round((pd.Timestamp(rows[0]["peak_at"]) - forecast.rounded(MOMENT)) / pd.Timedelta(hours=dt))
        assert levels[step] == pytest.approx(max(levels))
        limits = {"hours_over_limit": setting.limit, "hours_over": setting.target, "hours_over_design": design}
        for name, limit in limits.items():
            assert rows[0][name] == pytest.approx(by_hand.hours(levels, limit, dt)), name
        assert rows[0]["final"] == pytest.approx(levels[-1])
        assert rows[0]["most"] == pytest.approx(max(out))
        assert f"{max(levels):.2f}" in words
        assert f"{levels[-1]:.2f}" in words
        for row in rows[1:]:
            peaks = [max(line) for line in known.below[row["place"]]]
            assert (row["low"], row["expected"], row["high"]) == pytest.approx(peaks, abs=1e-3)
            assert row["left"] == pytest.approx(row["limit"] - peaks[1], abs=1e-3)
            assert row["hours_over"] == pytest.approx(by_hand.hours(known.below[row["place"]][1], row["limit"], dt))
    table = next(one for one in walk(tree) if one.tag == "table" and one.attributes.get("class") == "constants")
    lines = [one for one in walk(table) if one.tag == "tr"][1:]
    said = answer.facts["constants"]["lines"]
    assert len(lines) == len(said)
    fine = text("constants.below_none", lang)
    assert all(one["bad"] == (one["below"] != fine) for one in said if not one["lacking"])
    links = {one.attributes["data-value"] for one in walk(table) if "data-value" in one.attributes}
    assert links == {row["plan"] for row in told if row["plan"]}


def test_a_constant_is_tried_as_a_plan(client):
    row = next(r for r in body(client, "board", reservoir=dam())["data"] if r["key"] == "half_safe")
    query = {"reservoir": dam(), "plan": row["plan"], "lang": "en"}
    own = [r for r in body(client, "board", **query)["data"] if r["key"] == "own"]
    assert {r["plan"] for r in own} == {row["plan"]}
    assert own[0]["most"] == pytest.approx(min(row["flow"], row["most"]))
    _, tree = drawn("board", client, query)
    assert [words_of(one).split()[0] for one in walk(tree) if one.attributes.get("class") == "chosen"] == ["Half"]
    assert text("constants.tried", "en") in words_of(tree)


def test_constants_that_let_out_the_same_share_a_line(client):
    board = data.board(dam(), MOMENT)
    assert board is not None
    told = data.compared(board)
    zero, current, *others = told.lines
    assert zero.outcome is not None
    beyond = zero.outcome._replace(beyond=(False, True, True))
    asked = ask(View.from_query({"reservoir": dam()}))
    with client.application.test_request_context():
        shared = told._replace(lines=(zero, current._replace(flow=0.0), *others))
        same = constants.facts(board, shared, asked)["lines"]
        lost = told._replace(lines=(zero._replace(outcome=beyond), current, *others))
        lines, rows = constants.facts(board, lost, asked)["lines"], constants.rows(board, lost, asked)
    assert same[0]["name"] == "不下泄 = 现状出库"
    assert len(same) == 5
    assert lines[0]["lacking"] == text("release.v_beyond", "zh")
    assert [(row["place"], row["expected"], row["most"]) for row in rows if row["key"] == "zero"] == [("", None, None)]


def test_the_board_is_closed_until_a_reservoir_is_named(client):
    answer, _ = drawn("board", client, {})
    assert answer.blank == "none"
    unknown, tree = drawn("board", client, {"reservoir": "nowhere"})
    assert unknown.facts["lacking"]
    assert tree is not None


# ---- what people write -------------------------------------------------------------------------------------------


@pytest.fixture
def sheets(client):
    """An empty course of advice before and after."""

    def empty():
        with engine.committing() as connection:
            connection.execute(delete(flood_advice))

    empty()
    yield client
    empty()


def post(client, told: dict[str, Any], **headers: str):
    sent = {"Origin": "http://localhost", "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"} | headers
    return client.post("/flood/advice?lang=en", data=json.dumps(told), headers=sent)


def advice(**more: Any) -> dict[str, Any]:
    return {"step": "advice", "key": "own", "person": "Zhang", "text": "As shown",
            "search": f"?reservoir={dam()}&plan=0618T1730-40"} | more  # fmt: skip


def kept() -> list[Any]:
    return list(engine.rows(select(flood_advice).order_by(flood_advice.c.advice, flood_advice.c.seq)))


def test_an_advice_sheet_is_kept_as_it_was_shown(sheets):
    answer = post(sheets, advice())
    assert answer.status_code == 200, answer.text
    (row,) = kept()
    assert row.advice in answer.get_json()["said"]
    assert (row.person, row.step, row.station, row.moment) == ("Zhang", "advice", dam(), MOMENT)
    said = json.loads(row.content)
    assert said["plan"] == "0618T1730-40"
    board = data.board(dam(), MOMENT)
    assert board is not None
    assert plan_text(board.held.plan, board.at) == ""
    assert post(sheets, {"step": "opinion", "number": row.advice, "person": "Li", "text": "Agreed"}).status_code == 200
    too_early = post(sheets, {"step": "order", "number": row.advice, "person": "Li", "text": "Go"})
    assert too_early.status_code == 409
    assert [one.step for one in kept()] == ["advice", "opinion"]
    _, tree = drawn("board", sheets, {"reservoir": dam(), "lang": "en"})
    assert "Li" in words_of(tree)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_other_pages_cannot_write(sheets, headers, status):
    assert post(sheets, advice(), **headers).status_code == status
    assert kept() == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"person": ""}, 400),
        ({"person": "x" * 41}, 400),
        ({"person": 7}, 400),
        ({"text": "x" * 2001}, 400),
        ({"text": "\x00"}, 400),
        ({"step": "opened", "number": "2026-0618-01"}, 404),
        ({"search": "?reservoir=nowhere"}, 409),
        ({"search": "?at=2026-06-17T03:20"}, 409),
        ({"key": "staged"}, 409),
        ({"text": "x" * 20_000}, 413),
    ],
)
def test_what_is_wrong_is_refused_with_words(sheets, more, status):
    answer = post(sheets, advice(**more))
    assert answer.status_code == status
    assert answer.get_json()["said"]
    assert kept() == []
