"""What a person waits for, in headless Chromium: python -m benchmarks.browser [--page P] [--orders N] [--rounds N]

first visit: an empty browser and a server just started, from navigation to data-ready. warm visit: the same browser
again, assets kept. drill: a click on a row of the ranking, to the first panel that shows the new place and to all of
them, each time another place (server cache cold for it). weight: bytes over the wire at the first visit, by kind.
"""

import argparse
from collections import defaultdict
from shutil import which
from statistics import median
from typing import Any

from benchmarks.city import PERIOD, database, services
from benchmarks.serving import server

READY = '[data-ready="true"]'
PAGES = {
    "/": "",
    "/hotline": "",
    "/services": "&board=districts",
}  # with what the address needs so that places are listed
# From the click to the first panel that has left 'loading' and to data-ready, on the page's own clock
DRILL = """code => new Promise((done, wrong) => {
  const root = document.querySelector('[data-ready]');
  const row = document.querySelector(`:is(.p-ranking, .p-league) a[data-set="area"][data-value="${code}"]`);
  const panels = [...document.querySelectorAll('[data-panel]')];
  const from = performance.now();
  let first = null, left = false;
  const look = () => {
    if (root.dataset.ready !== 'true') left = true;
    if (!left) return;
    if (first === null && panels.some(p => p.dataset.state !== 'loading')) first = performance.now() - from;
    if (root.dataset.ready === 'true') {
      seen.disconnect();
      requestAnimationFrame(() => done([first, performance.now() - from]));
    }
  };
  const seen = new MutationObserver(look);
  seen.observe(document, {subtree: true, attributes: true});
  setTimeout(() => wrong(new Error('never ready')), 20000);
  row.click();
})"""


def _weight(page: Any) -> dict[str, list[int]]:
    """kind -> [requests, bytes on the wire], filled while the page loads."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def finished(event: dict[str, Any]) -> None:
        kind = found[kinds.get(event["requestId"], "Other")]
        kind[0] += 1
        kind[1] += int(event["encodedDataLength"])

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    return found


def measure(url: str, rounds: int, path: str = "/") -> tuple[list[tuple[str, float]], dict[str, list[int]]]:
    """(what, milliseconds) medians, and the weight of the first visit."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    chromium = which("chromium") or which("chromium-browser")
    with sync_playwright() as tool:
        engine = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

        def visit(page: Any, address: str) -> float:
            page.goto(f"{address}{path}?period={PERIOD}{PAGES[path]}", wait_until="commit")
            page.wait_for_selector(READY, state="attached")
            return page.evaluate("performance.now()")  # since navigation

        first, warm, shown, done = [], [], [], []
        weight: dict[str, list[int]] = {}
        for n in range(max(2, rounds // 5)):
            with server(url) as address:
                context = engine.new_context(viewport={"width": 1920, "height": 1080})
                page = context.new_page()
                found = _weight(page)
                first.append(visit(page, address))
                weight = weight or {kind: list(both) for kind, both in found.items()}
                if n:
                    context.close()
                    continue
                for _ in range(rounds):
                    page.goto("about:blank")
                    warm.append(visit(page, address))
                codes = page.eval_on_selector_all(
                    ':is(.p-ranking, .p-league) a[data-set="area"]', "rows => rows.map(row => row.dataset.value)"
                )
                for code in codes:
                    one, every = page.evaluate(DRILL, code)
                    shown.append(one)
                    done.append(every)
                    page.go_back()
                    page.wait_for_selector(
                        f'{READY} :is(.p-ranking, .p-league) a[data-value="{codes[0]}"]', state="attached"
                    )
                    page.wait_for_selector(READY, state="attached")
                    page.wait_for_timeout(300)
                context.close()
        engine.close()
    said = [("first visit", first), ("warm visit", warm), ("drill: first panel", shown), ("drill: all panels", done)]
    return [(what, median(times)) for what, times in said], weight


def lines(times: list[tuple[str, float]], weight: dict[str, list[int]]) -> list[str]:
    """As a table for people."""
    said = [f"{what:24}{ms:>10.0f} ms" for what, ms in times]
    said.append("weight of the first visit, over the wire")
    rows = sorted(weight.items(), key=lambda item: -item[1][1])
    said += [f"  {kind:22}{size / 1000:>10.0f} kB{count:>6} requests" for kind, (count, size) in rows]
    total = [sum(column) for column in zip(*weight.values(), strict=True)]
    return [*said, f"  {'all':22}{total[1] / 1000:>10.0f} kB{total[0]:>6} requests"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--page", choices=tuple(PAGES), default="/")
    given = parser.parse_args()
    url = services() if given.page == "/services" else database(given.orders)
    print(*lines(*measure(url, given.rounds, given.page)), sep="\n")


if __name__ == "__main__":
    main()
