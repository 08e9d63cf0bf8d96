"""What a stranger can send and what they get: headers, refusals in words, never a path or a stack."""

from urllib.parse import quote

import pytest

import app as application
from components.panel import panels
from components.view import View
from data_access.settings import Settings, settings

SECRETS = ("Traceback", 'File "', "/site-packages", "/home", "duckdb://", "SELECT ", ".py")
PAGES = ["/", "/data/overview.headline.json", "/data/none.json", "/health", "/version", "/areas?q=x", "/theme.css",
         "/nowhere", "/assets/cockpit.js", "/?area=%00&period=%F0%28"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_response_has_the_headers_that_keep_it_safe(client, path):
    with client.get(path) as response:
        headers = response.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "http" not in policy["script-src"]
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("name", ["overview.nothing.json", "none.csv", "overview.headline.xml", "%00.json"])
def test_data_of_no_panel_is_a_refusal_in_json(client, name):
    response = client.get(f"/data/{name}")
    assert response.status_code == 404
    if response.mimetype == "application/json":
        assert "overview.headline" in response.get_json()["panels"]
    assert not [s for s in SECRETS if s in response.text]


@pytest.mark.parametrize(
    "name", ["990100-0000000000000000", "990100-", "-", "x", "990100-" + "a" * 500, "%27-%27", "%00-%00"]
)
def test_shapes_of_another_day_are_a_refusal_in_json(client, name):
    response = client.get(f"/shapes/{name}.json")
    assert response.status_code == 404
    assert response.get_json() == {"error": "no such shapes; load the page again"}


@pytest.mark.parametrize(
    "text", ["", " ", "%", "_", "*", "'", "\"; DROP TABLE area; --", "\x00", "😀",
             "(", "[", "\\", "云" * 5000, "<script>", "../..", "\n"]
)  # fmt: skip
def test_places_are_searched_by_any_text(client, text):
    response = client.get(f"/areas?q={quote(text)}")
    assert response.status_code == 200
    assert isinstance(response.get_json(), list)
    assert len(response.get_json()) <= 12


def test_places_are_found(client):
    found = client.get("/areas?q=%E4%BA%91%E5%B7%9D").get_json()
    assert found[0]["code"] == "990100"


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_failing_panel_says_a_reference_and_nothing_else(client, monkeypatch, caplog, kind):
    def broken(view):
        raise RuntimeError("SELECT * FROM /home/someone/city.duckdb")

    panel = panels["overview.ranking"]
    monkeypatch.setitem(panels, panel.name, type(panel)(**{**vars(panel), "query": broken}))
    response = client.get(f"/data/overview.ranking.{kind}?period=7d&area=unlike-any-other")
    assert response.status_code == 500
    told = response.get_json()
    assert told["error"] == "failed"
    assert not [s for s in SECRETS if s in response.text]
    assert told["reference"] in caplog.text  # with which the log is searched
    assert "someone" in caplog.text


def test_a_failing_panel_on_screen_says_a_reference_and_nothing_else(client, monkeypatch, caplog):
    def broken(view):
        raise RuntimeError("SELECT * FROM /home/someone/city.duckdb")

    panel = panels["overview.ranking"]
    monkeypatch.setitem(panels, panel.name, type(panel)(**{**vars(panel), "query": broken}))
    response = client.get("/drawn/?area=unlike-any-other&period=7d")
    assert response.status_code == 200
    assert "failed|" in response.text
    assert not [s for s in SECRETS if s in response.text]
    assert "someone" in caplog.text


def test_a_request_that_is_no_callback_tells_nothing(client):
    for sent in ("", "{}", "[]", '{"output": "x"}', "\x00"):
        response = client.post("/_dash-update-component", data=sent, content_type="application/json")
        assert response.status_code >= 400
        assert not [s for s in SECRETS if s in response.text]


@pytest.mark.parametrize("field", ["area", "topic", "metric", "city", "domain", "q"])
@pytest.mark.parametrize("value", ["\x00", "x\x00y", "\x1b[31m", "\n", "x" * 5000])
def test_a_field_with_control_characters_or_without_end_is_as_if_it_were_not_there(field, value):
    assert getattr(View.from_query({field: value}), field) == ""


def test_a_search_may_have_spaces_of_any_width():
    for text in ("超 534", "网上\u3000可办", "a/b & c"):
        assert View.from_query({"q": text}).q == text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::"])
def test_another_address_than_this_machine_needs_a_word(monkeypatch, capsys, host):
    served: list[str] = []
    monkeypatch.setattr("waitress.serve", lambda *_, **options: served.append(options["host"]))
    monkeypatch.setenv("COCKPIT_HOST", host)
    settings.cache_clear()
    try:
        assert application.main() == 2
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    said = capsys.readouterr().err
    assert f"COCKPIT_HOST={host}" in said
    assert "COCKPIT_OPEN=yes" in said
    assert said.count("\n") == 1
    assert served == []


def test_a_wrong_setting_is_said_on_one_line(monkeypatch, capsys):
    monkeypatch.setenv("COCKPIT_PORT", "many")
    settings.cache_clear()
    try:
        assert application.main() == 2
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    said = capsys.readouterr().err
    assert said.startswith("citydeck: COCKPIT_PORT=many")
    assert said.count("\n") == 1


def test_without_a_word_it_listens_to_this_machine():
    assert Settings.from_environment({}).host == "127.0.0.1"
