"""Sentences with their evidence: each number in a sentence is a cell of a frame that is kept with it, or follows from
such cells by one step of arithmetic that is written down beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

import pandas as pd

from components.panel import Answer
from components.view import View
from components.words import exact, percent, text
from data_access.areas import Area
from data_access.indicators import indicators
from domain.change import change
from domain.periods import Base, Span
from domain.rounding import half_up

How = Literal["cell", "percent", "difference", "change", "points", "share", "count", "target", "name"]
Tone = Literal["bad", "good", "note"]
SPACE = {"zh": "", "en": " "}  # between two sentences
COLUMNS = ("sentence", "said", "how", "value", "a", "b", "panel")


class Said(NamedTuple):
    """A piece of a sentence. how: cell (value), percent (a fraction, said in percent), difference (a - b), change
    ((a - b) / b in percent), points ((a - b) in percentage points), share (a / b in percent), count (of rows), target
    (of an indicator), name (no number: who, where, when). panel: whose frame the cells stand in."""

    text: str
    how: How
    value: float = math.nan
    a: float = math.nan
    b: float = math.nan
    panel: str = ""


class Phrase(NamedTuple):
    """Words with the evidence of their numbers."""

    text: str
    evidence: tuple[Said, ...]


@dataclass(frozen=True)
class Sentence:
    """id: unique in a report. weight: how much it matters, for what stands on top; 0 never stands there."""

    id: str
    section: str
    tone: Tone
    weight: int
    phrase: Phrase


@dataclass(frozen=True)
class Asked:
    """What a panel of the report answered."""

    panel: str
    view: View
    answer: Answer


@dataclass
class Context:
    """What the rules of a section see. parts: answers by the names of the template. own: frames that rules ask
    themselves, which are kept beside those of the panels, by name. against: the period before, in words. unlike: it is
    held against days of another kind, worked against free."""

    lang: str
    area: Area
    at: datetime
    span: Span
    base: Base | None
    against: str
    unlike: bool = False
    section: str = ""
    parts: Mapping[str, Asked] = field(default_factory=dict)
    own: dict[str, pd.DataFrame] = field(default_factory=dict)

    def part(self, name: str) -> Asked | None:
        """The answer of a part; None where the template lacks it, or it has nothing to say."""
        found = self.parts.get(name)
        return None if found is None or found.answer.blank else found


# ---- numbers ---------------------------------------------------------------------------------------------------------
def cell(value: float, panel: str, digits: int | None = None) -> Said:
    """A number as a frame has it, rounded to be read."""
    said = exact(value) if digits is None else f"{half_up(value, digits):,.{digits}f}".replace("-", "−")
    return Said(said, "cell", float(value), panel=panel)


def rate(value: float, panel: str) -> Said:
    """A fraction of a frame in percent."""
    return Said(f"{percent(value)}%", "percent", float(value), panel=panel)


def difference(a: float, b: float, panel: str) -> Said:
    """By how much a and b differ, without a sign."""
    return Said(exact(abs(a - b)), "difference", abs(a - b), a, b, panel)


def changed(a: float, b: float, panel: str) -> Said | None:
    """The change from b to a in percent with its sign; None where no percentage may be said (see domain.change)."""
    moved = change(a, b, ratio=False)
    if moved.kind != "percent" or moved.amount is None:
        return None
    said = f"{half_up(abs(moved.amount) * 100, 1):,.1f}%"
    return Said(f"{'+' if moved.amount > 0 else '−'}{said}", "change", moved.amount, a, b, panel)


def points(a: float, b: float, panel: str) -> Said:
    """The distance of two fractions in percentage points, without a sign."""
    return Said(f"{half_up(abs(a - b) * 100, 2):.2f}", "points", abs(a - b), a, b, panel)


def share(a: float, b: float, panel: str) -> Said:
    """a of b in percent."""
    return Said(f"{half_up(a / b * 100, 1):.1f}%", "share", a / b, a, b, panel)


def count(n: int, panel: str) -> Said:
    """How many rows of a frame."""
    return Said(exact(n), "count", float(n), panel=panel)


def target(key: str, panel: str) -> Said:
    """The target of an indicator that is a fraction."""
    value = indicators()[key].target or 0.0
    return Said(f"{value * 100:g}%", "target", value, panel=panel)


# ---- words -----------------------------------------------------------------------------------------------------------
def phrase(key: str, lang: str, **values: Said | Phrase | str) -> Phrase:
    """The words under report_says.<key> with values filled in; a plain text is a name."""
    evidence: list[Said] = []
    for value in values.values():
        if isinstance(value, Phrase):
            evidence += value.evidence
        else:
            evidence.append(value if isinstance(value, Said) else Said(value, "name"))
    told = {name: value if isinstance(value, str) else value.text for name, value in values.items()}
    return Phrase(text(f"report_says.{key}", lang, **told), tuple(evidence))


def listed(some: Sequence[Phrase], lang: str, joint: str = "comma") -> Phrase:
    """Phrases one after another; joint: sentence, or the name of what stands between."""
    between = SPACE[lang] if joint == "sentence" else text(f"report_says.{joint}", lang)
    return Phrase(between.join(one.text for one in some), tuple(e for one in some for e in one.evidence))


def moment_words(at: datetime, lang: str) -> str:
    """11-22 07:30."""
    return f"{at:%m-%d %H:%M}"


def significant(before: float, after: float, minimum: float = 10) -> bool:
    """Whether two counts differ by more than chance: at least one of them is no tiny sample, and their difference is
    beyond two standard deviations of the difference of two Poisson counts."""
    return max(before, after) >= minimum and abs(after - before) > 2 * math.sqrt(before + after)


def evidence_frame(sentences: Sequence[Sentence]) -> pd.DataFrame:
    """sentence, said, how, value, a, b, panel: one row a piece."""
    rows = [(s.id, e.text, e.how, e.value, e.a, e.b, e.panel) for s in sentences for e in s.phrase.evidence]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"value": float, "a": float, "b": float})


def as_text(one: Sentence) -> dict[str, Any]:
    """A sentence as the archive keeps it."""
    return {"id": one.id, "section": one.section, "tone": one.tone, "weight": one.weight, "text": one.phrase.text}
