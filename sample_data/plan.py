"""What is planted in the demo city and how busy it is: decided once by the build, kept in the database for the feed."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from sample_data.randomness import uniform
from sample_data.vocabulary import leaf_named, leaves

PER_DAY = 2870.0  # fits 300 MB in DuckDB
REGULARS = 48
REGULAR_LEAVES = ("施工噪声", "商业噪声", "邻里噪声", "物业服务不到位", "流动摊贩", "违法停车", "油烟扰民", "私搭乱建")
NOW_BEFORE = timedelta(hours=11)  # how long before the build the storm of now began
NOW_SHARE = 0.06  # little beyond what waterlogged streets call about: what else is planted for now stays in sight
STORM_DATES = (
    (6, 18),
    (7, 24),
    (8, 17),
)  # of every year; one more came about thirty days before the build, and one is on
STORM_KINDS = ("local", "typhoon", "typhoon")
# category: how strongly a storm raises it above its usual day
STORM_LEAVES = {
    "路面积水": 30.0, "小区积水": 26.0, "排水不畅": 16.0, "树木倒伏": 26.0, "停电": 9.0, "电线隐患": 8.0,
    "房屋漏水": 9.0, "停水": 3.0, "信号灯": 3.0, "道路拥堵": 3.0, "公交班次": 2.0, "农田水利": 5.0,
}  # fmt: skip


@dataclass(frozen=True)
class Storm:
    """A rainstorm: from when, for how many hours, and the appeals it brings as a share of a usual day's."""

    start: datetime
    hours: int
    share: float
    kind: str = "front"  # what falls (flood.weather): front | local | typhoon | great | now
    scale: float = 1.0  # of its rain


@dataclass(frozen=True)
class Burst:
    """A local burst: appeals of one category in one street, beyond the usual ones."""

    key: str
    leaf: int
    street: str  # code
    start: datetime
    end: datetime
    orders: float  # expected in the whole burst at the default size
    nights: bool = False  # only between 22:00 and 06:00
    community: str = ""  # code: all of them in one community
    close: bool = False  # all of them in one estate, within some 300 m


@dataclass(frozen=True)
class Regular:
    """A caller who for four weeks calls again and again about the same matter (高频诉求人)."""

    leaf: int
    street: str
    start: datetime
    orders: int


@dataclass(frozen=True)
class Plan:
    """Everything that the generator must know besides the areas."""

    seed: int
    start: datetime
    until: datetime
    norm: float = 0.0  # appeals a day per unit of courses.intensity
    size: float = 1.0  # appeals a day in units of the default city
    streets: dict[str, str] = field(default_factory=dict)  # role -> street code
    districts: dict[str, str] = field(default_factory=dict)  # role -> district code
    storms: list[Storm] = field(default_factory=list)
    bursts: list[Burst] = field(default_factory=list)
    campaign: tuple[datetime, datetime] | None = None
    drive: tuple[datetime, datetime] | None = None  # 不满意件办理攻关月
    regulars: list[Regular] = field(default_factory=list)
    worsening_days: int = 270
    unfair: str = ""  # organisation code
    flood: dict[str, float] = field(default_factory=dict)  # reservoir: m below its limit before the storm of now

    def dumps(self) -> str:
        return json.dumps(asdict(self), default=lambda value: value.isoformat(), ensure_ascii=False)

    @staticmethod
    def loads(text: str) -> "Plan":
        raw = json.loads(text)
        at = datetime.fromisoformat
        raw["start"], raw["until"] = at(raw["start"]), at(raw["until"])
        raw["storms"] = [Storm(**{**s, "start": at(s["start"])}) for s in raw["storms"]]
        raw["bursts"] = [Burst(**{**b, "start": at(b["start"]), "end": at(b["end"])}) for b in raw["bursts"]]
        raw["regulars"] = [Regular(**{**r, "start": at(r["start"])}) for r in raw.get("regulars", [])]
        for name in ("campaign", "drive"):
            raw[name] = None if raw.get(name) is None else (at(raw[name][0]), at(raw[name][1]))
        return Plan(**raw)


def heating_season(day: date) -> bool:
    """Whether the city is heated on `day`: 15 November to 15 March."""
    return (day.month, day.day) >= (11, 15) or (day.month, day.day) <= (3, 15)


def storms_between(start: datetime, until: datetime, seed: int) -> list[Storm]:
    """The storms of the period: summer's, year by year, one about thirty days before its end, and one that still grows
    at its end."""
    found = []
    for year in range(start.year, until.year + 1):
        for n, (month, day) in enumerate(STORM_DATES):
            u = uniform(np.array([year * 10 + n]), 40, seed)[0]
            v = uniform(np.array([year * 10 + n]), 41, seed)[0]
            begin = datetime(year, month, day, int(4 + 16 * u)) + timedelta(days=int(6 * v))
            if start + timedelta(days=1) <= begin <= until - timedelta(days=40):
                found.append(Storm(begin, int(24 + 18 * v), round(float(0.6 + 0.8 * u), 2), STORM_KINDS[n]))
    typhoons = [n for n, storm in enumerate(found) if storm.kind == "typhoon" and storm.start.month >= 8]
    if typhoons:  # the latest August's
        found[typhoons[-1]] = replace(found[typhoons[-1]], kind="great")
    recent = datetime.combine(until.date() - timedelta(days=30), time(5))
    if recent >= start + timedelta(days=1):
        found.append(Storm(recent, 36, 1.1))
    now = (until - NOW_BEFORE).replace(minute=0)
    if now >= start + timedelta(days=1):
        found.append(Storm(now, 22, NOW_SHARE, "now"))
    return found


def bursts_until(until: datetime, streets: dict[str, str], lift: str) -> list[Burst]:
    """The planted bursts, and what recurs in the community `lift` ('': nothing does). `streets`: role -> code."""
    day = datetime.combine(until.date(), time.min)

    def back(days: int, hour: int) -> datetime:
        return day - timedelta(days=days) + timedelta(hours=hour)

    failing = "停暖故障" if heating_season(until.date()) else "停电"
    recurring = Burst("lift", leaf_named("电梯故障"), streets["lift"], back(88, 6), back(-20, 22), 55, community=lift)
    return [
        Burst(
            "supply",
            leaf_named(failing),
            streets["supply"],
            until - timedelta(hours=20),
            until + timedelta(hours=4),
            110,
        ),
        Burst("water", leaf_named("停水"), streets["water"], back(9, 8), back(9, 18), 75),
        Burst("noise", leaf_named("施工噪声"), streets["noise"], back(35, 22), back(14, 6), 260, nights=True),
        Burst("odour", leaf_named("工业异味"), streets["odour"], back(75, 18), back(71, 9), 140),
        Burst("gas", leaf_named("燃气泄漏"), streets["gas"], back(2, 18), back(2, 22), 40),
        *([recurring] if lift else []),
        Burst("estate", leaf_named("逾期交房"), streets["estate"], back(3, 9), back(1, 21), 46, close=True),
    ]


def drive_before(until: datetime) -> tuple[datetime, datetime]:
    """The month in which dissatisfied orders are worked off: the last whole one that ended 40 days ago or earlier."""
    end = (until - timedelta(days=40)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (end - timedelta(days=1)).replace(day=1), end


def leader_days(start: datetime, until: datetime) -> list[datetime]:
    """The mornings on which a leader answers calls: the second Thursday of each month, planned a year ahead."""
    found = []
    for month in range(start.year * 12 + start.month - 1, until.year * 12 + until.month + 12):
        first = datetime(month // 12, month % 12 + 1, 1, 9)
        found.append(first + timedelta(days=(3 - first.weekday()) % 7 + 7))
    return [day for day in found if day >= start]


def regulars_of(start: datetime, until: datetime, streets: list[str], seed: int) -> list[Regular]:
    """The callers who call again and again, a dozen of them in the last weeks."""
    keys = np.arange(REGULARS)
    back = np.where(keys < 14, 3 + 22 * uniform(keys, 45, seed), 300 * uniform(keys, 45, seed) - 30)
    place = (uniform(keys, 46, seed) * len(streets)).astype(int)
    matter = (uniform(keys, 47, seed) * len(REGULAR_LEAVES)).astype(int)
    often = 6 + (uniform(keys, 48, seed) * 9).astype(int)
    day = datetime.combine(until.date(), time(8))
    found = [
        Regular(leaf_named(REGULAR_LEAVES[m]), streets[p], day - timedelta(days=int(b)), int(n))
        for b, p, m, n in zip(back, place, matter, often, strict=True)
    ]
    return [regular for regular in found if regular.start >= start and regular.street]


def storm_weights() -> list[float]:
    """Relative weight of each leaf among what a storm brings."""
    return [leaf.weight * STORM_LEAVES.get(leaf.zh, 0.0) for leaf in leaves()]
