"""No order is lost and none counted twice, whatever the rows are."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from data_access import engine
from data_access.intake import csv_files
from data_access.intake.load import load_files
from data_access.schema import hotline_day_place, hotline_order
from tests.data_access.intake.conftest import FULL, put_areas, stored

HEAD = "no,what,where,at,closed,phone,rating"
numbers = st.sampled_from(["1", "2", "3", "20260601001", "2.02506E+12", "", "-"])
times = st.sampled_from(
    ["2026-06-01 08:00", "2026-06-01 08:00", "2026-06-02 09:00:01", "", "nonsense", "2030-01-01", "1800-01-01"]
)
closes = st.sampled_from(["", "", "2026-06-05 10:00", "2026-06-06 10:00", "2020-01-01"])
places = st.sampled_from(["中山区江宁街道", "大安区", "不知道", "", '"中山区\n5号"'])
rows = st.tuples(
    numbers, st.sampled_from(["a", "b"]), places, times, closes, st.just(""), st.sampled_from(["good", "", "?"])
)
lines = st.one_of(rows.map(",".join), st.sampled_from(["too,few", "a,b,c,d,e,f,g,h,i", "", HEAD]))


@contextlib.contextmanager
def fresh_city(folder: Path) -> Iterator[Engine]:
    connected = engine.connect(f"duckdb:///{folder / 'city.duckdb'}")
    put_areas()
    try:
        yield connected
    finally:
        connected.dispose()
        engine._engine = None


def count() -> int:
    return int(engine.read(select(func.count().label("n")).select_from(hotline_order))["n"].iloc[0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(
    first=["7,a,,2026-06-02 09:00:01,2026-06-05 10:00,,good", "7,a,,2026-06-02 09:00:01,2026-06-06 10:00,,"], second=[]
)
@given(first=st.lists(lines, max_size=25), second=st.lists(lines, max_size=12))
def test_every_row_is_counted_once_and_again_changes_nothing(first: list[str], second: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name, fresh_city(Path(name)):
        folder = Path(name)
        (folder / "s.toml").write_text(FULL, encoding="utf-8")
        total = 0
        for file, content in (("a.csv", first), ("b.csv", second), ("c.csv", [*first, *second])):
            path = folder / file
            path.write_text("\n".join([HEAD, *content]) + "\n", encoding="utf-8")
            (report,) = load_files(folder / "s.toml", [path])
            assert report.rows_read == report.stored + report.updated + report.already + report.quarantined
            assert report.rows_read == sum(1 for line in content if line)
            total += report.stored
            assert count() == total
            before = stored()
            (again,) = load_files(folder / "s.toml", [path])
            assert (again.stored, again.updated, again.quarantined) == (0, 0, report.quarantined)
            assert stored().equals(before)
        received = engine.read(select(func.coalesce(func.sum(hotline_day_place.c.received), 0).label("n")))
        assert int(received["n"].iloc[0]) == total
        assert stored()["order_id"].is_unique


def test_chunks_do_not_change_what_happens(duck_city, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(csv_files, "BLOCK", 700)
    content = [f"{i % 40},a,x{i % 7},2026-06-01 08:00:{i % 3:02d},," for i in range(300)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEAD, *(line + "," for line in content)]) + "\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text(FULL, encoding="utf-8")
    (report,) = load_files(tmp_path / "s.toml", [path])
    (again,) = load_files(tmp_path / "s.toml", [path])
    monkeypatch.setattr(csv_files, "BLOCK", 1 << 20)
    (whole,) = load_files(tmp_path / "s.toml", [path])
    assert report.stored == count()
    assert again.already == whole.already == report.rows_read == 300
