"""Floods that may be looked at again: what the alarm engine recorded, told by storms."""

from datetime import datetime, timedelta

from components.panel import place_of
from components.replay import Incident, Mark
from components.view import View
from components.words import moment, text
from data_access import hotline
from data_access.areas import tree
from data_access.flood import alarms, stations
from data_access.flood.alarms import Alarm
from domain.periods import Span
from pages.flood.alarms import limit, name_of, place, words

BACK = timedelta(days=400)
MOST = 6
APART = timedelta(hours=6)  # without a new alarm: what comes next is another flood
LONGEST = timedelta(hours=48)  # of a replay: the days in which it falls again are quiet
LEAD = timedelta(hours=2)
WORTH = 3  # orange
ODD = ("silent", "rise")  # a tide rises fast twice a day


def incidents(view: View, now: datetime) -> list[Incident]:
    """The worst floods of the place: alarms that were raised one after the other, among them one of orange or red."""
    area = place_of(view)
    told = sorted((one for one in alarms.alarms(now, area, BACK) if one.rule not in ODD and one.kind != "storm"),
                  key=lambda one: one.raised_at)  # fmt: skip
    floods: list[list[Alarm]] = []
    for one in told:
        if floods and one.raised_at - floods[-1][-1].raised_at <= APART:
            floods[-1].append(one)
        else:
            floods.append([one])
    bad = [some for some in floods if max(one.highest for one in some) >= WORTH]
    bad.sort(key=_weight, reverse=True)
    return [_incident(some, view, now) for some in bad[:MOST]]


def _weight(some: list[Alarm]) -> tuple[int, int, int]:
    highest = max(one.highest for one in some)
    return highest, sum(one.highest == highest for one in some), len(some)


def _incident(some: list[Alarm], view: View, now: datetime) -> Incident:
    lang, begun = view.lang, some[0].raised_at
    level = max(one.highest for one in some)
    worst = min((one for one in some if one.highest == level), key=lambda one: (-(one.peak or 0), one.raised_at))
    over = max(now if one.open else one.last_at for one in some)
    end = min(over + timedelta(hours=1), begun + LONGEST, now)
    fields = {"station": worst.station} if stations.station(worst.station) else {}
    area = place_of(view)
    districts = {one.district_code for one in some}
    if area is not None and not area.level and len(districts) == 1 and tree().get(worst.district_code):
        fields |= {"area": worst.district_code}
    peak = worst._replace(value=worst.peak if worst.peak is not None else worst.value)
    said = text("replay.flood_said", lang, n=len(some), name=name_of(worst, lang), words=words(peak, lang))
    return Incident(
        "flood", level, _name(begun, over, lang), place(worst, lang), begun - LEAD, end, begun, said, "/flood", fields
    )


def _name(begun: datetime, over: datetime, lang: str) -> str:
    """The storm it came with, by its name; else its day."""
    storms = [row for row in hotline.marks(begun - timedelta(hours=12), over) if row.kind == "storm"]
    if storms:
        return storms[0].name_zh if lang == "zh" else storms[0].name_en
    return text("replay.flood", lang, day=moment(begun, lang)[:5])


def marks(view: View, span: Span) -> list[Mark]:
    """Alarms of the place that were raised in the span, and the end of those from orange on."""
    lang = view.lang
    told = alarms.alarms(span.end, place_of(view), span.end - span.start)
    found = []
    for one in told:
        if one.rule == "silent":
            continue
        rule = one.rule.removeprefix("storm-")
        name = f"{name_of(one, lang)} {limit(one, lang) or text(f'alarm_rule.{rule}', lang)}"
        found.append(Mark(one.raised_at, "raised", one.highest, name))
        if not one.open and one.highest >= WORTH:
            found.append(Mark(one.last_at, "ended", 0, text("replay.ended", lang, name=name)))
    return found
