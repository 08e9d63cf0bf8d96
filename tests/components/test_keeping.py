"""What is kept in memory stays within its bytes, and nothing is kept beyond its time."""

import pytest
from flask import Flask
from flask_caching import Cache

from app import CACHES
from components import keeping


@pytest.fixture
def kept():
    """As the app makes it of its settings."""
    made = Cache(Flask("test"), config={"CACHE_DEFAULT_TIMEOUT": 300, **CACHES["memory"]}).cache
    assert isinstance(made, keeping.Keeping)
    return made


def size(kept: keeping.Keeping) -> int:
    return sum(len(value) for _, value in kept._cache.values())


def test_the_oldest_go_when_there_are_too_many_bytes(kept) -> None:
    kept.most = 10_000
    for n in range(40):
        kept.set(str(n), bytes(2000))
    assert kept.get("39") == bytes(2000)
    assert kept.get("0") is None
    assert 8000 < size(kept) < 10_000 + 2100  # room is made before the next comes


def test_many_small_answers_are_kept_as_long_as_they_fit(kept) -> None:
    for n in range(6000):
        kept.set(str(n), n)
    assert all(kept.get(str(n)) == n for n in range(6000))


def test_what_is_too_old_goes_when_something_comes(kept, monkeypatch) -> None:
    now = [1000.0]
    for module in ("components.keeping.time", "cachelib.simple.time"):
        monkeypatch.setattr(module, lambda: now[0])
    kept.set("old", bytes(2000))
    now[0] += 200
    kept.set("young", bytes(2000))
    assert set(kept._cache) == {"old", "young"}
    now[0] += 150
    kept.set("new", bytes(2000))
    assert set(kept._cache) == {"young", "new"}
