"""The hotline's rates and its composite score (handbook 1.4), each with its numerator and denominator.

Every function takes counts and gives None when there was nothing to divide by: 0/0 is no data, neither 0 % nor 100 %.
A numerator above its denominator, or a negative count, is a ValueError: a rate above 100 % is never shown.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.hotline_rules import Rules

Of = Literal[
    "requests", "answered", "accepted", "dispatched", "due", "due_callbacks", "callbacks", "called_back", "closed"
]
Urgency = Literal["life", "utility", "ordinary"]


@dataclass(frozen=True)
class Rate:
    """numerator / denominator; `of` says what the denominator counts. Both are kept, so that rates of several places
    can be added: numerators and denominators, never rates."""

    numerator: float
    denominator: float
    of: Of

    @property
    def value(self) -> float:
        """A fraction, 0 to 1."""
        return self.numerator / self.denominator


def _rate(numerator: float, denominator: float, of: Of) -> Rate | None:
    if not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator:g} of {denominator:g} ({of}): the counts do not belong together")
    return Rate(numerator, denominator, of) if denominator else None


# ---- calls -----------------------------------------------------------------------------------------------
def requests(answered: float, abandoned: float, short_abandoned: float = 0) -> float:
    """人工请求量: calls that asked for a person. abandoned: all that hung up; short_abandoned: those of them that did
    so within rules.short_abandon_s, which do not count."""
    if not 0 <= short_abandoned <= abandoned:
        raise ValueError(
            f"{short_abandoned:g} short of {abandoned:g} abandoned calls: the counts do not belong together"
        )
    return answered + abandoned - short_abandoned


def answered_rate(answered: float, abandoned: float, short_abandoned: float = 0) -> Rate | None:
    """接通率: answered by a person / requests."""
    return _rate(answered, requests(answered, abandoned, short_abandoned), "requests")


def abandoned_rate(answered: float, abandoned: float, short_abandoned: float = 0) -> Rate | None:
    """放弃率: abandoned (not short) / requests."""
    return _rate(abandoned - short_abandoned, requests(answered, abandoned, short_abandoned), "requests")


def service_level(
    in_time: float,
    answered: float,
    abandoned: float,
    short_abandoned: float = 0,
    *,
    of: Literal["requests", "answered"] = "requests",
) -> Rate | None:
    """15 秒接通率: answered within rules.service_level_s (queue and ringing) / requests.

    of="answered": some cities divide by the calls that were answered instead, and come out higher; the denominator is
    in the result and belongs beside the figure.
    """
    if in_time > answered:
        raise ValueError(f"{in_time:g} of {answered:g} answered calls in time: the counts do not belong together")
    all_of_them = answered if of == "answered" else requests(answered, abandoned, short_abandoned)
    return _rate(in_time, all_of_them, of)


# ---- orders ----------------------------------------------------------------------------------------------
def direct_rate(direct: float, accepted: float) -> Rate | None:
    """直接答复率: answered directly / accepted."""
    return _rate(direct, accepted, "accepted")


def dispatch_limit(urgency: Urgency, rules: Rules) -> timedelta:
    """派单时限 of an order of that class."""
    hours = {"life": rules.dispatch_life_h, "utility": rules.dispatch_utility_h, "ordinary": rules.dispatch_ordinary_h}
    return timedelta(hours=hours[urgency])


def dispatched_in_time(in_time: float, dispatched: float) -> Rate | None:
    """派单及时率: dispatched within the limit of their class / dispatched."""
    return _rate(in_time, dispatched, "dispatched")


def signed_in_time(in_time: float, dispatched: float) -> Rate | None:
    """签收及时率: signed for within rules.sign_h / dispatched; what nobody signed for counts as not in time."""
    return _rate(in_time, dispatched, "dispatched")


def dispatch_accuracy(returns_accepted: float, dispatched: float) -> Rate | None:
    """派单准确率: 1 - orders returned with the return accepted / dispatched."""
    return _rate(dispatched - returns_accepted, dispatched, "dispatched")


def return_rate(returned: float, dispatched: float) -> Rate | None:
    """退单率: orders returned at least once / dispatched."""
    return _rate(returned, dispatched, "dispatched")


def closed_rate(closed: float, due: float) -> Rate | None:
    """办结率: closed by now / due in the period. The cohort is by due date."""
    return _rate(closed, due, "due")


def on_time(closed_in_time: float, due: float) -> Rate | None:
    """按期办结率: closed by their limit / due in the period (应办结数); / closed would hide what is open and late."""
    return _rate(closed_in_time, due, "due")


def callback_rate(called_back: float, closed: float) -> Rate | None:
    """回访率: called back / closed."""
    return _rate(called_back, closed, "closed")


def valid_callback_rate(valid: float, called_back: float) -> Rate | None:
    """有效回访率: callbacks with an answer / called back."""
    return _rate(valid, called_back, "called_back")


def redo_rate(redone: float, called_back: float) -> Rate | None:
    """重办率: orders redone at least once / orders with a callback."""
    return _rate(redone, called_back, "called_back")


def urge_at(start: datetime, due_at: datetime, rules: Rules) -> datetime:
    """催办: the moment at which rules.urge_share of the time from `start` to the limit has passed."""
    return start + (due_at - start) * rules.urge_share


# ---- three rates (三率) and the composite score ------------------------------------------------------------
def response_rate(responded: float, due: float) -> Rate | None:
    """响应率: callers contacted within rules.response_h / orders dispatched and due for callback."""
    return _rate(responded, due, "due_callbacks")


def resolution_rate(resolved: float, partly: float, asked: float, rules: Rules) -> Rate | None:
    """解决率: (已解决 + w_p * 部分解决) / callers who said (asked); 未表态 and 未接通 are not in `asked`."""
    if not 0 <= partly <= asked - resolved:
        raise ValueError(f"{resolved:g} resolved and {partly:g} partly of {asked:g}: the counts do not belong together")
    return _rate(resolved + rules.partly_resolved * partly, asked, "callbacks")


def satisfaction_rate(satisfied: float, basic: float, rated: float, rules: Rules) -> Rate | None:
    """满意率: (非常满意 + 满意 + w_b * 基本满意) / callers who rated. satisfied: all three of them; basic: the
    基本满意 among these."""
    if not 0 <= basic <= satisfied <= rated:
        raise ValueError(
            f"{basic:g} basically of {satisfied:g} satisfied of {rated:g}: the counts do not belong together"
        )
    return _rate(satisfied - basic + rules.basically_satisfied * basic, rated, "callbacks")


def composite(
    response: Rate | float | None, resolution: Rate | float | None, satisfaction: Rate | float | None, rules: Rules
) -> float | None:
    """综合得分, 0 to 100: 100 * (a * response + b * resolution + c * satisfaction), rates as Rate or fraction.

    None when a rate with a weight is missing: the others do not stand in for it. Plus and minus items are lines of
    their own and not in here.
    """
    terms = []
    for rate, weight in zip((response, resolution, satisfaction), rules.weights, strict=True):
        if not weight:
            continue
        if rate is None:
            return None
        value = rate.value if isinstance(rate, Rate) else rate
        if not 0 <= value <= 1:
            raise ValueError(f"a rate of {value:g}: rates are fractions from 0 to 1")
        terms.append(weight * value)
    return min(100 * math.fsum(terms), 100.0)


def too_few(valid: float, called_back: float, rules: Rules) -> bool:
    """样本不足: fewer valid callbacks than rules.minimum_n, or too small a share of the callbacks
    (rules.minimum_coverage): shown grey and not ranked."""
    coverage = valid_callback_rate(valid, called_back)
    return valid < rules.minimum_n or coverage is None or coverage.value < rules.minimum_coverage
