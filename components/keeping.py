"""Answers kept in the memory of this process, as many as fit."""

from time import time

from flask_caching.backends.simplecache import SimpleCache

MOST = 128_000_000  # bytes; all panels of all pages for one view take about two million


class Keeping(SimpleCache):
    """Flask-Caching's memory, bounded in bytes: one answer is a row, another a hundred thousand. What is too old goes
    whenever something comes, and the oldest when it is more than `most`."""

    most = MOST

    def _over_threshold(self) -> bool:
        return sum(len(value) for _, value in self._cache.values()) > self.most

    def _prune(self) -> None:
        self._remove_expired(time())
        super()._prune()
