"""Remembered answers: asked once, never stale, never an error, and nobody can spoil another's."""

import threading

import pandas as pd
import pytest

from data_access import engine, remember
from data_access.remember import remembered


@pytest.fixture
def asked(duckdb_only):
    """A question that counts how often it is really asked."""
    remember.forget()
    calls: list[tuple] = []

    @remembered
    def question(*args, **kwargs):
        calls.append((args, kwargs))
        return pd.DataFrame({"n": [len(calls)]})

    return question, calls


def commit() -> None:
    with engine.committing() as connection:
        engine.put(connection, "name_zh", "云川市")


def test_the_same_question_is_asked_once(asked):
    question, calls = asked
    assert [question(1, of="a")["n"].iloc[0] for _ in range(3)] == [1, 1, 1]
    assert question(2, of="a")["n"].iloc[0] == 2
    assert question(1, of="b")["n"].iloc[0] == 3
    assert len(calls) == 3


def test_after_a_commit_it_is_asked_again(asked):
    question, _ = asked
    assert question()["n"].iloc[0] == 1
    commit()
    assert question()["n"].iloc[0] == 2


def test_a_rollback_forgets_nothing_and_changes_nothing(asked):
    question, _ = asked
    question()
    with pytest.raises(RuntimeError), engine.committing() as connection:
        engine.put(connection, "name_zh", "无")
        raise RuntimeError
    assert question()["n"].iloc[0] == 1


def test_another_database_is_another_question(asked, tmp_path):
    question, _ = asked
    assert question()["n"].iloc[0] == 1
    engine.connect(f"duckdb:///{tmp_path / 'other.duckdb'}")
    assert question()["n"].iloc[0] == 2


def test_what_a_caller_does_to_its_frame_stays_with_the_caller(asked):
    question, _ = asked
    mine = question()
    mine.loc[0, "n"] = 99
    mine["more"] = 1
    assert question().to_dict("list") == {"n": [1]}


def test_an_error_is_not_remembered(duckdb_only):
    remember.forget()
    answers = iter([ValueError("gone for a moment"), "there again"])

    @remembered
    def question():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ValueError, match="for a moment"):
        question()
    assert question() == "there again"
    assert question() == "there again"


def test_those_who_ask_at_once_wait_for_the_first(duckdb_only):
    remember.forget()
    begun, go = threading.Event(), threading.Event()
    calls: list[int] = []

    @remembered
    def question():
        calls.append(1)
        begun.set()
        assert go.wait(30)
        return len(calls)

    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(question())) for _ in range(6)]
    threads[0].start()
    assert begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(30)
    assert answers == [1] * 6
    assert len(calls) == 1


def test_those_who_wait_for_an_error_get_the_error_too(duckdb_only):
    remember.forget()
    begun, go = threading.Event(), threading.Event()

    @remembered
    def question():
        begun.set()
        assert go.wait(30)
        raise ValueError("no")

    caught: list[str] = []

    def ask() -> None:
        try:
            question()
        except ValueError as error:
            caught.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads[0].start()
    assert begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(30)
    assert caught == ["no"] * 3


def test_an_answer_that_was_being_sought_while_data_changed_is_not_kept(duckdb_only):
    """The question read before the commit; whoever asks after it must not get that answer."""
    remember.forget()
    begun, go = threading.Event(), threading.Event()
    first = iter([True, False])

    @remembered
    def question():
        read = engine.get("name_zh")
        if next(first):
            begun.set()
            assert go.wait(30)
        return read

    early: list[str] = []
    thread = threading.Thread(target=lambda: early.append(question()))
    thread.start()
    assert begun.wait(30)
    commit()
    assert question() == "云川市"
    go.set()
    thread.join(30)
    assert early == [""]
    assert question() == "云川市"


def test_no_more_than_so_many_are_kept(asked, monkeypatch):
    question, calls = asked
    monkeypatch.setattr(remember, "MOST", 3)
    for n in range(10):
        question(n)
    assert len(remember._known) <= 3
    question(9)
    assert len(calls) == 10
