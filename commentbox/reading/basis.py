"""What an answer was made of, and whether the store would still say the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from commentbox.freshness import Ask, Rows
from commentbox.models import Site, State, Thread
from commentbox.reading import stored
from commentbox.reading.recent import FEED_LENGTH, Entries
from commentbox.reading.stored import thread_of_row


@dataclass(frozen=True)
class Fact:
    """A question to the store and what it answered."""

    statement: str
    parameters: tuple[object, ...]
    found: Rows


@dataclass(frozen=True)
class Basis:
    """The facts that an answer rests on."""

    facts: tuple[Fact, ...] = ()
    is_invented: bool = False
    """Whether it is about a page without a thread: anybody could have made up its name."""

    is_firm: bool = True
    """Whether the rows that the answer was made of are those of the facts; else something changed
    while they were read."""

    def still_holds(self, ask: Ask) -> bool:
        """Whether the store answers all questions as before."""
        return all(ask(fact.statement, fact.parameters) == fact.found for fact in self.facts)


NOTHING = Basis()
"""The basis of what only another release changes."""

# Numbers of rows that are gone may be given again, and versions begin anew: the moment when a row
# was made tells one from the other.

THREAD = f"""
SELECT s.id, s.version, s.created_at, {", ".join(f"t.{column.key}" for column in stored.THREAD)}
FROM commentbox_site s
LEFT JOIN commentbox_thread t ON t.id = coalesce(
    (SELECT id FROM commentbox_thread WHERE site_id = s.id AND key = ?),
    (SELECT thread_id FROM commentbox_thread_alias WHERE site_id = s.id AND key = ?)
)
WHERE s.key = ?
"""
"""By its own key or by an alias, as ``thread_with_key`` finds it; all that readers see follows from it."""

SITE = "SELECT id, version, created_at FROM commentbox_site WHERE key = ?"

NEWEST = f"""
SELECT c.id, t.version, t.created_at
FROM (
    SELECT id, thread_id, created_at FROM commentbox_comment
    WHERE site_id = ? AND state = '{State.PUBLISHED.value}'
    ORDER BY created_at DESC, id DESC LIMIT {FEED_LENGTH}
) c
JOIN commentbox_thread t ON t.id = c.thread_id
ORDER BY c.created_at DESC, c.id DESC
"""

COUNTS = """
SELECT t.key, t.count, 0 FROM commentbox_thread t WHERE t.site_id = ? AND t.key IN ({keys})
UNION ALL
SELECT a.key, t.count, 1 FROM commentbox_thread_alias a
JOIN commentbox_thread t ON t.id = a.thread_id
WHERE a.site_id = ? AND a.key IN ({keys})
ORDER BY 3, 1
"""


def basis_of_thread(site: Site, key: str, ask: Ask) -> Basis:
    """Return the basis of whatever shows a page's thread, or that it has none.

    Like the others, it is taken once the site is read and before the thread's comments are: a
    comment that comes in between makes an answer that is newer than its basis, never older.
    """
    fact = _fact(ask, THREAD, key, key, site.key)
    is_invented = all(row[3] is None for row in fact.found)
    return Basis((fact,), is_invented=is_invented, is_firm=_is_of(fact, site))


def thread_of_basis(site: Site, basis: Basis) -> Thread | None:
    """Return the thread that a firm basis tells of, to be shown; it belongs to no session."""
    row = basis.facts[0].found[0][3:]
    return None if row[0] is None else thread_of_row(site.id, row)


def basis_of_newest(site: Site, entries: Entries, ask: Ask) -> Basis:
    """Return the basis of what shows a site's newest comments."""
    shown = [(comment.id, thread.version) for comment, thread in entries]
    of_site, newest = _fact(ask, SITE, site.key), _fact(ask, NEWEST, site.id)
    is_firm = [row[:2] for row in newest.found] == shown and _is_of(of_site, site)
    return Basis((of_site, newest), is_firm=is_firm)


def basis_of_counts(site: Site, keys: Sequence[str], ask: Ask) -> Basis:
    """Return the basis of the counts of some pages."""
    of_site = _fact(ask, SITE, site.key)
    asked = COUNTS.format(keys=", ".join("?" * len(keys)))
    counts = [_fact(ask, asked, site.id, *keys, site.id, *keys)] if keys else []
    return Basis((of_site, *counts), is_invented=True, is_firm=_is_of(of_site, site))


def counts_of_basis(basis: Basis, keys: Collection[str]) -> dict[str, int]:
    """Return what ``count_comments`` would, as a firm basis of counts tells it."""
    counts = dict.fromkeys(keys, 0)
    for row in basis.facts[1].found if keys else ():
        key, count, _is_alias = cast(tuple[str, int, int], row)
        # A page's own threads come first; an alias counts where there is nothing else to count.
        counts[key] = counts[key] or count
    return counts


def _is_of(fact: Fact, site: Site) -> bool:
    return [row[:2] for row in fact.found] == [(site.id, site.version)]


def _fact(ask: Ask, statement: str, *parameters: object) -> Fact:
    return Fact(statement, parameters, ask(statement, parameters))
