"""What is said under a slide and in its notes: scope, definitions, period, source, origin."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from briefing.ink import Run
from briefing.ink import write as written
from components.words import age, days, exact, moment, text

Pairs = list[tuple[str, str]]


def foot_lines(described: dict[str, Any], lang: str) -> list[Pairs]:
    """Lines of (label, words): scope; up to two definitions with their numbers; period, comparison, moment; source."""
    at = datetime.fromisoformat(described["as_of"])
    scope = " · ".join(part for part in ((described["area"] or {}).get("name", ""), described["note"]) if part)
    lines: list[Pairs] = [[(text("card.area", lang), scope)]] if scope else []
    told = described["definitions"]
    for one in told[:2]:
        lines.append([(text("card.definition", lang), defined(one, lang))])
    if len(told) > 2:
        lines[-1].append(("", text("slide.more_definitions", lang, n=len(told) - 2)))
    last: Pairs = [(text("card.period", lang), described["period"]["words"])]
    last.append((text("card.base", lang), compared(described, lang)))
    last.append((text("card.as_of", lang), moment(at, lang, year=True)))
    lines.append(last)
    if source := source_words(described, at, lang):
        lines.append([(text("card.source", lang), source)])
    return lines


def defined(one: dict[str, Any], lang: str) -> str:
    """按期办结率 = 按期办结件 ÷ 到期应办件(442 ÷ 451); without parts the definition itself."""
    if one["numerator_is"] and one["denominator_is"]:
        words = f"{one['name']} = {one['numerator_is']} ÷ {one['denominator_is']}"
        if one["numerator"] is not None and one["denominator"] is not None:
            words += text(
                "slide.numbers", lang, numerator=exact(one["numerator"]), denominator=exact(one["denominator"])
            )
        return words
    return text("slide.means", lang, name=one["name"], definition=one["definition"])


def compared(described: dict[str, Any], lang: str) -> str:
    """What the period is compared with: days, and how these were aligned."""
    base = described["compare"]
    if not base:
        return text("compare.none", lang)
    start, end = (datetime.fromisoformat(base[edge]) for edge in ("start", "end"))
    how = base["aligned"]
    return f"{days(start, end)} {text(f'compare.{how}', lang)}" if how else days(start, end)


def source_words(described: dict[str, Any], at: datetime, lang: str) -> str:
    """A source with the time of its last data and its age; that it is late, where it is."""
    source = described["source"]
    if not source.get("name"):
        return ""
    if not source.get("last_data_at"):
        return source["name"]
    last = datetime.fromisoformat(source["last_data_at"])
    words = text("slide.source", lang, name=source["name"], at=moment(last, lang), age=age(at - last, lang))
    if source["state"] in ("late", "stale"):
        words += " · " + text("state.late", lang, age=age(at - last, lang, plain=True))
    return words


def told(title: str, described: dict[str, Any], link: str, lang: str) -> list[str]:
    """The notes of a slide: the finding, each definition in full, what it is not, its origin, and where it stands."""
    lines = [title, ""]
    lines += [f"{label} {words}".strip() for line in foot_lines(described, lang) for label, words in line if words]
    for one in described["definitions"]:
        lines += ["", one["name"] + (f" ({one['unit']})" if one["unit"] else "")]
        lines.append(f"{text('card.definition', lang)}: {one['definition']}")
        for part in ("numerator", "denominator"):
            if one[f"{part}_is"]:
                value = "" if one[part] is None else f" = {exact(one[part])}"
                lines.append(f"{text(f'card.{part}', lang)}: {one[f'{part}_is']}{value}")
        if one["is_not"]:
            lines.append(f"{text('card.not', lang)}: {one['is_not']}")
        lines.append(f"{text('card.aggregate', lang)}: {one['adds_up']}; {one['direction']}")
        lines.append(f"{text('card.origin', lang)}: {one['origin']}")
    lines += ["", link]
    if described["demo"]:
        lines.append(described["demo"])
    return lines


def write(slide: Any, lines: Sequence[str], lang: str) -> None:
    """Put lines into the notes of a slide."""
    frame = slide.notes_slide.notes_text_frame
    for n, words in enumerate(lines):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        if words:
            written(paragraph, [Run(words, 12)], lang)
