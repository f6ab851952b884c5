"""Measure every page of the demonstration with axe-core and write docs/accessibilite.md.

python -m scripts.accessibility
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from service.access.principals import Role
from tests.conftest import CHROMIUM
from tests.pages import axe
from tests.pages.crawl import crawl
from tests.pages.demo import Demo, demonstration

PAGE = Path(__file__).resolve().parent.parent / "docs" / "accessibilite.md"
LANGUAGES = ("fr", "en")
NARROW = 320
ABOUT = f"""# Accessibilité des pages

Page écrite par `python -m scripts.accessibility` ; ne pas la modifier à la main. Elle dit ce que la machine mesure :
[axe-core](https://github.com/dequelabs/axe-core) {axe.VERSION}, règles {", ".join(f"`{tag}`" for tag in axe.RULES)},
dans Chromium, sur chaque page de la démonstration où mène un lien, en français et en anglais. Les bonnes pratiques
d'axe (`best-practice`) sont comptées à part. « À regarder » : ce qu'axe laisse à une personne.

Les essais du projet refont cette mesure. À chaque version (`make test`) : les pages en français, et leurs états
ordinaires (demande refusée, formulaire refusé, adresse inconnue) ; aucun défilement de côté à {NARROW} px de large
ni à 200 % ; le clavier seul, le repère du focus, l'impression, les parcours principaux sans JavaScript. Avant chaque
publication (`make soak`) : les pages en anglais, un organisme encore vide, des mots sans fin.

Ce qui n'a pas été essayé : un lecteur d'écran avec une personne qui s'en sert, d'autres navigateurs que Chromium, un
audit RGAA complet par une personne formée. Une machine ne trouve qu'une partie des fautes : cette page n'est pas une
déclaration de conformité.

"""


def measured(browser: Any, demo: Demo) -> Mapping[str, list[tuple[axe.Findings, int]]]:
    """Pattern of a page → what axe finds and the width it takes on a narrow screen, for each one looked at."""
    found: dict[str, list[tuple[axe.Findings, int]]] = defaultdict(list)
    for role in (None, Role.CONTRACTOR.value, ""):
        for language in LANGUAGES:
            context = browser.new_context(bypass_csp=True, extra_http_headers={"Accept-Language": language})
            addresses: list[tuple[str, str]] = [("/welcome", "/welcome")]
            if role != "":
                client = demo.client(role, language=language)
                seen = crawl(client.get, per_pattern=1)
                context.add_cookies([{"name": k, "value": v, "url": demo.url} for k, v in client.cookies.items()])
                addresses = [(path, one.address) for path, many in seen.items() for one in many if one.is_html]
                client.close()
            page = context.new_page()
            for pattern, address in addresses:
                page.set_viewport_size({"width": 1280, "height": 800})
                page.goto(demo.url + address)
                findings = axe.check(page)
                page.set_viewport_size({"width": NARROW, "height": 800})
                found[pattern].append((findings, int(page.evaluate("document.scrollingElement.scrollWidth"))))
            context.close()
    return found


def table(found: Mapping[str, list[tuple[axe.Findings, int]]]) -> Iterable[str]:
    """The lines of the table, one for each page."""
    yield "| page | essais | règles passées | fautes | bonnes pratiques | à regarder | 320 px |"
    yield "|---|---:|---:|---:|---:|---|---|"
    for pattern, many in sorted(found.items()):
        findings = [one for one, _width in many]
        look = sorted({one["id"] for each in findings for one in each.to_check})
        fits = "oui" if all(width <= NARROW for _one, width in many) else "non"
        yield (
            f"| `{pattern}` | {len(many)} | {min(one.passed for one in findings)} "
            f"| {sum(len(one.violations) for one in findings)} | {sum(len(one.advice) for one in findings)} "
            f"| {', '.join(look) or '–'} | {fits} |"
        )


def main() -> int:
    """Write the page; exit status 1 when there is a violation."""
    from playwright.sync_api import sync_playwright

    with demonstration() as demo, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        found = measured(browser, demo)
        browser.close()
    lines = list(table(found))
    PAGE.write_text(ABOUT + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    told = [one.told() for many in found.values() for one, _width in many if one.told()]
    print("\n".join(told), file=sys.stderr)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
