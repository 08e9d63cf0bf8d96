"""A wall that runs by itself: scenes, alarms, a phone, a server that goes and comes back. With real servers."""

import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data_access import handover

TEXT = """
name = "test"
title_zh = "测试节目"
[options]
skip_late = false
takeover = "red"
takeover_seconds = {hold}
pause_seconds = 10
shift_px = 4
sound = true
[[scene]]
key = "services"
page = "/services"
seconds = {seconds}
[[scene]]
key = "orders"
page = "/hotline"
view = "period=7d"
seconds = {seconds}
"""
SAVE = """
import sys
from datetime import datetime
from data_access import engine, programmes
from data_access.flood import alarms, watch
engine.connect()
programmes.save(sys.argv[1], "test")
known = watch.Deed("acknowledged", "test", "")  # what the demo city raised itself leaves the wall alone
now = datetime.fromisoformat(engine.get("demo_fed_until"))
with engine.committing() as connection:
    watch.act_all(connection, [(one.alarm, known) for one in alarms.alarms(now) if one.state == "new"], now)
"""
SOURCE = """
key = "test_ponds"
name_zh = "测试积水"
name_en = "Test ponds"
kind = "flood_readings"
cadence_minutes = 5
[columns]
station = ["station"]
moment = ["moment"]
depth = ["depth"]
received_at = "received"
[times]
formats = ["iso"]
[flood]
kind = "waterlogging"
"""


@pytest.fixture
def wall(servers: Callable, serving, city: Path, tmp_path: Path) -> Callable:
    """Start a server on a city of its own that has the programme."""

    def start(seconds: int = 20, hold: int = 60):
        database = Path(shutil.copy(city, tmp_path / "city.duckdb"))
        text = TEXT.format(seconds=seconds, hold=hold)
        subprocess.run([sys.executable, "-c", SAVE, text], env=serving.environment(database, 1), check=True)
        return servers(database)

    return start


@pytest.fixture(scope="session")
def serving():
    return sys.modules["browser_serving"]


@pytest.fixture
def player(visit: Callable) -> Iterator[Callable]:
    """Open the player; what a browser says of a server that is not there is expected."""
    seen = []

    def open_(server, search: str = "", size: tuple[int, int] = (1920, 1080), before: str = ""):
        visitor = visit(server.url, size)
        seen.append(visitor)
        if before:
            visitor.page.add_init_script(before)
        visitor.page.goto(f"{server.url}/play?programme=test&every=0.5{search}")
        visitor.page.wait_for_selector("[data-showing]")
        return visitor

    yield open_
    for visitor in seen:
        visitor.forgive_no_answer()


def showing(page) -> str:
    return page.locator("html").get_attribute("data-showing")


def becomes(page, key: str, seconds: float = 40) -> None:
    page.wait_for_selector(f'[data-showing="{key}"]', state="attached", timeout=seconds * 1000)


def in_step(page, server, seconds: float = 15) -> None:
    """It shows what the cockpit says it should."""
    end = time.monotonic() + seconds
    while showing(page) != json.loads(server.get("/play/now.json?programme=test"))["scene"]["key"]:
        assert time.monotonic() < end, "the wall shows another scene than it should"
        time.sleep(0.3)


def strip(page) -> str:
    return page.locator(".strip").inner_text()


def crossing(server, tmp_path: Path, station: str, depth: float = 97) -> float:
    """Load readings that cross the red depth of a station through the running server; when it had committed them."""
    received = server.now()
    now = received.replace(second=0)
    rows = [
        f"{station},{now - timedelta(minutes=n):%Y-%m-%dT%H:%M:%S},{depth},{received:%Y-%m-%dT%H:%M:%S}"
        for n in (2, 1, 0)
    ]
    (tmp_path / "ponds.toml").write_text(SOURCE, encoding="utf-8")
    file = tmp_path / f"ponds{time.time_ns()}.csv"
    file.write_text("station,moment,depth,received\n" + "\n".join(rows), encoding="utf-8")
    done = handover.load(
        f"duckdb:///{server.database}", tmp_path / "ponds.toml", [file], lambda _n: None, lambda _f: None
    )
    assert "error" not in done, done
    return time.monotonic()


def quiet_pond(server, nth: int = 0) -> str:
    """A point of waterlogging that has no alarm and no water."""
    alarmed = {row["station"] for row in json.loads(server.get("/data/flood.alarms.json"))["data"]}
    ponds = json.loads(server.get("/data/flood.waterlogging.json"))["data"]
    return [row["station"] for row in ponds if row["station"] not in alarmed and not row["state"]][nth]


def test_scenes_follow_each_other_by_the_clock(player, wall) -> None:
    server = wall(8)
    one, other = player(server).page, player(server).page
    first = showing(one)
    told = json.loads(server.get("/play/now.json?programme=test"))
    assert {scene["key"] for scene in told["scenes"]} == {"services", "orders"}
    second = "orders" if first == "services" else "services"
    for key in (second, first, second):
        becomes(one, key)
        becomes(other, key)  # the same link shows the same on every wall
        one.wait_for_function("document.querySelectorAll('iframe').length < 3")
    frame = one.locator("iframe.live").get_attribute("src")
    assert "mode=wall" in frame
    assert "测试节目" in strip(one)
    assert re.search(r"[12]/2", strip(one))
    assert one.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_a_touch_holds_the_scene_and_it_goes_on_by_itself(player, wall) -> None:
    page = player(wall(6)).page
    page.locator("iframe.live").click(position={"x": 600, "y": 500})
    held = showing(page)
    status = page.locator(".status")
    assert re.search(r"已暂停 0:(10|0\d)", status.inner_text())
    time.sleep(7.5)  # longer than a scene
    assert showing(page) == held
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.status').textContent === ''")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.status').textContent.includes('已暂停')")
    changes = int(page.locator("html").get_attribute("data-changes"))
    page.wait_for_function("document.querySelector('.status').textContent === ''", timeout=15_000)  # by itself
    page.wait_for_function(f"Number(document.documentElement.dataset.changes) > {changes + 1}")


def test_an_alarm_takes_the_wall_over_within_ten_seconds(player, wall, tmp_path: Path) -> None:
    server = wall(60, 30)
    page = player(server).page
    station = quiet_pond(server)
    committed = crossing(server, tmp_path, station)
    page.wait_for_selector(".banner:not([hidden])", timeout=10_000)
    banner = time.monotonic() - committed
    alarm = page.locator("html").get_attribute("data-alarm")
    becomes(page, f"alarm:{alarm}", 10)
    ready = time.monotonic() - committed
    print(f"commit to banner {banner:.1f} s, to page {ready:.1f} s")
    assert ready < 10
    told = page.locator(".banner").inner_text()
    assert "97 cm" in told
    assert "红" in told
    assert page.locator(".banner .sign.red").is_visible()
    source = page.locator("iframe.live").get_attribute("src")
    assert f"station={station}" in source
    inside = page.frame_locator("iframe.live")
    assert "97 cm" in inside.locator('section[data-panel="flood.alarm"]').inner_text()
    beside = inside.locator('section[data-panel="flood.station"]')  # where the list of alarms stood
    assert beside.is_visible()
    assert re.search(r"97\s*cm", beside.inner_text())
    assert not inside.locator('section[data-panel="flood.alarms"]').is_visible()

    page.keyboard.press("a")  # known: the programme goes on
    page.wait_for_selector(".banner", state="hidden")
    told = json.loads(server.get("/play/now.json?programme=test"))["scene"]["key"]
    page.wait_for_selector('html:not([data-showing^="alarm:"])', state="attached")
    assert showing(page) in {told, json.loads(server.get("/play/now.json?programme=test"))["scene"]["key"]}
    now = {row["alarm"]: row["state"] for row in json.loads(server.get("/data/flood.alarms.json"))["data"]}
    assert now[alarm.split("|", 1)[1].rpartition("|")[0]] == "acknowledged"


def test_it_survives_a_restart_and_says_how_old_what_it_shows_is(player, wall) -> None:
    server = wall(8)
    page = player(server).page
    server.stop()
    page.wait_for_selector('[data-mood="lost"]', state="attached", timeout=20_000)
    assert "连接中断" in page.locator(".status").inner_text()
    assert re.search(r"显示 \d\d:\d\d 的画面", page.locator(".status").inner_text())
    time.sleep(10)  # longer than a scene: the last good picture stays
    inside = page.frame_locator("iframe.live")
    assert inside.locator("section.panel").count() > 0
    server.start()
    page.wait_for_selector('[data-mood=""]', state="attached", timeout=30_000)
    changes = int(page.locator("html").get_attribute("data-changes"))
    page.wait_for_function(f"Number(document.documentElement.dataset.changes) > {changes + 1}", timeout=40_000)


def test_it_survives_the_loss_of_its_network(player, wall) -> None:
    server = wall(6)
    page = player(server).page
    page.context.set_offline(True)
    page.wait_for_selector('[data-mood="lost"]', state="attached", timeout=20_000)
    assert "连接中断" in page.locator(".status").inner_text()
    kept = showing(page)
    time.sleep(8)  # longer than a scene
    assert showing(page) == kept
    assert page.frame_locator("iframe.live").locator("section.panel").count() > 0
    page.context.set_offline(False)
    page.wait_for_selector('[data-mood=""]', state="attached", timeout=20_000)
    assert page.locator(".status").inner_text() == ""
    in_step(page, server)


def test_it_survives_the_sleep_of_its_machine(player, wall) -> None:
    """The whole page stands still for longer than a scene and its patience, as when a machine sleeps."""
    server = wall(6)
    page = player(server, "&patience=5").page
    page.wait_for_selector("iframe.live")
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(14)
    browser.send("Page.setWebLifecycleState", {"state": "active"})
    in_step(page, server)
    assert page.locator("html").get_attribute("data-mood") == ""
    changes = int(page.locator("html").get_attribute("data-changes"))
    page.wait_for_function(f"Number(document.documentElement.dataset.changes) > {changes + 1}", timeout=40_000)


WRONG = """(() => { let off = 3 * 86400e3 + 5 * 3600e3, Real = Date;
    window.jump = (by) => { off += by };
    Date = class extends Real {
        constructor(...given) { given.length ? super(...given) : super(Real.now() + off) }
        static now() { return Real.now() + off } } })()"""


def test_the_clock_of_its_machine_may_be_wrong_and_may_jump(player, wall) -> None:
    server = wall(8)
    page = player(server, before=WRONG).page

    def agrees() -> None:
        shown = page.locator(".strip .date").inner_text(), page.locator(".strip .clock").inner_text()
        now = server.now()
        assert f"{now:%m-%d}" in shown[0]
        told = datetime.combine(now.date(), datetime.strptime(shown[1], "%H:%M:%S").time())
        assert abs(told - now) < timedelta(seconds=5)

    page.wait_for_function("document.querySelector('.strip .clock').textContent")
    agrees()
    for jump in (-86400e3, 40 * 86400e3):
        changes = int(page.locator("html").get_attribute("data-changes"))
        for frame in page.frames:
            frame.evaluate("(by) => window.jump && window.jump(by)", jump)
        page.wait_for_function(f"Number(document.documentElement.dataset.changes) > {changes}", timeout=40_000)
        agrees()
        assert page.locator("html").get_attribute("data-mood") == ""
    in_step(page, server)


HEARD = """window.tones = 0;
    const tone = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () { window.tones += 1; return tone.call(this) }"""


def test_an_alarm_is_heard_once_where_the_programme_wants_it(player, wall, tmp_path: Path) -> None:
    server = wall(60, 15)
    page = player(server, before=HEARD).page
    assert page.evaluate("window.tones") == 0
    crossing(server, tmp_path, quiet_pond(server))
    page.wait_for_selector(".banner:not([hidden])", timeout=15_000)
    assert page.evaluate("window.tones") == 3
    page.wait_for_selector(".banner", state="hidden", timeout=30_000)
    assert page.evaluate("window.tones") == 3


def test_halves_show_one_canvas_in_step(player, wall) -> None:
    server = wall(8)
    left, right = (player(server, f"&part={n}of2", (960, 540)).page for n in (1, 2))
    for page, x in ((left, 0), (right, -960)):
        box = page.locator(".canvas").bounding_box()
        assert abs(box["width"] - 1920) < 20
        assert abs(box["x"] - x) < 20
    assert left.locator("iframe.live").evaluate("f => f.contentWindow.innerWidth") > 1880
    becomes(right, showing(left), 8)
    then = "orders" if showing(left) == "services" else "services"
    becomes(left, then)
    becomes(right, then, 8)
    left.keyboard.press("n")
    other = "orders" if then == "services" else "services"
    for page in (left, right):  # both, before it goes on by itself
        page.wait_for_function("document.querySelector('.status').textContent.includes('已暂停')")
    becomes(left, other)
    becomes(right, other, 10)


def test_a_phone_is_a_remote_of_one_wall(player, visit, wall) -> None:
    server = wall(3000)
    page = player(server).page
    bystander = player(server).page
    page.keyboard.press("r")
    page.wait_for_selector(".pair img")
    code = re.sub(r"\D", "", page.locator(".pair .code").inner_text())
    assert len(code) == 6
    phone = visit(server.url, (390, 844))
    phone.page.goto(f"{server.url}/remote?lang=zh#{code}")
    phone.page.locator("button.go").click()
    phone.page.wait_for_selector(".scenes button")
    other = "orders" if showing(page) == "services" else "services"
    stays = showing(bystander)
    phone.page.locator(".keys button").nth(2).click()
    becomes(page, other)
    phone.page.wait_for_function("document.querySelector('.status').textContent.includes('已暂停')")
    phone.page.locator(".keys button").nth(1).click()
    page.wait_for_function("document.querySelector('.status').textContent === ''")
    assert showing(bystander) == stays
    assert bystander.locator(".status").inner_text() == ""
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_scene_that_does_not_come_is_skipped_and_said(player, wall, visit) -> None:
    server = wall(8)
    visitor = visit(server.url)
    page = visitor.page
    page.route(re.compile(r"/drawn/hotline"), lambda route: route.abort())
    page.goto(f"{server.url}/play?programme=test&every=0.5&patience=3")
    becomes(page, "services")
    deadline = datetime.now() + timedelta(seconds=40)
    while "orders:late" not in server.said() and datetime.now() < deadline:
        time.sleep(0.5)
    assert "left out a scene that did not come: orders:late" in server.said()
    assert showing(page) == "services"
    visitor.forgive_no_answer()


def test_a_programme_is_made_in_a_form(wall, visit) -> None:
    """By someone who has never seen its text."""
    server = wall()
    visitor = visit(server.url)
    page = visitor.page
    page.goto(f"{server.url}/programme?programme=test")
    form = page.locator(".programme-form")
    form.locator(".scene").nth(1).wait_for()
    form.locator(".f-name").fill("duty-2")
    form.locator(".scene .f-seconds").first.fill("45")
    form.locator("select.page").select_option("/flood")
    form.locator(".scene").nth(2).wait_for()
    form.locator(".paste").fill(f"{server.url}/hotline?area=990102&mode=wall")
    form.locator("button.add").click()
    form.locator(".scene").nth(3).wait_for()
    form.locator(".scene .up").nth(3).click()
    form.locator("button.more").click()
    form.get_by_role("button", name="工作日", exact=True).click()
    form.locator(".shift .f-from").fill("07:30")
    page.locator("button.by_text").click()
    page.locator("textarea:visible").wait_for()
    made = tomllib.loads(page.locator("textarea").input_value())
    assert made["name"] == "duty-2"
    assert [one["key"] for one in made["scene"]] == ["services", "orders", "hotline", "flood"]
    assert (made["scene"][0]["seconds"], made["scene"][2]["view"]) == (45, "area=990102")
    assert (made["shift"][0]["days"], made["shift"][0]["from"]) == (["workdays"], "07:30")
    page.locator("button.by_form").click()
    form.locator(".f-seconds").first.fill("2")
    page.locator("button.check").click()
    page.locator(".wrong li").wait_for()
    assert "scene 1.seconds" in page.locator(".wrong").inner_text()
    form.locator(".f-seconds").first.fill("30")
    page.locator(".programme-edit input[maxlength='40']:not(.programme-form *)").fill("王")
    page.locator("button.save").click()
    page.get_by_text("已保存为第 1 版").wait_for()
    page.locator(".programme[aria-current]").filter(has_text="duty-2").wait_for()
    told = json.loads(server.get("/play/now.json?programme=duty-2"))["scene"]["key"]
    assert told in ("services", "orders", "hotline", "flood", "orders:late")
