"""The first answer of the services page: is anything wrong, and the numbers that say so."""

from datetime import timedelta
from typing import Any

from components import bodies
from components.judging import misses
from components.panel import Answer, Measured, fills, panel
from components.rows import NAN, rows, tabled
from components.view import View
from components.words import exact, number, percent, text
from data_access import coverage
from data_access.areas import tree
from data_access.indicators import indicators
from data_access.services import catalogue, counts, standards
from data_access.services import halls as queues
from data_access.services.counts import NOTHING, Counts
from domain.periods import Span
from domain.ranking import Item, ranked
from pages.asking import given
from pages.rates import Figure
from pages.services.asked import CASES, SNAPSHOTS, TICKETS, Asked, ask
from pages.services.halls import state, utilisation
from pages.services.rates import of_counts
from pages.tiles import DAYS, TILE, target, tile

# ---- the numbers -------------------------------------------------------------------------------------------------

COLUMNS = (*TILE, "group", "under", "few", "aside")
TILES = (
    "services.received", "services.accepted", "services.accepted_rate", "services.finished", "services.open_cases",
    "services.overdue_cases", "services.online_accepted", "services.on_time_finished", "services.on_time_due",
    "services.speed_up", "services.good_rating", "services.active_rating", "services.waiting",
)  # fmt: skip
SPARKS = (
    "services.received", "services.accepted", "services.finished", "services.online_accepted",
    "services.on_time_finished", "services.on_time_due", "services.speed_up", "services.good_rating",
)  # fmt: skip
FEWEST_A_DAY = 30  # cases of a day under which its rate is no point of a small line


def _tile(key: str, group: str, *numbers: Any, under: str = "", few: bool = False, **more: Any) -> dict[str, Any]:
    return tile(key, *numbers, **more) | {"group": group, "under": under, "few": few, "aside": ""}


def day_counts(asked: Asked, days: int = DAYS) -> list[Counts | None]:
    """The counts of each of the last whole days, None for a day without a load."""
    first = asked.midnight - timedelta(days=days)
    span = Span(first, asked.midnight)
    found = counts.daily(asked.area, span, counts.CASES.names, asked.where)
    listed = [(first + timedelta(days=n)).date() for n in range(days)]
    there = coverage.covered(listed, CASES)
    return [Counts(*found.get(day, NOTHING)) if known else None for day, known in zip(listed, there, strict=True)]


def _sparks(asked: Asked) -> dict[str, list[float]]:
    past = day_counts(asked)

    def value(key: str, n: Counts | None) -> float:
        told = of_counts(key, n)
        if told.value is None or (told.denominator is not None and told.denominator < FEWEST_A_DAY):
            return NAN
        return told.value

    return {key: [value(key, n) for n in past] for key in SPARKS}


def _numbers(now: Figure, base: Figure) -> tuple[Any, ...]:
    return now.value, None if base.few else base.value, now.numerator, now.denominator


def _flows(asked: Asked, told: dict[str, Counts]) -> list[dict[str, Any]]:
    lang, now, base = asked.lang, told.get("now"), told.get("base")

    def rate(key: str, group: str, *, under: str = "", note: str | None = None) -> dict[str, Any]:
        mine, before = of_counts(key, now), of_counts(key, base)
        said = target(indicators()[key], lang) if note is None else note
        return _tile(key, group, *_numbers(mine, before), under=under, few=mine.few, note=said)

    today = ""
    if told and coverage.known(asked.today, CASES):
        today = text("tile.today", lang, n=number(told["today"].received, lang))
    refused = text("services_head.refused", lang, n=exact(now.refused)) if now else ""
    bad = text("services_head.bad", lang, n=exact(now.bad)) if now else ""
    stocks: list[dict[str, Any]] = []
    if told:
        waiting = counts.stock(asked.area, (asked.at, *([asked.before] if asked.before else [])), asked.where)
        before = waiting[-1] if asked.before else None
        stocks = [
            _tile("services.open_cases", "came", waiting[0].open, before and before.open, under="services.finished"),
            _tile("services.overdue_cases", "late", waiting[0].overdue, before and before.overdue,
                  under="services.on_time_due", warn=waiting[0].overdue > 0),
        ]  # fmt: skip
    return [
        _tile("services.received", "came", now and now.received, base and base.received, note=today),
        _tile("services.accepted", "came", now and now.accepted, base and base.accepted, note=refused),
        rate("services.accepted_rate", "came", under="services.accepted"),
        _tile("services.finished", "came", now and now.finished, base and base.finished),
        *stocks,
        rate("services.online_accepted", "online"),
        rate("services.on_time_finished", "late", note=text("services_head.by_finish", lang)),
        rate("services.on_time_due", "late"),
        rate("services.speed_up", "speed"),
        rate("services.good_rating", "rating", note=bad),
        rate("services.active_rating", "rating", under="services.good_rating"),
    ]


def _queue(asked: Asked) -> list[dict[str, Any]]:
    """People waiting now in the halls that serve the place; nothing where no source tells of halls today."""
    lang = asked.lang
    today = Span(asked.midnight, asked.at + timedelta(microseconds=1))
    if not any(coverage.known(today, field) for field in (TICKETS, SNAPSHOTS)):
        return []
    place = queues.serving(asked.area)
    found = queues.live(place, asked.at)
    over = sum(state(utilisation(now), asked.at.date()) == "over" for now in found)
    note = text("services_head.over", lang, n=over) if over else text("services_head.calm", lang)
    if not any(now.open for now in found) and not sum(now.waiting for now in found):
        note = text("services_head.closed", lang)
    waiting = sum(now.waiting for now in found)
    aside = "" if place == asked.area else place.label(lang)
    return [_tile("services.waiting", "queue", waiting, note=note, warn=over > 0) | {"aside": aside}]


# Where a number leads: the list of what it counts, the map of it.
LEADS = {
    "services.received": {"state": ""},
    "services.open_cases": {"state": "open"},
    "services.overdue_cases": {"state": "late"},
    "services.online_accepted": {"metric": ""},
    "services.on_time_finished": {"state": "slow"},
    "services.on_time_due": {"metric": "services.on_time_due"},
    "services.good_rating": {"metric": "services.good_rating", "state": "bad"},
}


@panel(bodies.tiles, about=TILES, source="services")
def headline(view: View) -> Answer:
    """key, value, base, numerator, denominator, note, warn, group (what stands together), under (the key that it stands
    under, '' when alone), few (too small a sample to judge by), aside: one row an indicator; rates are fractions; of
    the speed-up the parts are working days."""
    asked = ask(view)
    lang = asked.lang
    lacking = not fills(given(view), CASES)  # queues alone are told
    told = counts.totals(asked.area, asked.span, asked.base, asked.where) if asked.known else {}
    tiles = [*([] if lacking else _flows(asked, told)), *_queue(asked)]
    frame = tabled(tiles, COLUMNS, ("value", "base", "numerator", "denominator"))
    measured = tuple(Measured.of(r.key, r.value, r.numerator, r.denominator, r.base) for r in rows(frame))
    against = "" if view.compare == "none" else text(f"compare.{view.compare}_short", lang)
    facts: dict[str, Any] = {"against": against, "uncompared": {"services.waiting"}}
    facts["sparks"] = {} if lacking else _sparks(asked)
    facts |= {"leads": LEADS, "list": "services.records"}
    words = text("state.lacking", lang, field=text(f"field.{CASES}", lang)) if lacking else ""
    if lacking and not tiles:
        return Answer(frame, facts={"lacking": [CASES]}, blank="none", note=words)
    if lacking:
        facts |= {"left_out": set(), "left_out_said": words}
    return Answer(frame, measured, facts, "" if len(frame) else "none")


# ---- is anything wrong ---------------------------------------------------------------------------------------------

SAID = ("kind", "before", "code", "name", "after", "field", "joined")


def _said(
    kind: str, before: str, code: str = "", name: str = "", *, after: str = "", field: str = ""
) -> dict[str, Any]:
    return dict(zip(SAID, (kind, before, code, name, after, field, False), strict=True))


def _worst(items: list[Item], least: float) -> Any | None:
    """The last of those that can be judged, when it misses the target."""
    judged = [one for one in ranked(items, better="higher") if one.rank is not None and one.value is not None]
    return judged[-1] if judged and misses(judged[-1].value, least, "higher") else None


def _late(asked: Asked, now: Counts) -> list[dict[str, Any]]:
    """Whether what was due is finished, and who misses the target most."""
    lang, key = asked.lang, "services.on_time_due"
    one, least = indicators()[key], indicators()[key].target or 0.0
    whole = of_counts(key, now)
    goal, said = f"{least * 100:g}%", []
    if whole.value is not None and not whole.few:
        words = text("services_said.due", lang, value=percent(whole.value), target=goal)
        said.append(_said("bad" if misses(whole.value, least, one.better) else "good", words))
    if not asked.where.org:
        found = counts.by_value(asked.area, asked.span, None, "org", asked.where, names=("due", "due_in_time"))
        worst = _worst([Item(r.code, one.of(r.now.due_in_time, r.now.due), r.now.due) for r in found if r.code], least)
        if worst is not None:
            zh, en = catalogue.departments().get(worst.key, (worst.key, None))
            name = zh if lang == "zh" else en or zh
            after = text("services_said.below", lang, value=percent(worst.value))
            said.append(_said("bad", text("services_said.worst_org", lang), worst.key, name, after=after, field="org"))
    return said


def _online(asked: Asked) -> list[dict[str, Any]]:
    """The place whose people come online least, when it misses the target."""
    lang, one = asked.lang, indicators()["services.online_accepted"]
    children, _ = counts.by_child(asked.area, asked.span, asked.base, asked.where)
    items = [Item(r.code, one.of(r.now.online, r.now.accepted), r.now.accepted) for r in children]
    worst = _worst(items, one.target or 0.0)
    if worst is None:
        return []
    names = {a.code: a.label(lang) for a in tree().children(asked.area.code)}
    after = text("services_said.online", lang, value=percent(worst.value), target=f"{(one.target or 0) * 100:g}%")
    return [_said("bad", text("services_said.least", lang), worst.key, names[worst.key], after=after, field="area")]


def _halls(asked: Asked) -> list[dict[str, Any]]:
    """The hall that cannot cope, and one whose clocks cannot be believed."""
    lang, said = asked.lang, []
    found = sorted(queues.live(asked.area, asked.at), key=lambda now: -(utilisation(now) or 0.0))
    places = queues.places()

    def named(hall: str) -> str:
        return places[hall].name if lang == "zh" else places[hall].name_en or places[hall].name

    if found and state(utilisation(found[0]), asked.at.date()) == "over":
        now = found[0]
        after = text("services_said.over", lang, waiting=exact(now.waiting), windows=exact(now.open))
        said.append(_said("bad", "", now.hall, named(now.hall), after=after, field="hall"))
    if doubtful := [now for now in found if now.little is not None and now.little.doubtful]:
        hall = doubtful[0].hall
        said.append(_said("note", "", hall, named(hall), after=text("services_said.doubtful", lang), field="hall"))
    return said


def _standards(asked: Asked) -> dict[str, Any]:
    """How well the newest service standards were met, where nothing else is told."""
    found = standards.standards(asked.at)
    met, total = standards.volumes(found)
    if not total:
        return _said("note", text("services_said.nothing", asked.lang))
    n = sum(one.counts for one in found)
    return _said("note", text("services_said.standards", asked.lang, value=percent(met / total), n=exact(n)))


@panel(bodies.situation, about=("services.on_time_due", "services.online_accepted", "services.waiting"),
       source="services")  # fmt: skip
def situation(view: View) -> Answer:
    """kind (bad | good | note), before, code, name, after, field (of the view that the name sets), joined: what is
    wrong and where, in sentences."""
    asked = ask(view)
    lang = asked.lang
    said: list[dict[str, Any]] = []
    measured: tuple[Measured, ...] = ()
    if asked.known:
        now = counts.totals(asked.area, asked.span, asked.base, asked.where)["now"]
        said = [*_late(asked, now), *_online(asked)]
        keys = ("services.on_time_due", "services.online_accepted")
        told = [(key, of_counts(key, now)) for key in keys]
        measured = tuple(Measured.of(key, one.value, one.numerator, one.denominator) for key, one in told)
    elif fills(given(view), CASES):
        said = [_said("note", text("services_said.unknown", lang))]
    said += _halls(asked)
    if not said:
        said = [_standards(asked)]
    said.sort(key=lambda one: ("bad", "good", "note").index(one["kind"]))
    return Answer(tabled(said, SAID), measured)
