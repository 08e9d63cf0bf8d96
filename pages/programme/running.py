"""What stands on a wall now: the scene of its programme, or the alarm that has taken it over."""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from dash import page_registry

from components.panel import panels
from components.view import View
from components.words import age, text
from data_access import bursts, clock, engine, hotline, programmes
from data_access.areas import tree
from data_access.flood import alarms, watch
from domain.programme import NAMES, Problem, Programme, Scene, Showing, sequence, showing
from domain.takeover import Call, Taken, taken
from pages.addresses import freshness
from pages.flood.alarms import name_of, place, words

log = logging.getLogger("citydeck.wall")
WINDOW = timedelta(minutes=30)  # what was raised longer ago takes no wall over
_known: dict[str, Programme] = {}  # what is shown while the database does not answer


class Wall(NamedTuple):
    """A wall as its link describes it."""

    programme: str
    profile: str = ""
    lang: str = "zh"
    theme: str = "dark"


class Shown(NamedTuple):
    """What takes the wall over, and its words. key: flood|alarm|level, or burst|...; level: 0 a burst."""

    key: str
    level: int
    name: str
    place: str
    said: str
    url: str


def programme_of(name: str) -> Programme | None:
    """The programme, or the last that was known of it while the database does not answer."""
    try:
        kept = programmes.named(name)
    except Exception:
        log.warning("the database does not say the programme %s", name)
        return _known.get(name) or (programmes.shipped().programme if name == programmes.DEFAULT else None)
    if kept is None:
        return None
    _known[name] = kept.programme
    return kept.programme


# ---- scenes ----------------------------------------------------------------------------------------------------------
def paths() -> dict[str, str]:
    """Pages that can be scenes, those that speak of a place and a period: path -> name."""
    return {
        page["path"]: page["name"] for page in page_registry.values() if page.get("nav") and page.get("filtered", True)
    }


def checked(programme: Programme) -> list[Problem]:
    """What a text cannot know: pages and fields of views that there are not."""
    found, known = [], paths()
    for n, scene in enumerate(programme.scenes, 1):
        if scene.page not in known:
            found.append(Problem("no_page", f"scene {n}.page", ", ".join(known)))
        asked = dict(parse_qsl(scene.view, keep_blank_values=True))
        for name, value in asked.items():
            if name not in View.model_fields:
                found.append(Problem("no_field", f"scene {n}.view", name))
            elif value and not View.from_query({name: value}).search and value != _usual(name):
                found.append(Problem("no_value", f"scene {n}.view", f"{name}={value}"))
    return found


def _usual(name: str) -> str:
    return str(View().model_dump()[name])


@lru_cache(4096)
def url(page: str, view: str, wall: Wall) -> str:
    """The address of a scene on a wall."""
    fields: dict[str, Any] = {"mode": "wall", "lang": wall.lang, "theme": wall.theme, "wall": wall.profile}
    return page + View.from_query(dict(parse_qsl(view)) | fields).search


def title(scene: Scene, lang: str) -> str:
    if own := scene.title_zh if lang == "zh" else scene.title_en:
        return own
    name = text(f"page.{paths()[scene.page]}", lang) if scene.page in paths() else scene.page
    area = tree().get(dict(parse_qsl(scene.view)).get("area", ""))
    return f"{name} · {area.label(lang)}" if area else name


def source_of(scene: Scene) -> str:
    """The source that a scene lives on: its own word, or where most panels of its page come from."""
    page = scene.page.strip("/") or "overview"
    some = Counter(one.source for name, one in panels.items() if name.startswith(f"{page}.") and one.source)
    return scene.source or (some.most_common(1)[0][0] if some else "")


def running(programme: Programme, now: datetime) -> tuple[Showing, dict[str, Any], bool]:
    """What the programme shows now, the freshness of each source, and whether the database answers."""
    try:
        fresh = {one.key: one for one in freshness(now.replace(second=0, microsecond=0))}
        answers = True
    except Exception:
        fresh, answers = {}, False
    behind = {key for key, one in fresh.items() if one.state in ("late", "stale")}
    late = {scene.key for scene in programme.scenes if source_of(scene) in behind}
    return showing(programme, now, late), fresh, answers


# ---- what takes the wall over ----------------------------------------------------------------------------------------
def _minute_end(now: datetime) -> datetime:
    """Questions are asked once a minute and version; nothing is known of what is still to come."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _flood(programme: Programme, now: datetime, wall: Wall) -> list[Shown]:
    level = programme.options.takeover
    some = [one for one in alarms.alarms(_minute_end(now)) if one.open and one.rule != "silent"] if level else []
    open_ = {one.alarm for one in some}
    found = []
    for one in some:
        told = [event.moment for event in one.events if event.event in ("raised", "escalated")]
        news = one.state == "new" and one.level >= level and max(told) > now - WINDOW
        if news and one.parent not in open_:
            view = View(alarm=one.alarm, station=one.station if one.kind != "storm" else "").search
            found.append(
                Shown(f"flood|{one.alarm}|{one.level}", one.level, name_of(one, wall.lang), place(one, wall.lang),
                      words(one, wall.lang), url("/flood", view.removeprefix("?"), wall))
            )  # fmt: skip
    return found


def _bursts(programme: Programme, now: datetime, wall: Wall) -> list[Shown]:
    root = tree().root
    if not programme.options.bursts or root is None:
        return []
    names, found = hotline.category_names(wall.lang), []
    for one in bursts.bursts(root, now.replace(second=0, microsecond=0)):
        if one.state != "burst" or one.since <= now - WINDOW:
            continue
        street = tree().get(one.street)
        said = text("play.burst", wall.lang, n=one.callers, hours=one.window_hours, expected=f"{one.expected:.0f}")
        view = View(category=one.category, area=one.street if street else "").search
        found.append(
            Shown(f"burst|{one.category}|{one.street}|{one.since:%Y%m%d%H%M}", 0,
                  names.get(one.category, one.category), street.label(wall.lang) if street else "", said,
                  url("/hotline", view.removeprefix("?"), wall))
        )  # fmt: skip
    return found


def calling(programme: Programme, now: datetime, wall: Wall) -> tuple[Taken, Shown] | None:
    """Who has the wall now, None when the programme has. When something was first seen is kept, for all walls."""
    some = {one.key: one for one in (*_flood(programme, now, wall), *_bursts(programme, now, wall))}
    known = programmes.calls(sorted(some))
    calls = []
    for key, one in some.items():
        told = known.get(key, {})
        if "seen" not in told:
            programmes.note(key, "seen", now.replace(microsecond=0))
            log.info("%s takes walls over", key)
        if "acknowledged" not in told:
            calls.append(Call(key, one.level, told.get("seen", now.replace(microsecond=0))))
    found = taken(calls, now, timedelta(seconds=programme.options.takeover_seconds))
    return (found, some[found.key]) if found else None


def acknowledge(key: str, person: str) -> bool:
    """A person has taken note: of an alarm for everyone, of a burst for walls. False when it is no longer open."""
    now = clock.now()
    kind, _, rest = key.partition("|")
    if kind != "flood":
        programmes.note(key, "acknowledged", now, person)
        return True
    alarm = rest.rpartition("|")[0]
    try:
        with engine.committing() as connection:
            watch.act(connection, alarm, "acknowledged", person, now=now.replace(second=0))
    except watch.NotOpen:
        return False
    return True


# ---- all of it -------------------------------------------------------------------------------------------------------
def told(programme: Programme, wall: Wall) -> dict[str, Any]:
    """What a player needs to know: {now, scene, scenes, next, remaining, takeover, data ...}. now: milliseconds of the
    city's clock. Seconds are of the city's clock too."""
    now = clock.exact()
    found, fresh, answers = running(programme, now)
    taking = None
    if answers:
        try:
            taking = calling(programme, now, wall)
        except Exception:
            log.exception("alarms could not be asked")
            answers = False
    source = fresh.get(source_of(found.scene))
    return {
        "now": now.replace(tzinfo=UTC).timestamp() * 1000,
        "data": "ok" if answers else "down",
        "scene": _scene(found.scene, wall) | {"index": found.index, "late": found.late},
        "age": _aged(source, now, wall.lang),
        "next": _scene(found.next, wall),
        "scenes": [_scene(one, wall) for one in sequence(programme, now)],
        "remaining": found.remaining.total_seconds(),
        "takeover": _taking(*taking, wall.lang) if taking else None,
        "shift": programme.options.shift_px,
        "pause": programme.options.pause_seconds,
        "sound": programme.options.sound,
    }


def _scene(scene: Scene, wall: Wall) -> dict[str, Any]:
    address = url(scene.page, scene.view, wall)
    return {"key": scene.key, "title": title(scene, wall.lang), "url": address, "seconds": scene.seconds}


def _aged(source: Any | None, now: datetime, lang: str) -> str:
    if source is None or source.last_data_at is None:
        return ""
    at = source.last_data_at
    form = "%H:%M" if at.date() == now.date() else "%m-%d %H:%M"
    return text("play.data", lang, at=at.strftime(form), age=age(now - at, lang))


def _taking(found: Taken, shown: Shown, lang: str) -> dict[str, Any]:
    colour = NAMES.get(shown.level, "none") if shown.level else "burst"
    return {
        **shown._asdict(),
        "colour": colour,
        "word": text(f"flag.{colour}_full", lang) if shown.level else text("play.burst_word", lang),
        "index": found.index,
        "count": found.count,
        "remaining": found.remaining.total_seconds(),
    }
