"""Take the screenshots of docs/images again, from the demonstration: `make screenshots`.

Each is 1280 px wide and at most 1600 px high, in at most 64 colours, so that the repository stays small.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from tests.conftest import CHROMIUM
from tests.pages.demo import Demo, demonstration

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDTH, TALLEST, COLOURS = 1280, 1600, 64
FIRST = "main tbody th a"
ASKED = "object=gros+%C5%93uvre+d%27une+%C3%A9cole&amount=1840000&place=91100"
# image → role, address, the links to follow from there (CSS)
SHOTS: Mapping[str, tuple[str | None, str, tuple[str, ...]]] = {
    "entrer": ("", "/welcome", ()),
    "aujourdhui-conseiller": ("adviser", "/", ()),
    "aujourdhui-facilitateur": ("facilitator", "/", ()),
    "personnes": ("adviser", "/people", ()),
    "personne": ("adviser", "/people", (FIRST,)),
    "fiche-a-remettre": ("adviser", "/people", (FIRST, "main a[href$='/sheet']")),
    "postes": ("facilitator", "/positions", ()),
    "poste": ("facilitator", "/positions", (FIRST,)),
    "fiche-entreprise": ("facilitator", "/positions/POSTE-001/company-sheet", ()),
    "propositions": ("facilitator", "/proposals", ()),
    "proposition": ("facilitator", "/proposals", (FIRST,)),
    "contrats": ("facilitator", "/awards", ()),
    "contrat": ("facilitator", "/awards", (FIRST,)),
    "imports": ("adviser", "/imports", ()),
    "faisabilite": ("facilitator", f"/feasibility?{ASKED}", ()),
    "doublons": ("adviser", "/duplicates", ("main form button",)),
    "heures": ("facilitator", "/awards", (FIRST, "main a[href$='/hours']")),
    "bilan": ("facilitator", "/indicators", ()),
    "bilan-a-imprimer": ("facilitator", "/indicators/report", ()),
    "journal": ("auditor", "/log", ()),
    "administration": ("admin", "/admin", ()),
    "listes": ("", "/about", ()),
}


def reduced(shot: bytes) -> bytes:
    """A PNG with few colours."""
    out = io.BytesIO()
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def take(browser: Any, demo: Demo, role: str | None, address: str, clicks: tuple[str, ...]) -> bytes | None:
    """The page at the end of those links; None when it is not there."""
    context = browser.new_context(
        locale="fr-FR", viewport={"width": WIDTH, "height": 800}, java_script_enabled=True, base_url=demo.url
    )
    page = context.new_page()
    if role:
        client = demo.client(role)
        context.add_cookies([{"name": k, "value": v, "url": demo.url} for k, v in client.cookies.items()])
        client.close()
    answer = page.goto(address)
    for link in clicks:
        if answer is None or page.locator(link).count() == 0:
            return None
        page.locator(link).first.click()
        page.wait_for_load_state()
    if answer is None or answer.status >= 400:
        return None
    height = min(TALLEST, int(page.evaluate("document.scrollingElement.scrollHeight")))
    shot: bytes = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
    context.close()
    return shot


def main() -> int:
    """Write the images; exit status 1 when a page was not there."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(parents=True, exist_ok=True)
    missing = []
    with demonstration() as demo, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        for name, (role, address, clicks) in SHOTS.items():
            shot = take(browser, demo, role, address, clicks)
            if shot is None:
                missing.append(name)
                continue
            small = reduced(shot)
            (IMAGES / f"{name}.png").write_bytes(small)
            print(f"docs/images/{name}.png: {len(small) / 1000:.0f} kB")
        browser.close()
    if missing:
        print(f"not there: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
