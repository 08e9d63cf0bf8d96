"""The demo city's service halls: windows, and queue tickets minute by minute. A day of a hall is a function of the
seed, so that the feed finds what the build would have made."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from domain.workdays import day_kind, is_workday
from sample_data.orders import moments, strings
from sample_data.randomness import uniform
from sample_data.services.catalogue import told
from sample_data.world import World

DAYS = 60  # of tickets, back from the end
OPENS, CLOSES, LUNCH = 9 * 60, 17 * 60, (12 * 60, 13 * 60)
WEEKDAYS = (1.22, 1.02, 0.96, 0.94, 0.98)
BEFORE_HOLIDAY = 1.18
BUSINESSES = {
    "general": ("综合受理", "General counter", 0.46), "estate": ("不动产登记", "Real estate", 0.14),
    "tax": ("税务", "Tax", 0.13), "social": ("社保医保", "Social insurance", 0.17),
    "police": ("户政出入境", "Residence and passports", 0.10),
}  # fmt: skip
ONLY = {"H02": "estate", "H03": "tax", "H04": "general"}
CROWDED = "H12"  # planted: too few windows for those who come
WRONG_CLOCK = "H14"  # planted: its windows' clock is behind by
BEHIND_S = 21 * 60
NO_SHOW, PRIORITY = 0.031, 0.055
KIOSKS = 75
RATE = np.interp(  # arrivals by the minute of the office day, about 1 on average
    np.arange(OPENS, CLOSES), np.array([9, 9.4, 10.2, 11.2, 12, 12.9, 13.4, 14.2, 15.2, 16.2, 17]) * 60,
    [1.1, 1.32, 1.28, 1.05, 0.6, 0.55, 0.95, 1.12, 1.0, 0.8, 0.3],
)  # fmt: skip


@dataclass(frozen=True)
class Hall:
    code: str
    district: str
    name: str
    name_en: str
    windows: int
    opened: int
    arrivals: float
    minutes: float


def halls() -> list[Hall]:
    return [Hall(*row) for row in told()["hall"]]


def hall_rows(city: World, seed: int) -> pd.DataFrame:
    """The columns of service_hall: the halls, in the busiest street of their district, and the kiosks."""
    weight = city.population * city.urban
    rows = []
    for hall in halls():
        inside = [
            i for i, code in enumerate(city.streets)
            if not hall.district or city.districts[city.district_of[i]] == hall.district
        ]  # fmt: skip
        if not inside:
            continue
        order = sorted(inside, key=lambda i: -weight[i])
        street = order[int(hall.code[1:]) % 3] if not hall.district and len(order) > 3 else order[0]
        rows.append(
            _row(
                city,
                street,
                int(hall.code[1:]),
                code=hall.code,
                name=hall.name,
                name_en=hall.name_en,
                kind="hall",
                windows=hall.windows,
            )
        )
    u = uniform(np.arange(KIOSKS), 280, seed)
    curve = np.cumsum(weight) / weight.sum()
    for n, street in enumerate(np.searchsorted(curve, u)):
        name = f"{city.street_names[street]}自助服务区"
        code, name_en = f"K{n + 1:02d}", f"Kiosk {n + 1}"
        rows.append(_row(city, int(street), n, code=code, name=name, name_en=name_en, kind="kiosk", windows=1))
    return pd.DataFrame(rows)


def _row(
    city: World, street: int, which: int, *, code: str, name: str, name_en: str, kind: str, windows: int
) -> dict[str, object]:
    lon, lat = city.points[street, which % city.points.shape[1]]
    return {
        "code": code, "source": "service_halls", "name": name, "name_en": name_en, "kind": kind,
        "district_code": city.districts[city.district_of[street]], "street_code": city.streets[street],
        "lon": None if np.isnan(lon) else float(lon), "lat": None if np.isnan(lat) else float(lat), "windows": windows,
    }  # fmt: skip


def businesses() -> pd.DataFrame:
    return pd.DataFrame([("", code, zh, en) for code, (zh, en, _) in BUSINESSES.items()], columns=[
        "hall", "code", "name", "name_en"])  # fmt: skip


def shifts(known: Sequence[str], days: Sequence[date], until: datetime) -> pd.DataFrame:
    """The columns of service_shift: half of the windows close for an hour at noon."""
    rows = []
    for hall in halls():
        if hall.code not in known:
            continue
        for day in days:
            if not is_workday(day):
                continue
            for n in range(hall.opened):
                spans = [(OPENS, CLOSES)] if n % 2 == 0 else [(OPENS, LUNCH[0]), (LUNCH[1], CLOSES)]
                rows += [(hall.code, f"{n + 1:02d}", _at(day, a), _at(day, b)) for a, b in spans]
    known_rows = [(h, w, a, b if b <= until else None) for h, w, a, b in rows if a < until]
    return pd.DataFrame(sorted(known_rows, key=lambda row: row[2]), columns=["hall", "window", "open_at", "close_at"])


def _at(day: date, minute: float) -> datetime:
    return datetime.combine(day, time.min) + timedelta(minutes=minute)


def tickets(known: Sequence[str], days: Sequence[date], seed: int, until: datetime, size: float = 1.0) -> pa.Table:
    """The rows of service_ticket of the days, as known just before `until`, in the order of time. size: how many times
    as many as usual come, and windows are open."""
    parts = [
        _day(hall, day, seed, size) for day in days if is_workday(day) for hall in halls() if hall.code in known
    ]  # fmt: skip
    if not parts:
        return _table([np.zeros(0, np.int64)] * 8, 0)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    end = int((until - datetime(1970, 1, 1)).total_seconds())
    kept = np.flatnonzero(joined[2] < end)
    kept = kept[np.argsort(joined[2][kept], kind="stable")]
    return _table([column[kept] for column in joined], end)


def _before_holiday(day: date) -> bool:
    """Whether more than a weekend lies between the day and the next working day."""
    after = day + timedelta(days=1)
    while not is_workday(after):
        if day_kind(after) == "holiday":
            return True
        after += timedelta(days=1)
    return False


def _day(hall: Hall, day: date, seed: int, size: float) -> tuple[np.ndarray, ...]:
    """ticket, hall, take, call, end (seconds since 1970), window, business, no-show of one day of a hall."""
    number = int(hall.code[1:])
    rng = np.random.default_rng([seed, 31, day.toordinal(), number])
    busy = WEEKDAYS[min(day.weekday(), 4)] * (BEFORE_HOLIDAY if _before_holiday(day) else 1)
    count = rng.poisson(hall.arrivals * busy * size)
    curve = np.cumsum(RATE) / RATE.sum()
    midnight = (day - date(1970, 1, 1)).days * 86_400
    taken = np.sort(OPENS * 60 + np.searchsorted(curve, rng.random(count)) * 60 + rng.integers(0, 60, count))
    no_show = rng.random(count) < NO_SHOW
    service = np.where(no_show, 25, np.maximum(60, rng.gamma(2.2, hall.minutes * 60 / 2.2, count))).astype(np.int64)
    called, ended, window = _served(taken, service, round(hall.opened * size))
    if hall.code == WRONG_CLOCK:
        called, ended = called - BEHIND_S, ended - BEHIND_S
    if hall.code in ONLY:
        business = np.full(count, list(BUSINESSES).index(ONLY[hall.code]))
    else:
        business = np.searchsorted(np.cumsum([share for *_, share in BUSINESSES.values()])[:-1], rng.random(count))
    ids = (midnight // 86_400 * 100 + number) * 100_000 + np.arange(count)
    return ids, np.full(count, number), midnight + taken, midnight + called, midnight + ended, window, business, no_show


def _served(taken: np.ndarray, service: np.ndarray, windows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First come, first served: when each is called, when it ends, and at which window."""
    free = [(OPENS * 60, n) for n in range(windows)]
    called, ended, window = (np.zeros(len(taken), np.int64) for _ in range(3))
    for i, (came, takes) in enumerate(zip(taken.tolist(), service.tolist(), strict=True)):
        since, n = heapq.heappop(free)
        begins = max(came + 20, since + 15)
        while n % 2 and LUNCH[0] * 60 <= begins < LUNCH[1] * 60:  # this window has lunch
            heapq.heappush(free, (LUNCH[1] * 60, n))
            since, n = heapq.heappop(free)
            begins = max(came + 20, since + 15)
        called[i], ended[i], window[i] = begins, begins + takes, n
        heapq.heappush(free, (begins + takes, n))
    return called, ended, window


def _table(columns: Sequence[np.ndarray], end: int) -> pa.Table:
    ids, hall, taken, called, ended, window, business, no_show = columns
    codes = [f"H{n:02d}" for n in range(100)]
    away = no_show.astype(bool)
    return pa.table({
        "ticket_id": ids, "hall": strings(hall, codes), "business": strings(business, list(BUSINESSES)),
        "take_at": moments(taken, max(end, 1)), "call_at": moments(called, end),
        "start_at": moments(np.where(away, end, called + 12), end), "end_at": moments(np.where(away, end, ended), end),
        "window": strings(window, [f"{n + 1:02d}" for n in range(400)]), "no_show": pa.array(away & (called < end)),
        "priority": pa.array(uniform(ids, 281, 0) < PRIORITY),
    })  # fmt: skip
