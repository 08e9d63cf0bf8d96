"""What a person waits for who changes a release plan, in headless Chromium: python -m benchmarks.release [--rounds N]
[--database URL of a demo city]

what-if: from the change of a number on the release board to the board that shows what the new plan comes to, each time
another flow. server: the same without the browser.
"""

import argparse
import json
import time
import urllib.request
from shutil import which
from statistics import median

from benchmarks.city import database
from benchmarks.serving import server

CHANGE = """flow => new Promise((done, wrong) => {
  const input = document.querySelector('.plan-edit .plan-step input[type=number]'), from = performance.now();
  const look = () => {
    const now = document.querySelector('.plan-edit .plan-step input[type=number]');
    const shown = now && now !== input && now.value === String(flow);
    requestAnimationFrame(shown ? () => done(performance.now() - from) : look);
  };
  setTimeout(() => wrong(new Error('the board never came')), 20000);
  input.value = String(flow);
  input.dispatchEvent(new Event('change', {bubbles: true}));
  look();
})"""


def measure(url: str, rounds: int) -> tuple[float, float, float]:
    """Milliseconds: median of the what-if, its worst, and the median of the server alone."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    chromium = which("chromium") or which("chromium-browser")
    with server(url) as address, sync_playwright() as tool:
        told = json.load(urllib.request.urlopen(f"{address}/data/flood.reservoirs.json"))["data"]
        now = json.load(urllib.request.urlopen(f"{address}/version"))["now"]
        begins = f"{now[5:7]}{now[8:10]}T2300"
        board = f"reservoir={told[0]['code']}"
        engine = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = engine.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{address}/flood?{board}&plan={begins}-50")
        page.wait_for_selector('[data-ready="true"]', timeout=60_000)
        page.wait_for_selector(".plan-edit .plan-step")
        seen = []
        for n in range(rounds + 1):
            seen.append(page.evaluate(CHANGE, 60 + 10 * n))
            page.wait_for_timeout(300)
        engine.close()
        alone = []
        for n in range(rounds):
            start = time.perf_counter()
            urllib.request.urlopen(f"{address}/flood/board?{board}&plan={begins}-{65 + 10 * n}").read()
            alone.append((time.perf_counter() - start) * 1000)
    return median(seen[1:]), max(seen[1:]), median(alone)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--database", default="")
    given = parser.parse_args()
    whole, worst, alone = measure(given.database or database(100_000), given.rounds)
    print(f"release what-if: {whole:.0f} ms (worst {worst:.0f}); the server alone {alone:.0f} ms")


if __name__ == "__main__":
    main()
