"""The demo city's cases (办件), as Arrow tables: a function of the seed, the day and the number of a case, so that the
feed finds what the build would have made. A case's row tells what is known at a moment."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from domain.services.days import Calendar
from domain.services.rules import rules
from domain.workdays import is_workday
from sample_data.orders import moments, strings
from sample_data.randomness import normal, uniform
from sample_data.services.catalogue import Catalogue, told
from sample_data.world import World

PER_WORKDAY = 3000.0
GROWTH = 0.06  # a year
WEEKDAYS = (1.16, 1.03, 0.98, 0.95, 0.92)
FREE = 0.16  # of a working day: online only
CHANNELS = ("online", "mobile", "window", "kiosk", "post")
SHARES = np.array([0.571, 0.275, 0.123, 0.027, 0.004])
OPENS, CLOSES = 9 * 60, 17 * 60  # minutes of the day
OFFICE = CLOSES - OPENS
DAY, MINUTE = 86_400, 60
LONGEST = timedelta(days=150)  # from receiving to the last word
REST = timedelta(days=60)  # more than limits of rectification take
REASONS = ("waiting", "unclear", "system", "material", "attitude", "other")
REASON_SHARES = np.cumsum([0.33, 0.235, 0.17, 0.135, 0.075, 0.055])
STOPS = ("correction", "hearing", "appraisal", "experts")
RESULTS = ("granted", "denied", "returned", "withdrawn", "")
WORDS = {
    "waiting": ("等了一个多小时才叫到号", "窗口开得太少, 排队太久", "周一上午人多, 等候时间太长"),
    "unclear": ("材料没有一次说清, 跑了两趟", "前后两次说法不一样", "网上写的和窗口要的不一致"),
    "system": ("系统卡住, 提交了三次", "上传材料总是失败", "手机端打不开页面"),
    "material": ("同样的材料又要交一遍", "要的证明已经有电子证照", "复印件要了两份"),
    "attitude": ("工作人员态度冷淡", "问问题不愿意解释"),
    "other": ("周边停车不方便", "大厅指引不清楚"),
}
RUSH = np.cumsum([2, 1, 1, 1, 1, 1, 3, 8, 30, 66, 62, 44, 18, 22, 46, 48, 40, 26, 18, 14, 12, 10, 7, 4])  # by hour
WORST = "G-zj"  # 市住建局: late more often than the others


@dataclass(frozen=True)
class Days:
    """Working time as a line: minutes of office hours since `first`."""

    first: date
    last: date

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.first, self.last)

    @cached_property
    def _worked(self) -> np.ndarray:
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        return np.array([is_workday(day) for day in days])

    def office(self, seconds: np.ndarray) -> np.ndarray:
        """Office minutes until each moment (seconds since 1970)."""
        day = seconds // DAY - self._origin
        minute = np.clip(seconds % DAY // MINUTE - OPENS, 0, OFFICE)
        before = np.cumsum(self._worked)[day] - self._worked[day]
        return before * OFFICE + np.where(self._worked[day], minute, 0)

    def moment(self, minutes: np.ndarray) -> np.ndarray:
        """The moment (seconds since 1970) at which so many office minutes have passed."""
        worked = np.flatnonzero(self._worked)
        day = worked[(minutes // OFFICE).astype(np.int64)] + self._origin
        return (day * DAY + (OPENS + minutes % OFFICE) * MINUTE).astype(np.int64)

    def worked(self, day: np.ndarray) -> np.ndarray:
        """Whether offices work on the days (numbers since 1970)."""
        return self._worked[day - self._origin]

    @cached_property
    def _origin(self) -> int:
        return (self.first - date(1970, 1, 1)).days


@dataclass(frozen=True)
class Made:
    """Rows of service_case and service_stop."""

    cases: pa.Table
    stops: pa.Table


@dataclass(frozen=True)
class _Drawn:
    ids: np.ndarray
    seconds: np.ndarray  # when received
    street: np.ndarray
    channel: np.ndarray

    def some(self, which: np.ndarray) -> "_Drawn":
        return _Drawn(self.ids[which], self.seconds[which], self.street[which], self.channel[which])


class Cases:
    """Draws the cases of a city. size: in units of PER_WORKDAY."""

    def __init__(
        self, city: World, catalogue: Catalogue, *, seed: int, start: datetime, until: datetime, size: float = 1
    ):
        self.city, self.catalogue, self.seed, self.size = city, catalogue, seed, size
        self.days = Days(start.date() - timedelta(days=1), until.date() + LONGEST)
        self.until_day = until.date()
        weight = city.population * (0.6 + 0.4 * city.urban)
        self._streets = np.cumsum(weight) / weight.sum()
        self._items = np.cumsum(catalogue.weight)
        level = np.exp(0.10 * normal(np.arange(len(city.districts)), 240, seed))
        named = [i for i, name in enumerate(city.district_names) if name.startswith("石桥")]
        level[named] = 1.9  # planted: far fewer apply online there
        self._offline = level
        self._late = np.exp(0.5 * normal(np.arange(len(catalogue.departments)), 241, seed))
        self._late[catalogue.departments.index(WORST)] = 5.0
        self._halls = [row[0] for row in told()["hall"] if row[1]]
        self._hall_of = np.array([
            next((i for i, row in enumerate(r for r in told()["hall"] if r[1]) if row[1] == code), -1)
            for code in city.districts
        ])  # fmt: skip
        self._titles = pa.array(catalogue.names)
        self._phrases = [words for reason in REASONS for words in WORDS[reason]]
        self._phrase_from = np.cumsum([0, *(len(WORDS[reason]) for reason in REASONS)])
        self.in_a_day = 1 << int(2 * PER_WORKDAY * max(size, 1) * 1.6).bit_length()

    def counts(self, days: list[date]) -> np.ndarray:
        """How many cases come on each day."""
        found = []
        for day in days:
            usual = WEEKDAYS[min(day.weekday(), 4)] if is_workday(day) else FREE
            growth = (1 + GROWTH) ** ((day - date(2026, 1, 1)).days / 365.25)
            chance = np.random.default_rng([self.seed, 30, day.toordinal()])
            found.append(chance.poisson(PER_WORKDAY * self.size * usual * growth * (1 + 0.04 * chance.normal())))
        return np.array(found, dtype=np.int64)

    def made(self, start: datetime, end: datetime, until: datetime) -> Made:
        """The cases received in [start, end), as known just before `until`, in the order of time."""
        days = [start.date() + timedelta(days=n) for n in range((end.date() - start.date()).days + 1)]
        counts = self.counts(days)
        day = np.repeat(np.array([(d - date(1970, 1, 1)).days for d in days]), counts)
        rank = np.arange(len(day)) - np.repeat(np.cumsum(counts) - counts, counts)
        drawn = self._drawn(day * self.in_a_day + rank)
        kept = np.flatnonzero((drawn.seconds >= _epoch(start)) & (drawn.seconds < _epoch(end)))
        return self._rows(drawn.some(kept[np.argsort(drawn.seconds[kept], kind="stable")]), until)

    def again(self, ids: np.ndarray, until: datetime) -> Made:
        """Cases made before, as known just before `until`."""
        return self._rows(self._drawn(ids), until)

    def _drawn(self, ids: np.ndarray) -> "_Drawn":
        day = ids // self.in_a_day
        street = np.searchsorted(self._streets, uniform(ids, 239, self.seed))
        channel = self._channel(ids, self.days.worked(day), self.city.district_of[street])
        return _Drawn(ids, day * DAY + self._second(ids, channel), street, channel)

    def _channel(self, ids: np.ndarray, worked: np.ndarray, district: np.ndarray) -> np.ndarray:
        offline = SHARES[2:].sum() * self._offline[district]
        u, v = uniform(ids, 242, self.seed), uniform(ids, 243, self.seed)
        curve = np.cumsum(SHARES[2:]) / SHARES[2:].sum()
        away = 2 + np.searchsorted(curve[:-1], v)
        online = np.where(v < SHARES[0] / SHARES[:2].sum(), 0, 1)
        return np.where((u < offline) & worked, away, online)

    def _second(self, ids: np.ndarray, channel: np.ndarray) -> np.ndarray:
        """The second of the day: windows in office hours, online at any."""
        u, v = uniform(ids, 244, self.seed), uniform(ids, 245, self.seed)
        hour = np.searchsorted(RUSH / RUSH[-1], u)
        at_desk = OPENS * MINUTE + np.where(u < 0.58, u / 0.58 * 3.2, 4 + (u - 0.58) / 0.42 * 3.8) * 3600
        return np.where(channel >= 2, at_desk, hour * 3600 + v * 3600).astype(np.int64)

    def _rows(self, drawn: "_Drawn", until: datetime) -> Made:
        ids, seconds, street, channel = drawn.ids, drawn.seconds, drawn.street, drawn.channel
        seed, cat, days, end = self.seed, self.catalogue, self.days, _epoch(until)
        item = np.minimum(np.searchsorted(self._items, uniform(ids, 246, seed)), len(cat.codes) - 1)
        promised, legal = cat.promised[item], cat.legal[item]
        offline = channel >= 2
        online = days.office(seconds) + np.where(offline, 2 + 26 * uniform(ids, 247, seed), 0)
        wait = np.exp(np.log(34) + 0.9 * normal(ids, 248, seed))
        correction = uniform(ids, 249, seed) < 0.03
        accept = online + np.where(offline, 0, wait) + np.where(correction, 1.5 * OFFICE * (1 + wait / 90), 0)
        fate = uniform(ids, 250, seed)
        refused = fate < 0.0045
        accepted_at = days.moment(accept)
        used, stop = self._used(ids, item, promised, legal)
        finished_at = self._finished(ids, accept, used + stop, promised)
        due_day = days.calendar.last_day(_days(accepted_at), (promised + stop).astype(np.int64))
        legal_day = days.calendar.last_day(_days(accepted_at), (legal + stop).astype(np.int64))
        due, legal_due = (d.astype(np.int64) * DAY + DAY - 1 for d in (due_day, legal_day))
        result = np.where(fate < 0.012, 1, np.where(fate < 0.02, 2, np.where(fate < 0.026, 3, 0)))
        done = finished_at < end
        delivered = finished_at + (uniform(ids, 251, seed) ** 2 * 2.5 * DAY).astype(np.int64)
        decided = finished_at - (60 + uniform(ids, 252, seed) * 900).astype(np.int64)
        stars, rated_at, by_default = self._rating(ids, finished_at, used > promised)
        bad = (stars <= 2) & (rated_at < end)
        u = uniform(ids, 253, seed)
        reason = np.searchsorted(REASON_SHARES[:-1], u)
        phrase = self._phrase_from[reason] + (uniform(ids, 254, seed) * np.diff(self._phrase_from)[reason]).astype(
            np.int64
        )
        rectify_due = self._rectify_due(rated_at)
        fixed = np.where(
            uniform(ids, 255, seed) < 0.96,
            rated_at + ((1 + 17 * uniform(ids, 256, seed)) * DAY).astype(np.int64),
            rectify_due + 4 * DAY,
        )
        never = refused | (accepted_at >= end)
        away = uniform(ids, 257, seed) < 0.031
        outside = np.minimum((uniform(ids, 258, seed) ** 2 * len(ELSEWHERE)).astype(np.int64), len(ELSEWHERE) - 1)
        unplaced = away & (uniform(ids, 259, seed) < 0.27)
        district = self.city.district_of[street]
        in_hall = (channel == 2) | (channel == 3)
        hall = np.where(in_hall & (self._hall_of[district] >= 0), self._hall_of[district], len(self._halls))
        full = ~offline & (uniform(ids, 260, seed) < 0.924)
        nothing = np.zeros(len(ids), dtype=bool)

        def when(values: np.ndarray, absent: np.ndarray) -> pa.Array:
            return moments(np.where(absent, end, values), end)

        cases = pa.table({
            "case_id": ids,
            "street_code": strings(np.where(unplaced, len(self.city.streets), street), [*self.city.streets, ""]),
            "district_code": strings(
                np.where(unplaced, len(self.city.districts), district), [*self.city.districts, ""]
            ),
            "source": strings(np.zeros(len(ids), int), ["services"]),
            "case_no": self._numbers(ids),
            "item": strings(item, cat.codes),
            "org": strings(cat.department[item], cat.departments),
            "applicant": strings(cat.company[item].astype(int), ["person", "company"]),
            "channel": strings(channel, CHANNELS),
            "hall": strings(hall, [*self._halls, ""]),
            "receive_at": when(seconds, nothing),
            "accept_at": when(accepted_at, refused),
            "refuse_at": when(accepted_at, ~refused),
            "decide_at": when(decided, never | (decided < accepted_at)),
            "finish_at": when(finished_at, never),
            "deliver_at": when(delivered, never | ~done | (result > 0)),
            "due_at": pa.array(_times(due), mask=never),
            "legal_due_at": pa.array(_times(legal_due), mask=never | (legal == 0)),
            "legal_days": pa.array(legal.astype(np.float32), mask=legal == 0),
            "promised_days": pa.array(promised.astype(np.float32)),
            "stop_days": pa.array(np.where(done, stop, 0).astype(np.float32)),
            "used_days": pa.array(used.astype(np.float32), mask=never | ~done),
            "result": strings(np.where(never | ~done, 4, result), RESULTS),
            "online_full": pa.array(full),
            "visits": pa.array(np.where(full, 0, np.where(offline, 1, 0)).astype(np.int16)),
            "origin": strings(np.where(away, outside, len(ELSEWHERE)), [*ELSEWHERE, ""]),
            "theme": strings(self._theme(ids, item), cat.themes),
            "special": strings(cat.special[item], cat.specials),
            "rating": pa.array(stars.astype(np.int16), mask=never | (rated_at >= end)),
            "rating_at": when(rated_at, never),
            "rating_default": pa.array(by_default, mask=never | (rated_at >= end)),
            "bad_reason": strings(np.where(bad & ~never, reason, len(REASONS)), [*REASONS, ""]),
            "rectify_due_at": pa.array(_times(rectify_due), mask=~bad | never),
            "rectified_at": when(fixed, ~bad | never),
            "title": pa.DictionaryArray.from_arrays(pa.array(item.astype(np.int32)), self._titles),
            "words": pa.DictionaryArray.from_arrays(
                pa.array(phrase.astype(np.int32), mask=~bad | never), pa.array(self._phrases)
            ),
        })  # fmt: skip
        which = np.flatnonzero((stop > 0) & ~never)
        streets = np.where(unplaced, len(self.city.streets), street)
        return Made(cases, self._stopped(ids[which], streets[which], accept[which], stop[which], end))

    def _numbers(self, ids: np.ndarray) -> pa.Array:
        """'YC' and the number of the case: as printed."""
        return pa.array(np.char.add("YC", ids.astype("U12")))

    def _theme(self, ids: np.ndarray, item: np.ndarray) -> np.ndarray:
        """A third of the cases of an item in a theme come by the theme."""
        by_theme = uniform(ids, 261, self.seed) < 0.34
        return np.where(by_theme, self.catalogue.theme[item], len(self.catalogue.themes) - 1)

    def _used(
        self, ids: np.ndarray, item: np.ndarray, promised: np.ndarray, legal: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Working days that a case takes without its stops, and those of its stops."""
        seed = self.seed
        u = uniform(ids, 262, seed)
        share = 0.08 + 0.86 * u**1.25
        late = uniform(ids, 263, seed) < 0.016 * self._late[self.catalogue.department[item]]
        more = 1 + np.floor(-3 * np.log(uniform(ids, 264, seed)))
        used = np.where(promised > 0, np.floor(promised * share) + np.where(late, promised + more, 0), 0.0)
        used = np.where(late & (promised > 0), promised + more, used)
        used = np.where((promised == 0) & (uniform(ids, 265, seed) < 0.0028), 1.0, used)
        stopped = (promised >= 3) & (uniform(ids, 266, seed) < 0.05)
        return used, np.where(stopped, 3 + np.floor(12 * uniform(ids, 267, seed)), 0.0)

    def _rectify_due(self, rated_at: np.ndarray) -> np.ndarray:
        """The end of the last day on which a bad rating can be rectified in time."""
        limit = rules(self.until_day).rectify_workdays
        rated = np.minimum(_days(rated_at), np.datetime64(self.days.last - REST))  # what is rated later is not told
        day = self.days.calendar.last_day(rated, np.full(len(rated), limit))
        return np.maximum(day.astype(np.int64) * DAY + DAY - 1, rated_at)

    def _finished(self, ids: np.ndarray, accept: np.ndarray, working: np.ndarray, promised: np.ndarray) -> np.ndarray:
        """When it is finished: at once within the day of acceptance, else in the office hours of its last day."""
        seed, days = self.seed, self.days
        minute = accept % OFFICE
        quick = np.exp(np.log(24) + 0.8 * normal(ids, 268, seed))
        same = accept - minute + np.minimum(minute + quick, OFFICE - 1)
        later = accept - minute + working * OFFICE + 20 + (OFFICE - 40) * uniform(ids, 269, seed)
        return days.moment(np.where(working == 0, same, later))

    def _rating(
        self, ids: np.ndarray, finished: np.ndarray, late: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stars 5 to 1, when, and whether the system gave them because nobody did."""
        seed = self.seed
        active = uniform(ids, 270, seed) < 0.309
        u = uniform(ids, 271, seed) / np.where(late, 12, 1)
        stars = np.select([u < 0.0032, u < 0.0083, u < 0.03, u < 0.17], [1, 2, 3, 4], 5)
        soon = finished + (-6 * 3600 * np.log(uniform(ids, 272, seed))).astype(np.int64)
        return (
            np.where(active, stars, 5),
            np.where(active, np.minimum(soon, finished + 5 * DAY), finished + 5 * DAY),
            ~active,
        )

    def _stopped(
        self, ids: np.ndarray, streets: np.ndarray, accept: np.ndarray, stop: np.ndarray, end: int
    ) -> pa.Table:
        """The rows of service_stop that have begun by `end`."""
        begins = self.days.moment(accept + OFFICE * 0.6)
        over = self.days.moment(accept + OFFICE * (0.6 + stop))
        kind = 1 + (uniform(ids, 273, self.seed) * 3).astype(int)
        table = pa.table({
            "case_id": ids, "street_code": strings(streets, [*self.city.streets, ""]),
            "seq": pa.array(np.ones(len(ids), np.int16)), "reason": strings(kind, STOPS),
            "start_at": moments(begins, end), "end_at": moments(over, end),
        })  # fmt: skip
        return table.filter(begins < end)


ELSEWHERE = [row[0] for row in told()["elsewhere"]]


def _epoch(moment: datetime) -> int:
    return int((moment - datetime.combine(date(1970, 1, 1), time.min)).total_seconds())


def _days(seconds: np.ndarray) -> np.ndarray:
    return (seconds // DAY).astype("datetime64[D]")


def _times(seconds: np.ndarray) -> np.ndarray:
    return seconds.astype("datetime64[s]").astype("datetime64[us]")
