"""axe-core for the browser tests: no finding of level A or AA may remain on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SERVED = f"/static/{SCRIPT.name}"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What may change with size and colours; all other rules read the document alone.
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
APPEARANCES = ("light.system.100", "dark.system.100", "light.high.100", "dark.high.100", "light.system.200")

# Only what is wrong comes over: the list of all that was looked at cost a third of the time of each page.
# The style sheets are not fetched again: no rule of these tags reads them.
RUN = """([within, runOnly]) => axe
    .run(within || document, {runOnly, resultTypes: ["violations"], preload: {assets: ["media"]}})
    .then((found) => found.violations)"""


def findings(page: Any, *, within: str | None = None, served: bool = False, again: bool = False) -> list[str]:
    """What axe finds on a Playwright page, one line for each element: rule, help, selector, what to mend.

    ``wcag22aa`` is named because axe skips ``target-size`` otherwise. ``within`` narrows the page to a selector. ``served``:
    axe is fetched from the city's static files (conftest.assets), which the browser keeps compiled from page to page.
    ``again``: the same document has been looked at in another size or colour, so only the rules about what is seen are asked.
    """
    if not SCRIPT.exists():
        raise FileNotFoundError(f"{SCRIPT}: run `npm ci`")
    if not page.evaluate("typeof axe !== 'undefined'"):
        if served:
            page.add_script_tag(url=SERVED)
        else:
            page.evaluate(SCRIPT.read_text("utf-8"))
    rules = {"type": "rule", "values": SEEN} if again else {"type": "tag", "values": TAGS}
    violations = page.evaluate(RUN, [within, rules])
    return [
        f"{found['id']}: {found['help']} – {' '.join(map(str, node['target']))} – {node.get('failureSummary', '')}"
        for found in violations
        for node in found["nodes"]
    ]


def check(page: Any, *, within: str | None = None) -> None:
    """Fails with every finding on the page."""
    found = findings(page, within=within)
    assert not found, f"axe on {page.url}:\n" + "\n".join(found)


def appear(context: Any, base_url: str, appearance: str) -> None:
    """Sets the reader's choice (``theme.contrast.text``, one of ``APPEARANCES``) in a Playwright browser context."""
    context.add_cookies([{"name": "czytanie", "value": appearance, "url": base_url}])
