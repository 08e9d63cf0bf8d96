"""How much room words take, by an estimate: a Chinese letter is 1 em wide, a Latin one 0.55."""

from unicodedata import east_asian_width

POINTS = 72  # an inch
LINE = 1.32  # height of a line in em: the font's own ascent and descent


def ems(words: str, *, bold: bool = False) -> float:
    """The width of one line of words in em."""
    return sum(1.0 if east_asian_width(c) in "WFA" else 0.6 if bold else 0.55 for c in words)


def inches(words: str, size: float, *, bold: bool = False) -> float:
    """The width of one line of words in inches. size: points."""
    return ems(words, bold=bold) * size / POINTS


def lines(words: str, width: float, size: float, *, bold: bool = False) -> int:
    """How many lines words take in a width (inches); Chinese breaks anywhere, Latin words stay whole."""
    return sum(_wrapped(line, width * POINTS / size, bold=bold) for line in words.split("\n"))


def _wrapped(line: str, room: float, *, bold: bool) -> int:
    count, used, word = 1, 0.0, 0.0
    for letter in f"{line} ":
        wide = east_asian_width(letter) in "WFA"
        if letter == " " or wide:  # what came before may end here
            if used + word > room and used:
                count, used = count + 1, 0.0
            used, word = used + word, 0.0
            used += ems(letter, bold=bold)
            if wide and used > room:
                count, used = count + 1, 1.0
        else:
            word += ems(letter, bold=bold)
    return count


def height(words: str, width: float, size: float, *, bold: bool = False) -> float:
    """The height of words in a width, in inches."""
    return lines(words, width, size, bold=bold) * size * LINE / POINTS


def cut(words: str, width: float, size: float, *, bold: bool = False) -> str:
    """Words that fit on one line of a width; what does not fit is said by an ellipsis."""
    if inches(words, size, bold=bold) <= width:
        return words
    room, kept = width - inches("…", size, bold=bold), ""
    for letter in words:
        if inches(kept + letter, size, bold=bold) > room:
            break
        kept += letter
    return kept.rstrip() + "…"


def fitting(words: str, width: float, tall: float, sizes: range, *, bold: bool = False) -> int:
    """The largest of sizes (from large to small) at which words fit a box; the smallest where none does."""
    return next((s for s in sizes if height(words, width, s, bold=bold) <= tall), sizes[-1])
