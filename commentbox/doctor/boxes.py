"""The comment boxes that a page's HTML asks for."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

EMBED = re.compile(r"/embed(?:-[0-9][0-9A-Za-z.+-]*)?\.js(?:[?#]|$)")
RUN_AS_SCRIPT = frozenset({"", "module", "text/javascript", "application/javascript"})


@dataclass(frozen=True)
class Box:
    """What one script tag or element asks for; ``page`` is empty where it is the page's own path."""

    site: str
    page: str = ""


@dataclass(frozen=True)
class Script:
    """A tag that loads the embed, e.g. from ``https://comments.example.org/embed.js``."""

    url: str
    type: str
    nonce: str

    @property
    def runs(self) -> bool:
        """Whether a browser takes it for a script: consent tools and optimisers hold scripts back."""
        return self.type in RUN_AS_SCRIPT

    @property
    def service(self) -> str:
        """Where the service is, e.g. ``https://comments.example.org``."""
        return self.url[: [*EMBED.finditer(self.url)][-1].start()]


class PageReader(HTMLParser):
    """Reads a page's scripts, boxes and policies; ``url`` is where the page is."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.base = url
        self.scripts: list[Script] = []
        self.boxes: list[Box] = []
        self.policies: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        said = {name: value or "" for name, value in reversed(attrs)}  # the first one counts
        match tag:
            case "base" if said.get("href"):
                self.base = urljoin(self.base, said["href"])
            case "script":
                self._note_script(said)
            case "comment-box":
                self.boxes.append(Box(said.get("site", ""), said.get("page", "")))
            case "meta" if said.get("http-equiv", "").lower() == "content-security-policy":
                self.policies.append(said.get("content", ""))

    def _note_script(self, said: dict[str, str]) -> None:
        url = urljoin(self.base, said.get("src", ""))
        if not EMBED.search(url):
            return
        kind = said.get("type", "").strip().lower()
        self.scripts.append(Script(url, kind, said.get("nonce", "")))
        if "data-site" in said:
            self.boxes.append(Box(said["data-site"], said.get("data-page", "")))
