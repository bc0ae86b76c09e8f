"""A thread lets comments in, counts what readers see, and gets a new version by each change."""

import pytest

from commentbox.errors import InvalidFields, ThreadClosed
from commentbox.models import Comment, Site, State, Thread


@pytest.fixture
def thread() -> Thread:
    """Return an open thread with two published comments."""
    return Thread(id=1, site=Site(is_open=True), is_open=True, count=2, version=5)


def test_an_open_thread_takes_a_comment(thread: Thread) -> None:
    thread.accept(None)


def test_a_closed_thread_takes_none(thread: Thread) -> None:
    thread.is_open = False
    with pytest.raises(ThreadClosed):
        thread.accept(None)


def test_a_thread_of_a_closed_site_takes_none(thread: Thread) -> None:
    thread.site.is_open = False
    with pytest.raises(ThreadClosed):
        thread.accept(None)


def test_a_reply_answers_a_published_comment_of_the_thread(thread: Thread) -> None:
    thread.accept(Comment(thread_id=1, state=State.PUBLISHED.value))


@pytest.mark.parametrize(
    "parent",
    [
        Comment(thread_id=2, state=State.PUBLISHED.value),
        Comment(thread_id=1, state=State.HELD.value),
        Comment(thread_id=1, state=State.SPAM.value),
        Comment(thread_id=1, state=State.REMOVED.value),
    ],
    ids=["of another thread", "held", "spam", "removed"],
)
def test_a_reply_to_anything_else_is_refused(thread: Thread, parent: Comment) -> None:
    with pytest.raises(InvalidFields) as refused:
        thread.accept(parent)
    assert refused.value.errors[0].code == "unknown_parent"


def test_a_comment_among_others_tells_only_what_is_missing(thread: Thread) -> None:
    published = Comment(state=State.PUBLISHED.value)
    thread.hear(published, None, "A title")
    thread.hear(published, "https://blog.example/a", "Another title")
    thread.hear(published, None, None)
    assert (thread.url, thread.title) == ("https://blog.example/a", "A title")


def test_showing_and_hiding_count_in_thread_and_conversation(thread: Thread) -> None:
    root = Comment(conversation_size=1)
    thread.show(root)
    assert (thread.count, root.conversation_size, thread.version) == (3, 2, 6)
    thread.hide(root)
    assert (thread.count, root.conversation_size, thread.version) == (2, 1, 7)
