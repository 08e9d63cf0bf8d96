"""Which organisation gets an order first: often the right one, now and then a wrong one, which sends it back (退单)."""

from functools import lru_cache

import numpy as np

from sample_data.world import World

MOST = 5  # returns of one order
# who is mistaken for whom, likeliest first. The two that quarrel most about whose matter it is: housing (jsj) and
# enforcement (cgj). "-": of the same district; "C-", "B-": of the city.
_MISTAKEN = {
    "jsj": ("-cgj", "-sjj"), "cgj": ("-jsj", "-hbj"), "sjj": ("-cgj", "-rsj"), "rsj": ("-jsj", "-sjj"),
    "jyj": ("-sjj", "-wjj"), "wjj": ("-sjj", "-jyj"), "hbj": ("-cgj", "-nyj"), "nyj": ("-hbj", "-jsj"),
    "C-heat": ("C-gas", "B-zjj"), "C-water": ("C-drain", "C-heat"), "C-power": ("C-heat", "B-gxj"),
    "C-gas": ("C-heat", "C-power"), "C-drain": ("C-water", "B-jtj"), "C-bus": ("B-jtj", "B-gaj"),
    "B-zjj": ("B-xzs", "C-heat"), "B-gxj": ("C-power", "B-xzs"), "B-gaj": ("B-jtj", "B-xzs"),
    "B-jtj": ("B-gaj", "C-bus"), "B-rsj": ("B-ybj", "B-xzs"), "B-ybj": ("B-rsj", "B-xzs"),
    "B-wlj": ("B-xzs", "B-gaj"), "B-xzs": ("B-rsj", "B-ybj"), "street": ("-cgj", "-jsj"),
}  # fmt: skip
_TIMES = (0.80, 0.93, 0.975, 0.992)  # of the orders that are returned: at most once, twice, ...
_TIMES_PAIR = (0.52, 0.76, 0.89, 0.96)  # between the two that quarrel


@lru_cache(maxsize=4)
def _mistaken(codes: tuple[str, ...], kinds: tuple[str, ...], districts: tuple[str, ...]) -> np.ndarray:
    index = {code: i for i, code in enumerate(codes)}
    found = np.arange(len(codes))[:, None].repeat(2, axis=1)
    for i, (code, kind, district) in enumerate(zip(codes, kinds, districts, strict=True)):
        key = "street" if kind == "street" else code.removeprefix(f"{district}-") if kind == "district" else code
        for n, other in enumerate(_MISTAKEN.get(key, ())):
            found[i, n] = index.get(f"{district}{other}" if other[0] == "-" else other, i)
    return found


def mistaken(city: World) -> np.ndarray:
    """(O, 2): the organisations that each one's orders are wrongly sent to."""
    frame = city.organisations
    return _mistaken(*(tuple(frame[name]) for name in ("code", "kind", "district_code")))


def quarrelling(city: World) -> np.ndarray:
    """(O,) whether it is one of the two of its district that quarrel most."""
    return city.organisations["code"].str.contains("-(?:jsj|cgj)$").to_numpy()


def times_returned(u: np.ndarray, pair: np.ndarray) -> np.ndarray:
    """How often an order that is returned at all is returned, 1..MOST, for a draw in (0, 1)."""
    return 1 + np.where(pair, np.searchsorted(_TIMES_PAIR, u), np.searchsorted(_TIMES, u))


def receivers(city: World, org: np.ndarray, returns: np.ndarray, second: np.ndarray, refused: np.ndarray) -> np.ndarray:
    """(n, MOST + 1): who has the order first and after each return; the last one, from column `returns` on, is `org`.

    second: the less likely mistake. refused: an order returned once by `org` itself, which gets it back (退单不当).
    """
    wrong = mistaken(city)[org, second.astype(np.int64)]
    other = mistaken(city)[org, 1 - second.astype(np.int64)]
    found = np.repeat(org[:, None], MOST + 1, axis=1)
    for n in range(MOST):
        away = (returns > n) & ((returns - n) % 2 == 1)
        found[:, n] = np.where(away & ~(refused & (returns == 1)), wrong, found[:, n])
    first_right = (returns > 0) & (returns % 2 == 0) & ~refused
    found[:, 0] = np.where(first_right, other, found[:, 0])
    return found
