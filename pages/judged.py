"""The sentence that says how many places keep the on-time target and which does worst."""

from components.words import percent, text
from data_access import hotline
from data_access.areas import tree
from data_access.indicators import indicators
from domain.ranking import Item, ranked
from pages.asking import Asked

Sentence = tuple[str, str, str, str, str]  # kind (bad | good | note), before, code, name, after


def kept(asked: Asked, whole: float | None) -> list[Sentence]:
    """The sentence on how many places keep the on-time target and which is the worst; of the place as a whole (its
    on-time rate) where no part of it can be judged; none when there is nothing to say."""
    lang, on_time = asked.lang, indicators()["hotline.on_time"]
    least = on_time.target or 0.0
    goal_words = f"{least * 100:g}%"
    children, _ = hotline.by_child(asked.area, asked.span, asked.base, asked.where)
    items = [Item(r.code, on_time.of(r.now.on_time, r.now.due), r.now.due) for r in children]
    ranks = ranked(items, better="higher")
    judged = [r for r in ranks if r.rank is not None and r.value is not None]
    missed = [r for r in judged if (r.value or 0) < least]
    level = text(f"level.{asked.area.level + 1}", lang) if judged else ""
    if missed:
        worst = missed[-1]
        names = {a.code: a.label(lang) for a in tree().children(asked.area.code)}
        before = text("situation.met", lang, n=len(judged) - len(missed), of=len(judged), level=level)
        after = text("situation.below", lang, value=percent(worst.value), target=goal_words)
        return [("bad", before, worst.key, names[worst.key], after)]
    if judged:
        return [("good", text("situation.all_met", lang, n=len(judged), level=level, target=goal_words), "", "", "")]
    if whole is not None:
        kind = "bad" if whole < least else "good"
        words = text(f"situation.whole_{kind}", lang, value=percent(whole), target=goal_words)
        return [(kind, words, "", "", "")]
    return []
