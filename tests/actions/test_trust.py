"""Whom a site trusts: known authors, bans, reports and storms, as they act on what is posted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from commentbox.actions.edit import edit
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.actions.report import report
from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.errors import InvalidFields
from commentbox.models import Ban, BanKind, Comment, Mail, Site, State
from commentbox.models.ban import end_of_network
from commentbox.models.storm import LASTS
from tests.factories import PAGE, UNHURRIED, WRITTEN_AT, ada, rule, with_policy, write, write_held

DAY = timedelta(days=1)

ON_BOTH_DATABASES = pytest.mark.parametrize(
    "database_kind", ["sqlite", "postgresql"], indirect=True
)
"""For what the databases might do differently; the other tests here run on SQLite."""


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return ``"sqlite"`` unless a test is marked by ``ON_BOTH_DATABASES``."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """Return the address of the test's database."""
    url: str = request.getfixturevalue(f"{database_kind}_url")
    return url


def write_as(site: Site, earlier: Comment | None, text: str, **more: object) -> Comment:
    """Post a comment whose author is proven by an earlier one."""
    at = more.pop("at", WRITTEN_AT)
    assert isinstance(at, datetime)
    sender = Sender("198.51.100.9", UNHURRIED, proven=earlier.id if earlier else None)
    return post(site, Page(PAGE), Draft(text, **more), sender, at)  # type: ignore[arg-type]


@pytest.fixture
def other_site() -> Site:
    """Return another site of the service."""
    return add_site("other", ["https://other.example"])


def reasons(comment: Comment) -> list[object]:
    """Return the codes of why a comment was held."""
    return [reason["code"] for reason in comment.reasons]


def ban(site: Site, kind: BanKind, value: str, **more: object) -> None:
    """Ban somebody from a site."""
    with atomic() as current:
        current.add(Ban(site_id=site.id, kind=kind.value, value=value, **more))


@ON_BOTH_DATABASES
def test_who_proves_to_be_the_author_of_approved_comments_no_longer_waits(site: Site) -> None:
    with_policy(site, moderation="known", known_after=2)
    first = write_as(site, None, "First.")
    assert reasons(first) == ["unknown_author"]
    rule(first, State.PUBLISHED)
    second = write_as(site, first, "Second.")
    assert second.state == State.HELD
    rule(second, State.PUBLISHED)
    assert write_as(site, second, "Third.").is_published
    assert write_as(site, first, "Fourth, by the oldest proof.").is_published


def test_a_typed_name_and_address_prove_nothing(site: Site) -> None:
    with_policy(site, moderation="known")
    first = write_as(site, None, "First.", name="Ada", email="ada@example.org")
    rule(first, State.PUBLISHED)
    other = write_as(site, None, "Not Ada.", name="Ada", email="ada@example.org")
    assert reasons(other) == ["unknown_author"]


def test_one_comment_that_was_spam_undoes_all_trust(site: Site) -> None:
    with_policy(site, moderation="known")
    first = write_as(site, None, "First.")
    rule(first, State.PUBLISHED)
    second = write_as(site, first, "Buy this!")
    rule(second, State.SPAM)
    assert reasons(write_as(site, first, "Buy that!")) == ["author_of_spam"]


def test_a_comment_on_another_site_proves_nothing(site: Site, other_site: Site) -> None:
    with_policy(site, moderation="known")
    elsewhere = write_as(other_site, None, "Elsewhere.")
    here = write_as(site, elsewhere, "Here.")
    assert here.author_id is None
    assert here.state == State.HELD


def test_young_authors_become_old_enough(site: Site) -> None:
    with_policy(site, young_days=7)
    first = write_as(site, None, "First.")
    assert reasons(first) == ["new_author"]
    rule(first, State.PUBLISHED)
    assert reasons(write_as(site, first, "Soon.", at=WRITTEN_AT + DAY)) == ["young_author"]
    assert write_as(site, first, "Later.", at=WRITTEN_AT + 7 * DAY).is_published


def test_an_edit_does_not_slip_past_the_rules(site: Site) -> None:
    with_policy(site, held_words="casino*, payday loan")
    harmless = write_as(site, None, "Harmless.")
    assert edit(harmless.id, "Casinos!", WRITTEN_AT).state == State.HELD
    with_policy(site, moderation="known")
    approved = write_as(site, None, "Approved.")
    rule(approved, State.PUBLISHED)
    assert edit(approved.id, "Something else.", WRITTEN_AT).state == State.HELD


def test_who_is_known_may_edit(site: Site) -> None:
    with_policy(site, moderation="known", known_after=1)
    first = write_as(site, None, "First.")
    rule(first, State.PUBLISHED)
    second = write_as(site, first, "Second.")
    assert edit(second.id, "Second, mended.", WRITTEN_AT).is_published


def test_an_edit_may_keep_the_listed_words_that_a_moderator_has_seen(site: Site) -> None:
    with_policy(site, held_words="casino")
    held = write_as(site, None, "The casino has closed.")
    rule(held, State.PUBLISHED)
    assert edit(held.id, "The casino has closed at last.", WRITTEN_AT).is_published


def test_listed_words_hold_wherever_they_stand(site: Site) -> None:
    with_policy(site, held_words="casino*")
    assert reasons(write_as(site, None, "Nice.", name="Casino Royale")) == ["listed_words"]
    assert reasons(write_as(site, None, "So nice.", website="https://casinos.example"))
    assert write_as(site, None, "Occasionally nice.").is_published


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (BanKind.ADDRESS, "mallory@spam.example"),
        (BanKind.ADDRESS, "@spam.example"),
        (BanKind.WORD, "cheap*"),
    ],
)
def test_a_shadow_ban_holds_and_an_open_one_refuses(site: Site, kind: BanKind, value: str) -> None:
    ban(site, kind, value)
    who = {"email": "Mallory@Spam.example"}
    held = write_as(site, None, "Cheaper than cheap.", **who)
    assert reasons(held) == [f"banned_{kind.value}"]
    assert write_as(site, None, "Another opinion.").is_published
    with atomic() as current:
        current.query(Ban).one().is_open = True
    with pytest.raises(InvalidFields):
        write_as(site, None, "Cheaper still.", **who)


def test_a_ban_ends_when_its_time_has_come_and_is_of_one_site(site: Site, other_site: Site) -> None:
    ban(site, BanKind.WORD, "cheap", expires_at=WRITTEN_AT + DAY)
    assert write_as(other_site, None, "cheap").is_published
    assert write_as(site, None, "cheap").state == State.HELD
    assert write_as(site, None, "cheap again", at=WRITTEN_AT + DAY).is_published


def test_an_author_is_banned_with_every_proof(site: Site) -> None:
    first = write_as(site, None, "First.")
    second = write_as(site, first, "Second.")
    ban(site, BanKind.AUTHOR, str(second.author))
    assert reasons(write_as(site, first, "Third.")) == ["banned_author"]
    assert reasons(write_as(site, second, "Fourth.")) == ["banned_author"]
    assert write_as(site, None, "Somebody else.").is_published


@ON_BOTH_DATABASES
def test_a_network_is_banned_until_its_key_is_gone(site: Site) -> None:
    mallory = write(site, address="203.0.113.5")
    ban(site, BanKind.NETWORK, mallory.network, expires_at=end_of_network(WRITTEN_AT))
    for hours, state in ((0, State.HELD), (35.9, State.HELD), (36, State.PUBLISHED)):
        at = WRITTEN_AT + timedelta(hours=hours)
        assert write(site, address="203.0.113.5", at=at).state == state
    assert write(site, address="203.0.113.6").is_published
    assert end_of_network(WRITTEN_AT) == datetime(2026, 3, 3, tzinfo=UTC)


@ON_BOTH_DATABASES
def test_enough_reports_hold_a_comment_until_a_moderator_has_seen_it(site: Site) -> None:
    reported = write(site)
    for number in (1, 1, 2):
        report(reported.id, "rude", f"192.0.2.{number}", WRITTEN_AT)
    assert session().get_one(Comment, reported.id).is_published
    report(reported.id, "rude", "192.0.2.3", WRITTEN_AT)
    assert session().get_one(Comment, reported.id).state == State.HELD
    rule(reported, State.PUBLISHED)
    later = datetime.now(UTC) + DAY
    report(reported.id, "rude", "192.0.2.4", later)
    assert session().get_one(Comment, reported.id).is_published


def test_no_number_of_reports_holds_where_the_owner_says_so(site: Site) -> None:
    with_policy(site, reports_to_hold=0)
    reported = write(site)
    for number in range(5):
        report(reported.id, "rude", f"192.0.2.{number}", WRITTEN_AT)
    assert session().get_one(Comment, reported.id).is_published


@ON_BOTH_DATABASES
def test_a_storm_holds_strangers_and_passes(site: Site) -> None:
    ada()
    with_policy(site, storm_held=5)
    friend = write_as(site, None, "I was here before.")
    for _ in range(4):
        write_held(site)
    assert write_as(site, None, "Calm still.").is_published
    write_held(site)
    assert reasons(write_as(site, None, "A stranger.")) == ["storm"]
    assert write_as(site, friend, "I am known.").is_published
    write_held(site)
    mail = session().scalars(select(Mail)).one()
    assert (mail.to, mail.template) == ("ada@example.org", "storm")
    assert write_as(site, None, "A calm day.", at=WRITTEN_AT + LASTS).is_published


def test_what_a_storm_holds_does_not_keep_it_going(site: Site) -> None:
    with_policy(site, storm_held=2)
    for _ in range(2):
        write_held(site)
    at = WRITTEN_AT + timedelta(minutes=1)
    held = [write_as(site, None, f"Stranger {number}.", at=at) for number in range(5)]
    assert [reasons(comment) for comment in held] == [["storm"]] * 5
    until = session().get_one(Site, site.id, populate_existing=True).storm_until
    assert until == WRITTEN_AT + LASTS
