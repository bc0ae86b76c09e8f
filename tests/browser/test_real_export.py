"""A real WordPress export, through the JSON API and read in the browser as its people wrote it."""

import json
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]

WP = "{http://wordpress.org/export/1.2/}"


@dataclass(frozen=True)
class Exported:
    """One comment of the export."""

    id: str
    parent: str | None
    name: str
    website: str
    text: str


@pytest.fixture(scope="module")
def exported(corpora: Path) -> list[Exported]:
    """Return every approved comment of the export, each after the one it answers."""
    root = ElementTree.parse(corpora / "wxr/theme-unit-test-data.xml").getroot()
    rows = [{each.tag: each.text or "" for each in row} for row in root.iter(f"{WP}comment")]
    return [
        Exported(
            id=row[f"{WP}comment_id"],
            parent=row[f"{WP}comment_parent"] if row[f"{WP}comment_parent"] != "0" else None,
            name=" ".join(row[f"{WP}comment_author"].split()),
            website=row[f"{WP}comment_author_url"].strip(),
            text=row[f"{WP}comment_content"],
        )
        for row in rows
        if row[f"{WP}comment_approved"] == "1"
    ]


def post(blog: Blog, **fields: object) -> int:
    """Send a comment as JSON, as a program would, and return its number."""
    request = urllib.request.Request(
        f"{blog.service.url}/api/v1/sites/blog/comments",
        json.dumps({"page": "/2026/social-media", **fields}).encode(),
        {"Content-Type": "application/json", "Origin": blog.live.url},
    )
    ticket = urllib.request.Request(
        f"{blog.service.url}/api/v1/sites/blog/tickets", b"", {"Origin": blog.live.url}
    )
    with urllib.request.urlopen(ticket) as answer:
        proof = json.load(answer)["ticket"]
    request.data = json.dumps({"page": "/2026/social-media", "ticket": proof, **fields}).encode()
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
        return int(json.load(answer)["comment"]["id"])


def test_an_exports_conversations_are_all_there_nested_and_word_for_word(
    blog: Blog, visit: Visit, exported: list[Exported]
) -> None:
    blog.set(max_links=100, max_depth=10)
    numbers: dict[str, int] = {}
    for one in exported:
        numbers[one.id] = post(
            blog,
            parent=numbers[one.parent] if one.parent else None,
            name=one.name,
            website=one.website,
            text=one.text,
        )

    box = visit()
    expect(box.comments).to_have_count(len(exported))
    parents = box.comments.evaluate_all(
        """all => all.map((one) => {
          const above = one.closest('.cb-replies')?.parentElement.firstElementChild;
          return [one.id, above?.id];
        })"""
    )
    anchor = {one: f"comment-{number}" for one, number in numbers.items()}
    assert dict(parents) == {
        anchor[one.id]: anchor[one.parent] if one.parent else None for one in exported
    }
    for one in exported:
        comment = box.comment(numbers[one.id])
        expect(comment.locator(".cb-name")).to_have_text(one.name)
        if one.website:
            expect(comment.locator(".cb-name")).to_have_attribute("href", one.website)
        shown = comment.locator(".cb-body").inner_text()
        assert words(shown) == words(one.text)


def words(text: str) -> list[str]:
    """Return a text's words; Markdown eats its own signs, and white space is the browser's."""
    return "".join(each for each in text if each not in "*_`>#~-=+[]().!\\").split()
