"""axe-core finds nothing serious or critical, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe

SERIOUS = ("serious", "critical")


def violations(page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response
    assert found["passes"], "the audit looked at nothing"
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary'][:240]}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"][:4]
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_desk_has_no_serious_violation(desk, theme: str) -> None:
    page = desk.open(f"?theme={theme}")
    assert violations(page) == []
    desk.click('.p-map .choice[data-value="hotline.on_time"]')
    desk.click(".p-ranking .rows a")
    assert violations(page) == []
    page.locator(".p-ranking button.menu").click()
    page.locator("dialog.sheet table").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator('[data-chip="period"] > summary').click()
    assert violations(page) == []
