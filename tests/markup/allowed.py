"""What rendered comments may hold, written down once more and read by another parser than ours."""

import re
from html.parser import HTMLParser

ELEMENTS = {
    "a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "strong", "ul",
}  # fmt: skip
VALUES = {
    ("a", "href"): re.compile(r"https?://[^\s\\@/?#]+([/?#][^\s\\]*)?|mailto:[^\s\\?]+@[^\s\\?]+"),
    ("a", "rel"): re.compile("nofollow ugc noopener"),
    ("code", "class"): re.compile(r"language-[\w+#.-]+"),
    ("ol", "start"): re.compile(r"\d{1,9}"),
}


def assert_only_allowed(html: str) -> None:
    """Fail on any element, attribute or value that a comment must not have."""
    parser = AllowedOnly()
    parser.feed(html)
    parser.close()
    assert parser.open == [], html


class AllowedOnly(HTMLParser):
    """Reads HTML and objects."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        for name, value in attrs:
            assert VALUES[tag, name].fullmatch(value or ""), (tag, name, value)
        assert tag != "a" or {"href", "rel"} == {name for name, _ in attrs}, attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment
