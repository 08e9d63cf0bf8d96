"""What people did about floods in the demo city: response levels that were declared, an advice sheet and its course."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Connection

from data_access import bulk
from data_access.flood import release, tables
from sample_data.flood import sites
from sample_data.plan import Plan, Storm

HEADQUARTERS = "云川市防汛抗旱指挥部"
ADVISED = "龙潭水库"  # the reservoir of the advice sheet, in the great flood
ADVISED_AFTER = timedelta(hours=22)  # the beginning of its storm
_STAGES = (  # of the great flood: level, hours from the storm's start, hours in force, basis
    (4, 2, 9, "市气象局发布暴雨预警，预计全市平均雨量超过100毫米"),
    (3, 11, 12, "云水河、青溪河、白沙河多站超警戒水位，龙潭、石盘水库超汛限"),
    (2, 23, 30, "多站超保证水位，沿河低洼地带组织转移"),
    (4, 53, 40, "洪峰过境，水位回落，转入退水期"),
)


def responses(connection: Connection, plan: Plan) -> None:
    """The response levels declared in the storms since a year ago; the one of now is in force."""
    found = []
    counts: dict[int, int] = {}

    def declare(level: int, start: datetime, end: datetime | None, basis: str) -> None:
        counts[start.year] = counts.get(start.year, 0) + 1
        found.append({
            "order_no": f"云防指〔{start.year}〕{counts[start.year]}号", "level": level, "declared_by": HEADQUARTERS,
            "start_at": start, "end_at": end, "basis": basis,
        })  # fmt: skip

    for storm in plan.storms:
        if storm.kind == "great":
            for level, after, hours, basis in _STAGES:
                start = storm.start + timedelta(hours=after)
                declare(level, start, start + timedelta(hours=hours), basis)
        elif storm.kind == "typhoon":
            start = storm.start - timedelta(hours=6)
            declare(3, start, start + timedelta(hours=40), "台风影响，市气象局发布暴雨预警")
        elif storm.kind == "now":
            basis = "白沙河上游持续强降雨，铁炉站接近警戒水位，预计未来12小时降雨持续"
            declare(4, plan.until.replace(minute=0) - timedelta(hours=2), None, basis)
    if found:
        bulk.insert(connection, tables.flood_response, pd.DataFrame(found).astype({"end_at": "datetime64[us]"}))


def advice(connection: Connection, plan: Plan) -> None:
    """The advice sheet of the great flood, as the release board made it then, and what became of it. Asks the stored
    readings, so they must be committed."""
    storm = next((one for one in plan.storms if one.kind == "great"), None)
    if storm is None:
        return
    at = (storm.start + ADVISED_AFTER).replace(minute=0)
    code = sites.node_codes()[ADVISED]
    board = release.board(code, at)
    if board is None:  # no readings of then
        return
    chosen = next((one for one in board.candidates[1:] if one.plan), board.candidates[board.advised])
    rows = _course(storm, at, at + timedelta(hours=chosen.plan[0].hours if chosen.plan else 1))
    number = f"{at:%Y-%m%d}-01"
    frame = pd.DataFrame([
        {
            "advice": number, "seq": n, "moment": moment, "station": code, "step": step, "person": person,
            "number": order, "text": text, "content": release.content(board, chosen) if step == "advice" else "",
            "link": f"/flood?reservoir={code}&at={at:%Y-%m-%dT%H:%M}" if step == "advice" else "",
        }
        for n, (moment, step, person, order, text) in enumerate(rows, 1)
    ])  # fmt: skip
    bulk.insert(connection, tables.flood_advice, frame)


def _course(storm: Storm, at: datetime, begins: datetime) -> list[tuple[datetime, str, str, str, str]]:
    """When, which step, who, order number, text."""
    order = f"云防调令〔{at.year}〕3号"

    def after(minutes: int) -> datetime:
        return at + timedelta(minutes=minutes)

    return [
        (after(4), "advice", "值班员 周敏", "", "上游强降雨持续，建议分级加大泄量，为后续洪峰腾出库容。"),
        (after(22), "opinion", "水文中心 郑涛", "", "同意。青溪河洪峰预计晚3小时到达汇合口，宜在此前加大。"),
        (after(31), "opinion", "水库管理处 韩立", "", "闸门运行正常，下游两个村已通知，建议首级控制在安全泄量以内。"),
        (after(48), "approval", "副指挥长 孙卫国", "", "同意按方案执行，泄洪前1小时完成下游预警。"),
        (after(55), "order", "副指挥长 孙卫国", order, "按批准方案分级开启泄洪闸，逐级报告。"),
        (
            begins + timedelta(minutes=11), "receipt", "水库管理处 韩立", order,
            "1号、2号泄洪闸已按令开启，下游预警完成，沿河巡查到位。",
        ),
        (
            storm.start + timedelta(days=6), "review", "水文中心 郑涛", "",
            "实况入库比预报略大，按方案下泄后最高库水位低于防洪高水位；通知下游用时38分钟，可再提前。",
        ),
    ]  # fmt: skip
