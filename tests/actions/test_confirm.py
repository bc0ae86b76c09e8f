"""What the word of an address's owner proves: this comment, these words, and nothing beside."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from commentbox.actions.confirm import Confirmed, confirm
from commentbox.actions.describe import BY_COMMAND
from commentbox.actions.edit import delete, edit
from commentbox.actions.erase import erase_person
from commentbox.actions.erasure_list import ErasureList
from commentbox.actions.moderate import WordsChanged
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.actions.undo import undo
from commentbox.db import atomic, session
from commentbox.models import (
    AddressProof,
    Ban,
    BanKind,
    Comment,
    Decision,
    ErasureMode,
    Mail,
    Site,
    State,
    Subscription,
)
from commentbox.models.comment import text_digest
from tests.factories import PAGE, UNHURRIED, WRITTEN_AT, rule, with_policy

A_MINUTE = timedelta(minutes=1)

_days = (WRITTEN_AT + timedelta(days=number) for number in count())
"""A day between comments: no address is asked more often than twice a day."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return a SQLite database, unless a test names a kind."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


def write_with(
    site: Site,
    text: str,
    email: str = "dee@example.org",
    *,
    page: str = PAGE,
    earlier: Comment | None = None,
    unhurried: timedelta | None = UNHURRIED,
) -> Comment:
    """Post a comment with an address, which is asked by mail."""
    sender = Sender("192.0.2.7", unhurried, proven=earlier.id if earlier else None)
    draft = Draft(text, name="Dee", email=email, wants_replies=True)
    return post(site, Page(page), draft, sender, next(_days))


def say_yes(comment: Comment) -> Confirmed | None:
    """Press the button of the page that the mail about a comment leads to."""
    of_comment = Subscription.comment_id == comment.id
    wish = session().scalars(select(Subscription).where(of_comment)).one()
    return confirm(
        wish.id, text_digest(comment.text), comment.created_at + A_MINUTE, wants_decision=False
    )


def known(site: Site, email: str = "dee@example.org") -> Comment:
    """Return an approved comment of which the address was proven; strangers wait."""
    with_policy(site, moderation="known")
    first = write_with(site, "First.", email)
    say_yes(first)
    return rule(first, State.PUBLISHED)


def state_of(comment: Comment) -> str:
    session().expire_all()
    return session().get_one(Comment, comment.id).state


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_approved_comments_with_a_proven_address_make_its_owner_known(site: Site) -> None:
    with_policy(site, moderation="known", known_after=2)
    comments = [write_with(site, f"Number {n}.", page=f"/{n}") for n in range(2)]
    for comment in comments:
        say_yes(comment)
        assert state_of(comment) == State.HELD
        rule(comment, State.PUBLISHED)
    third = write_with(site, "Another browser.", "Dee@Example.org", page="/3")
    assert third.state == State.HELD
    confirmed = say_yes(third)
    assert confirmed is not None
    assert confirmed.is_published_by_it
    assert state_of(third) == State.PUBLISHED
    kept = session().scalars(select(Decision).where(Decision.comment_id == third.id)).one()
    assert (kept.entrance, kept.reason) == ("rule", "confirmed_address")


def test_a_typed_address_gains_nothing_until_its_owner_says_yes_to_that_comment(
    site: Site,
) -> None:
    known(site)
    theirs = write_with(site, "Typed by somebody else.", page="/2")
    mine = write_with(site, "My second.", page="/2")
    say_yes(mine)
    assert state_of(mine) == State.PUBLISHED
    assert state_of(theirs) == State.HELD
    # Who has the other browser's token is as unknown as before.
    assert write_with(site, "More of it.", earlier=theirs).state == State.HELD


def test_unproven_comments_with_the_address_count_for_nothing(site: Site) -> None:
    with_policy(site, moderation="known")
    rule(write_with(site, "Approved, but by whom?"), State.PUBLISHED)
    comment = write_with(site, "Mine.", page="/2")
    say_yes(comment)
    assert state_of(comment) == State.HELD
    spam = write_with(site, "Spam with the address.", page="/3")
    rule(spam, State.SPAM)
    rule(comment, State.PUBLISHED)
    further = write_with(site, "Mine, too.", page="/4")
    say_yes(further)
    assert state_of(further) == State.PUBLISHED


def test_a_proven_comment_that_was_spam_undoes_the_trust(site: Site) -> None:
    known(site)
    spam = write_with(site, "Buy this!", page="/2")
    say_yes(spam)
    rule(spam, State.SPAM)
    further = write_with(site, "Buy that!", page="/3")
    say_yes(further)
    assert state_of(further) == State.HELD


def test_the_yes_is_to_the_words_that_were_looked_at(site: Site) -> None:
    known(site)
    comment = write_with(site, "Harmless.", page="/2")
    wish = (
        session().scalars(select(Subscription).where(Subscription.comment_id == comment.id)).one()
    )
    edit(comment.id, "Not harmless.", comment.created_at)
    with pytest.raises(WordsChanged):
        confirm(wish.id, text_digest("Harmless."), comment.created_at, wants_decision=False)
    assert session().scalar(select(func.count()).select_from(AddressProof)) == 1


def test_an_edit_takes_the_yes_back(site: Site) -> None:
    known(site)
    comment = write_with(site, "Harmless.", page="/2")
    say_yes(comment)
    with_policy(site, moderation="open")
    assert edit(comment.id, "Not harmless.", comment.created_at).state == State.HELD
    assert session().get(AddressProof, comment.id) is None


@pytest.mark.parametrize("trouble", ["pace", "all", "ban", "word", "decided"])
def test_what_waits_for_more_than_its_author_goes_on_waiting(site: Site, trouble: str) -> None:
    known(site)
    comment = write_with(
        site, "Once more.", page="/2", unhurried=None if trouble == "pace" else UNHURRIED
    )
    if trouble == "all":
        with_policy(site, moderation="all")
    if trouble == "ban":
        with atomic() as current:
            current.add(Ban(site_id=site.id, kind=BanKind.ADDRESS.value, value=comment.email))
    if trouble == "word":
        with_policy(site, held_words="once")
    if trouble == "decided":
        rule(comment, State.PUBLISHED)
        rule(comment, State.HELD)
    say_yes(comment)
    assert state_of(comment) == State.HELD


def test_saying_yes_again_does_not_overrule_a_moderator(site: Site) -> None:
    known(site)
    comment = write_with(site, "Once more.", page="/2")
    say_yes(comment)
    decision = session().scalars(select(Decision).where(Decision.comment_id == comment.id)).one()
    undo(decision.id, BY_COMMAND)
    assert state_of(comment) == State.HELD
    say_yes(comment)
    assert state_of(comment) == State.HELD


def test_a_known_address_is_asked_again_where_its_word_publishes(site: Site) -> None:
    known(site)
    assert write_with(site, "In the same thread.").state == State.HELD
    assert _questions() == 2
    with_policy(site, moderation="open")
    assert write_with(site, "Published anyway.").is_published
    assert _questions() == 2


def test_deleted_and_erased_comments_prove_nothing(site: Site, tmp_path: Path) -> None:
    first = known(site)
    second = write_with(site, "Second.", page="/2")
    say_yes(second)
    delete(second.id, second.created_at)
    assert session().get(AddressProof, second.id) is None
    kept = ErasureList(tmp_path)
    erase_person("blog", "DEE@example.org", ErasureMode.ANONYMISE, BY_COMMAND, WRITTEN_AT, kept)
    assert session().get(AddressProof, first.id) is None


def _questions() -> int:
    asked = select(func.count()).where(Mail.template == "confirmation")
    return session().scalar(asked) or 0
