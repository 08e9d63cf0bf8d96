"""The cockpit with its clock held, doing what it is told, for the tests of what goes wrong:

/told/fail/<panel> its question raises from now on; /told/mend all questions answer again; /told/later/<minutes> the
clock moves and nothing else; /told/step/<minutes> the clock moves and the demo feed brings what happened meanwhile.
"""

import dataclasses
import os
from datetime import datetime, timedelta
from typing import Any

from waitress import serve

from app import create_app
from components.panel import panels
from data_access import clock, engine
from sample_data.feed import step


def main() -> None:
    """The server that does what it is told."""

    app = create_app()
    at = datetime.fromisoformat(engine.get("demo_fed_until") or "2026-01-01T12:00:00")
    clock._reading = lambda: at
    whole = dict(panels)

    def later(minutes: int) -> str:
        nonlocal at
        at += timedelta(minutes=minutes)
        return at.isoformat()

    def fail(name: str) -> str:
        def broken(_view: Any) -> Any:
            raise RuntimeError("SELECT secret FROM /var/lib/private")

        panels[name] = dataclasses.replace(whole[name], query=broken)
        return name

    def mend() -> str:
        panels.update(whole)
        return "mended"

    def happen(minutes: int) -> str:
        later(minutes)
        step(at)
        return str(engine.data_version())

    server = app.server
    server.add_url_rule("/told/later/<int:minutes>", view_func=later)
    server.add_url_rule("/told/fail/<name>", view_func=fail)
    server.add_url_rule("/told/mend", view_func=mend)
    server.add_url_rule("/told/step/<int:minutes>", view_func=happen)
    serve(server, host="127.0.0.1", port=int(os.environ["COCKPIT_PORT"]), threads=8)


if __name__ == "__main__":
    main()
