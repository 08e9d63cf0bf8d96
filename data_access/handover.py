"""Loading through the running cockpit: a DuckDB file has one owner, so what it owns it loads itself.

The server leaves a small file beside its database (readable by its own user only) with its address and a random token;
the command line finds it there, sends what to load (names of files, not their content: both are on one machine) and
gets lines of JSON back: {"file": NAME}, {"read": BYTES}, and last {"reports": [...], "text": {"zh": [...],
"en": [...]}} or {"error": SENTENCE, "code": EXIT CODE}.
"""

import hmac
import http.client
import json
import os
import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from data_access import engine
from data_access.mistakes import said

_token = ""


def _note(url: URL) -> Path | None:
    """Where the note of a database's server lies; None when it needs none."""
    if url.get_backend_name() != "duckdb" or not url.database or url.database == ":memory:":
        return None
    return Path(f"{url.database}.serving")


@contextmanager
def announced(host: str, port: int) -> Iterator[None]:
    """While serving: the note beside the open database, removed at the end."""
    global _token
    note = _note(engine.engine().url)
    if note is None:
        yield
        return
    _token = secrets.token_urlsafe(32)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(host, host)
    try:
        note.unlink(missing_ok=True)
        with os.fdopen(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"host": host, "port": port, "token": _token}, file)
        yield
    finally:
        _token = ""
        note.unlink(missing_ok=True)


def allowed(token: str) -> bool:
    """Whether this is the token of the note; nothing is while no note is out."""
    return bool(_token) and hmac.compare_digest(_token.encode(), token.encode())


# ---- in the server ---------------------------------------------------------------------------------------------------
def loading(source: Path, files: list[Path]) -> Iterator[str]:
    """Load in a thread of its own, and say how it goes as lines of JSON; it is finished even if nobody listens."""
    from data_access.intake.load import load_files  # noqa: PLC0415  (what other requests need not load)

    lines: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def work() -> None:
        try:
            reports = load_files(
                source, files, lambda done: lines.put({"read": done}), lambda path: lines.put({"file": path.name})
            )
            texts = {lang: [report.to_text(lang) for report in reports] for lang in ("zh", "en")}
            lines.put({"reports": [report.to_dict() for report in reports], "text": texts})
        except Exception as error:
            sentence, code = said(error)
            lines.put({"error": sentence, "code": code})
        finally:
            lines.put(None)

    threading.Thread(target=work, name="load", daemon=False).start()
    while (line := lines.get()) is not None:
        yield json.dumps(line, ensure_ascii=False) + "\n"


# ---- on the command line ---------------------------------------------------------------------------------------------
class NoServer(RuntimeError):
    """No server of that database answers."""


def asked(database_url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the server that owns the database answers to a POST of JSON. Raises DatabaseInUse when none does."""
    note = _note(make_url(database_url))
    try:
        known = json.loads(note.read_text()) if note else {}
        headers = {"Authorization": f"Bearer {known['token']}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(known["host"], known["port"])
        try:
            connection.request("POST", path, json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            if answer.status == 200:
                return json.loads(answer.read())
            raise ValueError(f"it answered {answer.status}")
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        raise engine.DatabaseInUse(
            f"{database_url} is in use by another process, and no cockpit answers there ({error}). Stop that process."
        ) from error


def load(
    database_url: str,
    source: Path,
    files: list[Path],
    progress: Callable[[int], object],
    before: Callable[[str], object],
) -> dict[str, Any]:
    """Have the server that owns the database load files; its last line. Raises NoServer when there is none."""
    note = _note(make_url(database_url))
    try:
        known = json.loads(note.read_text()) if note else None
    except (OSError, ValueError):
        known = None
    if not known:
        raise NoServer("no note beside the database")
    connection = http.client.HTTPConnection(known["host"], known["port"])
    body = json.dumps({"source": str(source.absolute()), "files": [str(file.absolute()) for file in files]})
    headers = {"Authorization": f"Bearer {known['token']}", "Content-Type": "application/json"}
    last: dict[str, Any] = {}
    try:
        connection.request("POST", "/load", body.encode(), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise NoServer(f"it answered {answer.status}")
        for line in answer:
            last = json.loads(line)
            if "read" in last:
                progress(last["read"])
            elif "file" in last:
                before(last["file"])
    except (OSError, http.client.HTTPException) as error:
        if last:
            return {"error": "The cockpit stopped while it was loading; load again.", "code": 1}
        raise NoServer(type(error).__name__) from error
    finally:
        connection.close()
    if not {"reports", "error"} & set(last):
        return {"error": "The cockpit stopped while it was loading; load again.", "code": 1}
    return last
