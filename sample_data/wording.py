"""What callers said (诉求内容), as the hotline's staff would write it down: masked, without names, numbers or places.

Composed of few pieces, so that millions of texts are some thousand different ones. Some name a danger that is not in
their category: 停水, 积水, 燃气泄漏, 欠薪.
"""

from functools import cache

import numpy as np

from sample_data.vocabulary import TYPES, leaves

_PLACES = {"e": "所住小区", "r": "附近道路", "s": "本辖区", "": ""}
_OPENINGS = {
    "consult": ("市民来电咨询：", "来电人咨询："), "help": ("市民来电求助：", "来电人反映："),
    "complaint": ("市民投诉：", "来电人多次反映："), "report": ("市民举报：", "来电人举报："),
    "suggest": ("市民建议：", "来电人提出建议："), "praise": ("市民来电表扬：", "来电人感谢："),
}  # fmt: skip
_SINCE = ("，已持续一周左右", "，此前联系过管理单位未解决", "，近几天尤为明显", "，影响正常生活")
_WISHES = {
    "consult": "请告知办理条件和流程。", "help": "希望尽快到现场处理。", "complaint": "希望核实处理并回复。",
    "report": "请依法查处，要求保密。", "suggest": "望相关部门研究采纳。", "praise": "希望转达谢意。",
}  # fmt: skip
# keyword sentence: level-2 topics it may stand with, share of their orders
KEYWORDS = {
    "停水": ("另称楼内近日多次停水。", ("0101", "0102", "0203"), 0.006),
    "积水": ("雨后门前积水较深，行人绕行。", ("0303", "0305", "0401", "1001"), 0.008),
    "燃气泄漏": ("怀疑楼道有燃气泄漏，请优先核查。", ("0101", "0102", "0204"), 0.004),
    "欠薪": ("并称施工方存在欠薪情况。", ("0102", "0301", "0502"), 0.006),
}
VARIANTS = len(_SINCE)
_VERBS = {"咨询": "consult", "反映": "complaint", "举报": "report", "建议": "suggest", "表扬": "praise"}


@cache
def _said() -> tuple[list[str], np.ndarray, np.ndarray]:
    """The texts; for each title, type and variant the place of its text; and the first of those with each keyword."""
    titles = [title for leaf in leaves() for title in leaf.titles]
    texts: dict[str, int] = {}
    found = np.zeros((len(KEYWORDS) + 1, len(titles), len(TYPES), VARIANTS), dtype=np.int32)
    for k, extra in enumerate(("", *(sentence for sentence, _, _ in KEYWORDS.values()))):
        for t, (before, kind, after) in enumerate(titles):
            for n, kind_of_appeal in enumerate(TYPES):
                verb = next((verb for verb in _VERBS if before.startswith(verb)), "")
                name = _VERBS.get(verb, kind_of_appeal)  # a title that says what it is knows better than the type
                for v in range(VARIANTS):
                    since = _SINCE[v] if name in ("help", "complaint", "report") else ""
                    said = f"{before.removeprefix(verb)}{_PLACES[kind]}{after}{since}。{extra}{_WISHES[name]}"
                    text = _OPENINGS[name][v % 2] + said
                    found[k, t, n, v] = texts.setdefault(text, len(texts))
    shares = np.zeros((len(leaves()), len(KEYWORDS)))
    for k, (_, topics, share) in enumerate(KEYWORDS.values()):
        shares[:, k] = [share if leaf.topic in topics else 0.0 for leaf in leaves()]
    return list(texts), found, np.cumsum(shares, axis=1)


def texts() -> list[str]:
    """All that is ever said."""
    return _said()[0]


def said(leaf: np.ndarray, title: np.ndarray, kind: np.ndarray, variant: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Which of texts() each order has. title: among all titles, in order of leaves(). u: draws in (0, 1)."""
    _, found, shares = _said()
    keyword = (u[:, None] < shares[leaf]).argmax(axis=1) + 1
    keyword = np.where(u < shares[leaf, -1], keyword, 0)
    return found[keyword, title, kind, variant % VARIANTS]
