"""When appeals come: growth, weekdays, holidays, seasons and hours of the demo city, as arrays. Pure functions."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from domain.workdays import day_kind, spring_festival
from sample_data.randomness import normal
from sample_data.vocabulary import Leaf

GROWTH = 0.09  # a year
_WEEKDAY = (1.13, 1.06, 1.03, 1.02, 1.03, 0.80, 0.74)
_HOURS = {  # weight of each hour of the day
    "day": (1, 1, 1, 1, 1, 2, 5, 14, 40, 62, 58, 42, 26, 30, 52, 58, 50, 38, 26, 22, 18, 12, 7, 3),
    "night": (30, 20, 10, 6, 4, 5, 8, 12, 18, 22, 20, 16, 14, 14, 16, 17, 18, 20, 28, 42, 58, 72, 76, 52),
    "home": (4, 2, 2, 2, 3, 8, 24, 42, 46, 44, 36, 30, 26, 24, 26, 30, 36, 48, 58, 56, 46, 32, 18, 8),
    "commute": (2, 1, 1, 1, 2, 6, 26, 58, 62, 42, 34, 30, 26, 24, 28, 34, 46, 60, 56, 40, 28, 18, 9, 4),
}
HOURS = tuple(_HOURS)
MINUTES = 1440


def hour_curves() -> np.ndarray:
    """(4, 1441): for each of HOURS, the share of a day's appeals that came before each minute."""
    curves = []
    for weights in _HOURS.values():
        middle = np.interp(np.arange(MINUTES) + 0.5, np.arange(-1, 25) * 60 + 30, (weights[-1], *weights, weights[0]))
        curves.append(np.concatenate([[0.0], np.cumsum(middle) / middle.sum()]))
    return np.array(curves)


def _bump(day_of_year: np.ndarray, centre: float, width: float) -> np.ndarray:
    away = np.abs(day_of_year - centre)
    away = np.minimum(away, 365.25 - away)
    return np.exp(-0.5 * (away / width) ** 2)


def seasons(days: Sequence[date], seed: int) -> dict[str, np.ndarray]:
    """For each course named in categories.toml, its factor on each day (about 1 on average over a year)."""
    ordinal = np.array([d.toordinal() for d in days])
    doy = np.array([d.timetuple().tm_yday for d in days], dtype=float)
    month_day = np.array([d.month * 100 + d.day for d in days])
    since_heating = (doy - 319) % 365.25  # days since 15 November
    on = (month_day >= 1115) | (month_day <= 315)  # 供暖季
    cold = np.exp(0.35 * normal(ordinal // 4, 11, seed))  # cold spells of some days
    heating = np.where(on, (1.5 + 2.2 * np.exp(-since_heating / 7)) * cold + 0.6 * _bump(doy, 15, 18), 0.05)
    heating = np.where((month_day >= 1101) & (month_day < 1115), 0.5, heating)
    festival = np.array([spring_festival(d.year).timetuple().tm_yday for d in days], dtype=float)
    golden = ((month_day >= 1001) & (month_day <= 1007)) | ((month_day >= 501) & (month_day <= 505))
    return {
        "flat": np.ones(len(days)),
        "heating": heating,
        "summer": 0.8 + 0.8 * _bump(doy, 205, 45),
        "power": 0.75 + 1.5 * _bump(doy, 207, 30) + 0.4 * _bump(doy, 12, 22),
        "water": 0.85 + 0.6 * _bump(doy, 200, 35) + 0.4 * _bump(doy, 15, 20),
        "outdoor": 0.7 + 0.7 * _bump(doy, 180, 70),
        "rain": 0.4 + 1.8 * _bump(doy, 203, 35),
        "wages": 0.75 + 1.7 * np.exp(-0.5 * ((doy - festival + 18) / 14) ** 2),
        "yearend": 0.75 + 1.4 * _bump(doy, 335, 25),
        "school": 0.5 + 2.2 * _bump(doy, 195, 30),
        "term": np.where((month_day >= 705) & (month_day <= 825) | (month_day >= 120) & (month_day <= 225), 0.45, 1.2),
        "tour": np.where(golden, 3.0, 0.85),
    }


def day_factor(days: Sequence[date], seed: int) -> np.ndarray:
    """How busy each day is for every category: growth, weekday, holiday and a little chance."""
    ordinal = np.array([d.toordinal() for d in days])
    growth = (1 + GROWTH) ** ((ordinal - date(2026, 1, 1).toordinal()) / 365.25)
    kind = []
    for d in days:
        said = day_kind(d)
        usual = _WEEKDAY[0] if said == "moved_workday" else 0.60 if said == "holiday" else _WEEKDAY[d.weekday()]
        if abs((d - spring_festival(d.year)).days) <= 3:
            usual *= 0.7
        kind.append(usual)
    return growth * np.array(kind) * np.exp(0.035 * normal(ordinal, 12, seed))


def intensity(days: Sequence[date], leaves: Sequence[Leaf], seed: int) -> np.ndarray:
    """(days, leaves): relative expected appeals of each category on each day. Desk matters rest on free days."""
    season = seasons(days, seed)
    weights = np.array([leaf.weight for leaf in leaves])
    course = np.stack([season[leaf.season] for leaf in leaves], axis=1)
    free = np.array([day_kind(d) in ("weekend", "holiday") for d in days])
    desk = np.array([leaf.mix == "ask" for leaf in leaves])
    rest = np.where(free[:, None] & desk[None, :], 0.62, np.where(free[:, None], 1.12, 1.0))
    return course * rest * weights[None, :] * day_factor(days, seed)[:, None]
