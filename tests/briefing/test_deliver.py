"""Delivery: into a folder, by e-mail over a real SMTP server of this machine, to a real HTTP server of this machine."""

import email
import hashlib
import hmac
import json
import logging
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from briefing import chromium, deliver, letter
from briefing.deliver import DEAD, RECENT, WAITS, NotDelivered, Packet, next_attempt, step, to_email, to_webhook
from data_access import report_deliveries, reports
from data_access.kept_frames import kept
from data_access.report_deliveries import Attempt
from data_access.reports import Draft, Part
from data_access.settings import Settings
from tests.data_access.test_reports import FRAME

AT = datetime(2026, 6, 18, 7, 30)
SECRET = "correct horse"
TABLE = {
    "kind": "table", "title": "各地", "head": [{"words": "地方", "number": False}, {"words": "件", "number": True}],
    "rows": [[{"t": "<b>东区</b>"}, {"t": "1,180", "bar": 100}]], "more": 0,
}  # fmt: skip


def archived(state: str = "released") -> str:
    about = {
        "title": {"zh": "云川日报", "en": "Daily"}, "numbering": {"zh": "第{number}期", "en": "No. {number}"},
        "sections": [{"name": "hotline", "zh": "热线", "en": "Hotline"}], "demo": True,
        "area": {"zh": "云川", "en": "Y"},
        "covers": "day",
    }  # fmt: skip
    sentence = {"id": "hotline.a", "section": "hotline", "tone": "bad", "weight": 9, "text": "受理 1,180 件 & 更多。"}
    part = Part("zh", "hotline", "hotline.map", "?", TABLE, kept(FRAME), [{"key": "hotline.received", "value": 1180.0}])
    return reports.archive(
        Draft(
            "daily",
            AT - timedelta(days=1),
            AT,
            AT,
            AT,
            False,
            "zh",
            "t" * 64,
            about,
            (part,),
            {"zh": [sentence], "en": [sentence]},
            state,
        )
    )


@pytest.fixture
def packet(duckdb_only, monkeypatch) -> Packet:
    monkeypatch.setattr(letter, "pdf", lambda key, lang: f"%PDF-1.4 {key} {lang}".encode())
    issue = reports.issue(archived())
    assert issue is not None
    assert issue.released is not None
    return Packet(issue, issue.released, "http://cockpit.test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "delivered"
    made.mkdir()
    return made


# ---- when ------------------------------------------------------------------------------------------------------------
def attempt(n: int, event: str, minutes: float) -> Attempt:
    return Attempt("k", 1, "email", n, event, AT + timedelta(minutes=minutes), "")


@pytest.mark.parametrize(
    ("history", "minutes", "expected"),
    [
        ([], 0, 1),
        ([attempt(1, "done", 0)], 9999, None),
        ([attempt(1, "failed", 0)], 0.9, None),
        ([attempt(1, "failed", 0)], 1, 2),
        ([attempt(1, "failed", 0), attempt(2, "failed", 1)], 5.9, None),
        ([attempt(1, "failed", 0), attempt(2, "failed", 1)], 6, 3),
        ([attempt(1, "started", 0)], DEAD.total_seconds() / 60 - 0.1, None),
        ([attempt(1, "started", 0)], DEAD.total_seconds() / 60, 2),
        ([attempt(n + 1, "failed", n) for n in range(len(WAITS))], 999, len(WAITS) + 1),
        ([attempt(n + 1, "failed", n) for n in range(len(WAITS) + 1)], 9999, None),
    ],
)
def test_what_failed_is_tried_again_later_each_time(history, minutes, expected):
    assert next_attempt(history, AT + timedelta(minutes=minutes)) == expected


# ---- folder ----------------------------------------------------------------------------------------------------------
def test_into_a_folder(packet, folder):
    deliver.to_folder(packet, Settings(report_folder=str(folder)))
    names = {path.name for path in folder.iterdir()}
    assert names == {f"daily-2026-001-v1.{ending}" for ending in ("html", "json", "pdf")}
    told = json.loads((folder / "daily-2026-001-v1.json").read_bytes())
    assert told["sentences"][0]["text"] == "受理 1,180 件 & 更多。"
    assert told["measured"] == [{"panel": "hotline.map", "key": "hotline.received", "value": 1180.0}]
    assert (told["hash"], told["demo"]) == (packet.issue.hash, True)
    page = (folder / "daily-2026-001-v1.html").read_text("utf-8")
    assert "受理 1,180 件 &amp; 更多。" in page
    assert "&lt;b&gt;东区&lt;/b&gt;" in page
    assert "演示数据" in page
    assert "<script" not in page


def test_without_a_browser_it_goes_without_pdf(packet, folder, monkeypatch):
    def nobody(key, lang):
        raise chromium.NoBrowser("none here")

    monkeypatch.setattr(letter, "pdf", nobody)
    deliver.to_folder(packet, Settings(report_folder=str(folder)))
    assert {path.suffix for path in folder.iterdir()} == {".html", ".json"}


# ---- e-mail ----------------------------------------------------------------------------------------------------------
class Box:
    def __init__(self) -> None:
        self.mails: list = []
        self.receivers: list[list[str]] = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        self.receivers.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=cert)


@contextmanager
def mail_server(box: Box, **more) -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mail_settings(port: int, **more) -> Settings:
    told = {
        "mail_host": "127.0.0.1",
        "mail_port": port,
        "mail_from": "cockpit@city.test",
        "mail_to": "a@city.test, b@city.test",
    }
    return Settings(**{**told, **more})


def login(server, session, envelope, mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"cockpit", SECRET.encode()), handled=False)


def test_by_e_mail(packet):
    box = Box()
    with mail_server(box) as port:
        said = to_email(packet, mail_settings(port, mail_security="none"))
    (mail,) = box.mails
    assert box.receivers == [["a@city.test", "b@city.test"]]
    assert mail["Subject"] == "云川日报 第1期"
    assert "a@city.test" in said
    text, html, pdf = (part for part in mail.walk() if not part.is_multipart())
    assert "受理 1,180 件 & 更多。" in text.get_content()
    assert f"http://cockpit.test/reports?report={packet.issue.key}" in text.get_content()
    assert "1,180" in html.get_content()
    assert (pdf.get_filename(), pdf.get_content()) == ("daily-2026-001-v1.pdf", b"%PDF-1.4 daily-2026-001 zh")


def test_starttls_and_login(packet, certificate):
    server, client = certificate
    box = Box()
    with mail_server(box, tls_context=server, require_starttls=True, authenticator=login, auth_required=True) as port:
        chosen = mail_settings(port, mail_security="starttls", mail_user="cockpit", mail_password=SECRET)
        to_email(packet, chosen, client)
        with pytest.raises(Exception, match=r"(?i)auth"):
            to_email(packet, chosen.model_copy(update={"mail_password": "wrong"}), client)
        with pytest.raises(ssl.SSLCertVerificationError):  # nobody in between, whoever signs for them
            to_email(packet, chosen)
        with pytest.raises(Exception, match="530"):
            to_email(packet, chosen.model_copy(update={"mail_security": "none", "mail_user": ""}))
    assert len(box.mails) == 1


def test_tls_from_the_first_byte(packet, certificate):
    server, client = certificate
    box = Box()
    with mail_server(box, ssl_context=server) as port:
        to_email(packet, mail_settings(port, mail_security="tls"), client)
    assert len(box.mails) == 1


def test_the_password_is_in_no_log_and_no_record(packet, caplog, monkeypatch):
    def talkative(packet, chosen):
        raise NotDelivered(f"535 cannot log in with {chosen.mail_password}")

    monkeypatch.setattr(deliver, "to_email", talkative)
    with caplog.at_level(logging.DEBUG):
        step(mail_settings(1, mail_user="cockpit", mail_password=SECRET), AT)
    (tried,) = report_deliveries.attempts([packet.issue.key])[packet.issue.key]
    assert (tried.event, tried.detail) == ("failed", "NotDelivered: 535 cannot log in with ***")
    assert SECRET not in caplog.text
    assert "535" in caplog.text


# ---- webhook ---------------------------------------------------------------------------------------------------------
class Hook(HTTPServer):
    """Answers with the statuses it is given, one a request, and remembers what came."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.came = list(statuses), []
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/reports?city=yc"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Hook)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook(200, 200, 200)
    yield server
    server.shutdown()
    server.server_close()


def test_to_a_webhook(packet, hook):
    chosen = Settings(webhook_url=hook.url, webhook_secret=SECRET)
    assert to_webhook(packet, chosen) == "127.0.0.1: 200"
    to_webhook(packet, chosen)
    (path, headers, body), (_, again, _) = hook.came
    assert path == "/reports?city=yc"
    assert headers["X-Citydeck-Signature"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["Idempotency-Key"] == again["Idempotency-Key"]
    assert json.loads(body)["link"] == f"http://cockpit.test/reports?report={packet.issue.key}"
    to_webhook(packet, Settings(webhook_url=hook.url))
    assert "X-Citydeck-Signature" not in hook.came[2][1]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_fails(packet, hook, status):
    hook.statuses[:] = [status, 200]
    with pytest.raises(NotDelivered, match=str(status)):
        to_webhook(packet, Settings(webhook_url=hook.url))
    assert len(hook.came) == 1  # a redirect is not followed


@pytest.mark.parametrize("url", ["ftp://x.test/", "nonsense", "http://"])
def test_a_webhook_that_is_no_address_fails(packet, url):
    with pytest.raises(NotDelivered):
        to_webhook(packet, Settings(webhook_url=url))


# ---- all of them -----------------------------------------------------------------------------------------------------
def test_what_fails_is_tried_again_and_holds_up_nothing_else(packet, hook, folder):
    hook.statuses[:] = [503, 200]
    chosen = Settings(
        webhook_url=hook.url, report_folder=str(folder), mail_host="127.0.0.1", mail_port=1, mail_to="a@b.test"
    )
    assert step(chosen, AT) == 1  # the folder
    assert step(chosen, AT) == 0
    assert step(chosen, AT + timedelta(minutes=2)) == 1  # the webhook
    assert step(chosen, AT + timedelta(minutes=2)) == 0
    tried = report_deliveries.attempts([packet.issue.key])[packet.issue.key]
    assert [(one.target, one.attempt, one.event) for one in tried] == [
        ("email", 1, "failed"), ("email", 2, "failed"), ("folder", 1, "done"), ("webhook", 1, "failed"),
        ("webhook", 2, "done"),
    ]  # fmt: skip
    first, second = (headers["Idempotency-Key"] for _, headers, _ in hook.came)
    assert first == second


def test_a_draft_waits_for_a_person_and_each_release_is_delivered_once(duckdb_only, folder, monkeypatch):
    monkeypatch.setattr(letter, "pdf", lambda key, lang: b"%PDF")
    chosen = Settings(report_folder=str(folder))
    key = archived("draft")
    assert step(chosen, AT) == 0
    content = reports.issue(key).text.content
    reports.revise(key, 1, content, person="王芳", state="released", now=AT + timedelta(hours=1))
    assert step(chosen, AT + timedelta(hours=1)) == 1
    reports.revise(key, 2, content, person="王芳", state="draft", now=AT + timedelta(hours=2))
    assert step(chosen, AT + timedelta(hours=2)) == 0
    reports.revise(key, 3, content, person="王芳", state="released", now=AT + timedelta(hours=3))
    assert step(chosen, AT + timedelta(hours=3)) == 1
    assert {path.name for path in folder.glob("*.json")} == {f"{key}-v2.json", f"{key}-v4.json"}


def test_nothing_is_sent_unless_it_is_set_nor_what_is_old(packet, folder):
    assert step(Settings(), AT) == 0
    assert step(Settings(mail_host="127.0.0.1"), AT) == 0
    assert step(Settings(report_folder=str(folder)), AT + RECENT + timedelta(minutes=1)) == 0
    assert list(folder.iterdir()) == []


def test_one_of_all_workers_sends(packet, folder):
    chosen, done = Settings(report_folder=str(folder)), []
    gate = threading.Barrier(6)

    def work() -> None:
        gate.wait()
        done.append(step(chosen, AT))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 0, 0, 1]
