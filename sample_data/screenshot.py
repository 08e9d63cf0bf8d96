"""Pictures of the running cockpit, as the README shows them.

python -m sample_data.screenshot [ADDRESS] [--size 1920x1080] [--scale 1] [--to FILE.png]

Starts no server. Waits until the page says that every panel is drawn (data-ready) and its fonts are there. Needs the
test tools (requirements-test.txt) and a Chromium: COCKPIT_TEST_CHROMIUM, the system's, or Playwright's own.
"""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

OVERVIEW = Path(__file__).parent / "screenshots" / "overview.png"
SECONDS = 30
READY = '[data-ready="true"]'


class ScreenshotError(RuntimeError):
    """No picture; the message says why and what to do."""


def take(address: str, target: Path, size: tuple[int, int], scale: float = 1) -> None:
    """Write what a window of that many CSS pixels shows at the address. Raises ScreenshotError."""
    from playwright import sync_api  # noqa: PLC0415  a test tool, not a runtime one

    executable = os.environ.get("COCKPIT_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    target.parent.mkdir(parents=True, exist_ok=True)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale, reduced_motion="reduce"
        )
        try:
            page.goto(address)
            page.wait_for_selector(READY, state="attached", timeout=SECONDS * 1000)  # no script: the page forbids eval
            page.evaluate("document.fonts.ready.then(() => true)")
            page.screenshot(path=target)
        except sync_api.TimeoutError as error:
            raise ScreenshotError(f"{address} was not ready after {SECONDS} s") from error
        except sync_api.Error as error:
            raise ScreenshotError(f"{address}: {error.message.splitlines()[0]}. Is the cockpit running?") from error
        finally:
            browser.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sample_data.screenshot", description="A picture of a running page."
    )
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8050/")
    parser.add_argument("--size", default="1920x1080", help="window in CSS pixels, WIDTHxHEIGHT")
    parser.add_argument("--scale", type=float, default=1, help="device pixels a CSS pixel")
    parser.add_argument("--to", type=Path, default=OVERVIEW)
    given = parser.parse_args(arguments)
    size = re.fullmatch(r"(\d+)x(\d+)", given.size)
    if size is None:
        parser.error(f"--size {given.size}: write WIDTHxHEIGHT, like 1920x1080")
    try:
        take(given.address, given.to, (int(size[1]), int(size[2])), given.scale)
    except ScreenshotError as error:
        print(error, file=sys.stderr)
        return 1
    print(given.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())
