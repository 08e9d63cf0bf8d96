"""The command line: load files, build the demo city, replay the flood alarms, freeze a month, say the version. Mistakes
become sentences, never a traceback.

Exit codes: 0 done; 1 something unexpected; 2 a mistake in what was asked or in the files.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select

from data_access import city_rules, engine
from data_access.mistakes import said
from data_access.schema import area, hotline_order
from data_access.settings import ROOT, settings

_TOLD = 10  # differences that are listed
_DOES = {"alarms": "changed", "freeze": "frozen"}


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_access", description="Data of the cockpit.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    load = commands.add_parser("load", help="load files of one source, as its description says")
    load.add_argument("source", metavar="SOURCE.toml", type=Path)
    load.add_argument("files", metavar="FILE", type=Path, nargs="*", help="none when the source is a database")
    load.add_argument("--json", action="store_true", help="print the report as JSON")
    load.add_argument("--lang", choices=("zh", "en", "both"), default="both", help="language of the report")
    demo = commands.add_parser("demo", help="build the demo city")
    demo.add_argument("--orders", metavar="N", type=int, help="about how many orders (default: the demo's own size)")
    demo.add_argument("--days", metavar="D", type=int, help="how many days up to now")
    demo.add_argument("--cases", metavar="N", type=int, help="about how many cases of services (0: none)")
    demo.add_argument("--seed", metavar="S", type=int, help="another city life; the same seed makes the same one")
    demo.add_argument("--flood-days", metavar="D", type=int, help="flood readings of the last D days only; 0: none")
    demo.add_argument(
        "--five-minutes", action="store_true", help="flood readings every five minutes in all of the time"
    )
    demo.add_argument("--if-empty", action="store_true", help="only when the database holds nothing yet")
    alarms = commands.add_parser("alarms", help="raise the flood alarms of all readings again and compare")
    alarms.add_argument("--keep", action="store_true", help="keep what is said now (after a past was loaded)")
    freeze = commands.add_parser("freeze", help="keep the results of a month that is over (考核月结) as they stand")
    freeze.add_argument("month", metavar="YYYY-MM", type=_month)
    freeze.add_argument("--again", action="store_true", help="replace what was frozen before")
    commands.add_parser("version", help="say the version")
    return parser


def _month(words: str) -> date:
    try:
        return datetime.strptime(words, "%Y-%m").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{words} is not a month: write it as 2026-10") from None


def _load(given: argparse.Namespace) -> None:
    from tqdm import tqdm  # noqa: PLC0415  (what other commands need not load)

    from data_access.intake.load import load_files  # noqa: PLC0415

    total = sum(path.stat().st_size for path in given.files if path.is_file())
    with tqdm(total=total, unit="B", unit_scale=True, file=sys.stderr, leave=False, delay=0.5) as bar:
        try:
            city_rules.connect()
        except engine.DatabaseInUse as error:
            done = _handed_over(given, bar, error)
        else:
            reports = load_files(
                given.source, given.files, progress=bar.update, before=lambda path: bar.set_description(path.name[:30])
            )
            done = {
                "reports": [report.to_dict() for report in reports],
                "text": {lang: [report.to_text(lang) for report in reports] for lang in ("zh", "en")},
            }
    if given.json:
        print(json.dumps(done["reports"], ensure_ascii=False, indent=1))
    else:
        languages = ("zh", "en") if given.lang == "both" else (given.lang,)
        print("\n".join("\n".join(texts) for texts in zip(*(done["text"][lang] for lang in languages), strict=True)))


def _handed_over(given: argparse.Namespace, bar: Any, error: engine.DatabaseInUse) -> dict[str, Any]:
    """What the running cockpit, which owns the database, says of the load."""
    from data_access import handover  # noqa: PLC0415

    url = settings().database_url
    try:
        done = handover.load(
            url, given.source, given.files, bar.update, before=lambda name: bar.set_description(name[:30])
        )
    except handover.NoServer:
        raise error from None
    print("The database belongs to the running cockpit, which loaded the files itself.", file=sys.stderr)
    if "error" in done:
        raise _Handed(done["error"], done["code"])
    return done


class _Handed(Exception):
    """What the running cockpit says went wrong: sentence, exit code."""


def _empty() -> bool:
    """Whether the database holds neither places nor orders, or a demo city whose building was broken off."""
    with engine.engine().connect() as connection:
        held = [connection.execute(select(table).limit(1)).first() for table in (area, hotline_order)]
    return held == [None, None] or engine.get("demo") == "building"


def _demo(given: argparse.Namespace) -> None:
    from tqdm import tqdm  # noqa: PLC0415

    from sample_data import build  # noqa: PLC0415

    least = {"orders": 1, "days": 1, "cases": 0, "flood_days": 0}
    wanted = {name: getattr(given, name) for name in (*least, "seed") if getattr(given, name) is not None}
    for name, value in wanted.items():
        if value < least.get(name, value):
            raise ValueError(f"--{name.replace('_', '-')} must be at least {least[name]}.")
    try:
        city_rules.connect()
    except engine.DatabaseOutdated as outdated:
        file = Path(make_url(settings().database_url).database or "")
        if not (given.if_empty and outdated.demo and file.is_file()):
            raise
        kept = file.replace(file.with_name(f"{file.name}.old"))
        print(f"The demo city was made by another version; it is kept as {kept.name} and made anew.", file=sys.stderr)
        city_rules.connect()
    if given.if_empty and not _empty():
        return
    print(f"Building the demo city in {engine.engine().url.render_as_string(hide_password=True)}", file=sys.stderr)
    with tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}", file=sys.stderr) as bar:

        def show(what: str, done: float) -> None:
            bar.set_description(what)
            bar.update(100 * done - bar.n)

        build.build(**wanted, five_minutes=given.five_minutes, progress=show)


class _Undone(Exception):
    """What was found, of which nothing is kept."""


def _alarms(given: argparse.Namespace) -> int:
    """0: the same alarms, or kept; 1: others."""
    from data_access import clock  # noqa: PLC0415
    from data_access.flood import watch  # noqa: PLC0415

    city_rules.connect()
    try:
        with engine.committing() as connection:
            found = watch.replayed(connection, clock.now())
            if not given.keep:
                raise _Undone(found)
    except _Undone as undone:
        (found,) = undone.args
    print(f"recorded: {found.recorded:,} events; said again: {found.said:,}")
    for words, some in (("recorded, not said again", found.lost), ("said now, not recorded", found.new)):
        if some:
            print(f"{words}: {len(some):,}")
            print(*(f"  {moment:%Y-%m-%d %H:%M} {event} {alarm}" for moment, alarm, event in some[:_TOLD]), sep="\n")
            if len(some) > _TOLD:
                print(f"  ... {len(some) - _TOLD:,} more")
    if not found.lost and not found.new:
        print("The same, event by event.")
        return 0
    print("Kept as said now." if given.keep else "Nothing was changed; --keep writes what is said now.")
    return 0 if given.keep else 1


def _freeze(given: argparse.Namespace) -> None:
    from data_access import months  # noqa: PLC0415
    from data_access.services.league import KEPT as SERVICES  # noqa: PLC0415

    city_rules.connect()
    with engine.committing() as connection:
        stored = {
            name: months.freeze(connection, given.month, again=given.again, of=kept)
            for name, kept in (("hotline", months.HOTLINE), ("services", SERVICES))
        }
        if not any(stored.values()):
            raise ValueError(f"There are neither orders nor cases of {given.month:%Y-%m}: load them first.")
    print(f"{given.month:%Y-%m} is frozen: " + ", ".join(f"{name} {rows:,} rows" for name, rows in stored.items()))


def _version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    given = _arguments().parse_args(arguments)
    try:
        if given.command == "version":
            print(_version())
        elif given.command == "demo":
            _demo(given)
        elif given.command == "alarms":
            return _alarms(given)
        elif given.command == "freeze":
            _freeze(given)
        else:
            _load(given)
    except KeyboardInterrupt:
        print("Stopped; nothing was changed.", file=sys.stderr)
        return 2
    except _Handed as handed:
        sentence, code = handed.args
    except Exception as error:
        sentence, code = said(error, __file__)
    else:
        return 0
    print(f"Nothing was {_DOES.get(given.command, 'loaded')}. {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
