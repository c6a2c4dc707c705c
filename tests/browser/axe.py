"""The accessibility rules of axe-core, on a part of a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"
SERIOUS = """async part => {
    const { violations } = await axe.run(part);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}"""


def serious_faults(page: Page, part: str) -> list[str]:
    """The rules that the elements of a CSS selector break, of those that axe calls serious or critical."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(SERIOUS, part)
    return found
