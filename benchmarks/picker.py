"""How soon the picker of findings answers in a real browser, from the key to the list; prints one JSON object.

python -m benchmarks picker
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.served import environment_of, run, serving
from tests.browser.pictures import FLAGS

_EMAIL, _PASSWORD = "speed@dublin.example.org", "only for this measurement 7"
_WORDS = (
    *("seizure", "small head", "seizre", "HP:0001250", "floppy", "hearing impairment", "speech delay", "cleft palate"),
    *("kidney cysts", "short stature", "autistic behavior", "hypotonia", "wide set eyes", "fits", "cardiomyopathy"),
)
# From the key to the list that can be chosen from, as the page itself sees it.
_MEASURE = """async (typed) => {
  const input = document.getElementById("pick-terms"), list = document.getElementById("pick-terms-list");
  input.value = ""; input.dispatchEvent(new Event("input"));
  const shown = new Promise((done) => {
    const watcher = new MutationObserver(() => {
      watcher.disconnect();
      requestAnimationFrame(() => done(performance.now()));
    });
    watcher.observe(list, { childList: true });
  });
  const began = performance.now();
  input.value = typed; input.dispatchEvent(new Event("input"));
  return (await shown) - began;
}"""


def times_of(page: Page) -> list[float]:
    """Type each word letter by letter, from the second on; milliseconds of each letter, up to when it is drawn."""
    page.evaluate(_MEASURE, "warm")
    typed = dict.fromkeys(word[:end] for word in _WORDS for end in range(2, len(word) + 1))
    return [float(page.evaluate(_MEASURE, text)) for text in typed if text == text.strip()]


def main() -> None:
    chromium = shutil.which("chromium") or sys.exit("chromium is missing: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = environment_of(Path(folder) / "home")
        run(environment, "init")
        invitation = run(environment, "user", "add", _EMAIL, "--role", "clinician").split()[-1]
        with serving(environment, log=Path(folder) / "log") as node:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            _sign_in(page, node.address, invitation)
            page.goto(f"{node.address}/cases/new")
            page.locator("#pick-terms").wait_for()
            times = times_of(page)
            browser.close()
    p50, p95, most = (round(float(value), 1) for value in np.percentile(times, [50, 95, 100]))
    print(json.dumps({"n_questions": len(times), "p50_ms": p50, "p95_ms": p95, "max_ms": most}, indent=2))


def _sign_in(page: Page, address: str, invitation: str) -> None:
    page.goto(address + urlsplit(invitation).path)
    for field in page.locator("input[type=password]").all():
        field.fill(_PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("input[name=email]").fill(_EMAIL)
    page.locator("input[name=password]").fill(_PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


if __name__ == "__main__":
    main()
