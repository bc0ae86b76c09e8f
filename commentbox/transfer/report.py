"""What an import did, or would do: the same report on screen, as JSON and in the dashboard."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commentbox.errors import Phrase

REASONS = {
    "deleted": "deleted there, and nothing hangs on it",
    "duplicate": "the file has another comment with the same id",
    "erased": "its author's data was erased here",
    "no_id": "it has no id",
    "no_page": "it names no page",
    "not_for_readers": "a note of the shop or of a plugin, not for readers",
    "other_site": "it belongs to another site there",
    "other_source": "another comment was imported under the same id: name a --source of its own",
    "page_deleted": "its page was deleted",
    "pingback": "a pingback",
    "trackback": "a trackback",
    "unreadable": "it could not be read",
    "waiting": "its parent was not read before the file ended: import the whole file again",
}

ORPHANED = {
    "missing": "the comment it answers is not in the file",
    "cycle": "it answers itself by way of its own replies",
    "other_page": "it answers a comment of another page",
}

EXAMPLES_MAX = 50
"""So many of each are listed one by one; all are counted."""


@dataclass(frozen=True)
class Listed:
    """One record that the owner should know of."""

    id: str
    place: str  # in the file, e.g. "line 12"
    why: str  # a key of REASONS or ORPHANED


PAGES_LISTED = 10
"""Enough to see whether addresses come out as they are on the blog."""


@dataclass(frozen=True)
class ListedPage:
    """A page that gets new comments."""

    key: str  # e.g. "/2014/a", after the rules
    comments: int
    is_new: bool  # no comment was there before


@dataclass
class Report:
    """The numbers of one import. ``read`` comments are ``new``, ``known`` or ``skipped``."""

    file: str
    format: str
    source: str
    is_dry_run: bool
    read: int = 0
    new: int = 0
    known: int = 0
    pages_created: int = 0
    reattached: int = 0  # known ones whose parent was missing and has come now
    states: Counter[str] = field(default_factory=Counter)  # of the new ones
    skipped: Counter[str] = field(default_factory=Counter)  # by reason
    orphans: Counter[str] = field(default_factory=Counter)  # by reason; they became roots
    listed: list[Listed] = field(default_factory=list)
    pages: list[ListedPage] = field(default_factory=list)  # with the most new comments
    remarks: list[Phrase] = field(default_factory=list)
    fault: Phrase | None = None  # why the file could not be read to its end

    @property
    def skipped_count(self) -> int:
        """How many comments of the file were left out."""
        return self.skipped.total()

    def skip(self, id: str, place: str, why: str) -> None:
        """Count a comment that is left out."""
        self._list(self.skipped, id, place, why)

    def orphan(self, id: str, place: str, why: str) -> None:
        """Count a comment that lost its parent and opens a conversation instead."""
        self._list(self.orphans, id, place, why)

    def remark(self, message: str, **facts: object) -> None:
        """Keep a sentence once."""
        sentence = Phrase(message, facts)
        if sentence not in self.remarks and len(self.remarks) < EXAMPLES_MAX:
            self.remarks.append(sentence)

    def as_dict(self) -> dict[str, object]:
        """Return the report as JSON can hold it."""
        return {
            "file": self.file,
            "format": self.format,
            "source": self.source,
            "dry_run": self.is_dry_run,
            "read": self.read,
            "new": self.new,
            "known": self.known,
            "skipped": dict(sorted(self.skipped.items())),
            "orphans": dict(sorted(self.orphans.items())),
            "pages_created": self.pages_created,
            "reattached": self.reattached,
            "states": dict(sorted(self.states.items())),
            "listed": [{"id": e.id, "place": e.place, "why": e.why} for e in self.listed],
            "pages": [
                {"key": page.key, "comments": page.comments, "is_new": page.is_new}
                for page in self.pages
            ],
            "remarks": [str(remark) for remark in self.remarks],
            "fault": None if self.fault is None else str(self.fault),
        }

    def as_kept(self) -> dict[str, object]:
        """Return the report as JSON whose sentences can still be translated."""
        said = {
            "remarks_said": [written_phrase(remark) for remark in self.remarks],
            "fault_said": written_phrase(self.fault) if self.fault else None,
        }
        return self.as_dict() | said

    def _list(self, counter: Counter[str], id: str, place: str, why: str) -> None:
        counter[why] += 1
        if counter[why] <= EXAMPLES_MAX:
            self.listed.append(Listed(id[:100], place, why))


def written_phrase(phrase: Phrase) -> dict[str, object]:
    """Return a phrase as JSON can hold it."""
    facts = {
        name: written_phrase(fact) if isinstance(fact, Phrase) else fact
        for name, fact in phrase.facts.items()
    }
    return {"message": phrase.message, "facts": facts}


def read_phrase(kept: Mapping[str, Any]) -> Phrase:
    """Return the phrase that :func:`written_phrase` wrote."""
    facts = {
        name: read_phrase(fact) if isinstance(fact, dict) else fact
        for name, fact in kept["facts"].items()
    }
    return Phrase(kept["message"], facts)
