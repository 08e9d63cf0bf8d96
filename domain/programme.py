"""The programme of a wall: which scene stands there at a moment.

It is a pure function of the moment, so the same link shows the same scene on every wall at the same time, and neither a
restart nor a clock that is put right changes what should be seen. A programme is text (TOML or JSON):

    name = "duty"
    [options]
    takeover = "orange"
    [[scene]]
    page = "/flood"
    view = "area=990101"
    seconds = 30
    [[shift]]
    days = "workdays"
    from = "07:30"
    to = "19:00"
    scenes = ["flood"]
"""

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from domain.workdays import is_workday

NO_SHIFT = datetime(2001, 1, 1)  # from where scenes are counted at times that no shift names
DAY = timedelta(days=1)
SHORTEST, LONGEST = 5, 3600  # seconds of a scene
MOST_SCENES, MOST_SHIFTS, MOST_TEXT = 60, 40, 40_000
LEVELS = {"none": 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}
NAMES = {level: name for name, level in LEVELS.items()}
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS_OF_DAYS = ("all", "workdays", "restdays")
NAME = re.compile(r"[\w-]{1,40}")
PAGE = re.compile(r"/[\w-]*")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class Problem(NamedTuple):
    """What is wrong with a programme's text. code: one of programme.e_*; where: the table and field; value: as it was
    written, or what may be written."""

    code: str
    where: str = ""
    value: str = ""


class ProgrammeError(ValueError):
    """A text that is no programme, with all its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{one.code} {one.where} {one.value}".strip() for one in problems))
        self.problems = problems


class Scene(NamedTuple):
    """A page with a View, and for how many seconds. source: the one whose data it lives on; '' as the page says."""

    key: str
    page: str
    view: str
    seconds: int
    title_zh: str = ""
    title_en: str = ""
    source: str = ""


class Shift(NamedTuple):
    """On these days (all, workdays, restdays, or names of WEEK) from a minute of the day to another, of the next day
    where it is not later: the scenes in their order, as indices of the programme's."""

    days: tuple[str, ...]
    start: int
    end: int
    scenes: tuple[int, ...]


class Options(NamedTuple):
    """skip_late: a scene whose data is late gives its time to the next. takeover: from which level an alarm takes the
    wall over, 0 never, for how many seconds, with a sound, bursts of the hotline too. shift_px: against burn-in."""

    skip_late: bool = True
    takeover: int = 3
    takeover_seconds: int = 60
    sound: bool = False
    bursts: bool = False
    shift_px: int = 4
    pause_seconds: int = 120


class Programme(NamedTuple):
    name: str
    scenes: tuple[Scene, ...]
    timetable: tuple[Shift, ...] = ()
    options: Options = Options()
    title_zh: str = ""
    title_en: str = ""


@dataclass(frozen=True)
class Showing:
    """What stands on the wall. index: its place in the sequence of `count` scenes that runs now. remaining: until
    something else is shown, which is `next`. late: it is shown although its data is late, since all are."""

    scene: Scene
    index: int
    count: int
    remaining: timedelta
    next: Scene
    late: bool


class _Block(NamedTuple):
    """A sequence that runs from a moment on; shift: the place in the timetable, -1 none."""

    shift: int
    start: datetime
    scenes: tuple[int, ...]


# ---- the moment ------------------------------------------------------------------------------------------------------
def showing(
    programme: Programme,
    now: datetime,
    late: Collection[str] = (),
    workday: Callable[[date], bool] = is_workday,
) -> Showing:
    """What the wall shows. late: keys of scenes whose data is late; where the programme skips them, their time goes to
    the next that is not; where all are, they are shown all the same. A shift begins with its first scene."""
    skipped = frozenset(late) if programme.options.skip_late else frozenset()
    block, place, end = _place(programme, now, skipped, workday)
    after, then, _ = _place(programme, end, skipped, workday)
    return Showing(
        programme.scenes[block.scenes[place]],
        place,
        len(block.scenes),
        end - now,
        programme.scenes[after.scenes[then]],
        programme.scenes[block.scenes[place]].key in late,
    )


def sequence(programme: Programme, now: datetime, workday: Callable[[date], bool] = is_workday) -> tuple[Scene, ...]:
    """The scenes that run now, in their order."""
    return tuple(programme.scenes[i] for i in _block(programme, now, workday).scenes)


def _place(
    programme: Programme, now: datetime, late: Collection[str], workday: Callable[[date], bool]
) -> tuple[_Block, int, datetime]:
    """The sequence, the place in it, until when."""
    block = _block(programme, now, workday)
    scenes = [programme.scenes[i] for i in block.scenes]
    shown = _given(scenes, late)
    ends, total = [], timedelta()
    for scene in scenes:
        total += timedelta(seconds=scene.seconds)
        ends.append(total)
    gone = (now - block.start) % total
    slot = next(i for i, end in enumerate(ends) if gone < end)
    end = now + (ends[slot] - gone)
    following = slot + 1
    while following < slot + len(scenes) and shown[following % len(scenes)] == shown[slot]:
        end += timedelta(seconds=scenes[following % len(scenes)].seconds)
        following += 1
    for moment in _boundaries(programme, now, end, workday):
        if _block(programme, moment, workday)[:2] != block[:2]:
            return block, shown[slot], moment
    return block, shown[slot], end


def _given(scenes: list[Scene], late: Collection[str]) -> list[int]:
    """To which scene the time of each goes: to itself, or to the next that is not late."""
    n = len(scenes)
    return [
        next((j % n for j in range(i, i + n) if scenes[j % n].key not in late), i)  # all late: each keeps its own
        for i in range(n)
    ]


def _block(programme: Programme, now: datetime, workday: Callable[[date], bool]) -> _Block:
    """The first shift of the timetable that holds now; all scenes where none does."""
    for place, shift in enumerate(programme.timetable):
        for start, end in _spans(shift, now.date(), now.date(), workday):
            if start <= now < end:
                return _Block(place, start, shift.scenes)
    return _Block(-1, NO_SHIFT, tuple(range(len(programme.scenes))))


def _boundaries(
    programme: Programme, now: datetime, end: datetime, workday: Callable[[date], bool]
) -> Iterator[datetime]:
    """When a shift begins or ends after now and before the end, the soonest first."""
    some = {
        moment
        for shift in programme.timetable
        for span in _spans(shift, now.date(), end.date(), workday)
        for moment in span
    }
    yield from sorted(moment for moment in some if now < moment < end)


def _spans(
    shift: Shift, first: date, last: date, workday: Callable[[date], bool]
) -> Iterator[tuple[datetime, datetime]]:
    """The spans of a shift that touch the days."""
    longer = DAY if shift.end <= shift.start else timedelta()
    for n in range(-1, (last - first).days + 1):
        day = first + n * DAY
        if _held(shift.days, day, workday):
            midnight = datetime.combine(day, time.min)
            yield midnight + timedelta(minutes=shift.start), midnight + timedelta(minutes=shift.end) + longer


def _held(days: tuple[str, ...], day: date, workday: Callable[[date], bool]) -> bool:
    if "all" in days or WEEK[day.weekday()] in days:
        return True
    return ("workdays" in days and workday(day)) or ("restdays" in days and not workday(day))


# ---- the text --------------------------------------------------------------------------------------------------------
def parse(text: str) -> Programme:
    """A programme of its text, TOML or, where it begins with a brace, JSON. Raises ProgrammeError."""
    if len(text) > MOST_TEXT:
        raise ProgrammeError([Problem("long", value=str(MOST_TEXT))])
    try:
        told = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProgrammeError([Problem("syntax", value=str(error)[:200])]) from None
    read = _Reading()
    found = read.programme(told)
    if read.problems:
        raise ProgrammeError(read.problems)
    return found


def form_of(programme: Programme) -> dict[str, Any]:
    """The programme as `parse` reads it, with all that is set and no words that are empty."""
    keys = [scene.key for scene in programme.scenes]
    shifts = [
        {
            "days": list(shift.days),
            "from": _clock(shift.start),
            "to": _clock(shift.end),
            "scenes": [keys[place] for place in shift.scenes],
        }
        for shift in programme.timetable
    ]
    whole = {
        "name": programme.name,
        "title_zh": programme.title_zh,
        "title_en": programme.title_en,
        "options": programme.options._asdict() | {"takeover": NAMES[programme.options.takeover]},
        "scene": [_filled(scene._asdict()) for scene in programme.scenes],
        "shift": shifts,
    }
    return _filled(whole)


def _filled(some: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in some.items() if value not in ("", [])}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def written(programme: Programme) -> str:
    """The programme as TOML, which `parse` reads as the same programme."""
    whole = form_of(programme)
    lines = [_line(name, whole[name]) for name in ("name", "title_zh", "title_en") if name in whole]
    lines += ["", "[options]", *(_line(*one) for one in whole["options"].items())]
    for table in ("scene", "shift"):
        for one in whole.get(table, ()):
            lines += ["", f"[[{table}]]", *(_line(*field) for field in one.items())]
    return "\n".join(lines) + "\n"


def _line(name: str, value: Any) -> str:
    # words are printable, so that JSON and TOML write them, numbers, switches and lists of words alike
    return f"{name} = {json.dumps(value, ensure_ascii=False)}"


class _Reading:
    """Goes on after a problem, so that all are told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def programme(self, told: dict[str, Any]) -> Programme:
        self.known(told, "", ("name", "title_zh", "title_en", "options", "scene", "shift"))
        name = self.words(told, "", "name", 40)
        if not NAME.fullmatch(name):
            self.wrong("name", "name", name)
        scenes = tuple(
            self.scene(one, i) for i, one in enumerate(self.tables(told, "scene", MOST_SCENES, needed=True), 1)
        )
        keys = [scene.key for scene in scenes]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.wrong("twice", "scene.key", key)
        shifts = tuple(self.shift(one, i, keys) for i, one in enumerate(self.tables(told, "shift", MOST_SHIFTS), 1))
        options = told.get("options", {})
        if not isinstance(options, dict):
            self.wrong("table", "options")
            options = {}
        titles = (self.words(told, "", "title_zh", 40), self.words(told, "", "title_en", 60))
        return Programme(name, scenes, shifts, self.options(options), *titles)

    def scene(self, told: dict[str, Any], n: int) -> Scene:
        at = f"scene {n}."
        self.known(told, at, ("key", "page", "view", "seconds", "title_zh", "title_en", "source"))
        page, view = self.words(told, at, "page", 60), self.words(told, at, "view", 1000).removeprefix("?")
        if not PAGE.fullmatch(page):
            self.wrong("page", f"{at}page", page)
        key = self.words(told, at, "key", 40) or page.strip("/") or "overview"
        if not NAME.fullmatch(key):
            self.wrong("name", f"{at}key", key)
        seconds = self.whole(told, at, "seconds", 20, (SHORTEST, LONGEST))
        titles = (self.words(told, at, "title_zh", 40), self.words(told, at, "title_en", 60))
        return Scene(key, page, view, seconds, *titles, self.words(told, at, "source", 40))

    def shift(self, told: dict[str, Any], n: int, keys: list[str]) -> Shift:
        at = f"shift {n}."
        self.known(told, at, ("days", "from", "to", "scenes"))
        days = told.get("days", "all")
        days = [days] if isinstance(days, str) else days
        if not isinstance(days, list) or not days or any(one not in (*WEEK, *KINDS_OF_DAYS) for one in days):
            self.wrong("days", f"{at}days", ", ".join((*KINDS_OF_DAYS, *WEEK)))
            days = ["all"]
        named = told.get("scenes", keys)
        if not isinstance(named, list) or not named:
            self.wrong("sequence", f"{at}scenes")
            named = []
        for one in [one for one in named if one not in keys]:
            self.wrong("unknown_scene", f"{at}scenes", str(one))
        places = tuple(keys.index(one) for one in named if one in keys)
        return Shift(tuple(days), self.minute(told, at, "from", "00:00"), self.minute(told, at, "to", "24:00"), places)

    def options(self, told: dict[str, Any]) -> Options:
        at, usual = "options.", Options()
        self.known(told, at, Options._fields)
        level = told.get("takeover", "orange")
        if not isinstance(level, str) or level not in LEVELS:
            self.wrong("choice", f"{at}takeover", ", ".join(LEVELS))
            level = "none"
        return Options(
            self.switch(told, at, "skip_late", usual.skip_late),
            LEVELS[level],
            self.whole(told, at, "takeover_seconds", usual.takeover_seconds, (10, 3600)),
            self.switch(told, at, "sound", usual.sound),
            self.switch(told, at, "bursts", usual.bursts),
            self.whole(told, at, "shift_px", usual.shift_px, (0, 40)),
            self.whole(told, at, "pause_seconds", usual.pause_seconds, (10, 3600)),
        )

    def wrong(self, code: str, where: str, value: str = "") -> None:
        self.problems.append(Problem(code, where, value[:200]))

    def known(self, told: dict[str, Any], at: str, names: Collection[str]) -> None:
        for name in told.keys() - set(names):
            self.wrong("unknown", f"{at}{name}", ", ".join(names))

    def tables(self, told: dict[str, Any], name: str, most: int, *, needed: bool = False) -> list[dict[str, Any]]:
        some = told.get(name, [])
        if not isinstance(some, list) or not all(isinstance(one, dict) for one in some):
            self.wrong("tables", name)
            return []
        if (needed and not some) or len(some) > most:
            self.wrong("few" if not some else "many", name, str(most))
        return some

    def words(self, told: dict[str, Any], at: str, name: str, most: int) -> str:
        value = told.get(name, "")
        if isinstance(value, str) and len(value) <= most and value.isprintable():
            return value.strip()
        self.wrong("words", f"{at}{name}", str(most))
        return ""

    def whole(self, told: dict[str, Any], at: str, name: str, usual: int, within: tuple[int, int]) -> int:
        value = told.get(name, usual)
        if isinstance(value, int) and not isinstance(value, bool) and within[0] <= value <= within[1]:
            return value
        self.wrong("whole", f"{at}{name}", "{}-{}".format(*within))
        return usual

    def switch(self, told: dict[str, Any], at: str, name: str, usual: bool) -> bool:
        value = told.get(name, usual)
        if isinstance(value, bool):
            return value
        self.wrong("switch", f"{at}{name}")
        return usual

    def minute(self, told: dict[str, Any], at: str, name: str, usual: str) -> int:
        value = told.get(name, usual)
        value = value.strftime("%H:%M") if isinstance(value, time) else value
        if isinstance(value, str) and CLOCK.fullmatch(value):
            hour, minute = value.split(":")
            return int(hour) * 60 + int(minute)
        self.wrong("clock", f"{at}{name}", str(value))
        return 0
