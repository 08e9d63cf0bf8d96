"""Case-based rates (办件口径): flows in a period. Never mixed with item-based ones. Handbook 3.3."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseRate:
    """numerator / denominator, both kept: places and periods are added part by part."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        """A fraction; None when there was nothing to divide by (0/0 is neither 0 % nor 100 %)."""
        return self.numerator / self.denominator if self.denominator else None


def _rate(numerator: float, denominator: float) -> CaseRate:
    if not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator:g} of {denominator:g}: the counts do not belong together")
    return CaseRate(numerator, denominator)


def accepted_rate(accepted: float, refused: float) -> CaseRate:
    """受理率: accepted / (accepted + 不予受理); what waits for corrections (补正) is in neither."""
    return _rate(accepted, accepted + refused)


def online_accepted_rate(online: float, accepted: float) -> CaseRate:
    """网上受理率 (线上办件率): accepted by online channels / accepted."""
    return _rate(online, accepted)


def full_online_cases(full: float, accepted: float) -> CaseRate:
    """全程网办办件率: handled online from end to end / accepted."""
    return _rate(full, accepted)


def on_time(days: float, stopped: float, promised: float) -> bool:
    """Whether a finished case was on time: working days less those the clock stood still, within the promise."""
    return days - stopped <= promised


def on_time_rate(in_time: float, finished: float) -> CaseRate:
    """按时办结率 by finish: finished on time / finished. It hides what is overdue and open: show on_time_due beside."""
    return _rate(in_time, finished)


def on_time_due(in_time: float, due: float) -> CaseRate:
    """按时办结率 by due cohort: finished on time / all whose limit fell into the period, open ones included."""
    return _rate(in_time, due)


def speed_up(actual_days: float, legal_days: float) -> CaseRate:
    """实际提速率: 1 - Σ actual / Σ legal working days of finished cases that have a legal limit. May be negative."""
    return CaseRate(legal_days - actual_days, legal_days)


def good_rate(very_good: float, good: float, fair: float, ratings: float) -> CaseRate:
    """好评率: very satisfied, satisfied and basically satisfied / all valid ratings; basically satisfied counts as good
    in the national rule [K]."""
    return _rate(very_good + good + fair, ratings)


def active_rating_rate(active: float, finished: float) -> CaseRate:
    """主动评价率: rated by the applicant (not 默认好评) / finished. Always shown beside the good-rating rate."""
    return _rate(active, finished)


def rectified_rate(rectified_in_time: float, due: float) -> CaseRate:
    """差评整改率: bad ratings rectified within the limit / those whose limit has come."""
    return _rate(rectified_in_time, due)


def saved(before: float, after: float) -> CaseRate:
    """一件事: what a theme saves in steps, materials, days or visits: 1 - after / before. May be negative."""
    return CaseRate(before - after, before)
