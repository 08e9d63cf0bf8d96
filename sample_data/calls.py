"""The calls that ask for a person: when they come, how long they wait, who gives up, how long they talk.

What comes in an hour and what becomes of it is a function of the plan and the hour, so the feed finds the calls that
the build would have made. The centre has people for what is usual; at peak hours and in storms callers queue.
"""

from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd

from sample_data.arrivals import Generator
from sample_data.lives import HOUR, epoch
from sample_data.randomness import uniform, waiting

LINES = ("", "enterprise", "talent")
LINE_SHARES = (0.927, 0.058, 0.015)
PER_ORDER = 1.0  # calls for each order, whatever its channel
LONGEST = 2 * HOUR  # wait and talk together take less
RUSH = (0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.9, 1.3, 1.5, 1.4, 1.0, 0.7, 0.7, 1.1, 1.35, 1.3, 1.0, 0.7) + (
    0.6,
) * 5  # by hour


class Calls:
    """Draws the calls of a plan."""

    def __init__(self, generator: Generator):
        self.generator, self.plan = generator, generator.plan
        planted = generator.planted()
        self.extra_hours, self.extra = np.unique(planted.seconds // HOUR, return_counts=True)
        # call numbers of an hour: few, so that they take little room, and enough for a storm
        self.in_an_hour = 1 << int(2500 * max(self.plan.size, 1)).bit_length()
        self.curve = np.diff(generator.curves[:, ::60], axis=1)  # share of the day in each hour

    def made(self, start: datetime, end: datetime) -> pd.DataFrame:
        """The calls that ended in [start, end), in the order in which they began."""
        first, last = epoch(start), epoch(end)
        opens = (first - LONGEST) // HOUR
        hours = np.arange(opens, -(-last // HOUR))
        usual, come = self._expected(hours)
        seed = self.plan.seed
        counts = [np.random.default_rng([seed, 6, int(h)]).poisson(c) for h, c in zip(hours, come, strict=True)]
        hour = np.repeat(np.arange(len(hours)), counts)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        rank = np.arange(len(hour)) - starts[hour]
        ids = hours[hour] * self.in_an_hour + rank
        begun = hours[hour] * HOUR + (uniform(ids, 80, seed) * HOUR).astype(np.int64)
        begun.sort()  # no call leaves its hour, so ids stay with theirs
        load = (np.array(counts) + 25) / (usual + 25)  # a few calls more in a quiet hour are no crowd
        wait, talk = self._fate(ids, load[hour], np.array(RUSH)[hours % 24][hour])
        over = begun + wait + np.maximum(talk, 0)
        known = (over >= first) & (over < last)
        line = np.searchsorted(np.cumsum(LINE_SHARES[:-1]), uniform(ids, 86, seed), side="right")
        return pd.DataFrame({
            "call_id": ids[known],
            "source": "hotline",
            "started_at": begun[known].astype("datetime64[s]").astype("datetime64[us]"),
            "line": np.array(LINES, dtype=object)[line[known]],
            "wait_seconds": wait[known].astype(np.int32),
            "talk_seconds": pd.array(np.where(talk >= 0, talk, 0)[known], dtype="Int32").copy(),
        }).assign(talk_seconds=lambda f: f["talk_seconds"].mask(talk[known] < 0))  # fmt: skip

    def _expected(self, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each hour (since 1970) the calls that are usual in it, and those to expect with storms and bursts."""
        days = np.unique(hours // 24)
        opens = datetime.combine(datetime(1970, 1, 1) + timedelta(days=int(days[0])), time.min)
        _, rates = self.generator.expected(opens, opens + timedelta(days=int(days[-1] - days[0]) + 1))
        by_curve = np.stack(
            [rates[:, self.generator.curve_of == c].sum(axis=1) for c in range(len(self.curve))], axis=1
        )
        usual = (by_curve @ self.curve)[hours // 24 - days[0], hours % 24] * PER_ORDER
        found = np.clip(np.searchsorted(self.extra_hours, hours), 0, max(len(self.extra_hours) - 1, 0))
        more = np.zeros(len(hours))
        if len(self.extra_hours):
            more = np.where(self.extra_hours[found] == hours, self.extra[found], 0) * PER_ORDER
        return usual, usual + more

    def _fate(self, ids: np.ndarray, load: np.ndarray, rush: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Seconds of waiting and of talking of each call; talk is -1 when the caller gave up."""
        seed = self.plan.seed
        queued = uniform(ids, 81, seed) < np.clip(0.063 * rush * np.maximum(load, 0.5) ** 3, 0.0, 0.8)
        queue = np.where(queued, waiting(ids, 82, seed, 70.0 * np.clip(load, 0.7, 3.0), 2.0), 0.0)
        ring = 2 + 8 * uniform(ids, 83, seed) ** 2
        patience = np.where(
            uniform(ids, 84, seed) < 0.012, 4.9 * uniform(ids, 85, seed), waiting(ids, 87, seed, 92.0, 1.8)
        )
        gone = (patience < ring + queue) & ((patience < 4.9) | queued)
        wait = np.minimum(np.where(gone, patience, ring + queue), 1500).astype(np.int64)
        talk = np.clip(waiting(ids, 88, seed, 128.0, 2.6), 8, 4751).astype(np.int64)
        return wait, np.where(gone, -1, talk)
