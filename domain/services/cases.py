"""Case-based rates (办件口径): flows in a period. Never mixed with item-based ones. Handbook 3.3."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseRate:
    """numerator / denominator, both kept: places and periods are added part by part. share: whether it is a part of a
    whole."""

    numerator: float
    denominator: float
    share: bool = True

    @property
    def value(self) -> float | None:
        """A fraction; None when there was nothing to divide by (0/0 is neither 0 % nor 100 %), and for more parts than
        the whole has: ratings of a day on which little was finished are no share of it."""
        if not self.denominator or (self.share and self.numerator > self.denominator):
            return None
        return self.numerator / self.denominator


def accepted_rate(accepted: float, refused: float) -> CaseRate:
    """受理率: accepted / (accepted + 不予受理); what waits for corrections (补正) is in neither."""
    return CaseRate(accepted, accepted + refused)


def online_accepted_rate(online: float, accepted: float) -> CaseRate:
    """网上受理率 (线上办件率): accepted by online channels / accepted."""
    return CaseRate(online, accepted)


def full_online_cases(full: float, accepted: float) -> CaseRate:
    """全程网办办件率: handled online from end to end / accepted."""
    return CaseRate(full, accepted)


def on_time_rate(in_time: float, finished: float) -> CaseRate:
    """按时办结率 by finish: finished within the promised working days (stops left out) / finished. It hides what is
    overdue and open: show on_time_due beside."""
    return CaseRate(in_time, finished)


def on_time_due(in_time: float, due: float) -> CaseRate:
    """按时办结率 by due cohort: finished on time / all whose limit fell into the period, open ones included."""
    return CaseRate(in_time, due)


def speed_up(actual_days: float, legal_days: float) -> CaseRate:
    """实际提速率: 1 - Σ actual / Σ legal working days of finished cases that have a legal limit. May be negative."""
    return CaseRate(legal_days - actual_days, legal_days, share=False)


def good_rate(good: float, rated: float) -> CaseRate:
    """好评率: good ratings / all valid ratings; which levels are good says `good_from` of the rules (basically
    satisfied is in the national rule [K])."""
    return CaseRate(good, rated)


def active_rating_rate(active: float, finished: float) -> CaseRate:
    """主动评价率: rated by the applicant (not 默认好评) / finished. Always shown beside the good-rating rate."""
    return CaseRate(active, finished)


def rectified_rate(rectified_in_time: float, due: float) -> CaseRate:
    """差评整改率: bad ratings rectified within the limit / those whose limit has come."""
    return CaseRate(rectified_in_time, due)


def saved(before: float, after: float) -> CaseRate:
    """一件事: what a theme saves in steps, materials, days or visits: 1 - after / before. May be negative."""
    return CaseRate(before - after, before, share=False)
