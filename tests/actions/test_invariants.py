"""Whatever people do in whatever order, the numbers that readers see are those of the rows."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from commentbox.actions.edit import delete as take_back
from commentbox.actions.edit import edit
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site
from commentbox.actions.vote import cast_vote
from commentbox.db import atomic, session
from commentbox.errors import CommentboxError, EditRefused
from commentbox.models import Comment, Entrance, Site, State, Thread, Vote
from commentbox.models.thread import thread_with_key
from commentbox.reading.pages import Place
from commentbox.reading.threads import view_thread
from commentbox.reading.view import CommentView, ThreadView
from commentbox.web.identity import Signatures
from tests.factories import ORIGIN, PAGE, WRITTEN_AT, write
from tests.quick import examples

SIGNATURES = Signatures("known to every test")
NETWORKS = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"])


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: the verbs are the same on every kind, and steps are many."""
    return sqlite_url


def test_numbers_versions_and_tokens_hold_after_anything(app: Flask) -> None:
    class Page(Discussion):
        ground = app

    run_state_machine_as_test(
        Page,
        settings=settings(max_examples=examples(15), stateful_step_count=20),
    )


class Discussion(RuleBasedStateMachine):
    """Two pages, and everything that can happen below them."""

    ground: Flask
    comments = Bundle("comments")

    @initialize()
    def begin(self) -> None:
        """Start with a site of which nothing is known."""
        self.context = self.ground.app_context()
        self.context.push()
        with atomic() as current:
            current.execute(delete(Site))  # and all that hangs on it
        self.site = add_site("blog", [ORIGIN])
        self.seen = {page: self.shown(page) for page in (PAGE, "/other")}

    def teardown(self) -> None:
        """Give the connection back."""
        if hasattr(self, "context"):
            self.context.pop()

    @rule(target=comments, page=st.sampled_from([PAGE, "/other"]), is_hasty=st.booleans())
    def post(self, page: str, is_hasty: bool) -> int:
        """Somebody opens a conversation."""
        age = timedelta(0) if is_hasty else timedelta(minutes=1)
        return write(self.site, page=page, ticket_age=age).id

    @rule(target=comments, parent=comments, is_hasty=st.booleans())
    def reply(self, parent: int, is_hasty: bool) -> int:
        """Somebody answers what is there; what nobody sees cannot be answered."""
        row = session().get_one(Comment, parent)
        page = session().get_one(Thread, row.thread_id).key
        age = timedelta(0) if is_hasty else timedelta(minutes=1)
        try:
            return write(self.site, page=page, parent=parent, ticket_age=age).id
        except CommentboxError:
            assert not session().get_one(Comment, parent).is_published
            return parent

    @rule(comment=comments, to=st.sampled_from(State))
    def moderate(self, comment: int, to: State) -> None:
        """Ben decides."""
        self.attempt(lambda: decide(comment, to, Ruling(Entrance.CLI)))

    @rule(
        comment=comments, text=st.sampled_from(["Better.", "http://a.de http://b.de http://c.de"])
    )
    def rewrite(self, comment: int, text: str) -> None:
        """The author changes the words."""
        self.attempt(lambda: edit(comment, text, WRITTEN_AT))

    @rule(comment=comments)
    def withdraw(self, comment: int) -> None:
        """The author takes the words back."""
        self.attempt(lambda: take_back(comment, WRITTEN_AT))

    @rule(comment=comments, value=st.sampled_from([-1, 0, 1]), network=NETWORKS)
    def judge(self, comment: int, value: int, network: str) -> None:
        """A reader votes."""
        self.attempt(lambda: cast_vote(comment, value, network, WRITTEN_AT))

    @rule(mine=comments, other=comments)
    def use_a_token(self, mine: int, other: int) -> None:
        """A token opens its own comment and no other."""
        token = SIGNATURES.edit_token(session().get_one(Comment, mine))
        SIGNATURES.require_edit_token(token, mine)
        if mine != other:
            with pytest.raises(EditRefused):
                SIGNATURES.require_edit_token(token, other)

    @invariant()
    def numbers_are_those_of_the_rows(self) -> None:
        """Threads and conversations count what is published, scores are sums of votes."""
        session().expire_all()
        comments = session().scalars(select(Comment)).all()
        published = [comment for comment in comments if comment.is_published]
        in_threads = Counter(comment.thread_id for comment in published)
        in_conversations = Counter(comment.root_id for comment in published)
        scores = Counter[int]()
        for vote in session().scalars(select(Vote)):
            scores[vote.comment_id] += vote.value
        for thread in session().scalars(select(Thread)):
            assert thread.count == in_threads[thread.id]
        for comment in comments:
            size = in_conversations[comment.id] if comment.parent_id is None else 0
            assert comment.conversation_size == size
            assert comment.score == scores[comment.id]

    @invariant()
    def what_changes_visibly_has_a_higher_version(self) -> None:
        """The version never falls, and two views of one version are equal."""
        for page, before in self.seen.items():
            after = self.shown(page)
            assert after.version > before.version or after == before
            self.seen[page] = after

    @invariant()
    def every_published_comment_is_shown_once(self) -> None:
        """Readers see all that is published, and nothing of the rest but its place."""
        for view in self.seen.values():
            shown = list(walk(view))
            published = [comment.id for comment in shown if comment.state == "published"]
            assert len(published) == len(set(published)) == view.count
            assert not any(comment.html for comment in shown if comment.state != "published")

    def attempt(self, deed: Callable[[], object]) -> None:
        """Do what may be refused; a refusal leaves the numbers as they were."""
        try:
            deed()
        except CommentboxError:
            session().rollback()

    def shown(self, page: str) -> ThreadView:
        """Return the whole thread as readers see it."""
        session().expire_all()
        thread = thread_with_key(session(), self.site, page)
        return view_thread(session(), self.site, thread, page, Place())


def walk(view: ThreadView) -> Iterator[CommentView]:
    """Go through all comments of a view."""
    rest = list(view.comments)
    while rest:
        comment = rest.pop()
        rest.extend(comment.replies)
        yield comment
