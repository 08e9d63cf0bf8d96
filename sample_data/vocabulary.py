"""What the demo city's orders are made of: categories, organisations, channels, road and estate names.

Everything is made up. Titles carry no name, no phone number and no house number ("建国路**号").
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

CHANNELS = {  # 诉求渠道: share
    "phone": 0.69, "wechat": 0.10, "app": 0.08, "web": 0.05, "leader": 0.02, "mailbox": 0.01, "police": 0.03,
    "sms": 0.02,
}  # fmt: skip
TYPES = ("consult", "help", "complaint", "report", "suggest", "praise")  # 咨询 求助 投诉 举报 建议 表扬
MIXES = {  # how the appeals of a topic divide into TYPES
    "ask": (0.84, 0.08, 0.03, 0.00, 0.04, 0.01),
    "help": (0.26, 0.55, 0.14, 0.01, 0.035, 0.005),
    "complain": (0.20, 0.22, 0.44, 0.08, 0.055, 0.005),
    "report": (0.20, 0.14, 0.20, 0.44, 0.015, 0.005),
}
DIRECT_SHARE = (0.89, 0.25, 0.14, 0.12, 0.45, 0.97)  # answered on the call (直接答复), by type
LIMIT_HOURS = (24, 120, 240, 240, 120, 120)  # 办结时限 in natural hours, by type
URGENT_HOURS = 24  # urgent utilities: help and complaints
HOTLINE = "12345"  # the organisation that answers directly

BUREAUS = {  # of every district
    "jsj": ("住房和城乡建设局", "Housing and Construction Bureau"),
    "cgj": ("综合行政执法局", "Urban Management and Enforcement Bureau"),
    "sjj": ("市场监督管理局", "Market Regulation Bureau"),
    "rsj": ("人力资源和社会保障局", "Human Resources Bureau"),
    "jyj": ("教育局", "Education Bureau"),
    "wjj": ("卫生健康局", "Health Bureau"),
    "hbj": ("生态环境分局", "Ecology and Environment Office"),
    "nyj": ("农业农村局", "Agriculture Bureau"),
}
DEPARTMENTS = {  # of the city
    "zjj": ("市住房保障中心", "Municipal Housing Support Centre"),
    "gxj": ("市工业和信息化局", "Municipal Industry and IT Bureau"),
    "gaj": ("市公安局", "Municipal Public Security Bureau"),
    "jtj": ("市交通运输局", "Municipal Transport Bureau"),
    "rsj": ("市人力资源和社会保障局", "Municipal Human Resources Bureau"),
    "ybj": ("市医疗保障局", "Municipal Healthcare Security Bureau"),
    "wlj": ("市文化和旅游局", "Municipal Culture and Tourism Bureau"),
    "xzs": ("市行政审批服务局", "Municipal Administrative Approval Bureau"),
}
COMPANIES = {
    "heat": ("市供热集团", "City Heating Group"),
    "water": ("市水务集团", "City Water Group"),
    "power": ("市供电公司", "City Power Company"),
    "gas": ("市燃气集团", "City Gas Group"),
    "drain": ("市排水公司", "City Drainage Company"),
    "bus": ("市公交集团", "City Bus Group"),
}
# code: Chinese, English, expected cadence in minutes, how late its last delivery is in cadences (None: fell silent)
SOURCES = {
    "hotline": ("12345热线平台", "12345 hotline platform", 5, 0.2),
    "services": ("政务服务平台", "Government service platform", 10, 0.4),
    "service_halls": ("大厅叫号系统", "Hall queue system", 10, 0.4),
    "water": ("市水务集团调度系统", "Water group dispatching", 60, 0.5),
    "air": ("生态环境监测网", "Air monitoring network", 60, 0.6),
    "traffic": ("交通运行监测中心", "Traffic operations centre", 15, 0.5),
    "power": ("供电公司用电采集", "Power metering", 15, 3.4),
    "bus": ("公交集团调度系统", "Bus dispatching", 1440, None),
    "flood_rain": ("雨量遥测", "Rain gauges", 5, 0.2),
    "flood_river": ("河道水情遥测", "River gauges", 5, 0.2),
    "flood_reservoir": ("水库水情遥测", "Reservoir gauges", 5, 0.2),
    "flood_waterlogging": ("城市积水监测", "Waterlogging sensors", 5, 0.2),
    "flood_video": ("视频水位识别", "Levels read by cameras", 5, 0.2),
    "data": ("公共数据共享平台", "Public data exchange", 1440, 0.4),
}
FIELDS = {"hotline": "*", "services": "services.cases,services.items", "service_halls": "services.tickets"}
SILENT_DAYS = 8  # how long the silent source has said nothing

_FIRST = (
    "建国", "解放", "人民", "文昌", "滨河", "新华", "朝阳", "长江", "云山", "青年", "光明", "和平", "迎宾", "学府",
)  # fmt: skip
_LAST = ("路", "东路", "大街")
ROADS = tuple(first + last for first in _FIRST for last in _LAST)
_ESTATE = (
    "锦绣", "阳光", "金色", "翠湖", "丽景", "祥和", "书香", "碧水", "东方", "世纪", "康乐", "银杏",
)  # fmt: skip
_KIND = ("家园", "花苑", "小区")
ESTATES = tuple(first + kind for first in _ESTATE for kind in _KIND)


@dataclass(frozen=True)
class Leaf:
    """One level-3 category and how its orders come about."""

    code: str
    topic: str
    zh: str
    en: str
    weight: float
    titles: tuple[tuple[str, str, str], ...]  # before, which place ('e' 'r' 's' or ''), after
    by: str
    mix: str
    season: str
    hours: str
    urgent: bool
    rural: bool


def _parts(title: str) -> tuple[str, str, str]:
    for kind in "ers":
        before, found, after = title.partition("{" + kind + "}")
        if found:
            return before, kind, after
    return title, "", ""


def _known() -> tuple[list[Leaf], pd.DataFrame]:
    tree = tomllib.loads((Path(__file__).parent / "categories.toml").read_text(encoding="utf-8"))
    leaves: list[Leaf] = []
    rows: list[tuple[str, str | None, int, str, str]] = []
    for g, group in enumerate(tree["group"], 1):
        rows.append((f"{g:02d}", None, 1, group["zh"], group["en"]))
        for t, topic in enumerate(group["topic"], 1):
            code = f"{g:02d}{t:02d}"
            rows.append((code, f"{g:02d}", 2, topic["zh"], topic["en"]))
            for n, (zh, en, weight, titles) in enumerate(topic["leaf"], 1):
                rows.append((f"{code}{n:02d}", code, 3, zh, en))
                leaves.append(
                    Leaf(
                        f"{code}{n:02d}", code, zh, en, float(weight),
                        tuple(_parts(title) for title in titles.split("|")),
                        topic["by"], topic["mix"], topic.get("season", "flat"), topic.get("hours", "day"),
                        topic.get("urgent", False), topic.get("rural", False),
                    )
                )  # fmt: skip
    return leaves, pd.DataFrame(rows, columns=["code", "parent", "level", "name_zh", "name_en"])


@cache
def leaves() -> tuple[Leaf, ...]:
    """The level-3 categories, in order of code."""
    return tuple(_known()[0])


def categories() -> pd.DataFrame:
    """code, parent, level, name_zh, name_en: the three levels, parents first."""
    return _known()[1]


def leaf_named(zh: str) -> int:
    """The place of a level-3 category in leaves(), by its Chinese name."""
    return next(i for i, leaf in enumerate(leaves()) if leaf.zh == zh)
