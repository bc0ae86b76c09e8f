"""Full-text search: what a moderator types becomes a condition that the search index answers.

Words may be beginnings (“daten” finds “Datenschutz”), “quoted words” stand side by side, and a
minus sign leaves out. Case and accents do not matter, and “strasse” finds “Straße”.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    column,
    false,
    func,
    literal_column,
    not_,
    select,
    table,
)
from sqlalchemy.orm import Session

from commentbox.models import Comment

WORDS_MAX = 20
WORD_MAX_CHARS = 60

_PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_SPLIT = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True)
class Term:
    """Words that stand side by side; the last one may go on unless they were quoted."""

    words: tuple[str, ...]
    is_quoted: bool = False
    is_excluded: bool = False


def read_terms(typed: str) -> list[Term]:
    """Return what is looked for: ``'daten -"zum Beispiel"'`` gives two terms."""
    return list(_terms(typed))[:WORDS_MAX]


def _terms(typed: str) -> Iterator[Term]:
    for part in _PART.finditer(typed):
        is_quoted = part["phrase"] is not None
        if words := _folded(part["phrase"] if is_quoted else part["word"]):
            yield Term(words, is_quoted, bool(part["minus"]))


def _folded(written: str) -> tuple[str, ...]:
    """Return words as the index has them: without case, accents and punctuation."""
    apart = unicodedata.normalize("NFD", written)
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    words = _SPLIT.split(bare.lower().replace("ß", "ss"))
    return tuple(word[:WORD_MAX_CHARS] for word in words if word)[:WORDS_MAX]


def saying(session: Session, terms: Sequence[Term]) -> ColumnElement[bool]:
    """Return the condition that a comment says all of the terms; without one it says nothing."""
    if not terms:
        return false()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    wanted = [term for term in terms if not term.is_excluded]
    unwanted = [term for term in terms if term.is_excluded]
    conditions: list[ColumnElement[bool]]
    if is_sqlite:
        # What is left out is looked up as well, once: asked of each comment, it would be each time.
        conditions = [Comment.id.in_(_found_by_fts5(wanted))] if wanted else []
        conditions += [Comment.id.not_in(_found_by_fts5([term])) for term in unwanted]
    else:
        # Few comments have to be looked at until a page is full of those without a word, while a
        # list of all that have it would be long.
        conditions = [_matches_tsquery(wanted)] if wanted else []
        conditions += [not_(_matches_tsquery([term])) for term in unwanted]
    return and_(*conditions)


_SEARCH = table("commentbox_comment_search", column("rowid"))


def _found_by_fts5(terms: Sequence[Term]) -> Select[int]:
    # A phrase in quotes holds nothing that SQLite could take for an operator.
    query = " AND ".join(
        f'"{" ".join(term.words)}"' + ("" if term.is_quoted else "*") for term in terms
    )
    index: ColumnElement[str] = literal_column("commentbox_comment_search")
    return select(_SEARCH.c.rowid).where(index.op("MATCH")(query))


def _matches_tsquery(terms: Sequence[Term]) -> ColumnElement[bool]:
    query = " & ".join(
        "(" + " <-> ".join((*quoted[:-1], quoted[-1] + ("" if term.is_quoted else ":*"))) + ")"
        for term in terms
        if (quoted := [f"'{word}'" for word in term.words])
    )
    words: ColumnElement[str] = literal_column("commentbox_comment.search_words")
    return words.op("@@", is_comparison=True)(func.to_tsquery("simple", query))
