"""The hotline page on what real systems export: every panel says what the source can tell and names what it cannot, and
the numbers are those of the files, counted another way."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from dash import Dash
from sqlalchemy import func, select

from components.words import text
from data_access import areas, engine
from data_access.intake.load import load_files
from data_access.schema import hotline_order
from data_access.settings import ROOT
from tests.conftest import RealFiles, on_its_own

SOURCES = ROOT / "sample_data" / "sources"
LATER = datetime(2026, 6, 18, 14, 30)
NAMES = {
    "situation", "headline", "trend", "problems", "bursts", "map", "league", "funnel", "bounces", "late", "cases",
    "records",
}  # fmt: skip


class Screen:
    """The panels of the hotline over the connected database."""

    def __init__(self, app: Dash, at: str) -> None:
        self.client, self.at = app.server.test_client(), at

    def text(self, name: str, kind: str = "json", **query: str) -> str:
        answer = self.client.get(f"/data/hotline.{name}.{kind}?{urlencode({'at': self.at, **query})}")
        assert answer.status_code == 200, (name, query, answer.status_code)
        return answer.get_data(as_text=True)

    def get(self, name: str, **query: str) -> dict:
        return json.loads(self.text(name, **query))

    def frame(self, name: str, **query: str) -> pd.DataFrame:
        return pd.DataFrame(self.get(name, **query)["data"])

    def state(self, name: str, lang: str = "zh") -> tuple[str, str]:
        """(ready | empty | none, the line that says why)."""
        meta = self.get(name, lang=lang)["meta"]
        return meta["state"], meta["note"]


@pytest.fixture
def opened(app: Dash, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Dash]:
    """The app over an empty database."""
    with on_its_own(tmp_path, request.node.nodeid, LATER):
        yield app


def _says(screen: Screen, said: dict[str, str], ready: set[str]) -> None:
    """Each panel is in `ready`, or says in both languages which field (of [field], 'areas': none loaded) is lacking."""
    assert said.keys() | ready == NAMES
    for lang in ("zh", "en"):
        for name, field in said.items():
            words = text("state.no_areas", lang)
            if field != "areas":
                words = text("state.lacking", lang, field=text(f"field.{field}", lang))
            assert screen.state(name, lang) == ("none", words), name
        for name in ready:
            allowed = ("ready", "empty") if name == "bursts" else ("ready",)  # a quiet day has none
            assert screen.state(name, lang)[0] in allowed, name


def _tiles(screen: Screen) -> dict[str, float | None]:
    return {row["key"]: row["value"] for row in screen.get("headline")["data"]}


def _listed(screen: Screen) -> int:
    """The rows of the list's CSV, below what it says about itself."""
    lines = list(csv.reader(io.StringIO(screen.text("records", "csv").lstrip("\ufeff"))))
    head = next(n for n, line in enumerate(lines) if line[:2] == ["order", "order_no"])
    return sum(1 for line in lines[head + 1 :] if line)


# ---- Baltimore: limits and closings, organisations, no areas, no callbacks -----------------------------------------


def _baltimore(path: Path) -> pd.DataFrame:
    """The file by itself: number, agency, created, due, closed."""
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    times = {name: pd.to_datetime(raw[f"{name}Date"], format="%m/%d/%Y %I:%M:%S %p", errors="coerce")
             for name in ("Created", "Due", "Close")}  # fmt: skip
    return pd.DataFrame({"number": raw["ServiceRequestNum"], "agency": raw["Agency"], **times})


def _on_time(orders: pd.DataFrame, start: str, end: datetime) -> dict[str, tuple[int, int]]:
    """Agency -> (closed by their limit, with a limit in the period). One row a number; no limit, no place in it."""
    once = orders.drop_duplicates("number")
    due = once[(once["Due"] >= pd.Timestamp(start)) & (once["Due"] < pd.Timestamp(end))]
    kept = due["Close"].notna() & (due["Close"] <= due["Due"])
    grouped = kept.groupby(due["agency"]).agg(["sum", "size"])
    return {str(agency): (int(n_kept), int(n)) for agency, n_kept, n in grouped.itertuples()}


def _league(screen: Screen, **query: str) -> dict[str, tuple[int, int]]:
    told = screen.frame("league", **query)
    counts = told[told["due"] > 0].set_index("name")[["on_time_n", "due"]].astype(int)
    return {str(name): (kept, due) for name, kept, due in counts.itertuples()}


AT = "2019-02-13T23:59"


def test_baltimore_on_time_by_agency(opened: Dash, real: RealFiles) -> None:
    path = real("hotline/baltimore_311_sample.csv")
    load_files(SOURCES / "hotline_baltimore.toml", [path])
    screen, orders = Screen(opened, AT), _baltimore(path)
    for first in ("2014-01-01", "2018-02-14", "2019-01-15"):
        wanted = _on_time(orders, first, datetime.fromisoformat(AT))
        assert _league(screen, period=f"{first}..2019-02-13") == wanted
        (tile,) = (
            t for t in screen.get("headline", period=f"{first}..2019-02-13")["data"] if t["key"] == "hotline.on_time"
        )
        kept, due = (sum(parts) for parts in zip(*wanted.values(), strict=True))
        assert (tile["numerator"], tile["denominator"]) == (kept, due)
        assert tile["value"] == pytest.approx(kept / due)
    past = datetime(2017, 5, 3, 9, 30)  # what was closed later was late or open then
    then = orders[orders["Created"] < past]
    assert _league(screen, period="90d", at=past.isoformat()) == _on_time(then, "2017-02-03", past)


def test_baltimore_says_what_it_lacks(opened: Dash, real: RealFiles) -> None:
    path = real("hotline/baltimore_311_sample.csv")
    load_files(SOURCES / "hotline_baltimore.toml", [path])
    screen, orders = Screen(opened, AT), _baltimore(path)
    _says(
        screen,
        {"map": "areas", "bounces": "events", "cases": "callback_at"},
        {"situation", "headline", "trend", "problems", "bursts", "league", "funnel", "late", "records"},
    )
    start, end = pd.Timestamp("2019-01-15"), pd.Timestamp(AT)
    received = int(((orders["Created"] >= start) & (orders["Created"] < end)).sum())
    still = (orders["Created"] < end) & ~(orders["Close"] < end)
    tiles = _tiles(screen)
    assert tiles["hotline.received"] == received
    assert tiles["hotline.open"] == int(still.sum())
    assert tiles["hotline.overdue"] == int((still & (orders["Due"] < end)).sum())
    lacking = {"answered", "response", "resolution", "satisfaction", "callback", "redo"}
    assert {tiles[f"hotline.{name}"] for name in lacking} == {None}
    closing = screen.frame("funnel").set_index("stage").loc["close"]
    took = orders[(orders["Close"] >= start) & (orders["Close"] < end)]
    assert closing["passed"] == len(took)
    hours = (took["Close"] - took["Created"]).dt.total_seconds() / 3600
    assert closing["median_h"] == pytest.approx(hours.median()) and pd.isna(closing["limit_h"])
    problems = screen.frame("problems")
    assert problems["received"].sum() == received
    assert not screen.frame("league")["on_time"].isna().all()


def test_what_a_limit_and_a_status_count_for(opened: Dash, tmp_path: Path) -> None:
    """What the definition card of the on-time rate says, on rows with each of the faults."""
    head = "ServiceRequestNum SRType MethodReceived CreatedDate SRStatus DueDate CloseDate Agency"
    d = "01/{:02}/2019 10:00:00 AM".format
    rows = [
        ["1", "Pothole", "Phone", d(1), "Closed", d(10), d(9), "Roads"],
        ["1", "Pothole", "Phone", d(1), "Closed", d(10), d(9), "Roads"],  # written twice: once
        ["2", "Pothole", "Phone", d(2), "Open", d(10), d(10), "Roads"],  # open with a closing: closed then
        ["3", "Pothole", "Phone", d(3), "Closed", d(10), "", "Roads"],  # closed without one: still open
        ["4", "Pothole", "Phone", d(4), "Closed", "", d(5), "Roads"],  # no limit: not counted
        ["5", "Pothole", "Phone", d(5), "Closed (Duplicate)", d(10), d(6), "Roads"],  # a number of its own: counts
        ["6", "Leak", "Phone", d(6), "Closed", d(10), d(12), "Water"],  # late
        ["7", "Leak", "Phone", d(7), "Closed", d(10), d(6), "Water"],  # closed before it came: set aside
    ]
    rows = [[*head.split(), "Address", "Latitude", "Longitude"], *([*row, "", "", ""] for row in rows)]
    path = tmp_path / "faults.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (report,) = load_files(SOURCES / "hotline_baltimore.toml", [path])
    assert (report.stored, report.already, report.quarantined) == (6, 1, 1)
    assert {one.code: one.count for one in report.doubts}.keys() >= {"open_closed", "closed_open"}
    screen = Screen(opened, "2019-01-20T00:00")
    assert _league(screen) == {"Roads": (3, 4), "Water": (0, 1)}
    assert _tiles(screen)["hotline.open"] == 1
    for lang, wanted in (
        ("zh", ("没有办结时限", "状态", "同一编号")),
        ("en", ("without a due time", "marked open", "written twice")),
    ):
        (card,) = (
            one for one in screen.get("league", lang=lang)["meta"]["definitions"] if one["key"] == "hotline.on_time"
        )
        said = json.dumps(card, ensure_ascii=False)
        assert [word for word in wanted if word not in said] == []


# ---- Taipei: places and categories, nothing after an order came in -------------------------------------------------


def test_taipei(opened: Dash, real: RealFiles) -> None:
    path = real("hotline/taipei_202604.csv")
    load_files(SOURCES / "areas_taipei.toml", [real("areas/taipei.geojson")])
    load_files(SOURCES / "hotline_taipei.toml", [path])
    screen = Screen(opened, "2026-04-30T23:59")
    _says(
        screen,
        {"league": "due_at", "funnel": "close_at", "bounces": "events", "cases": "callback_at"},
        {"situation", "headline", "trend", "problems", "bursts", "map", "late", "records"},
    )
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    came = pd.to_datetime(raw["立案日期"] + raw["立案時間"].str.zfill(6), format="%Y%m%d%H%M%S")
    n = int((came < pd.Timestamp(screen.at)).sum())
    tiles = _tiles(screen)
    assert {key for key, value in tiles.items() if value is not None} == {"hotline.received"}
    assert tiles["hotline.received"] == n
    days = screen.frame("trend").set_index("day")["value"].dropna()
    assert days.to_dict() == {f"{day}T00:00:00": n for day, n in came.dt.date.value_counts().items()}
    assert screen.frame("problems").groupby("level")["received"].sum().to_dict() == {"group": n}
    by_place = screen.frame("map").set_index("name")["received"]
    district = raw["案件地址"].str.extract(r"([^市\s]{2}區)")[0].value_counts()
    assert by_place.sum() == n and by_place["大安區"] == district["大安區"]
    hours = screen.frame("late").set_index(["weekday", "hour"])["n"]
    assert hours[hours > 0].to_dict() == came.groupby([came.dt.day_of_week + 1, came.dt.hour]).size().to_dict()
    assert _listed(screen) == n
    bursts = screen.get("bursts")["data"]
    assert all(row["callers"] is None and row["orders"] > 0 for row in bursts)  # nobody knows who called


# ---- messages: a text and a day ------------------------------------------------------------------------------------


def test_messages(opened: Dash, real: RealFiles) -> None:
    path = real("hotline/messages_2017-2020.xlsx")
    load_files(SOURCES / "hotline_messages.toml", [path])
    screen = Screen(opened, "2020-01-10T12:00")
    _says(
        screen,
        {
            "problems": "category", "bursts": "category", "map": "areas", "league": "due_at", "funnel": "close_at",
            "bounces": "events", "cases": "callback_at",
        },
        {"situation", "headline", "trend", "late", "records"},
    )  # fmt: skip
    came = pd.to_datetime(pd.read_excel(path)["留言时间"].astype(str).str.replace("/", "-"), format="mixed")
    n = int(((came >= pd.Timestamp("2019-12-12")) & (came < pd.Timestamp(screen.at))).sum())
    tiles = _tiles(screen)
    assert {key for key, value in tiles.items() if value is not None} == {"hotline.received"}
    assert tiles["hotline.received"] == n
    assert screen.frame("trend")["value"].iloc[-30:].sum() == n
    assert screen.frame("late")["n"].sum() == n
    assert _listed(screen) == n


# ---- orders without areas ------------------------------------------------------------------------------------------


def test_orders_without_areas_have_one_place_until_areas_come(opened: Dash, real: RealFiles) -> None:
    assert areas.tree().root is None
    load_files(SOURCES / "hotline_taipei.toml", [real("hotline/taipei_202604.csv")])
    root = areas.tree().root
    assert root is not None and root.label("en") == "Taipei 1999 hotline work orders" and root.level == 0
    assert areas.read_tree(LATER.date()).root is None  # intake places nothing in it
    load_files(SOURCES / "areas_taipei.toml", [real("areas/taipei.geojson")])
    root = areas.tree().root
    assert root is not None and root.name == "台北市"
    placed = select(func.count()).where(hotline_order.c.district_code != "")
    with engine.engine().connect() as connection:
        assert connection.execute(placed).scalar_one() == 13_266
