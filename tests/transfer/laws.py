"""The laws that all rows keep, however they came to be."""

from collections import Counter

from sqlalchemy import select

from commentbox import markup
from commentbox.db import session
from commentbox.models import Comment, Site, Thread
from commentbox.models.comment import TextFormat, html_of, text_digest
from commentbox.reading.pages import Place
from commentbox.reading.threads import view_thread


def require_laws(site: Site) -> None:
    """Fail unless counts, places and views of a site are those of its rows."""
    session().expire_all()
    comments = {c.id: c for c in session().scalars(select(Comment))}
    threads = session().scalars(select(Thread)).all()
    published = [comment for comment in comments.values() if comment.is_published]
    in_threads = Counter(comment.thread_id for comment in published)
    in_conversations = Counter(comment.root_id for comment in published)
    answered = {comment.parent_id for comment in comments.values()}
    for thread in threads:
        assert thread.count == in_threads[thread.id]
    for comment in comments.values():
        parent = comments[comment.parent_id] if comment.parent_id else None
        assert comment.root_id == (parent.root_id if parent else comment.id)
        assert comment.depth == (parent.depth + 1 if parent else 0)
        assert comment.thread_id == (parent.thread_id if parent else comment.thread_id)
        size = 0 if parent else in_conversations[comment.id]
        assert comment.conversation_size == size
        assert comment.has_replies == (comment.id in answered)
        assert comment.html == html_of(comment.text, TextFormat(comment.text_format))
        assert comment.markup_version == markup.VERSION
        assert comment.text_digest == text_digest(comment.text)
    for thread in threads:
        require_all_shown(site, thread, {c.id for c in published if c.thread_id == thread.id})


def require_all_shown(site: Site, thread: Thread, published: set[int]) -> None:
    """Fail unless readers see every published comment of a thread once."""
    shown: list[int] = []
    place = Place()
    while True:
        view = view_thread(session(), site, thread, thread.key, place)
        rest = list(view.comments)
        while rest:
            comment = rest.pop()
            rest.extend(comment.replies)
            shown += [comment.id] if comment.state == "published" else []
        if view.next is None:
            break
        place = Place(after=view.next)
    assert sorted(shown) == sorted(published)
