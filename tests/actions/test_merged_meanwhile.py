"""Threads that are merged while somebody decides on their comments: the comments are found where they are."""

import pytest
from sqlalchemy import select

from commentbox.actions.merge import merge
from commentbox.actions.moderate import Ruling
from commentbox.actions.threads import thread_of, threads_of
from commentbox.db import atomic
from commentbox.models import Comment, Entrance, Site
from tests.actions.conftest import AtOnce
from tests.factories import write


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """Return a PostgreSQL database: on SQLite a deed reads when nobody else can write any more."""
    return postgresql_url


def test_a_comment_is_found_in_the_thread_it_was_moved_to(
    site: Site, at_once: AtOnce[object]
) -> None:
    here, there = write(site, page="/here"), write(site, page="/there")
    with atomic() as session:
        comments = session.scalars(select(Comment).order_by(Comment.id)).all()
        at_once(1, lambda _: merge(here.thread_id, there.thread_id, Ruling(Entrance.CLI)))
        assert thread_of(session, comments[0]).id == there.thread_id
    merged = write(site, page="/third")
    with atomic() as session:
        comments = session.scalars(select(Comment).order_by(Comment.id)).all()
        at_once(1, lambda _: merge(there.thread_id, merged.thread_id, Ruling(Entrance.CLI)))
        assert threads_of(session, comments).keys() == {merged.thread_id}
        assert {comment.thread_id for comment in comments} == {merged.thread_id}
