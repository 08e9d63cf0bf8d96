"""What of the hotline may be looked at again: bursts, collective appeals, outages, storms, and the days on which most
orders were overdue."""

from datetime import datetime, time, timedelta

from components.panel import place_of
from components.replay import Incident, Mark
from components.view import View
from components.words import exact, number, text
from data_access import bursts, coverage, crowds, hotline
from data_access.areas import Area, tree
from data_access.bursts import Burst
from domain.periods import Span
from pages.asking import NoCity

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BACK, OVERDUE_BACK = 14, 90  # days that are looked through
MOST = {"burst": 5, "crowd": 3, "overdue": 3, "outage": 3}
APART = 7 * DAY  # two peaks that lie closer are one
LOOKS = 8  # moments of a span at which sudden appeals are asked for


def incidents(view: View, now: datetime) -> list[Incident]:
    """The worst of the place, of each kind a few."""
    area = place_of(view)
    if area is None or not coverage.ever():
        return []
    return [*_bursts(view, area, now), *_crowds(view, area, now), *_overdue(view, area, now), *_outages(view, now)]


def _place(street: str, district: str, lang: str) -> str:
    found = bursts.place_of(street, district)
    return found.label(lang) if found else ""


def _fields(street: str, district: str, category: str) -> dict[str, str]:
    code = next((code for code in (street, district) if tree().get(code)), "")
    return {"category": category} | ({"area": code} if code else {})


def _looked(area: Area, moments: list[datetime]) -> list[Burst]:
    """The bursts that went on at any of the moments, each once: as it stood when it was most unusual."""
    best: dict[tuple, Burst] = {}
    for at in sorted(moments):  # forward: what was counted once is not counted again
        for one in bursts.bursts(area, at):
            key = (one.category, one.street, one.district, one.since)
            if one.state == "burst" and (key not in best or one.z > best[key].z):
                best[key] = one
    return list(best.values())


def _bursts(view: View, area: Area, now: datetime) -> list[Incident]:
    lang = view.lang
    midnight = datetime.combine(now.date(), time.min)
    moments = [now, *(midnight - n * DAY for n in range(BACK))]
    some = sorted(_looked(area, moments), key=lambda one: (-one.z, one.category, one.street))
    names = hotline.category_names(lang)
    made = []
    for one in some[: MOST["burst"]]:
        began = one.since - timedelta(hours=one.window_hours)
        said = text("replay.burst_said", lang, hours=one.window_hours, callers=one.callers,
                    expected=number(one.expected, lang, 1))  # fmt: skip
        made.append(
            Incident(
                "burst", 0, names.get(one.category, one.category), _place(one.street, one.district, lang),
                began - 2 * HOUR, min(one.since + DAY, now), one.since, said, "/hotline",
                _fields(one.street, one.district, one.category),
            )
        )  # fmt: skip
    return made


def _crowds(view: View, area: Area, now: datetime) -> list[Incident]:
    lang, names = view.lang, hotline.category_names(view.lang)
    made: dict[tuple, Incident] = {}
    for n in range(0, BACK, 2):
        for one in crowds.there(area, now - n * DAY):
            said = text("replay.crowd_said", lang, callers=one.callers, orders=one.orders)
            made.setdefault(
                (one.category, one.street, one.begin.date()),
                Incident(
                    "crowd", 0, names.get(one.category, one.category), _place(one.street, one.district, lang),
                    one.begin - 2 * HOUR, min(max(one.last, one.begin) + 2 * HOUR, one.begin + 3 * DAY, now), one.begin,
                    said, "/hotline", _fields(one.street, one.district, one.category) | {"bursts": "crowd"},
                ),
            )  # fmt: skip
    return list(made.values())[: MOST["crowd"]]


def _overdue(view: View, area: Area, now: datetime) -> list[Incident]:
    """The days at whose end most orders were past their limit, with their replay from midnight to midnight."""
    first = datetime.combine(now.date(), time.min) - OVERDUE_BACK * DAY
    begun = hotline.stock(area, first)["now"]
    days, told = hotline.daily(area, first, now, columns=("due", "settled"))
    late, stock = [], begun.overdue
    for day, due, settled in zip(days, told["due"], told["settled"], strict=True):
        stock += due - settled
        late.append((stock, day))
    known = [n for n, _ in late if n > 0]
    if not known:
        return []
    usual = sum(known) / len(known)
    chosen: list[tuple[int, datetime]] = []
    for n, day in sorted(late, key=lambda one: (-one[0], one[1])):
        start = datetime.combine(day, time.min)
        if n > usual and all(abs(start - other) >= APART for _, other in chosen):
            chosen.append((n, start))
        if len(chosen) == MOST["overdue"]:
            break
    lang = view.lang
    return [
        Incident(
            "overdue", 0, text("replay.overdue", lang), area.label(lang), start, min(start + DAY, now), start,
            text("replay.overdue_said", lang, n=exact(n), usual=exact(round(usual)), days=OVERDUE_BACK), "/hotline",
            {"state": "late"},
        )
        for n, start in chosen
    ]  # fmt: skip


def _outages(view: View, now: datetime) -> list[Incident]:
    lang = view.lang
    some = [row for row in hotline.marks(now - OVERDUE_BACK * DAY, now) if row.kind == "outage"]
    return [
        Incident(
            "outage", 0, row.name_zh if lang == "zh" else row.name_en, "", row.start - 2 * HOUR,
            min(row.end + 2 * HOUR, now), row.start, text("replay.lasted", lang, hours=number(
                (row.end - row.start) / HOUR, lang)), "/hotline", {},
        )
        for row in some[-MOST["outage"] :]
    ]  # fmt: skip


def marks(view: View, span: Span) -> list[Mark]:
    """Sudden appeals that began in the span, and the storms and outages that did."""
    area, lang = place_of(view), view.lang
    if area is None:
        raise NoCity("no areas are loaded")
    found = [
        Mark(row.start, row.kind, 0, row.name_zh if lang == "zh" else row.name_en)
        for row in hotline.marks(span.start, span.end)
        if row.kind in ("storm", "outage") and row.start >= span.start
    ]
    if not coverage.ever():
        return found
    step = max((span.end - span.start) / LOOKS, HOUR)
    moments = [span.end - n * step for n in range(LOOKS) if span.end - n * step > span.start]
    names = hotline.category_names(lang)
    return found + [
        Mark(one.since, "burst", 0, f"{names.get(one.category, one.category)} {_place(one.street, one.district, lang)}")
        for one in _looked(area, [at.replace(second=0, microsecond=0) for at in moments])
        if span.start <= one.since <= span.end
    ]
