"""The command line of reports: make one by hand, see that none was altered, see what is wrong in templates.

Exit codes: 0 done; 1 an archived report was altered, or a template is wrong; 2 a mistake in what was asked.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from app import create_app
from briefing.by_hand import WrongKind, by_hand, folder
from briefing.reports import NoCity
from briefing.templates import load
from components.panel import panels
from data_access import engine, handover, reports
from data_access.settings import SettingsError, settings


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m briefing", description="Reports of the cockpit.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    report = commands.add_parser("report", help="make a report and keep it in the archive")
    report.add_argument("kind", metavar="KIND", help="the name of its template: daily, weekly, monthly ...")
    report.add_argument("--date", metavar="DAY", type=datetime.fromisoformat, help="of its day (default: today)")
    report.add_argument("--again", action="store_true", help="a further issue, where there is one of the same time")
    commands.add_parser("check", help="see whether the archive and the templates are sound")
    return parser


def main(given: Sequence[str] | None = None) -> int:
    told = _arguments().parse_args(given)
    try:
        return _report(told.kind, told.date, again=told.again) if told.command == "report" else _check()
    except (SettingsError, engine.DatabaseError, NoCity, WrongKind) as error:
        print(f"citydeck: {error}", file=sys.stderr)
        return 2


def _report(kind: str, day: datetime | None, *, again: bool) -> int:
    try:
        create_app()
    except engine.DatabaseInUse:  # its server makes it
        body = {"kind": kind, "date": day.date().isoformat() if day else "", "again": again}
        answer = handover.asked(settings().database_url, "/reports/make", body)  # raises DatabaseInUse without one
        print(answer["said"], file=sys.stdout if answer["code"] == 0 else sys.stderr)
        return int(answer["code"])
    print(by_hand(kind, day, again=again))
    return 0


def _check() -> int:
    create_app()
    _, wrong = load(folder(), panels)
    for words in wrong:
        print(f"template {words}")
    altered = {one.key: found for one in reports.issues(datetime.max) if (found := reports.altered(one.key))}
    for key, what in altered.items():
        print(f"{key} was altered: {', '.join(what)}")
    if not wrong and not altered:
        print(f"{len(reports.issues(datetime.max))} reports, none altered; all templates are sound")
    return 1 if wrong or altered else 0


if __name__ == "__main__":
    sys.exit(main())
