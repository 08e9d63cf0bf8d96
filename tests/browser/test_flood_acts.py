"""What a duty officer does with an alarm in a browser, and that it is kept."""

import json
import shutil
from pathlib import Path


def alarms(server, state: str = "") -> list[dict]:
    return json.loads(server.get(f"/data/flood.alarms.json?state={state}"))["data"]


def test_an_alarm_is_acknowledged_noted_and_closed(visit, servers, city: Path, tmp_path: Path) -> None:
    server = servers(Path(shutil.copy(city, tmp_path / "city.duckdb")))
    desk = visit(server.url)
    open_before = alarms(server)
    chosen = next(row for row in open_before if row["state"] == "new")
    page = desk.open(f"?alarm={chosen['alarm']}", path="/flood")
    form = page.locator(".alarm-open .alarm-form")

    form.locator('button[data-act="acknowledged"]').click()  # nobody said who
    page.wait_for_function("() => document.querySelector('.alarm-form .answer').textContent")
    assert next(row for row in alarms(server) if row["alarm"] == chosen["alarm"])["state"] == "new"
    desk.noise[:] = [said for said in desk.noise if "400" not in said]  # the browser tells of the refusal

    form.locator('input[name="person"]').fill("李值班")
    form.locator('button[data-act="acknowledged"]').click()
    page.wait_for_selector('.alarm-form:not(:has(button[data-act="acknowledged"]))')
    desk.ready()
    now = next(row for row in alarms(server) if row["alarm"] == chosen["alarm"])
    assert now["acknowledged_by"] == "李值班"
    assert "李值班" in page.locator(".alarm-course").inner_text()

    form.locator('input[name="text"]').fill("现场已封路")
    form.locator('button[data-act="noted"]').click()
    page.wait_for_function("() => document.querySelector('.alarm-course').textContent.includes('现场已封路')")

    form.locator('input[name="text"]').fill("误报,已复核")
    form.locator('button[data-act="closed"]').click()
    page.wait_for_selector(".alarm-open:not(:has(.alarm-form))")
    left = {row["alarm"] for row in alarms(server)}
    assert chosen["alarm"] not in left
    assert left | {chosen["alarm"]} >= {row["alarm"] for row in open_before}
    assert chosen["alarm"] in {row["alarm"] for row in alarms(server, "past")}
