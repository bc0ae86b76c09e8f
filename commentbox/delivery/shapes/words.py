"""An event in a sentence for a chat, in the site's language."""

import json
from dataclasses import dataclass
from typing import Any

from commentbox import markup
from commentbox.i18n import Language, language

EXCERPT_CHARS = 400
QUIET = (("@", "@\N{ZERO WIDTH SPACE}"), ("](", "]\N{ZERO WIDTH SPACE}("))
"""In what a reader wrote nobody is called by ``@all``, and no link says another address than its own."""


@dataclass(frozen=True)
class Words:
    """A headline, an excerpt (empty: none) and where to read it (None: nowhere)."""

    headline: str
    excerpt: str = ""
    link: str | None = None

    @property
    def text(self) -> str:
        """All of it in lines, for services without any markup."""
        return "\n".join(part for part in (self.headline, self.excerpt, self.link) if part)


def words(body: str, code: str) -> Words:
    """Put a payload into words, e.g. ``Words("Cy wrote on “Social media”.", "Well said!", …)``."""
    payload = json.loads(body)
    tongue, data = language(code), payload["data"]
    headline = _headline(payload["type"], data, tongue)
    comment = data.get("comment")
    if comment is None:
        return Words(_quiet(headline), link=data.get("thread", {}).get("url"))
    report = data.get("report", {}).get("reason")
    said = report or markup.excerpt(comment["html"] or "", EXCERPT_CHARS) or comment["text"]
    return Words(_quiet(headline), _quiet(said[:EXCERPT_CHARS]), comment["url"])


def _headline(type: str, data: dict[str, Any], tongue: Language) -> str:
    gettext = tongue.gettext
    comment, thread = data.get("comment") or {}, data.get("thread") or {}
    facts = {
        "name": comment.get("name") or gettext("Anonymous"),
        "page": thread.get("title") or thread.get("page") or data["site"],
        "site": data["site"],
    }
    if type == "comment.posted" and comment.get("state") == "held":
        type = "comment.held"
    return _sentence(type, gettext) % facts


def _sentence(type: str, gettext: Any) -> str:
    match type:
        case "comment.posted" | "comment.published":
            return str(gettext("%(name)s wrote on “%(page)s”."))
        case "comment.held":
            return str(gettext("A comment by %(name)s on “%(page)s” is waiting."))
        case "comment.edited":
            return str(gettext("%(name)s changed a comment on “%(page)s”."))
        case "comment.removed":
            return str(gettext("A comment by %(name)s on “%(page)s” was removed."))
        case "comment.reported":
            return str(gettext("A comment by %(name)s on “%(page)s” was reported."))
        case "thread.closed":
            return str(gettext("“%(page)s” takes no more comments."))
        case _:
            return str(gettext("commentbox reaches you: this is a test of the site %(site)s."))


def _quiet(text: str) -> str:
    for loud, quiet in QUIET:
        text = text.replace(loud, quiet)
    return text
