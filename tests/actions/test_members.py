"""Who joins a site, who leaves it, and what the second factor asks for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.actions import invitations, moderators, second_factor
from commentbox.actions.invitations import Guest, Letter, UnknownInvitation, invite
from commentbox.actions.members import LastOwner, UnknownMember, remove_member, set_role
from commentbox.actions.second_factor import TooManyCodes, check_code
from commentbox.actions.sites import add_site
from commentbox.db import session
from commentbox.errors import InvalidFields
from commentbox.models import Invitation, Mail, Membership, Moderator, Role, Site
from commentbox.models.invitation import VALID_FOR
from commentbox.models.totp import STEP, code_at_step, new_secret, step_at
from tests.factories import WRITTEN_AT, ada, ben

PASSWORD = "four words of Dee's"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


def test_who_is_invited_chooses_a_password_and_joins_once(site: Site) -> None:
    invited = invite(Guest("Dee@Example.org", Role.MODERATOR, site), ada(), WRITTEN_AT)
    dee = invitations.accept_with_password(invited.id, PASSWORD, WRITTEN_AT)
    assert (dee.email, dee.role_on(site.id)) == ("dee@example.org", Role.MODERATOR)
    assert moderators.find_moderator("dee@example.org", PASSWORD) is not None
    with pytest.raises(UnknownInvitation):
        invitations.accept_with_password(invited.id, PASSWORD, WRITTEN_AT)


def test_an_invitation_grows_old_is_replaced_and_withdrawn(site: Site) -> None:
    first_id = invite(Guest("dee@example.org", Role.MODERATOR, site), None, WRITTEN_AT).id
    second_id = invite(Guest("dee@example.org", Role.OWNER, site), None, WRITTEN_AT).id
    assert [i.id for i in session().scalars(select(Invitation))] == [second_id]
    for number, at in ((first_id, WRITTEN_AT), (second_id, WRITTEN_AT + VALID_FOR)):
        with pytest.raises(UnknownInvitation):
            invitations.accept_with_password(number, PASSWORD, at)
    invitations.withdraw(second_id)
    with pytest.raises(UnknownInvitation):
        invitations.accept_with_password(second_id, PASSWORD, WRITTEN_AT)


def test_the_link_alone_gives_a_known_account_nothing(site: Site) -> None:
    moderator, other = ben(site), add_site("other", ["https://other.example"])
    invited = invite(Guest(moderator.email, Role.OWNER, other), None, WRITTEN_AT)
    with pytest.raises(UnknownInvitation):
        invitations.accept_with_password(invited.id, PASSWORD, WRITTEN_AT)
    with pytest.raises(UnknownInvitation):
        invitations.accept_as(invited.id, ada().id, WRITTEN_AT)
    joined = invitations.accept_as(invited.id, moderator.id, WRITTEN_AT)
    assert (joined.role_on(site.id), joined.role_on(other.id)) == (Role.MODERATOR, Role.OWNER)


def test_a_letter_is_queued_with_the_invitation(site: Site) -> None:
    letter = Letter(lambda invitation: f"/invitations/{invitation.id}", "de")
    invited = invite(Guest("dee@example.org", Role.OWNER, site), ada(), WRITTEN_AT, letter)
    mail = session().scalars(select(Mail)).one()
    assert (mail.to, mail.template, mail.language) == ("dee@example.org", "invitation", "de")
    assert mail.facts == {
        "path": f"/invitations/{invited.id}",
        "by": "ada@example.org",
        "site": "blog",
    }


def test_a_member_is_not_invited_again_and_nobody_without_an_address(site: Site) -> None:
    moderator = ben(site)
    for email in (moderator.email, "", "nobody", "a@b@c"):
        with pytest.raises(InvalidFields):
            invite(Guest(email, Role.MODERATOR, site), None, WRITTEN_AT)
    assert invite(Guest(moderator.email, Role.OWNER, site), None, WRITTEN_AT).email


def test_an_invitation_takes_no_right_away(site: Site) -> None:
    moderator = ben(site)
    invited = invite(Guest(moderator.email, Role.OWNER, site), None, WRITTEN_AT)
    invitations.accept_as(invited.id, moderator.id, WRITTEN_AT)
    for guest in (
        Guest(moderator.email, Role.MODERATOR, site),
        Guest(ada().email, Role.OWNER, site),
    ):
        with pytest.raises(InvalidFields):
            invite(guest, None, WRITTEN_AT)
    dee = invite(Guest("dee@example.org", Role.MODERATOR, site), None, WRITTEN_AT)
    moderators.add_moderator("dee@example.org", PASSWORD, site.key, Role.OWNER)
    account = session().scalars(select(Moderator).where(Moderator.email == dee.email)).one()
    assert invitations.accept_as(dee.id, account.id, WRITTEN_AT).owns(site.id)


def test_a_site_keeps_an_owner(site: Site) -> None:
    membership = ben(site).memberships[0]
    set_role(membership.id, site.id, Role.OWNER)
    for leave in (
        lambda: set_role(membership.id, site.id, Role.MODERATOR),
        lambda: remove_member(membership.id, site.id),
    ):
        with pytest.raises(LastOwner):
            leave()
    ada()
    remove_member(membership.id, site.id)
    assert session().get(Membership, membership.id) is None


def test_a_member_of_another_site_is_none_of_this_one(site: Site) -> None:
    other = add_site("other", ["https://other.example"])
    membership = ben(site).memberships[0]
    for site_id in (other.id, None):
        with pytest.raises(UnknownMember):
            set_role(membership.id, site_id, Role.OWNER)
        with pytest.raises(UnknownMember):
            remove_member(membership.id, site_id)


def with_second_factor() -> tuple[Moderator, str, list[str]]:
    """Return Ada with a second factor, its secret and her recovery codes."""
    moderator, secret = ada(), new_secret()
    code = code_at_step(secret, step_at(WRITTEN_AT))
    return moderator, secret, second_factor.set_up(moderator.id, secret, code, WRITTEN_AT)


def test_a_second_factor_begins_with_a_code_that_fits() -> None:
    moderator, secret = ada(), new_secret()
    with pytest.raises(InvalidFields):
        second_factor.set_up(moderator.id, secret, "000000", WRITTEN_AT - STEP)
    assert not session().get_one(Moderator, moderator.id).has_second_factor


def test_every_code_serves_once() -> None:
    moderator, secret, recovery_codes = with_second_factor()
    later = WRITTEN_AT + 10 * STEP
    code = code_at_step(secret, step_at(later))
    for once in (code, recovery_codes[3], recovery_codes[7].upper()):
        check_code(moderator.id, once, later)
        with pytest.raises(InvalidFields):
            check_code(moderator.id, once, later)
    second_factor.renew_recovery_codes(moderator.id)
    with pytest.raises(InvalidFields):
        check_code(moderator.id, recovery_codes[0], later)


def test_guessing_codes_ends_soon_and_not_for_ever() -> None:
    moderator, secret, _ = with_second_factor()
    for _ in range(5):
        with pytest.raises(InvalidFields):
            check_code(moderator.id, "wrong", WRITTEN_AT)
    right = code_at_step(secret, step_at(WRITTEN_AT) + 1)
    with pytest.raises(TooManyCodes):
        check_code(moderator.id, right, WRITTEN_AT)
    later = WRITTEN_AT + timedelta(minutes=15)
    check_code(moderator.id, code_at_step(secret, step_at(later)), later)


def test_without_a_second_factor_no_code_fits() -> None:
    moderator, secret, recovery_codes = with_second_factor()
    second_factor.take_off(moderator.id)
    for code in (code_at_step(secret, step_at(WRITTEN_AT) + 1), recovery_codes[0], ""):
        with pytest.raises(InvalidFields):
            check_code(moderator.id, code, WRITTEN_AT)
