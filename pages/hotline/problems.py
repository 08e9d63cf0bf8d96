"""Problems of the hotline: the tree of categories by size, and what is more than expected."""

from dataclasses import replace
from typing import Any

from components import bodies
from components.panel import Answer, Measured, panel
from components.rows import framed
from components.view import View
from components.words import days, exact, number, text
from data_access import hotline
from data_access import problems as asked_for
from data_access.problems import Received
from domain.ranking import places
from pages.asking import Asked, ask

LEVELS = ("group", "topic", "category")  # the field of the View that a row of each level sets
COLUMNS = ("level", "code", "name", "parent", "received", "share", "rank", "rank_before", "base_received", "expected",
           "score")  # fmt: skip
NUMBERS = ("share", "rank_before", "base_received", "expected", "score")
SHOWN = 40


def _links(view: View) -> list[tuple[str, str, str]]:
    return [("problems", value, text(f"emerging.tab_{value or 'biggest'}", view.lang)) for value in ("", "emerging")]


@panel(
    bodies.hotline_problems, about="hotline.received", source="hotline", sets="category", choices=_links,
    needs=("category",),
)  # fmt: skip
def problems(view: View) -> Answer:
    """level (group | topic | category), code, name, parent (code), received, share (of all shown), rank, rank_before
    (NaN: not there then), base_received; of the emerging: expected, score (how unusual): largest or most unusual
    first."""
    asked = ask(view)
    return _emerging(asked) if view.problems == "emerging" else _biggest(asked)


def _level(view: View) -> str:
    """Which level is shown: what is inside the chosen category."""
    if view.topic or view.category:
        return "category"
    return "topic" if view.group or view.mode == "wall" else "group"


def _biggest(asked: Asked) -> Answer:
    view, level = asked.view, _level(asked.view)
    question = {"group": asked_for.by_group, "topic": asked_for.by_topic, "category": asked_for.by_category}[level]
    where = replace(asked.where, category="")  # the chosen one among its siblings
    topic = view.topic or (hotline.topic_of(view.category) if view.category else "")
    if level == "category":
        where = replace(where, topic=topic, group=())
    found = [row for row in question(asked.area, asked.span, asked.base, where) if row.now]
    found.sort(key=lambda row: (-row.now, row.code))
    total = sum(row.now for row in found)
    measured = (Measured.of("hotline.received", total if asked.known else None),)
    if not found:
        return Answer(framed({"level": []}), measured, blank="empty" if asked.known else "none")
    before = [row.base or 0 for row in found]
    names = hotline.category_names(asked.lang)
    up = hotline.parents()
    columns = {
        "level": [level] * len(found),
        "code": [row.code for row in found],
        "name": [names.get(row.code, row.code) for row in found],
        "parent": [up.get(row.code, "") for row in found],
        "received": [row.now for row in found],
        "share": [row.now / total for row in found],
        "rank": places([row.now for row in found]),
        "rank_before": [rank if n else None for rank, n in zip(places(before), before, strict=True)],
        "base_received": before if asked.base else [None] * len(found),
        "expected": [None] * len(found),
        "score": [None] * len(found),
    }
    facts: dict[str, Any] = {
        "chosen": view.category or view.topic or view.group,
        "against": bool(asked.base),
        "path": _path(asked, level, topic, names),
        "links": [_fields(row, level, view) for row in found],
    }
    note = text("problems.against", asked.lang, base=text(f"compare.{view.compare}", asked.lang)) if asked.base else ""
    return Answer(framed(columns, NUMBERS), measured, facts, note=note)


def _fields(row: Received, level: str, view: View) -> dict[str, str]:
    """What a click sets: a category opens what is inside it; the deepest filters, again: no more."""
    if level == "category":
        return {"category": "" if view.category == row.code else row.code}
    return {"group": row.code, "topic": "", "category": ""} if level == "group" else {"topic": row.code, "category": ""}


def _path(asked: Asked, level: str, topic: str, names: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The way back up: words and the fields that they set; the last one is where we are."""
    view = asked.view
    if level == "group" or (level == "topic" and not view.group):
        return []
    group = view.group or hotline.group_of(topic)
    path = [(text("filter.all", asked.lang), {"group": "", "topic": "", "category": ""})]
    path.append((names.get(group, group), {"group": group, "topic": "", "category": ""}))
    if level == "category" and topic != group:
        path.append((names.get(topic, topic), {"topic": topic, "category": ""}))
    return path


def _emerging(asked: Asked) -> Answer:
    lang = asked.lang
    span = asked_for.window(asked.span)
    found = asked_for.emerging(asked.area, asked.span, replace(asked.where, category=""))[:SHOWN]
    total = sum(row.now for row in found)
    names = hotline.category_names(lang)
    note = text("emerging.note", lang, days=days(span.start, span.end))
    if not found:
        return Answer(framed({"level": []}), blank="empty" if asked.known else "none", note=note)
    columns = {
        "level": ["category"] * len(found),
        "code": [row.code for row in found],
        "name": [names.get(row.code, row.code) for row in found],
        "parent": [row.topic for row in found],
        "received": [row.now for row in found],
        "share": [row.now / total for row in found],
        "rank": list(range(1, len(found) + 1)),
        "rank_before": [None] * len(found),
        "base_received": [None] * len(found),
        "expected": [row.expected for row in found],
        "score": [row.z for row in found],
    }
    chosen = asked.view.category
    facts = {
        "chosen": chosen,
        "names": [names.get(row.topic, row.topic) if row.topic != row.code else "" for row in found],
        "weeks": [[*(float("nan") if w is None else w for w in row.weeks), row.now] for row in found],
        "links": [{"category": "" if chosen == row.code else row.code} for row in found],
        "heads": [text(f"emerging.head_{name}", lang) for name in ("what", "weeks", "actual", "score")],
        "labels": [
            text("emerging.sentence", lang, what=names.get(row.code, row.code), n=exact(row.now),
                 expected=number(row.expected, lang), score=number(row.z, lang))
            for row in found
        ],
    }  # fmt: skip
    return Answer(framed(columns, NUMBERS), (), facts, note=note)
