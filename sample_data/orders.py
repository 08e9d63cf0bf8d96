"""Appeals as rows: the columns of hotline_order and hotline_event, as Arrow tables."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sample_data import wording
from sample_data.arrivals import Arrivals, callers
from sample_data.bounces import MOST
from sample_data.lives import NEVER, ROUNDS, Known, Lives, epoch, lives
from sample_data.plan import Plan
from sample_data.randomness import mixed, uniform
from sample_data.vocabulary import CHANNELS, DIRECT_SHARE, ESTATES, HOTLINE, MIXES, ROADS, TYPES, leaves
from sample_data.world import POINTS, UNPLACED, World

LINES = ("", "enterprise", "talent")
LINE_SHARES = {  # of the orders of a topic: those of the enterprise line, of the talent line
    "ask": (0.11, 0.035), "help": (0.03, 0.006), "complain": (0.035, 0.004), "report": (0.025, 0.002),
}  # fmt: skip
EVENTS = (
    "registered", "answered", "dispatched", "returned", "reassigned", "signed", "extended", "urged", "supervised",
    "replied", "closed", "callback", "redo", "archived",
)  # fmt: skip
NOWHERE, DISTRICT_ONLY = 0.006, 0.004  # shares of orders without any place, and with a district but no street
_PLACED = ("", "name", "code", "address", "point", "alias")
_PLACED_SHARES = (0.52, 0.30, 0.12, 0.06)  # code, address, point, alias


def strings(
    codes: np.ndarray, words: list[str] | tuple[str, ...], unsaid: np.ndarray | None = None
) -> pa.DictionaryArray:
    """Words by their number, as a dictionary; null where unsaid."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=unsaid), pa.array(list(words), pa.string())
    )


def moments(seconds: np.ndarray, until: int) -> pa.Array:
    """Times before `until`; later ones have not happened yet and are null."""
    return pa.array(seconds.astype("datetime64[s]").astype("datetime64[us]"), mask=seconds >= until)


def _chosen(u: np.ndarray, shares) -> np.ndarray:
    total = np.cumsum(np.asarray(shares, dtype=float))
    return np.minimum(np.searchsorted(total / total[-1], u, side="right"), len(total) - 1)


@dataclass(frozen=True)
class Made:
    """Rows of hotline_order and hotline_event, and what they were made from."""

    orders: pa.Table
    events: pa.Table
    known: Known
    told: Lives


class Rows:
    """Makes rows for a plan and a city."""

    def __init__(self, plan: Plan, city: World):
        self.plan, self.city = plan, city
        known = leaves()
        mixes = np.array([MIXES[leaf.mix] for leaf in known])
        self.type_curves = np.cumsum(mixes, axis=1) / mixes.sum(axis=1, keepdims=True)
        self.leaf_codes = [leaf.code for leaf in known]
        self.topic_codes = sorted({leaf.topic for leaf in known})
        self.topic_of = np.array([self.topic_codes.index(leaf.topic) for leaf in known])
        titles = [(n, title) for n, leaf in enumerate(known) for title in leaf.titles]
        self.title_first = np.array(
            [next(i for i, (leaf, _) in enumerate(titles) if leaf == n) for n in range(len(known))]
        )
        self.title_count = np.array([len(leaf.titles) for leaf in known])
        self.before = pa.array([before for _, (before, _, _) in titles])
        self.after = pa.array([after for _, (_, _, after) in titles])
        self.place_kind = np.array(["ers".find(kind) if kind else 3 for _, (_, kind, _) in titles])
        names = [*ESTATES, *ROADS, *city.street_names, ""]
        self.places = pa.array(names)
        self.place_from = np.array([0, len(ESTATES), len(ESTATES) + len(ROADS), len(names) - 1])
        self.sequences = pa.array([f"{n:06d}" for n in range(1000)])
        self.line_shares = np.array([LINE_SHARES[leaf.mix] for leaf in known])
        self.org_codes = city.organisations["code"].tolist()
        self.hotline_org = self.org_codes.index(HOTLINE)

    def made(self, appeals: Arrivals, first_id: int, number_from: int, until: datetime) -> Made:
        """The appeals as known just before `until`. first_id: number of the first order; number_from: how many
        orders its day had before."""
        plan, city, seed = self.plan, self.city, self.plan.seed
        ids = np.arange(first_id, first_id + len(appeals), dtype=np.int64)
        leaf, street = appeals.leaf, appeals.street
        kind = (uniform(ids, 32, seed)[:, None] > self.type_curves[leaf][:, :-1]).sum(axis=1)
        kind = np.where((appeals.burst >= 0) & (kind == TYPES.index("consult")), TYPES.index("help"), kind)
        direct = uniform(ids, 33, seed) < np.array(DIRECT_SHARE)[kind]
        by_street = uniform(ids, 34, seed) < 0.10
        org = np.where(by_street, city.street_org[street], city.handler[leaf, street])
        org = np.where(direct, self.hotline_org, org)
        u = np.where(appeals.burst >= 0, 1.0, uniform(ids, 35, seed))
        nowhere, district_only = u < NOWHERE, (u >= NOWHERE) & (u < NOWHERE + DISTRICT_ONLY)
        unplaced = nowhere | district_only
        placed_street = np.where(unplaced | (np.array(city.streets) == "")[street], UNPLACED, street)
        told_of = Known(ids, appeals.seconds, leaf, placed_street, org, kind, direct)
        told = lives(plan, city, told_of)
        end = epoch(until)
        street_words, district_words = [*city.streets, ""], [*city.districts, ""]
        street_code = np.where(unplaced, len(city.streets), street)
        district_code = np.where(nowhere, len(city.districts), city.district_of[street])
        placed = np.where(nowhere, 0, np.where(district_only, 1, 2 + _chosen(uniform(ids, 36, seed), _PLACED_SHARES)))
        which = self._points(ids, appeals.burst, street)
        point = city.points[street, which]
        community = np.where(unplaced, 0, city.community_of[street, which])
        pointless = unplaced | np.isnan(point[:, 0])
        title, content, address = self._texts(told_of, street, district_code, unplaced)
        orders = pa.table({
            "order_id": ids,
            "street_code": strings(street_code, street_words),
            "district_code": strings(district_code, district_words),
            "community_code": strings(community, city.communities),
            "source": strings(np.zeros(len(ids)), ("hotline",)),
            "order_no": self._numbers(appeals.seconds, number_from),
            "accept_at": moments(appeals.seconds, int(NEVER)),
            "tracked": np.ones(len(ids), dtype=bool),
            "direct": direct,
            "channel": strings(_chosen(uniform(ids, 38, seed), tuple(CHANNELS.values())), tuple(CHANNELS)),
            "appeal_type": strings(kind, TYPES),
            "category": strings(leaf, self.leaf_codes),
            "topic": strings(self.topic_of[leaf], self.topic_codes),
            "org": strings(org, self.org_codes),
            **latest(told, end),
            "line": strings(self._lines(ids, leaf), LINES),
            "caller_key": callers(ids, street, appeals.burst, city, seed),
            "title": title,
            "content": content,
            "address": address,
            "lon": pa.array(point[:, 0], mask=pointless),
            "lat": pa.array(point[:, 1], mask=pointless),
            "placed_by": strings(placed, _PLACED),
        })  # fmt: skip
        return Made(orders, self.events(told_of, told, 0, end), told_of, told)

    def events(self, known: Known, told: Lives, start: int, end: int) -> pa.Table:
        """The event log's rows that happened in [start, end), order by order and in order of time."""
        centre = np.full(len(known.order_id), self.hotline_org)
        steps = [("registered", known.accept, centre)]
        steps += [("answered", np.where(known.direct, told.close[:, 0], NEVER), centre)]
        steps += [("dispatched", told.dispatch, told.receivers[:, 0])]
        for n in range(MOST):
            steps += [("returned", told.returned[:, n], told.receivers[:, n])]
            steps += [("reassigned", told.reassigned[:, n], told.receivers[:, n + 1])]
        steps += [("signed", told.sign, known.org), ("extended", told.extended, known.org)]
        steps += [("urged", told.urged, centre), ("supervised", told.supervised[:, 0], centre)]
        for n in range(ROUNDS):
            if n:
                steps += [("redo", told.redo[:, n - 1], known.org)]
            if n == ROUNDS - 1:
                steps += [("supervised", told.supervised[:, 1], centre)]
            # what is answered on the call is neither replied to nor closed by anyone else
            steps += [("replied", np.where(known.direct, NEVER, told.reply[:, n]), known.org)]
            steps += [("closed", np.where(known.direct, NEVER, told.close[:, n]), known.org)]
            steps += [("callback", told.callback[:, n], centre)]
        steps += [("archived", told.archived, centre)]
        names, times, actors = zip(*steps, strict=True)
        happens = [np.flatnonzero(each != NEVER) for each in times]
        row = np.concatenate(happens).astype(np.int64)
        at = np.concatenate([each[which] for each, which in zip(times, happens, strict=True)])
        kind = np.repeat([EVENTS.index(name) for name in names], [len(which) for which in happens])
        who = np.concatenate([each[which] for each, which in zip(actors, happens, strict=True)])
        order = np.lexsort((at, row))  # stable: steps of one moment stay in the order above
        row, at, kind, who = row[order], at[order], kind[order], who[order]
        seq = np.arange(len(row)) - np.searchsorted(row, row, side="left") + 1
        seen = (at >= start) & (at < end)
        row = row[seen]
        street = np.where(known.street == UNPLACED, len(self.city.streets), known.street)[row]
        return pa.table({
            "order_id": known.order_id[row],
            "street_code": strings(street, [*self.city.streets, ""]),
            "seq": seq[seen].astype(np.int16),
            "event": strings(kind[seen], EVENTS),
            "happened_at": at[seen].astype("datetime64[s]").astype("datetime64[us]"),
            "org": strings(who[seen], self.org_codes),
        })  # fmt: skip

    def _lines(self, ids: np.ndarray, leaf: np.ndarray) -> np.ndarray:
        """Which line took the order: firms ask about approvals, markets and works, newcomers about work and papers."""
        firms, talents = self.line_shares[leaf].T
        u = uniform(ids, 43, self.plan.seed)
        return np.where(u < firms, 1, np.where(u < firms + talents, 2, 0))

    def _points(self, ids: np.ndarray, burst: np.ndarray, street: np.ndarray) -> np.ndarray:
        """Which of its street's points each order has; those of a burst in one community or estate, one of those."""
        found = (mixed(ids, 37, self.plan.seed) % np.uint64(POINTS)).astype(np.int64)
        for n, planted in enumerate(self.plan.bursts):
            if planted.community:
                home = self.city.community_of[self.city.street(planted.street)]
                inside = np.flatnonzero(home == self.city.communities.index(planted.community))
                found = np.where(burst == n, inside[found % len(inside)], found)
            elif planted.close:
                inside = self._estate(self.city.street(planted.street))
                found = np.where(burst == n, inside[found % len(inside)], found)
        return found

    def _estate(self, street: int) -> np.ndarray:
        """The points of a street within 300 m of the one that has most of them around it."""
        points = self.city.points[street]
        if np.isnan(points).any():
            return np.arange(1)
        east = (points[:, None, 0] - points[None, :, 0]) * np.cos(np.radians(points[0, 1]))
        near = np.hypot(east, points[:, None, 1] - points[None, :, 1]) * 111_195 <= 300
        return np.flatnonzero(near[near.sum(axis=1).argmax()])

    def _texts(
        self, known: Known, street: np.ndarray, district_code: np.ndarray, unplaced: np.ndarray
    ) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Title, content and address."""
        seed, ids, leaf = self.plan.seed, known.order_id, known.leaf
        nowhere = district_code == len(self.city.districts)
        bits = mixed(ids, 42, seed)
        title = self.title_first[leaf] + (bits % np.uint64(60)).astype(np.int64) % self.title_count[leaf]
        kind = self.place_kind[title]
        # each street has its own dozen of roads and estates
        local = street * 7 + ((bits >> np.uint64(8)) % np.uint64(12)).astype(np.int64)
        road = (local * 13 + street * 5) % len(ROADS)
        which = np.select([kind == 0, kind == 1, kind == 2], [(local * 11) % len(ESTATES), road, street], 0)
        place = self.place_from[kind] + which
        texts = pc.binary_join_element_wise(  # type: ignore[attr-defined]
            self.before.take(pa.array(title)), self.places.take(pa.array(place)), self.after.take(pa.array(title)), ""
        )
        names = [*self.city.district_names, ""]
        parts = (
            pa.array(names).take(pa.array(district_code)),
            pa.array([*self.city.street_names, ""]).take(
                pa.array(np.where(unplaced, len(self.city.street_names), street))
            ),
            pa.array([*ROADS, ""]).take(pa.array(np.where(nowhere, len(ROADS), road))),
            pa.array(["**号", ""]).take(pa.array(nowhere.astype(np.int64))),
        )
        variant = ((bits >> np.uint64(20)) % np.uint64(wording.VARIANTS)).astype(np.int64)
        said = wording.said(leaf, title, known.kind, variant, uniform(ids, 44, seed))
        content = strings(said, wording.texts(), known.direct)  # what was answered on the call has its title only
        return texts, content, pc.binary_join_element_wise(*parts, "")  # type: ignore[attr-defined]

    def _numbers(self, seconds: np.ndarray, number_from: int) -> pa.Array:
        """{city code}{yyyymmdd}{running number of the day}"""
        days = seconds // 86400
        first = np.searchsorted(days, days, side="left")
        running = np.arange(len(days)) - first + 1
        if len(days):
            running += np.where(days == days[0], number_from, 0)
        found, day = np.unique(days, return_inverse=True)
        prefix = self.city.city[:6]
        dates = pa.array([prefix + str(d).replace("-", "") for d in found.astype("datetime64[D]")], pa.string())
        high, low = np.divmod(running, 1000)
        return pc.binary_join_element_wise(  # type: ignore[attr-defined]
            dates.take(pa.array(day)),
            pc.utf8_slice_codeunits(self.sequences.take(pa.array(high % 1000)), 3),  # type: ignore[attr-defined]
            pc.utf8_slice_codeunits(self.sequences.take(pa.array(low)), 3),  # type: ignore[attr-defined]
            "",
        )


def latest(told: Lives, end: int) -> dict[str, pa.Array]:
    """The columns of an order's row that change while it lives, as known just before `end`."""
    heard = (told.callback < end).sum(axis=1)
    known, last = heard > 0, np.maximum(heard - 1, 0)
    each = np.arange(len(last))
    resolved, said = told.resolved[each, last], told.satisfaction[each, last]
    return {
        "dispatch_at": moments(told.dispatch, end),
        "sign_at": moments(told.sign, end),
        "due_at": moments(np.where(told.extended < end, told.due_extended, told.due), int(NEVER)),
        "reply_at": moments(told.reply[:, 0], end),
        "close_at": moments(told.close[:, 0], end),
        "callback_at": moments(np.where(known, told.callback[each, last], NEVER), end),
        "responded": pa.array(told.responded, mask=~known),
        "resolved": pa.array(resolved.astype(np.int16), mask=~known | (resolved < 0)),
        "satisfaction": pa.array(said.astype(np.int16), mask=~known | (said == 0)),
        "redo_count": pa.array((told.redo < end).sum(axis=1).astype(np.int16)),
        "returned_at": moments(told.returned[:, 0], end),
        "extended_at": moments(told.extended, end),
        "supervised_at": moments(told.supervised.min(axis=1), end),
        "redo_at": moments(told.redo[:, 0], end),
    }
