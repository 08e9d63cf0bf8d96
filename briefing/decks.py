"""Ready-made briefings: lists of panels with periods that are said in words of the calendar ('last_week'), as files in
briefing/ready. Another list is another file."""

import tomllib
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from components.panel import moment_of, panels
from components.view import View

FOLDER = Path(__file__).parent / "ready"
KEPT = ("area", "period", "compare", "at", "lang")  # fields of a link that hold for every slide


@dataclass(frozen=True)
class Deck:
    """A ready-made list. slides: panel, and the fields of its view."""

    key: str
    zh: str
    en: str
    slides: tuple[dict[str, str], ...]

    def said(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en

    def items_for(self, view: View, given: Container[str]) -> list[dict[str, str]]:
        """panel, search, title of each slide; all of one moment, which their addresses name. given: the fields that
        the link names itself; these go before the list's own."""
        at = moment_of(view)
        kept = {name: getattr(view, name) for name in KEPT if name in given} | {"at": at, "lang": view.lang}
        items = []
        for slide in self.slides:
            fields = {k: v for k, v in slide.items() if k != "panel"}
            if "period" in fields:
                fields["period"] = calendar_period(fields["period"], at)
            own = View.from_query(fields).to(**kept)
            items.append(
                {"panel": slide["panel"], "search": own.search, "title": panels[slide["panel"]].title(view.lang)}
            )
        return items


def calendar_period(words: str, at: datetime) -> str:
    """'last_week' (Monday to Sunday), 'this_week', 'last_month', 'this_month' as dates at a moment; another period as
    it is."""
    today = at.date()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = first - timedelta(days=1)
    spans = {
        "this_week": (monday, today),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "this_month": (first, today),
        "last_month": (before.replace(day=1), before),
    }
    if words not in spans:
        return words
    start, end = spans[words]
    return f"{start}..{end}"


@cache
def decks() -> dict[str, Deck]:
    """The lists by name. Raises ValueError for a file that names a panel or a field that does not exist."""
    return {one.key: one for one in (_read(path) for path in sorted(FOLDER.glob("*.toml")))}


def _read(path: Path) -> Deck:
    told: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    slides = tuple({name: str(value) for name, value in one.items()} for one in told["slide"])
    for slide in slides:
        if slide.get("panel") not in panels:
            raise ValueError(f"{path.name}: no panel {slide.get('panel')}")
        if unknown := slide.keys() - View.model_fields.keys() - {"panel"}:
            raise ValueError(f"{path.name}: no field {', '.join(sorted(unknown))}")
    return Deck(path.stem, told["zh"], told["en"], slides)
