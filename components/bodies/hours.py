"""Rain hour by hour: what its columns share."""

from collections.abc import Sequence
from datetime import datetime


def named(moments: Sequence[datetime]) -> list[bool]:
    """Whether the column of each hour says its time: every sixth hour does, but not at the ends, where words centred
    under a column would stand half outside."""
    last = len(moments) - 1
    return [moment.hour % 6 == 0 and 0 < n < last for n, moment in enumerate(moments)]
