"""How fast clean orders load: python -m benchmarks.intake [--rows 1000000]

Writes a clean CSV (16 columns: number, six times in ISO form, channel, type, category, organisation, street code,
result, satisfaction, title, address with house numbers), loads it into a fresh DuckDB with areas in it through the same
entry as the command line, cubes and event log included, and prints orders a second and the peak memory of the load.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

_DISTRICTS, _STREETS = 10, 10
_CATEGORIES = [f"类别{number:02d}" for number in range(60)]
_SOURCE = """
key = "bench"
name_zh = "测速"
name_en = "Benchmark"
[columns]
number = "工单编号"
accept_at = "受理时间"
dispatch_at = "派单时间"
sign_at = "签收时间"
due_at = "办结时限"
reply_at = "反馈时间"
close_at = "办结时间"
channel = "诉求渠道"
appeal_type = "诉求类型"
category = "分类"
org = "承办单位"
resolved = "是否解决"
satisfaction = "满意度"
title = "标题"
address = "地址"
[place]
code = "街道代码"
[codes.channel]
"电话" = "phone"
"网站" = "web"
[codes.appeal_type]
"求助" = "help"
"投诉" = "complaint"
[codes.resolved]
"已解决" = "2"
"未解决" = "0"
[codes.satisfaction]
"满意" = "4"
"不满意" = "2"
"""


def street_codes() -> list[str]:
    """The nine-digit codes of the benchmark's streets."""
    return [f"9901{d:02d}{s:03d}" for d in range(1, _DISTRICTS + 1) for s in range(1, _STREETS + 1)]


def write_csv(path: Path, rows: int, days: int = 365) -> None:
    """A clean CSV of orders in time order."""
    pick = random.Random(1)
    streets = street_codes()
    begin = datetime(2025, 1, 1)
    header = "工单编号,受理时间,派单时间,签收时间,办结时限,反馈时间,办结时间,诉求渠道,诉求类型,分类,"
    header += "承办单位,街道代码,是否解决,满意度,标题,地址"
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(header.split(","))
        for number in range(rows):
            accept = begin + timedelta(seconds=int(number * days * 86400 / rows))
            later = [accept + timedelta(minutes=m) for m in (9, 40, 7200)]
            closed = accept + timedelta(minutes=pick.randrange(60, 9000))
            road = f"{pick.choice('东西南北')}{pick.choice('湖山河桥')}路"
            write(
                [
                    f"9901{accept:%Y%m%d}{number % 1_000_000:06d}",
                    accept,
                    *later,
                    closed,
                    closed,
                    pick.choice(("电话", "网站")),
                    pick.choice(("求助", "投诉")),
                    pick.choice(_CATEGORIES),
                    f"单位{pick.randrange(40)}",
                    pick.choice(streets),
                    pick.choice(("已解决", "未解决")),
                    pick.choice(("满意", "不满意", "")),
                    f"反映{road}{pick.choice(_CATEGORIES)}问题",
                    f"{road}{pick.randrange(1, 400)}号{pick.randrange(1, 30)}栋{pick.randrange(100, 2800)}室",
                ]
            )


def put_areas() -> None:
    """A small tree of areas without shapes."""
    from sqlalchemy import insert  # noqa: PLC0415

    from data_access import engine  # noqa: PLC0415
    from data_access.schema import area  # noqa: PLC0415

    rows = [("990100", None, 0)]
    rows += [(f"9901{d:02d}", "990100", 1) for d in range(1, _DISTRICTS + 1)]
    rows += [(code, code[:6], 2) for code in street_codes()]
    with engine.committing() as connection:
        connection.execute(
            insert(area),
            [
                {
                    "code": code,
                    "parent": parent,
                    "level": level,
                    "name": code,
                    "kind": "statutory",
                    "shaped": False,
                    "valid_from": datetime(2000, 1, 1).date(),
                }
                for code, parent, level in rows
            ],
        )


def measure(folder: Path) -> None:
    """Load the CSV (in a process of its own, so that its peak memory is its own) and print what it took as JSON."""
    from data_access import engine  # noqa: PLC0415
    from data_access.intake.load import load_files  # noqa: PLC0415
    from data_access.intake.report import Report  # noqa: PLC0415

    engine.connect(f"duckdb:///{folder / 'city.duckdb'}")
    put_areas()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, cpu = time.perf_counter(), time.process_time()
    report = load_files(folder / "source.toml", [folder / "orders.csv"])[0]
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert isinstance(report, Report)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scale = 1024 if sys.platform == "linux" else 1024 * 1024
    memory = {"peak_mb": peak / scale, "before_mb": before / scale}
    print(json.dumps({"stored": report.stored, "seconds": seconds, "cpu": cpu, **memory}))


def main() -> None:
    """Generate, load, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "source.toml").write_text(_SOURCE, encoding="utf-8")
        write_csv(folder / "orders.csv", given.rows)
        size = (folder / "orders.csv").stat().st_size / 1e6
        child = [sys.executable, "-m", "benchmarks.intake", "--measure", name]
        done = json.loads(subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True).stdout)
    rate = done["stored"] / done["seconds"]
    print(
        f"intake: {done['stored']:,} orders ({size:,.0f} MB of CSV) in {done['seconds']:.1f} s = {rate:,.0f} orders/s"
    )
    print(f"  {done['cpu']:.1f} s of processor time")
    print(f"  peak memory {done['peak_mb']:,.0f} MB, {done['before_mb']:,.0f} MB of it before loading")


if __name__ == "__main__":
    main()
