"""Full-text search finds what was written, and nothing that is no longer there."""

from datetime import timedelta

import pytest
from sqlalchemy import delete as delete_rows
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from commentbox.actions.edit import delete, edit
from commentbox.actions.rerender import rerender
from commentbox.db import atomic, session
from commentbox.models import Comment, Site
from commentbox.reading.search import Term, read_terms, saying
from tests.factories import WRITTEN_AT, write

LATER = WRITTEN_AT + timedelta(minutes=1)


CASES = (
    ("datenschutz", True),
    ("DATEN", True),
    ("schutz", False),
    ("strasse", True),
    ("STRASSE", True),
    ("Straße", True),
    ("uberlegung", True),
    ("Überlegung", True),
    ("cafe", True),
    ("muller example", True),
    ("example.org", True),
    ("müller@example.org", True),
    ("datenschutz fahrrad", False),
    ("datenschutz -fahrrad", True),
    ("datenschutz -strasse", False),
    ("-fahrrad", True),
    ("-daten", False),
    ('"gute Überlegung"', True),
    ('"Überlegung gute"', False),
    ('"gute Überleg"', False),
    ('"nicht geschlossen', False),
    ("e-mail", True),
    ("привет", True),
    ("ПРИВЕТ", True),
    ("東京", True),
    ("", False),
    ("!!! ' \" * : & | ( ) <->", False),
    ("a* OR zebra:*", False),
    ("NEAR(daten schutz)", False),
    ("daten' | 'x", False),
    ("words:daten", False),
    ("\\", False),
    ("x" * 5000, False),
)


def test_what_is_typed_finds_what_was_written(site: Site) -> None:
    write(
        site,
        name="Jürgen Müller",
        text="Der **Datenschutz** in der Bahnhofs-Straße: eine gute Überlegung im Café."
        " Schreibt eine E-Mail an müller@example.org! Привет, 東京.",
    )
    assert [typed for typed, is_found in CASES if bool(found(typed)) is not is_found] == []


def test_terms_are_words_phrases_and_what_is_left_out() -> None:
    assert read_terms('Daten -"zum  Beispiel" -x a-b') == [
        Term(("daten",)),
        Term(("zum", "beispiel"), is_quoted=True, is_excluded=True),
        Term(("x",), is_excluded=True),
        Term(("a", "b")),
    ]


def test_the_index_follows_every_way_in_which_a_comment_changes(site: Site) -> None:
    comment = write(site, text="Ursprung")
    assert found("ursprung") == [comment.id]
    edit(comment.id, "Wandlung", LATER)
    assert (found("ursprung"), found("wandlung")) == ([], [comment.id])
    with atomic() as current:
        current.execute(update(Comment).values(markup_version=0))
    rerender()
    assert found("wandlung") == [comment.id]
    delete(comment.id, LATER)
    assert found("wandlung") == found("cy") == []
    assert found("-wandlung") == [comment.id]
    other = write(site, text="Vergehen")
    with atomic() as current:
        current.execute(delete_rows(Comment).where(Comment.id == other.id))
    assert found("vergehen") == []


def test_what_was_erased_leaves_the_index_itself(site: Site) -> None:
    comment = write(site, text="Geheimniskrämerei", name="Gundula")
    delete(comment.id, LATER)
    assert not {"geheimniskramerei", "gundula"} & set(terms_in_the_index())


def found(typed: str) -> list[int]:
    """Return the numbers of the comments that say what was typed."""
    session().rollback()
    condition = saying(session(), read_terms(typed))
    return list(session().scalars(select(Comment.id).where(condition).order_by(Comment.id)))


def terms_in_the_index() -> list[str]:
    """Return every word that the search index still knows."""
    current = session()
    if current.get_bind().dialect.name == "sqlite":
        vocabulary = "temp.words USING fts5vocab(main, commentbox_comment_search, row)"
        try:
            current.execute(text(f"CREATE VIRTUAL TABLE {vocabulary}"))
        except OperationalError as problem:  # pragma: no cover
            pytest.skip(str(problem))
        words = current.scalars(text("SELECT term FROM temp.words")).all()
    else:
        words = current.scalars(
            text("SELECT word FROM ts_stat('SELECT search_words FROM commentbox_comment')")
        ).all()
    current.rollback()
    return list(words)
