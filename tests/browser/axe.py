"""Asks axe-core what is wrong with a page for people who use it in other ways."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

FIND = """(rules) => axe.run({ runOnly: rules, resultTypes: ['violations'],
  rules: { 'target-size': { enabled: true } } }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id} at ${target.flat().join(' ')}: ${failureSummary}`)))"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds: WCAG 2.2 A and AA, and best practice, on a page that has loaded."""
    page.wait_for_load_state()
    if not page.evaluate("!!window.axe"):
        page.evaluate(_script())
    found: list[Any] = page.evaluate(FIND, RULES)
    return [str(each) for each in found]


@cache
def _script() -> str:
    # Of the whole package only the script is wanted: it is axe-core's own release.
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
