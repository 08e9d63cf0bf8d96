"""Released reports go where the settings say: into a folder, by e-mail, to a webhook. These are the only connections
that the program opens to others, and none is opened unless it is set. Each attempt is written down; what fails is tried
again, later each time, and holds up nothing else."""

import hashlib
import hmac
import http.client
import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from briefing import chromium, letter
from data_access import report_deliveries as kept
from data_access import reports
from data_access.report_deliveries import Attempt
from data_access.reports import Issue, Text
from data_access.settings import Settings

log = logging.getLogger("citydeck.deliver")
WAITS = (1, 5, 15, 60, 240)  # minutes before the second attempt, the third ...; after the last no more are made
DEAD = timedelta(minutes=10)  # an attempt that says nothing for so long died with its worker
RECENT = timedelta(days=3)  # what was released longer ago is not sent any more
SECONDS = 30.0


class NotDelivered(RuntimeError):
    """The target did not take it; the message says why, without any password."""


@dataclass(frozen=True)
class Packet:
    """A released version of an issue, in the forms that targets want. origin: where readers reach the cockpit."""

    issue: Issue
    version: Text
    origin: str

    @property
    def lang(self) -> str:
        return self.issue.lang

    @property
    def name(self) -> str:
        return f"{self.issue.key}-v{self.version.version}"

    @property
    def token(self) -> str:
        """The same for every attempt, so that a receiver can tell a repetition."""
        return hashlib.sha256(f"{self.issue.key}|{self.version.version}|{self.version.hash}".encode()).hexdigest()

    @cached_property
    def html(self) -> str:
        return letter.as_html(self.issue, self.version, self.lang, self.origin)

    @cached_property
    def json(self) -> bytes:
        return letter.json_bytes(letter.as_json(self.issue, self.version, self.lang, self.origin))

    @cached_property
    def pdf(self) -> bytes | None:
        """None where no browser can draw it; the letter goes without then."""
        try:
            return letter.pdf(self.issue.key, self.lang)
        except (chromium.NoBrowser, chromium.NotDrawn, chromium.BrowserError, TimeoutError) as error:
            log.warning("report %s goes without PDF: %s", self.issue.key, error)
            return None


# ---- when ------------------------------------------------------------------------------------------------------------
def next_attempt(history: Sequence[Attempt], now: datetime) -> int | None:
    """The number of the attempt to make now at a target, None for none. history: those so far, oldest first."""
    if not history:
        return 1
    last = history[-1]
    if last.event == "done" or (last.event == "started" and now - last.moment < DEAD) or last.attempt > len(WAITS):
        return None
    return last.attempt + 1 if now - last.moment >= timedelta(minutes=WAITS[last.attempt - 1]) else None


def step(chosen: Settings, now: datetime, make: Callable[[Issue, Text], Packet] | None = None) -> int:
    """Make the attempts that are due; how many succeeded."""
    targets = targets_of(chosen)
    if not targets:
        return 0
    some = [one for one in reports.issues(now) if one.released and now - one.released.moment <= RECENT]
    tried = kept.attempts([one.key for one in some])
    done = 0
    for issue in sorted(some, key=lambda one: (one.asked_at, one.key)):
        version = issue.released
        assert version is not None
        packet = make(issue, version) if make else Packet(issue, version, origin(chosen))
        for name in targets:
            mine = [one for one in tried[issue.key] if (one.version, one.target) == (version.version, name)]
            attempt = next_attempt(mine, now)
            if attempt is not None and kept.begin(issue.key, version.version, name, attempt, now):
                done += _tried(packet, name, attempt, chosen, now)
    return done


def _tried(packet: Packet, name: str, attempt: int, chosen: Settings, now: datetime) -> bool:
    try:
        detail, event = targets_of(chosen)[name](packet, chosen), "done"
    except Exception as error:
        detail, event = f"{type(error).__name__}: {error}", "failed"
        if not isinstance(error, NotDelivered | OSError | smtplib.SMTPException):
            log.exception("delivery of %s to %s failed", packet.issue.key, name)
    for secret in (chosen.mail_password, chosen.webhook_secret):
        detail = detail.replace(secret, "***") if secret else detail
    log.info("report %s version %s to %s: %s %s", packet.issue.key, packet.version.version, name, event, detail)
    kept.end(packet.issue.key, packet.version.version, name, attempt, event, detail=detail[:400], now=now)
    return event == "done"


def origin(chosen: Settings) -> str:
    """Where readers reach the cockpit."""
    return chosen.report_url.rstrip("/") or f"http://{chosen.host}:{chosen.port}"


def targets_of(chosen: Settings) -> Mapping[str, Callable[[Packet, Settings], str]]:
    """Those that the settings name."""
    known = {
        "folder": (chosen.report_folder, to_folder),
        "email": (chosen.mail_host and chosen.mail_to, to_email),
        "webhook": (chosen.webhook_url, to_webhook),
    }
    return {name: send for name, (wanted, send) in known.items() if wanted}


# ---- where -----------------------------------------------------------------------------------------------------------
def to_folder(packet: Packet, chosen: Settings) -> str:
    """Files of the issue; each is whole or not there. The folder's name."""
    folder = Path(chosen.report_folder)
    if not folder.is_dir():
        raise NotDelivered(f"there is no folder {folder}")
    files = {"html": packet.html.encode(), "json": packet.json, "pdf": packet.pdf}
    for ending, content in files.items():
        if content is not None:
            part = folder / f".{packet.name}.{ending}.part"
            part.write_bytes(content)
            part.replace(folder / f"{packet.name}.{ending}")
    return str(folder)


def message(packet: Packet, chosen: Settings) -> EmailMessage:
    """Plain text and HTML, with the PDF where there is one."""
    mail = EmailMessage()
    mail["Subject"] = letter.subject(packet.issue, packet.lang)
    mail["From"] = chosen.mail_from or chosen.mail_user
    mail["To"] = ", ".join(one.strip() for one in chosen.mail_to.split(",") if one.strip())
    mail["Date"] = format_datetime(packet.version.moment.replace(tzinfo=ZoneInfo(chosen.timezone)))
    mail["Message-ID"] = f"<{packet.token[:40]}@citydeck.invalid>"
    mail.set_content(letter.plain(packet.issue, packet.version, packet.lang, packet.origin))
    mail.add_alternative(packet.html, subtype="html")
    if packet.pdf is not None:
        mail.add_attachment(packet.pdf, maintype="application", subtype="pdf", filename=f"{packet.name}.pdf")
    return mail


def to_email(packet: Packet, chosen: Settings, context: ssl.SSLContext | None = None) -> str:
    """One message to all receivers; who was refused fails it. How many took it."""
    mail = message(packet, chosen)
    context = context or ssl.create_default_context()
    if chosen.mail_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(chosen.mail_host, chosen.mail_port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(chosen.mail_host, chosen.mail_port, timeout=SECONDS)
    with server:
        if chosen.mail_security == "starttls":
            server.starttls(context=context)
        if chosen.mail_user:
            server.login(chosen.mail_user, chosen.mail_password)
        refused = server.send_message(mail)
    if refused:
        raise NotDelivered(f"refused: {', '.join(sorted(refused))}")
    return f"{chosen.mail_host}, {mail['To']}"


def to_webhook(packet: Packet, chosen: Settings, context: ssl.SSLContext | None = None) -> str:
    """POST of the JSON; anything but 2xx fails it, redirects are not followed. The status."""
    where = urlsplit(chosen.webhook_url)
    if where.scheme not in ("http", "https") or not where.hostname:
        raise NotDelivered("COCKPIT_WEBHOOK_URL is no http(s) address")
    if where.scheme == "https":
        context = context or ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            where.hostname, where.port, timeout=SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "citydeck",
        "Idempotency-Key": packet.token,
    }
    if chosen.webhook_secret:
        headers["X-Citydeck-Signature"] = signature(packet.json, chosen.webhook_secret)
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        connection.request("POST", path, packet.json, headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotDelivered(f"{where.hostname} answered {status}")
    return f"{where.hostname}: {status}"


def signature(body: bytes, secret: str) -> str:
    """sha256=HEX of the body, for the receiver to compare."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
