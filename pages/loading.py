"""POST /load: the command line hands a load over to the cockpit that owns the database. From this machine only, and
with the token that only the user who runs the cockpit can read."""

from ipaddress import ip_address
from pathlib import Path

from flask import Flask, Response, request

from data_access import handover


def _from_here() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def routes(server: Flask) -> None:
    @server.post("/load")
    def load() -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not _from_here() or not handover.allowed(token):
            return Response("Not from here.\n", 403, mimetype="text/plain")
        asked = request.get_json(silent=True)
        match asked:
            case {"source": str(source), "files": [*files]} if all(isinstance(file, str) for file in files):
                lines = handover.loading(Path(source), [Path(file) for file in files])
                return Response(lines, mimetype="application/x-ndjson", headers={"Cache-Control": "no-store"})
        return Response("source and files are needed.\n", 400, mimetype="text/plain")
