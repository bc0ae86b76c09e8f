"""Posting stores a comment whole, or nothing at all."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from commentbox.actions.edit import delete
from commentbox.actions.sites import add_site
from commentbox.db import session
from commentbox.errors import IdempotencyKeyReused, InvalidFields, ThreadClosed
from commentbox.models import Comment, NetworkKey, Site, State, Thread
from commentbox.models.network import network_token
from tests.factories import (
    ORIGIN,
    PAGE,
    WRITTEN_AT,
    alias,
    close,
    rule,
    with_policy,
    write,
    write_chain,
    write_held,
)

LONG = "This text is long enough that nobody says it twice by chance."


def test_the_first_comment_makes_the_thread_with_address_and_title(site: Site) -> None:
    write(site)
    thread = only(Thread)
    assert (thread.key, thread.url, thread.title) == (PAGE, ORIGIN + PAGE, "Social media")
    assert (thread.count, thread.site_id) == (1, site.id)


def test_only_the_first_comment_that_readers_see_tells_the_title(site: Site) -> None:
    write(site, title="Social media")
    write_held(site, title="Buy!")
    assert only(Thread).title == "Social media"
    write(site, title="Social media, again")
    assert only(Thread).title == "Social media"


def test_a_comment_is_stored_as_typed(site: Site) -> None:
    posted = write(site, text=" <b>Well</b>\r\n said!  ", name="<i>Cy</i>")
    session().expire_all()
    stored = only(Comment)
    assert stored.id == posted.id
    assert (stored.text, stored.name) == (" <b>Well</b>\r\n said!  ", "<i>Cy</i>")
    assert stored.email == "cy@example.org"
    assert stored.created_at == WRITTEN_AT
    assert stored.state == State.PUBLISHED


def test_no_address_is_stored_only_the_token_of_its_network(site: Site) -> None:
    posted = write(site, address="192.0.2.7")
    assert posted.network == network_token(session(), "192.0.2.7", WRITTEN_AT.date())


def test_a_reply_knows_its_parent_its_conversation_and_its_depth(site: Site) -> None:
    chain = write_chain(site, 9)
    assert [c.parent_id for c in chain] == [None, *(c.id for c in chain[:-1])]
    assert {c.root_id for c in chain} == {chain[0].id}
    assert [c.depth for c in chain] == list(range(9))
    assert chain[0].conversation_size == 9


def test_a_comment_of_a_moved_page_comes_to_the_old_thread(site: Site) -> None:
    old = write(site)
    alias(only(Thread), "/moved")
    assert write(site, page="/moved").thread_id == old.thread_id
    assert only(Thread).count == 2


@pytest.mark.parametrize(
    "words",
    [
        {"parent": 12345},
        {"parent": -1},
        {"parent": 2**63 - 1},
        {"honeypot": "+1 555 0100"},
    ],
    ids=["unknown parent", "negative parent", "huge parent", "honeypot"],
)
def test_a_refused_first_comment_leaves_nothing_behind(
    site: Site, words: Mapping[str, object]
) -> None:
    with pytest.raises(InvalidFields):
        write(site, **words)
    assert [count(kind) for kind in (Thread, Comment, NetworkKey)] == [0, 0, 0]


def test_a_parent_of_another_thread_is_refused(site: Site) -> None:
    elsewhere = write(site, page="/elsewhere")
    with pytest.raises(InvalidFields):
        write(site, parent=elsewhere.id)
    assert (count(Thread), count(Comment)) == (1, 1)


@pytest.mark.parametrize("state", [State.HELD, State.SPAM, State.REMOVED])
def test_a_parent_that_nobody_sees_is_refused(site: Site, state: State) -> None:
    parent = rule(write(site), state)
    version = only(Thread).version
    with pytest.raises(InvalidFields):
        write(site, parent=parent.id)
    assert count(Comment) == 1
    assert only(Thread).version == version


def test_a_closed_thread_refuses_and_stays_as_it_is(site: Site) -> None:
    write(site)
    close(only(Thread))
    with pytest.raises(ThreadClosed):
        write(site)
    assert (count(Comment), only(Thread).count) == (1, 1)


def test_a_closed_site_refuses_also_the_first_comment_of_a_page(site: Site) -> None:
    with pytest.raises(ThreadClosed):
        write(with_policy(site, is_open="no"))
    assert count(Thread) == 0


def test_the_same_text_by_the_same_network_in_a_thread_is_refused(site: Site) -> None:
    write(site, text="Thank you!")
    with pytest.raises(InvalidFields) as refused:
        write(site, text=" thank  YOU! ")
    assert refused.value.errors[0].code == "duplicate"
    assert count(Comment) == 1


def test_the_same_text_by_another_network_or_a_day_later_is_taken(site: Site) -> None:
    write(site, text="Thank you!")
    other = write(site, text="Thank you!", address="192.0.2.8")
    later = write(site, text="Thank you!", at=WRITTEN_AT + timedelta(days=1, seconds=1))
    assert [other.state, later.state] == [State.PUBLISHED, State.PUBLISHED]


def test_a_long_text_that_stands_in_another_thread_is_held(site: Site) -> None:
    write(site, text=LONG, page="/elsewhere")
    held = write(site, text=LONG)
    assert held.state == State.HELD
    assert [reason["code"] for reason in held.reasons] == ["same_text_elsewhere"]


def test_a_long_text_that_stood_in_another_thread_a_day_ago_is_taken(site: Site) -> None:
    write(site, text=LONG, page="/elsewhere")
    assert write(site, text=LONG, at=WRITTEN_AT + timedelta(days=1)).state == State.PUBLISHED


def test_a_long_text_that_stands_on_another_site_is_not_our_business(site: Site) -> None:
    write(add_site("other", ["https://other.example"]), text=LONG)
    assert write(site, text=LONG).state == State.PUBLISHED


def test_a_held_comment_says_why_and_is_not_counted(site: Site) -> None:
    held = write_held(site, text="https://a.example https://b.example https://c.example")
    thread = only(Thread)
    assert held.state == State.HELD
    assert [reason["code"] for reason in held.reasons] == ["ticket_missing", "many_links"]
    assert (thread.count, held.conversation_size) == (0, 0)


def test_the_pace_of_the_site_decides(site: Site) -> None:
    with_policy(site, pace_seconds=5)
    assert write(site, ticket_age=timedelta(seconds=4.9)).state == State.HELD
    assert write(site, ticket_age=timedelta(seconds=5)).state == State.PUBLISHED


def test_the_same_key_with_the_same_words_returns_the_comment_that_is_there(site: Site) -> None:
    first = write(site, text="Once.", key="k" * 20)
    again = write(site, text="Once.", key="k" * 20)
    assert again.id == first.id
    assert (count(Comment), only(Thread).count) == (1, 1)


def test_the_same_key_returns_a_held_comment_as_held(site: Site) -> None:
    first = write_held(site, text="Once.", key="k" * 20)
    again = write(site, text="Once.", key="k" * 20)
    assert (again.id, again.state) == (first.id, State.HELD)


def test_the_key_of_what_its_author_took_back_opens_nothing(site: Site) -> None:
    first = write(site, text="Once.", key="k" * 20)
    delete(first.id, WRITTEN_AT)
    with pytest.raises(IdempotencyKeyReused):
        write(site, text="Once.", key="k" * 20)


@pytest.mark.parametrize("other", [{"text": "Twice."}, {"parent": 1}])
def test_the_same_key_with_other_words_is_refused(site: Site, other: dict[str, object]) -> None:
    first = write(site, text="Once.", key="k" * 20)
    assert first.id == 1
    with pytest.raises(IdempotencyKeyReused):
        write(site, **({"text": "Once.", "key": "k" * 20} | other))
    assert count(Comment) == 1


def only(kind: type[Thread] | type[Comment]) -> Thread | Comment:
    """Return the only row of its kind, as it stands on disk."""
    session().expire_all()
    return session().scalars(select(kind)).one()


def count(kind: type[object]) -> int:
    """Return how many rows there are."""
    return session().scalar(select(func.count()).select_from(kind)) or 0
