"""Repeated appeals (重复诉求, 高频诉求人) and problems that come back (反复发生), handbook 1.5.

Arrays have one element an order, in any order of time. Times are numpy datetime64. UNKNOWN_CALLER never repeats: that
two orders without a caller come from one person, or from two, is not known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.bursts import UNKNOWN_CALLER
from domain.hotline_rules import Rules


@dataclass(frozen=True)
class Problems:
    """Problems that came back, one element a (category, community) pair, most callers first, then by their codes.
    orders: all of the period, those of unknown callers included; callers: distinct and known."""

    category: NDArray
    community: NDArray
    orders: NDArray[np.int64]
    callers: NDArray[np.int64]
    first: NDArray[np.datetime64]
    last: NDArray[np.datetime64]


def earlier(groups: ArrayLike, moments: ArrayLike, days: int) -> NDArray[np.int64]:
    """How many orders of the same group each order follows within `days` days, itself not counted.

    Exactly `days` days later still follows; of two in one moment, the second in the array follows the first.
    """
    group = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    at = np.asarray(moments, "datetime64[us]").astype(np.int64)
    times = np.sort(at)
    order = np.lexsort((at, group))  # stable: of one moment, as in the array
    line = group * (len(at) + 1)  # one axis for all groups: the group, then the rank of the time
    since = line + np.searchsorted(times, at - days * 86_400_000_000)
    line += np.searchsorted(times, at)
    result = np.empty(len(at), np.int64)
    result[order] = np.arange(len(at)) - np.searchsorted(line[order], since[order])
    return result


def repeated(callers: ArrayLike, categories: ArrayLike, moments: ArrayLike, rules: Rules) -> NDArray[np.bool_]:
    """重复诉求: orders that are at least the rules.repeat_n-th of the same caller and category (level 3) within
    rules.repeat_days. Only what came before an order decides, so that it is a repeat for good."""
    caller = np.asarray(callers, np.int64)
    category = np.unique(np.asarray(categories), return_inverse=True)[1].ravel()
    caller_no = np.unique(caller, return_inverse=True)[1].ravel()
    pair = caller_no.astype(np.int64) * (int(category.max(initial=0)) + 1) + category
    return (caller != UNKNOWN_CALLER) & (earlier(pair, moments, rules.repeat_days) + 1 >= rules.repeat_n)


def frequent(callers: ArrayLike, moments: ArrayLike, rules: Rules) -> NDArray[np.bool_]:
    """高频诉求人: orders with which their caller has placed rules.frequent_n of any category in rules.repeat_days."""
    caller = np.asarray(callers, np.int64)
    return (caller != UNKNOWN_CALLER) & (earlier(caller, moments, rules.repeat_days) + 1 >= rules.frequent_n)


def problems(
    categories: ArrayLike,
    communities: ArrayLike,
    callers: ArrayLike,
    moments: ArrayLike,
    *,
    at: np.datetime64,
    rules: Rules,
) -> Problems:
    """反复发生: pairs of category (level 3) and community with at least rules.problem_callers distinct callers in the
    rules.problem_days days up to `at`. Orders without a community ('') belong to no pair."""
    category, community, caller = np.asarray(categories), np.asarray(communities), np.asarray(callers, np.int64)
    moment = np.asarray(moments, "datetime64[us]")
    seen = (moment <= at) & (moment > at - np.timedelta64(rules.problem_days, "D")) & (community != "")
    category, community, caller, moment = category[seen], community[seen], caller[seen], moment[seen]
    names, category_no = np.unique(category, return_inverse=True)
    places, community_no = np.unique(community, return_inverse=True)
    pairs, pair = np.unique(category_no.ravel() * max(len(places), 1) + community_no.ravel(), return_inverse=True)
    pair = pair.ravel()
    known = caller != UNKNOWN_CALLER
    distinct = np.unique(np.stack([pair[known], caller[known]], axis=1), axis=0)[:, 0]
    orders, number = np.bincount(pair, minlength=len(pairs)), np.bincount(distinct, minlength=len(pairs))
    first, last = np.full(len(pairs), at, "datetime64[us]"), np.full(len(pairs), "1678-01-01", "datetime64[us]")
    np.minimum.at(first, pair, moment)
    np.maximum.at(last, pair, moment)
    many = np.flatnonzero(number >= rules.problem_callers)
    many = many[np.lexsort((pairs[many], -number[many]))]
    which, where = np.divmod(pairs[many], max(len(places), 1))
    return Problems(names[which], places[where], orders[many], number[many], first[many], last[many])
