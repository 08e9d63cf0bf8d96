"""A replay is honest: at a past moment every panel says what it would have said if nothing had happened since."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from plotly.io.json import to_json_plotly
from sqlalchemy import func, select

from components import panel
from components.panel import Answer, look_of, panels
from components.shell import frame
from components.view import View
from data_access import engine
from data_access.flood.tables import flood_alarm_event, flood_reading, flood_station
from data_access.schema import hotline_month, hotline_order
from data_access.services.tables import service_case, service_hall, service_ticket
from data_access.where import MARKS
from tests.conftest import _connected
from tests.pages.past_city import forget_since

MOMENTS = (datetime(2026, 6, 18, 9, 5), datetime(2026, 6, 16, 3, 40), datetime(2026, 6, 1, 9, 0))
PAGES = ("overview", "hotline", "services", "flood")


class _Forgetful:
    """A cache that keeps nothing: two databases are asked here in one process."""

    def get(self, _key: str) -> None:
        return None

    def set(self, _key: str, _value: object) -> None:
        return None


def _views(at: datetime) -> dict[str, list[dict[str, str]]]:
    """What is looked at on each page at a moment, beside its plain address."""
    alarm, station, order, case = (
        engine.rows(select(column).where(moment < at).order_by(moment.desc(), column).limit(1))
        for column, moment in (
            (flood_alarm_event.c.alarm, flood_alarm_event.c.moment),
            (flood_alarm_event.c.station, flood_alarm_event.c.moment),
            (hotline_order.c.order_id, hotline_order.c.accept_at),
            (service_case.c.case_id, service_case.c.receive_at),
        )
    )
    hall = engine.rows(select(service_hall.c.code).order_by(service_hall.c.code).limit(1))
    gauge, dam = (
        engine.rows(select(flood_station.c.code).where(flood_station.c.kind == kind).order_by("code").limit(1))
        for kind in ("rain", "reservoir")
    )
    district = "990102"

    def named(field: str, some: Any) -> list[dict[str, str]]:
        return [{field: str(some[0][0])}] if some else []

    return {
        "overview": [{"period": "today"}, {"period": "12m", "compare": "mom"}, {"area": district}],
        "hotline": [
            {"period": "today", "area": district}, {"period": "90d", "late": "hours", "by": "org"},
            {"bursts": "crowd", "problems": "emerging"}, {"bursts": "again", "late": "place"}, {"state": "late"},
            {"state": "open"}, *({"mark": mark} for mark in MARKS), {"period": "2026-05-01..2026-05-31"},
            *named("order", order),
        ],
        "services": [
            {"period": "today"}, {"flow": "hour", "times": "org", "bad": "words"}, 
            {"times": "near", "board": "districts"},
            {"period": "2026-05-01..2026-05-31"}, {"state": "late"}, {"state": "open"}, *named("case", case),
            *named("hall", hall),
        ],
        "flood": [
            {"state": "past"}, {"state": "tasks"}, {"area": district, "layer": "rain1"}, 
            {"layer": "ponding", "back": "7d"},
            {"back": "30d", "layer": "catchment"}, *named("alarm", alarm), *named("station", station),
            *named("station", gauge), *named("reservoir", dam),
        ],
    }  # fmt: skip


def _said(name: str, query: dict[str, str], at: datetime) -> str:
    """All that a panel says: its frame, what it measures, and what is drawn of it."""
    view = View.from_query(query | {"at": at.isoformat()})
    asked = panels[name]
    answer: Answer = asked.answer(view)
    rows = json.loads(answer.frame.to_json(orient="records", date_format="iso"))
    drawn = None if answer.blank else json.loads(to_json_plotly(asked.draw(answer, look_of(view))))
    told = {"blank": answer.blank, "note": answer.note, "measured": answer.measured, "rows": rows, "drawn": drawn}
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def _asked(at: datetime, views: dict[str, list[dict[str, str]]]) -> dict[tuple[str, str], str]:
    found = {}
    for page in PAGES:
        for name in [name for name in panels if name.startswith(f"{page}.")]:
            for query in [{}, *views[page]]:
                found[name, json.dumps(query)] = _said(name, query, at)
        found[f"{page}, above and below", ""] = "".join(frame(View(at=at).search, f"/{page}"))
    return found


@contextmanager
def _of_then(at: datetime, folder: Path) -> Iterator[None]:
    """The same city as its database would have been at the moment."""
    with engine.engine().connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
    copy = shutil.copy(str(engine.engine().url.database), folder / f"{at:%d%H%M}.duckdb")
    with _connected(f"duckdb:///{copy}"):
        forget_since(at)
        yield


def _held() -> dict[str, int]:
    """How much is told in the tables that a replay has to look away from."""
    asked = {
        "alarms": select(func.count()).select_from(flood_alarm_event),
        "acknowledged": select(func.count()).where(flood_alarm_event.c.event == "acknowledged"),
        "readings": select(func.count()).select_from(flood_reading),
        "orders": select(func.count()).select_from(hotline_order),
        "closed": select(func.count(hotline_order.c.close_at)),
        "satisfaction": select(func.count(hotline_order.c.satisfaction)),
        "cases": select(func.count()).select_from(service_case),
        "finished": select(func.count(service_case.c.finish_at)),
        "tickets": select(func.count()).select_from(service_ticket),
        "frozen": select(func.count()).select_from(hotline_month),
    }
    return {name: engine.rows(query)[0][0] for name, query in asked.items()}


_told: dict[datetime, tuple[dict, dict]] = {}
_lost: dict[datetime, set[str]] = {}


@pytest.fixture
def told(cockpit, tmp_path_factory, monkeypatch, request) -> tuple[dict, dict]:
    """What every panel says at a moment: now, and if nothing had happened since."""
    at = request.param
    if at not in _told:
        monkeypatch.setattr(panel.outside(), "cache", _Forgetful())
        views = _views(at)
        now, before = _asked(at, views), _held()
        with _of_then(at, tmp_path_factory.mktemp("then")):
            after = _held()
            _lost[at] = {name for name, n in before.items() if after[name] < n}
            _told[at] = now, _asked(at, views)
    return _told[at]


@pytest.mark.parametrize("told", MOMENTS, indirect=True, ids=str)
def test_nothing_is_told_that_happened_later(told):
    now, then = told
    wrong = {key: _first(now[key], then[key]) for key in now if now[key] != then[key]}
    assert not wrong, "\n".join(f"{key}: {said}" for key, said in wrong.items())


@pytest.mark.parametrize("told", MOMENTS[-1:], indirect=True, ids=str)
def test_much_happened_later(told):
    """Else the test above would say nothing."""
    now, _ = told
    assert _lost[MOMENTS[-1]] == set(_held())
    assert {name.split(".")[0] for name, _ in now if "." in name} == set(PAGES)
    assert {name for name in panels if name.split(".")[0] in PAGES} <= {name for name, _ in now}


def _first(one: str, other: str) -> str:
    for mine, theirs in zip(one.splitlines(), other.splitlines(), strict=False):
        if mine != theirs:
            return f"{mine.strip()[:150]}  |  {theirs.strip()[:150]}"
    return "one ends earlier"
