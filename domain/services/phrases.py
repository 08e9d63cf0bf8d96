"""What people wrote, cut into phrases and counted."""

import re
from collections.abc import Iterable

_CUT = re.compile(r"[,，。.;；、!！?？:：\n\r\t]+")
LEAST = 2  # characters that say something


def phrases(text: str) -> tuple[str, ...]:
    """The phrases between its signs, each once, in their order."""
    found = (part.strip() for part in _CUT.split(text))
    return tuple(dict.fromkeys(part for part in found if len(part) >= LEAST))


def ranked(texts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """(phrase, texts that have it), the most frequent first. texts: (text, how often it comes)."""
    counts: dict[str, int] = {}
    for text, n in texts:
        for phrase in phrases(text):
            counts[phrase] = counts.get(phrase, 0) + n
    return tuple(sorted(counts.items(), key=lambda told: (-told[1], told[0])))
