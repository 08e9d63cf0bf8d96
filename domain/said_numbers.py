"""The numbers that stand in a text, so that it can be said which of them no data backs."""

import re

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(text: str) -> list[str]:
    """As they stand, without the commas between thousands: '1,180 件（+22.8%）' -> ['1180', '22.8']."""
    return [found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text)]


def unbacked(text: str, known: set[str]) -> list[str]:
    """The numbers of a text that are not among the known ones, in its order, each once."""
    return list(dict.fromkeys(one for one in numbers(text) if one not in known))
