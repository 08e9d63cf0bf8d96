"""Frozen months: the counts as they stood, once, and only of a month that is over."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from data_access import clock, cubes, engine
from data_access.__main__ import main
from data_access.months import FrozenError, first_of, following, freeze, frozen
from data_access.schema import hotline_month, hotline_order
from tests.data_access.small_city import COUNTS, built

MAY = date(2026, 5, 1)
AFTER = datetime(2026, 6, 3)


def _held() -> dict[tuple[str, str], dict]:
    rows = engine.read(select(hotline_month)).to_dict("records")
    return {(row["kind"], row["code"]): row for row in rows}


def test_counts_are_those_of_the_orders(database) -> None:
    rows, _ = built(900, 5)
    with engine.committing() as connection:
        stored = freeze(connection, date(2026, 5, 17), at=AFTER)
    held = _held()
    assert stored == len(held)
    came = rows[(rows["accept_at"] >= datetime(2026, 5, 1)) & (rows["accept_at"] < datetime(2026, 6, 1))]
    for kind, column in (("district", "district_code"), ("street", "street_code"), ("org", "org")):
        counted = came[came[column] != ""].groupby(column).size().to_dict()
        found = {code: row["received"] for (of, code), row in held.items() if of == kind and row["received"]}
        assert found == counted
    assert not any(code == "" for _, code in held)
    assert all(row["month"].date() == MAY and row["frozen_at"] == AFTER for row in held.values())
    called = rows[(rows["callback_at"] >= datetime(2026, 5, 1)) & (rows["callback_at"] < datetime(2026, 6, 1))]
    satisfied = called[(called["satisfaction"].fillna(0) >= 3) & (called["district_code"] == "p")]
    assert held["district", "p"]["satisfied"] == len(satisfied) > 0


def test_corrections_do_not_move_a_frozen_month_unless_told(database) -> None:
    built(300, 6)
    with engine.committing() as connection:
        freeze(connection, MAY, at=AFTER)
    before = _held()
    with engine.committing() as connection:
        connection.execute(update(hotline_order).values(accept_at=datetime(2026, 5, 20, 8), callback_at=None))
        cubes.refresh(connection)
        with pytest.raises(FrozenError, match="frozen already"):
            freeze(connection, MAY)
    assert _held() == before
    with engine.committing() as connection, clock.held(AFTER + timedelta(days=9)):
        freeze(connection, MAY, again=True)
    after = _held()
    everything = engine.rows(select(func.count()).select_from(hotline_order).where(hotline_order.c.street_code == "x"))
    assert after["street", "x"]["received"] == everything[0][0] > before["street", "x"]["received"]
    assert after["street", "x"]["frozen_at"] == AFTER + timedelta(days=9)
    assert all(after["street", "x"][name] == 0 for name in COUNTS if name in ("rated", "asked", "called"))


def test_the_command_freezes_a_month_once_and_says_what_it_cannot(database, monkeypatch, capsys) -> None:
    monkeypatch.setattr("data_access.__main__.engine.connect", lambda _url=None: None)  # the city's database is open
    built(300, 8)
    with clock.held(datetime(2026, 6, 2)):
        assert main(["freeze", "2026-05"]) == 0
        held = _held()
        assert f"2026-05 is frozen: hotline {len(held):,} rows, services 0 rows" in capsys.readouterr().out
        assert main(["freeze", "2026-05"]) == 2
        assert "Nothing was frozen. 2026-05 is frozen already" in capsys.readouterr().err
        assert main(["freeze", "2026-05", "--again"]) == 0
        assert _held() == held
        assert main(["freeze", "2026-06"]) == 2
        assert "2026-06 is not over; it can be frozen from 2026-07-01 on" in capsys.readouterr().err
        assert main(["freeze", "2001-01"]) == 2
        assert "neither orders nor cases of 2001-01" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["freeze", "May"])
    assert "write it as 2026-10" in capsys.readouterr().err


def test_a_month_that_is_not_over_cannot_be_frozen(database) -> None:
    built(50, 7)
    with engine.committing() as connection:
        with clock.held(datetime(2026, 5, 31, 23, 59)), pytest.raises(FrozenError, match="not over"):
            freeze(connection, MAY)
        assert not frozen(connection, MAY)
        with clock.held(datetime(2026, 6, 1)):
            freeze(connection, MAY)
        assert frozen(connection, date(2026, 5, 31))
        assert not frozen(connection, date(2026, 6, 1))


def test_months_by_name() -> None:
    assert first_of(date(2026, 2, 28)) == date(2026, 2, 1)
    assert following(date(2026, 1, 31)) == date(2026, 2, 1)
    assert following(date(2026, 12, 1)) == date(2027, 1, 1)
