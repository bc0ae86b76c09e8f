"""Rows written at once: stored as the session would have, and known to it as stored."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete, select, update

from commentbox.db import atomic, session
from commentbox.models import Comment, Site, State, Thread
from commentbox.rows import find, next_number, stored, table_of, write_changes, write_new
from tests.grounds import bare_app, heard


@pytest.fixture(autouse=True)
def _in_an_app(engine: Engine) -> Iterator[None]:
    with bare_app(engine).app_context():
        yield


def placed(text: str) -> Comment:
    """Return a comment of a new thread, not yet written."""
    with atomic() as current:
        site = Site(key="blog")
        current.add(site)
        current.flush()
        thread = Thread(site_id=site.id, key="/a")
        current.add(thread)
        current.flush()
        comment = Comment(site_id=site.id, thread_id=thread.id, state=State.HELD.value)
        comment.id = next_number(current, Comment)
        comment.write(text)
        return comment


def test_a_new_row_is_stored_with_the_defaults_of_its_columns():
    comment = placed("Hello")
    with atomic() as current:
        write_new(current, comment)
        assert comment in current
        assert (comment.score, comment.has_replies, comment.reasons) == (0, False, [])
        assert comment.parent_id is None
    session().expire_all()
    stored = session().get_one(Comment, comment.id)
    assert (stored.text, stored.html, stored.depth) == ("Hello", "<p>Hello</p>", 0)
    assert (stored.created_at, stored.edited_at) == (comment.created_at, None)


def test_only_what_was_changed_is_written_and_the_session_has_nothing_left_to_do(engine: Engine):
    comment = placed("Hello")
    with atomic() as current:
        write_new(current, comment)
    with heard(engine) as written, atomic() as current:
        current.get_one(Comment, comment.id).score = 5
        write_changes(current, comment)
        write_changes(current, comment)
        assert not current.dirty
    (update,) = [statement for statement in written if statement.startswith("UPDATE")]
    assert "score" in update
    assert "html" not in update
    session().expire_all()
    assert session().get_one(Comment, comment.id).score == 5


def test_what_is_undone_was_not_written():
    comment = placed("Hello")
    write_new(session(), comment)
    session().rollback()
    assert session().query(Comment).count() == 0


def test_a_number_that_was_given_is_not_given_again():
    comment = placed("Hello")
    with atomic() as current:
        write_new(current, comment)
    number = comment.id
    with atomic() as current:
        current.execute(delete(Comment))
        assert next_number(current, Comment) > number


def test_what_was_read_as_columns_is_a_row_that_the_session_read():
    with atomic() as current:
        current.add(Site(key="blog"))
    session().expunge_all()
    columns = session().execute(select(table_of(Site))).one()._asdict()
    site = stored(session(), Site, columns)
    assert session().get_one(Site, site.id) is site
    assert (site.key, site.origins) == ("blog", [])
    assert stored(session(), Site, columns | {"name": "Newer"}) is site
    assert site.name == "Newer"
    assert not session().dirty


def test_a_row_is_found_by_its_number_and_keeps_what_is_not_written_yet():
    comment = placed("Hello")
    number = comment.id
    with atomic() as current:
        write_new(current, comment)
    session().expunge_all()
    found = find(session(), Comment, number)
    assert found is not None
    assert (found.text, found.score, found.edited_at) == ("Hello", 0, None)
    assert session().get(Comment, number) is found
    found.score = 5
    assert find(session(), Comment, number) is found
    assert found.score == 5
    assert find(session(), Comment, number + 1) is None
    site = find(session(), Site, found.site_id)
    assert site is not None
    site.name = "Newer"
    assert find(session(), Site, site.id) is site
    assert site.name == "Newer"


def test_what_is_out_of_date_is_read_again():
    comment = placed("Hello")
    with atomic() as current:
        write_new(current, comment)
        current.connection().execute(update(Comment).values(score=5))
    session().expire_all()
    assert find(session(), Comment, comment.id) is comment
    assert comment.score == 5
