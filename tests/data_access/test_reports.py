"""The archive of reports: numbers without gaps, what was kept comes back as it was, and a change shows."""

import json
import math
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from data_access import engine, reports
from data_access.kept_frames import kept, reopened
from data_access.report_tables import report, report_part, report_text
from data_access.reports import Draft, Outdated, Part, TakenOver

AT = datetime(2026, 6, 18, 7, 30)
ABOUT = {
    "title": {"zh": "日报", "en": "Daily"},
    "numbering": {"zh": "{year}年第{number}期", "en": "No. {number} of {year}"},
}
FRAME = pd.DataFrame({"name": ["甲", None], "value": [0.1 + 0.2, math.nan], "n": [3, 4]})


def draft(kind: str = "daily", at: datetime = AT) -> Draft:
    part = Part("zh", "hotline", "hotline.headline", "?period=7d", {"kind": "table"}, kept(FRAME), [{"key": "k"}], {})
    content = {"zh": [{"id": "a", "text": "受理 3 件"}], "en": [{"id": "a", "text": "3 received"}]}
    return Draft(
        kind, at - timedelta(days=1), at, at, at + timedelta(minutes=1), False, "zh", "t" * 64, ABOUT,
        (part, replace(part, lang="en")), content, "draft", {"d" * 64: json.dumps({"shape": 1})},
    )  # fmt: skip


def test_an_issue_comes_back_as_it_was_kept(database):
    key = reports.archive(draft())
    found = reports.issue(key)
    assert found is not None
    assert (found.number, found.year, found.text.state, found.released) == (1, 2026, "draft", None)
    assert found.numbered("zh") == "2026年第1期"
    ((place, part),) = reports.parts(key, "zh")
    assert place == 0
    pd.testing.assert_frame_equal(reopened(part.frame), FRAME, check_exact=True)
    assert reports.part(key, 1) == reports.parts(key, "en")[0][1]
    assert reports.asset("d" * 64) is not None
    assert reports.asset("e" * 64) is None
    assert reports.issue("daily-2026-099") is None
    assert reports.altered(key) == []


def test_numbers_run_by_kind_and_year(database):
    moments = [AT, AT + timedelta(days=1), AT + timedelta(days=300)]
    keys = [reports.archive(draft(kind, at)) for at in moments for kind in ("daily", "weekly")]
    assert sorted(keys) == sorted(
        f"{kind}-{tail}" for kind in ("daily", "weekly") for tail in ("2026-001", "2026-002", "2027-001")
    )
    newest = reports.issues(AT + timedelta(days=400))
    assert [one.asked_at for one in newest] == sorted((one.asked_at for one in newest), reverse=True)
    assert {one.key for one in reports.issues(AT + timedelta(hours=1))} == {"daily-2026-001", "weekly-2026-001"}
    assert [reports.altered(key) for key in keys] == [[]] * 6


def test_a_failed_report_leaves_no_gap(database):
    with pytest.raises(TakenOver):
        reports.archive(draft(), period="2026-06-18T07:30", worker="one")
    assert reports.archive(draft()) == "daily-2026-001"


def test_many_at_once_get_numbers_without_gaps(database):
    wrong: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(3):
                reports.archive(draft())
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    found = reports.issues(AT + timedelta(days=1))
    assert sorted(one.number for one in found) == list(range(1, 19))
    hashes = {one.number: one.hash for one in found}
    assert {one.number: one.previous for one in found} == {n: hashes.get(n - 1, "") for n in range(1, 19)}


def test_one_of_all_workers_makes_the_report_of_a_period(database):
    got: list[str] = []
    gate = threading.Barrier(8)

    def work(name: str) -> None:
        gate.wait()
        if reports.claim("daily", "2026-06-18T07:30", name, AT):
            got.append(name)

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert reports.claimed("daily") == []
    reports.archive(draft(), period="2026-06-18T07:30", worker=got[0])
    assert reports.claimed("daily") == ["2026-06-18T07:30"]
    assert not reports.claim("daily", "2026-06-18T07:30", "later", AT + timedelta(days=3))


def test_a_worker_that_died_is_followed_by_another_and_comes_too_late_itself(database):
    period = "2026-06-18T07:30"
    assert reports.claim("daily", period, "one", AT)
    assert not reports.claim("daily", period, "two", AT + reports.DEAD - timedelta(seconds=1))
    assert reports.claim("daily", period, "two", AT + reports.DEAD)
    with pytest.raises(TakenOver):
        reports.archive(draft(), period=period, worker="one")
    assert reports.issues(AT + timedelta(days=1)) == []
    assert reports.archive(draft(), period=period, worker="two") == "daily-2026-001"
    with pytest.raises(TakenOver):
        reports.archive(draft(), period=period, worker="two")


def test_a_text_is_changed_by_a_further_version(database):
    key = reports.archive(draft())
    first = reports.issue(key).text.content
    edited = {"zh": [{"id": "a", "text": "受理 3 件。"}], "en": first["en"]}
    assert reports.revise(key, 1, edited, person="王芳", state="draft", now=AT) == 2
    with pytest.raises(Outdated):
        reports.revise(key, 1, edited, person="李强", state="draft", now=AT)
    assert reports.revise(key, 2, edited, person="李强", state="released", now=AT + timedelta(hours=1)) == 3
    with pytest.raises(reports.NoReport):
        reports.revise("daily-1999-001", 1, edited, person="李强", state="draft", now=AT)
    found = reports.issue(key)
    assert [(one.version, one.person, one.state) for one in found.texts] == [
        (1, "", "draft"), (2, "王芳", "draft"), (3, "李强", "released"),
    ]  # fmt: skip
    assert found.texts[0].content == first
    assert found.released.version == 3
    assert reports.altered(key) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (update(report).values(covers_to=AT + timedelta(hours=1)), "report"),
        (update(report_part).where(report_part.c.lang == "en").values(frame=kept(FRAME.assign(n=[3, 5]))), "report"),
        (update(report_text).where(report_text.c.version == 2).values(person="somebody"), "text 2"),
        (update(report).values(previous="0" * 64), "previous"),
    ],
)
def test_what_was_altered_shows(duckdb_only, change, wrong):
    key = reports.archive(draft())
    content = reports.issue(key).text.content
    reports.revise(key, 1, content, person="王芳", state="released", now=AT)
    assert reports.altered(key) == []
    with engine.engine().begin() as connection:
        connection.execute(change)
    assert wrong in reports.altered(key)


def test_an_issue_that_was_taken_away_shows(duckdb_only):
    keys = [reports.archive(draft()) for _ in range(3)]
    with engine.engine().begin() as connection:
        connection.execute(report.delete().where(report.c.key == keys[1]))
    assert reports.altered(keys[0]) == []
    assert "previous" in reports.altered(keys[2])
    with pytest.raises(reports.NoReport):
        reports.altered(keys[1])


def test_the_database_itself_refuses_a_number_twice(database):
    key = reports.archive(draft())
    with engine.engine().connect() as connection:
        row = dict(connection.execute(select(report).where(report.c.key == key)).first()._mapping)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), engine.engine().begin() as connection:
        connection.execute(insert(report).values(**row | {"key": "another"}))


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.dates(date(1990, 1, 1), date(2090, 1, 1)),
)  # fmt: skip


@given(
    st.lists(st.floats(allow_nan=True), max_size=4),
    st.lists(VALUES, min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))), min_size=4, max_size=4),
)
def test_a_frame_comes_back_with_every_digit(numbers, mixed, moments):
    n = len(numbers)
    frame = pd.DataFrame(
        {
            "number": pd.Series(numbers, dtype=float),
            "mixed": pd.Series(mixed[:n], dtype=object),
            "moment": pd.Series(moments[:n], dtype="datetime64[us]"),
            "text": pd.Series(["甲"] * n, dtype="str"),
            "count": pd.Series(range(n), dtype="int64"),
            "flag": pd.Series([True] * n, dtype=bool),
        }
    )
    pd.testing.assert_frame_equal(reopened(kept(frame)), frame, check_exact=True)
