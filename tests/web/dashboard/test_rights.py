"""Every address of the dashboard × every role × a site of one's own and a foreign one, from the URL map."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import pytest
from flask import Flask
from sqlalchemy import func, select

from commentbox.actions.alias import add_alias
from commentbox.actions.bans import Wish, ban
from commentbox.actions.describe import BY_COMMAND
from commentbox.actions.endpoints import send_test
from commentbox.actions.invitations import Guest, invite
from commentbox.actions.merge import merge
from commentbox.actions.moderate import decide
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.actions.sites import add_site
from commentbox.db import Base, atomic, session
from commentbox.models import (
    BanKind,
    Decision,
    Endpoint,
    Role,
    Site,
    State,
    ThreadDecision,
)
from tests.factories import UNHURRIED
from tests.web.dashboard.people import WRITTEN_AT, Desk, account, token_of

NAME = "commentbox_dashboard."


class For(Enum):
    """Whom an address is for, at least."""

    ALL = "everybody"
    ACCOUNTS = "who is signed in; it shows and takes only what is theirs"
    MODERATORS = "the site's moderators and owners"
    OWNERS = "the site's owners"
    OWNERS_OF_ALL = "owners of every site"


WHOM = {
    For.ALL: """
        sign_in_page sign_in code_page sign_in_with_code ask_reset_page ask_reset reset_page
        reset_password invitation_page accept_invitation stylesheet script looks_script
    """,
    For.ACCOUNTS: """
        queue log thread_log threads numbers preview_bulk decide_on_all decide_on_ticked
        endpoints add_endpoint mail choose_mail sites account_page change_own_password
        second_factor_page set_up_second_factor take_off_second_factor renew_recovery_codes
        end_other_sessions sign_out
    """,
    For.MODERATORS: """
        comment thread merge_page purge_page site_page bans_page
        decide_on_comment keep_comment answer_comment edit_comment pin_comment unpin_comment
        undo_decision open_or_close move_thread describe_thread undo_thread_decision remove_alias
        ban lift_ban purge_comment merge_thread
    """,
    For.OWNERS: """
        endpoint delivery settings_page looks_page preview members_page import_page person_page
        change_endpoint test_endpoint rotate_secret switch_endpoint replay_endpoint
        replay_delivery remove_endpoint set_site_origins set_settings set_site_looks
        invite_member change_member withdraw_invitation upload_import start_import find_person
        erase_data
    """,
    For.OWNERS_OF_ALL: "new_site_page create_site",
}
TABLE = {name: whom for whom, names in WHOM.items() for name in names.split()}

FORMS: dict[str, dict[str, str]] = {
    "merge_page": {"page": "/second"},
    "merge_thread": {"into": "2"},  # where /second is the second page that got comments
    "find_person": {"email": "dee@example.org"},
}
"""What some addresses need before they can say yes or no; all others say what is missing."""


@dataclass(frozen=True)
class Address:
    """One address with one method, filled in."""

    name: str
    method: str
    path: str


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.fixture
def dee(app: Flask, site: Site) -> Desk:
    """Return Dee at her desk, signed in; she owns “blog” and no other site."""
    return Desk.of(app, account(app, "dee@example.org", Role.OWNER, site.id))


def everything_of(app: Flask, key: str) -> dict[str, object]:
    """Let a site have one of everything that an address can name, and return their numbers."""
    guest = account(app, f"guest@{key}.example", Role.MODERATOR, _number(app, key))
    with app.app_context():
        site = session().get_one(Site, _number(app, key))
        first, _, third = (
            post(site, Page(page), Draft(f"On {page}."), Sender("192.0.2.1", UNHURRIED), WRITTEN_AT)
            for page in ("/first", "/second", "/third")
        )
        decide(first.id, State.HELD, BY_COMMAND)
        decide(first.id, State.PUBLISHED, BY_COMMAND)
        add_alias(key, "/first", "/other-name")
        merge(third.thread_id, first.thread_id, BY_COMMAND)
        with atomic() as current:
            endpoint = Endpoint(site_id=site.id, url="https://hooks.example.org/")
            current.add(endpoint)
        of_site = select(func.max(Decision.id)).where(Decision.comment_id == first.id)
        merged = select(func.max(ThreadDecision.id)).where(ThreadDecision.site_id == site.id)
        return {
            "key": key,
            "comment_id": first.id,
            "thread_id": first.thread_id,
            "decision_id": session().scalar(of_site),
            "thread_decision_id": session().scalar(merged),
            "endpoint_id": endpoint.id,
            "delivery_id": send_test(endpoint.id, WRITTEN_AT).id,
            "membership_id": guest.memberships[0].id,
            "invitation_id": invite(
                Guest("fay@example.org", Role.MODERATOR, site), None, WRITTEN_AT
            ).id,
            "ban_id": ban(site, Wish(BanKind.WORD, "cheap"), None, WRITTEN_AT).id,
        }


def _number(app: Flask, key: str) -> int:
    with app.app_context():
        return session().scalars(select(Site.id).where(Site.key == key)).one()


@pytest.fixture
def own(app: Flask, site: Site) -> dict[str, object]:
    """Return one of everything on “blog”."""
    return everything_of(app, "blog")


@pytest.fixture
def foreign(app: Flask, site: Site) -> dict[str, object]:
    """Return one of everything on “other”, a site that is neither Dee's nor Ben's."""
    with app.app_context():
        add_site("other", ["https://other.example"])
    return everything_of(app, "other")


def addresses(app: Flask, values: dict[str, object]) -> list[Address]:
    """Return every address, in the table's order: what erases comes after what it would erase."""
    adapter = app.url_map.bind("localhost")
    found = [
        Address(name, method, adapter.build(rule.endpoint, _filled(name, rule.arguments, values)))
        for rule in app.url_map.iter_rules()
        if (name := rule.endpoint.removeprefix(NAME)) != rule.endpoint
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    order = list(TABLE)
    return sorted(found, key=lambda each: order.index(each.name))


def _filled(name: str, arguments: set[str], values: dict[str, object]) -> dict[str, object]:
    filled = {argument: values.get(argument, "nothing") for argument in arguments}
    if name == "undo_thread_decision":
        filled["decision_id"] = values["thread_decision_id"]
    return filled


def go(desk: Desk, address: Address, token: str) -> int:
    """Go to an address, or send its form as good as empty, and return the status of the answer."""
    form = FORMS.get(address.name, {})
    if address.method == "GET":
        return desk.client.get(address.path, query_string=form).status_code
    return desk.client.post(address.path, data={"csrf_token": token, **form}).status_code


def rows(app: Flask) -> dict[str, int]:
    """Return how many rows each table has."""
    with app.app_context():
        return {
            table.name: session().scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def naming_something(app: Flask, values: dict[str, object]) -> Iterator[tuple[Address, Address]]:
    """Return every address of a site's own things, and the same with things that do not exist."""
    unknown: dict[str, object] = {**dict.fromkeys(values, 987_654), "key": "unknown"}
    for here, nowhere in zip(addresses(app, values), addresses(app, unknown), strict=True):
        if here.path != nowhere.path:
            yield here, nowhere


def test_the_table_names_every_address_and_no_other(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {e.removeprefix(NAME) for e in endpoints if e.startswith(NAME)} == set(TABLE)


def test_who_is_not_signed_in_is_led_to_the_sign_in(app: Flask, own: dict[str, object]) -> None:
    before = rows(app)
    client = app.test_client()
    for address in addresses(app, own):
        answer = client.open(address.path, method=address.method)
        if TABLE[address.name] is not For.ALL:
            assert answer.status_code in (303, 403), address
            assert "sign-in" in answer.headers.get("Location", "sign-in"), address
    assert rows(app) == before


@pytest.mark.long
@pytest.mark.parametrize("role", ["dee", "ben"])
def test_what_is_of_another_site_is_as_if_it_did_not_exist(
    role: str, foreign: dict[str, object], request: pytest.FixtureRequest
) -> None:
    desk: Desk = request.getfixturevalue(role)
    token, before = token_of(desk.client), rows(desk.app)
    for here, nowhere in naming_something(desk.app, foreign):
        assert go(desk, here, token) == go(desk, nowhere, token) == 404, here
    # Nor does it help to name one's own site beside a foreign thing.
    for here, _ in naming_something(desk.app, {**foreign, "key": "blog"}):
        if set("0123456789") & set(here.path):
            assert go(desk, here, token) in (403, 404), here
    assert rows(desk.app) == before


@pytest.mark.long
def test_moderators_get_what_is_theirs_and_nothing_of_the_owners(
    ben: Desk, own: dict[str, object]
) -> None:
    token, before = token_of(ben.client), rows(ben.app)
    of_owners = (For.OWNERS, For.OWNERS_OF_ALL)
    for address in addresses(ben.app, own):
        if TABLE[address.name] in of_owners:
            assert go(ben, address, token) in (403, 404), address
    assert rows(ben.app) == before
    for address in addresses(ben.app, own):
        if TABLE[address.name] is For.MODERATORS:
            assert go(ben, address, token) not in (401, 403, 404, 405), address


@pytest.mark.long
def test_owners_get_all_of_their_site_and_nothing_of_the_service(
    dee: Desk, own: dict[str, object]
) -> None:
    token = token_of(dee.client)
    for address in addresses(dee.app, own):
        if TABLE[address.name] is For.OWNERS_OF_ALL:
            assert go(dee, address, token) == 403, address
        elif TABLE[address.name] in (For.MODERATORS, For.OWNERS):
            assert go(dee, address, token) not in (401, 403, 404, 405), address


def test_owners_of_one_site_add_no_others_and_touch_nobody_of_every_site(
    dee: Desk, ada: Desk
) -> None:
    token = token_of(dee.client)
    of_all = ada.moderator.memberships[0].id
    for path, form in (
        ("sites/_new", {"key": "mine", "origins": "https://mine.example", "language": "en"}),
        (f"sites/blog/members/{of_all}", {"deed": "remove"}),
        (f"sites/blog/members/{of_all}", {"role": "moderator"}),
        ("sites/blog/members", {"email": "x@example.org", "role": "owner", "scope": "all"}),
    ):
        answer = dee.client.post(f"/dashboard/{path}", data={"csrf_token": token, **form})
        assert answer.status_code == 403, path
    assert dee.client.get("/dashboard/sites/blog/members").status_code == 200


def test_every_page_of_a_site_opens_for_its_owner(dee: Desk, own: dict[str, object]) -> None:
    for address in addresses(dee.app, own):
        if address.method == "GET" and TABLE[address.name] in (For.MODERATORS, For.OWNERS):
            answer = dee.client.get(address.path, query_string=FORMS.get(address.name))
            assert answer.status_code == 200, address
            assert answer.headers["Cache-Control"] == "no-store"
            ancestors = "'self'" if address.name == "preview" else "'none'"
            policy = answer.headers["Content-Security-Policy"]
            assert f"frame-ancestors {ancestors}" in policy
