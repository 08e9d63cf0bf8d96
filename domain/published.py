"""Does a document agree with itself? The arithmetic of published figures: parts against totals, rates against parts.

Numbers are decimals made from the shortest text of the float, so that 80.1 + 22.9 is 103 and nothing else.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Kind = Literal["sum", "product", "rate", "count", "same", "growth", "within"]
State = Literal["consistent", "contradiction"]


def exact(number: float) -> Decimal:
    """The number as written: 26.8 is 26.8."""
    return Decimal(repr(float(number))).normalize()


def expected(kind: Kind, parts: list[float], *, percent: bool = False) -> Decimal:
    """What the parts make of the total. Raises ValueError for a rate without a denominator or an unknown kind.

    sum: added; product: multiplied; rate: first / second (x 100 when percent); count: how many parts there are;
    growth: 2^n - 1 in percent, of n doublings; same, within: the one part.
    """
    values = [exact(part) for part in parts]
    if kind == "rate" and (len(values) != 2 or not values[1]):
        raise ValueError("a rate needs a numerator and a denominator that is not zero")
    if kind == "sum":
        return sum(values, Decimal(0))
    if kind == "product":
        product = Decimal(1)
        for value in values:
            product *= value
        return product
    if kind == "rate":
        return values[0] / values[1] * (100 if percent else 1)
    if kind == "count":
        return Decimal(len(values))
    if kind == "growth":
        return (Decimal(2) ** values[0] - 1) * 100
    if kind in {"same", "within"}:
        return values[0]
    raise ValueError(f"{kind}: no such check")


def bounds(printed: float, qualifier: str) -> tuple[Decimal, Decimal]:
    """From (inclusive) and to (exclusive) of what a printed bound can stand for: one unit of its last digit that is
    not zero. 'Over 4500' (>) is 4500 up to 4600; 'nearly 4' (<) is 3 up to 4: nobody says 'over 4500' of 5789."""
    value = exact(printed)
    step = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return (value, value + step) if qualifier == ">" else (value - step, value)


def judge(kind: Kind, made: Decimal, printed: float, qualifier: str = "=", part_qualifier: str = "=") -> State:
    """Whether what the parts make agrees with the printed total.

    qualifier: of the total, '=' (as printed), '>' (over), '<' (under, nearly). part_qualifier: of the one part of
    'same'; the same bound twice agrees, a bound and an exact number agree when the number is within the bound.
    A rate agrees when it rounds (half up) to the printed digits.
    """
    total = exact(printed)
    if kind == "within":
        agrees = made <= total
    elif kind == "same" and part_qualifier == qualifier:
        agrees = made == total
    elif kind == "same" and part_qualifier != "=":
        low, high = bounds(float(made), part_qualifier)
        agrees = qualifier == "=" and low <= total < high
    elif qualifier != "=":
        low, high = bounds(printed, qualifier)
        agrees = low <= made < high
    elif kind == "rate":
        digits = Decimal(1).scaleb(min(int(total.as_tuple().exponent), 0))
        agrees = made.quantize(digits, ROUND_HALF_UP) == total
    else:
        agrees = made == total
    return "consistent" if agrees else "contradiction"
