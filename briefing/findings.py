"""What a panel found, as one sentence with its arithmetic, by rules: nothing is said that the answer does not hold."""

from datetime import timedelta

from briefing.natives import COMPARING, stand_of
from briefing.natives.shared import target_words
from briefing.saying import LISTS, SAYS
from briefing.standing import Stand, outstanding
from components.judging import misses, tone
from components.panel import Answer, Measured, Panel, moment_of, outside, place_of
from components.rows import amount, given
from components.view import View
from components.words import age, exact, number, percent, signed, text
from data_access.indicators import Indicator, indicators
from domain.change import change

FAIR = 30  # of a denominator: what rests on less is not judged against its target


def headline(panel: Panel, view: View, answer: Answer) -> str:
    """What stands above a panel on a slide or a sheet: its finding, and that its source is late where it is."""
    at = moment_of(view)
    source = next((one for one in outside().freshness(at) if one.key == panel.source), None)
    told = source.last_data_at if source and source.state in ("late", "stale") else None
    return finding(panel, view, answer, late=at - told if told else None)


def finding(panel: Panel, view: View, answer: Answer, *, late: timedelta | None = None) -> str:
    """One sentence in the view's language. late: how old the source's last data is, where that is late."""
    lang = view.lang
    place = place_of(view)
    where = place.label(lang) if place else ""
    said = _blank(panel, answer, lang) if answer.blank else _told(panel, view, answer, where)
    return said + (text("finding.late", lang, age=age(late, lang, plain=True)) if late is not None else "")


def _blank(panel: Panel, answer: Answer, lang: str) -> str:
    """That there is nothing, and whether that is a zero or something that no source says."""
    if answer.facts.get("lacking") and answer.note:
        return text("finding.lacking", lang, title=panel.title(lang), why=answer.note)
    return text(f"finding.{answer.blank}", lang, title=panel.title(lang))


def _told(panel: Panel, view: View, answer: Answer, where: str) -> str:
    lang = view.lang
    if panel.draw in SAYS and (own := SAYS[panel.draw](answer, lang)):
        return own
    if sentence := answer.facts.get("sentence"):
        return str(sentence)
    stand = stand_of(panel, answer)
    main = chosen(answer.measured, first=stand is not None)
    if main is None or main.value is None:
        extra = standing_words(answer, stand, lang) if stand else ""
        said = listing(panel, answer, where if panel.source else "", lang)
        return text("finding.then", lang).join(part for part in (said, extra) if part)
    known = indicators()[main.key]
    base_name = "" if view.compare == "none" or main.key in answer.facts.get("uncompared", ()) else text(
        f"compare.{view.compare}", lang)  # fmt: skip
    parts = [
        measured(main, known, where, lang),
        compared(main, known, base_name, lang, expected=panel.draw in COMPARING),
        against_target(main, known, lang),
        standing_words(answer, stand, lang) if stand else "",
        first_words(answer, lang) if panel.draw in LISTS else "",
    ]
    return text("finding.then", lang).join(part for part in parts if part)


def chosen(some: tuple[Measured, ...], *, first: bool = False) -> Measured | None:
    """Of several indicators the one to speak of: the first that misses its target on a fair sample, else the first
    with a value, else the first. first: the panel compares rows by its first indicator, and no other is meant."""
    known = indicators()
    told = [one for one in some if one.key in known][: 1 if first else None]
    missed = (
        one
        for one in told
        if misses(one.value, known[one.key].target, known[one.key].better) and (one.denominator or FAIR) >= FAIR
    )
    return next(missed, None) or next((one for one in told if one.value is not None), None) or next(iter(told), None)


def value_said(known: Indicator, value: float, lang: str) -> str:
    """A value with its unit: 97.87%, 865 件."""
    if known.is_percent:
        return f"{percent(value)}%"
    unit = known.said("unit", lang)
    return text("finding.unit", lang, value=number(value, lang), unit=unit) if unit else number(value, lang)


def placed(where: str, lang: str) -> str:
    """The place that a sentence begins with; '' where none is named."""
    return text("finding.where", lang, where=where) if where else ""


def measured(one: Measured, known: Indicator, where: str, lang: str) -> str:
    """云川市按期办结率 98.00%(442/451)."""
    said = value_said(known, one.value, lang) if one.value is not None else ""
    words = placed(where, lang) + text("finding.value", lang, name=known.said("name", lang), value=said)
    if known.is_percent and one.numerator is not None and one.denominator:
        words += text("finding.parts", lang, numerator=exact(one.numerator), denominator=exact(one.denominator))
    return words


def compared(one: Measured, known: Indicator, base_name: str, lang: str, *, expected: bool) -> str:
    """How it changed against its base, with the base itself; better or worse where a direction is good. expected: the
    panel holds its values against a base, so that a missing one is said. '' where nothing is compared."""
    if not base_name or one.value is None:
        return ""
    if one.base is None:
        return text("finding.no_base", lang, base=base_name) if expected else ""
    told = change(one.value, one.base, ratio=known.is_percent, minimum_base=30 if known.kind == "flow" else 0)
    was = value_said(known, one.base, lang)
    if told.amount is None:
        return text("finding.zero_base", lang, base=base_name, was=was)
    if told.kind == "points":
        seen = signed(told.amount, 2)
        step = text("finding.points", lang, n=seen.lstrip("+−"))
    else:
        delta = one.value - one.base
        seen = signed(delta, 0 if float(delta).is_integer() else 2)
        step = text("finding.unit", lang, value=number(abs(delta), lang), unit=known.said("unit", lang)).strip()
        if told.kind == "percent":
            step += text("finding.percent", lang, n=signed(told.amount * 100, 1))
    if not any(digit in seen for digit in "123456789"):
        return text("finding.level", lang, base=base_name, was=was)
    key = "higher" if told.amount > 0 else "lower"
    key = (
        key
        if known.is_percent or known.kind not in ("flow", "stock", "counter")
        else {"higher": "more", "lower": "fewer"}[key]
    )
    words = text(f"finding.{key}", lang, base=base_name, was=was, step=step)
    judged = tone(known, told.amount)
    return words if judged == "level" else words + text(f"finding.{judged}", lang)


def against_target(one: Measured, known: Indicator, lang: str) -> str:
    """Whether it keeps its target; '' where there is none, or the sample is too small to be judged."""
    if known.target is None or one.value is None or known.better == "neutral":
        return ""
    if known.is_percent and one.denominator is not None and one.denominator < FAIR:
        return text("finding.few", lang, n=exact(one.denominator))
    key = "missed" if misses(one.value, known.target, known.better) else "kept"
    target = target_words(known, known.target, lang)
    return text(f"finding.{key}", lang, target=target)


def standing_words(answer: Answer, stand: Stand, lang: str) -> str:
    """Who stands out, with the value and what it is made of; equal ones together, many by their number."""
    found = outstanding(answer, stand)
    if found is None:
        return ""
    frame = answer.frame
    names = [str(frame[stand.name].iloc[n]) for n in found.rows]
    value = amount(frame[stand.value].iloc[found.rows[0]])
    assert value is not None
    is_percent = answer.facts.get("ratio", False) if stand.percent is None else stand.percent
    said = f"{percent(value)}%" if is_percent else f"{number(value, lang, stand.digits)}{stand.unit}"
    if stand.parts and is_percent and len(names) == 1:
        above, below = (amount(frame[column].iloc[found.rows[0]]) for column in stand.parts)
        if given(above) and given(below):
            said += text("finding.parts", lang, numerator=exact(above), denominator=exact(below))
    edge = text("finding.highest" if found.highest else "finding.lowest", lang)
    edge = text("finding.of", lang, of=text(f"column.{stand.of}", lang), edge=edge) if stand.of else edge
    if len(names) > 2:
        return text("finding.many", lang, n=len(names), edge=edge, value=said)
    if len(names) == 2:
        return text("finding.both", lang, one=names[0], other=names[1], edge=edge, value=said)
    return text("finding.one", lang, name=names[0], edge=edge, value=said)


def listing(panel: Panel, answer: Answer, where: str, lang: str) -> str:
    """How many rows a list has, and its first; what the panel says of itself, where it does."""
    if answer.note:
        return placed(where, lang) + text("finding.noted", lang, title=panel.title(lang), note=answer.note)
    n = int(answer.facts.get("total") or len(answer.frame))
    words = placed(where, lang) + text("finding.listed", lang, title=panel.title(lang), n=exact(n))
    first = first_words(answer, lang)
    return words + (text("finding.then", lang) + first if first else "")


def first_words(answer: Answer, lang: str) -> str:
    """The first row of a list by its name."""
    name = next((c for c in ("title", "name", "from_name") if c in answer.frame.columns), "")
    return text("finding.first", lang, name=str(answer.frame[name].iloc[0])) if name and len(answer.frame) else ""
