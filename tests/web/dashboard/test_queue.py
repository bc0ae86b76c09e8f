"""The queue: who sees what, what a decision does, and how it is said."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.actions.edit import delete, edit
from commentbox.actions.moderate import Ruling, decide
from commentbox.db import session
from commentbox.models import Decision, Entrance, Site, State
from tests.web.dashboard.people import (
    WRITTEN_AT,
    Desk,
    fragment,
    publish,
    state_of,
    token_of,
    write,
)


@pytest.mark.long
def test_moderators_see_and_decide_on_their_own_sites_only(
    ada: Desk, ben: Desk, cy: Desk, site: Site, other_site: Site
) -> None:
    for desk, sees in (
        (ada, {site.key, other_site.key}),
        (ben, {site.key}),
        (cy, {other_site.key}),
    ):
        for where in (site, other_site):
            held = write(desk.app, where, f"Comment on {where.key} for {desk.moderator.email}.")
            is_theirs = where.key in sees
            assert (held.text in desk.look()) is is_theirs
            answer = desk.decide(held, "published")
            assert answer.status_code == (303 if is_theirs else 404)
            assert state_of(desk.app, held) == (State.PUBLISHED if is_theirs else State.HELD)


def test_a_foreign_comment_is_answered_like_one_that_does_not_exist(
    ben: Desk, other_site: Site
) -> None:
    foreign = write(ben.app, other_site)
    foreign_answer = ben.decide(foreign, "published")
    for number in (foreign.id + 1000, 2**63 - 1):
        form = {"csrf_token": token_of(ben.client), "to": "published"}
        unknown = ben.client.post(f"/dashboard/comments/{number}/decision", data=form)
        assert unknown.status_code == foreign_answer.status_code == 404
        assert unknown.text == foreign_answer.text


def test_the_last_decision_on_a_foreign_comment_is_not_told(
    ben: Desk, cy: Desk, other_site: Site
) -> None:
    foreign = write(cy.app, other_site, name="Secret Name")
    cy.decide(foreign, "spam")
    assert "Secret Name" not in ben.look(f"?decided={foreign.id}")


def test_an_approved_comment_is_what_readers_see(ben: Desk, site: Site) -> None:
    held = write(ben.app, site, "Wait for me!")
    reader = ben.app.test_client()
    assert held.text not in fragment(reader)
    answer = ben.decide(held, "published")
    assert answer.status_code == 303
    assert held.text in fragment(reader)
    assert held.text not in ben.look()
    assert held.text in ben.look("?state=published")


@pytest.mark.long
@pytest.mark.parametrize("to", ["published", "spam", "removed"])
def test_undo_puts_a_comment_back(ben: Desk, site: Site, to: str) -> None:
    held = write(ben.app, site, name="Noor")
    there = ben.client.get(ben.decide(held, to).location).text
    notice = re.search(r'id="decided".*?</li>', there, re.DOTALL)
    assert notice
    assert "Noor" in notice[0]
    undo = re.search(r'action="(/dashboard/decisions/[0-9]+/undo)"', notice[0])
    assert undo
    undone = ben.press(undo[1])
    assert "is waiting again" in ben.look(undone.location.removeprefix("/dashboard/"))
    assert state_of(ben.app, held) == State.HELD
    assert "Noor" not in fragment(ben.app.test_client())
    assert held.text in ben.look()


def test_a_decision_is_kept_with_who_made_it_and_where(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    ben.decide(held, "spam")
    with ben.app.app_context():
        kept = session().scalars(select(Decision)).one()
    assert (kept.old_state, kept.new_state) == ("held", "spam")
    assert (kept.moderator_id, kept.entrance) == (ben.moderator.id, Entrance.DASHBOARD)


@pytest.mark.long
def test_every_button_of_every_list_works(ben: Desk, site: Site) -> None:
    comment = write(ben.app, site)
    for state in ("held", "published", "spam", "removed"):
        ben.decide(comment, state)
        offered = re.findall(r'name="to" value="(\w+)"', ben.look(f"?state={state}"))
        assert state not in offered
        for to in offered:
            ben.decide(comment, state)
            assert ben.decide(comment, to).status_code == 303
            assert state_of(ben.app, comment) == to


def test_two_moderators_who_agree_do_not_disturb_each_other(
    ada: Desk, ben: Desk, site: Site
) -> None:
    held = write(ben.app, site)
    ada.decide(held, "published")
    second = ben.decide(held, "published")
    assert second.status_code == 303
    assert 'id="decided"' not in ben.look(second.location.removeprefix("/dashboard/"))


def test_after_a_decision_the_list_is_where_it_was(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for place in (
        "state=published&after=12&before=x",
        "state=all&q=wait&author=Noor&since=2026-01-01",
    ):
        location = ben.decide(held, "spam", place=place).location
        kept = place.removesuffix("&before=x")
        assert re.fullmatch(rf"/dashboard/\?{kept}&decided=[0-9]+#decided", location)
        ben.decide(held, "held")


def test_what_was_decided_is_said_where_the_comment_stood(ben: Desk, site: Site) -> None:
    first, second, third = (write(ben.app, site, f"Number {n}.") for n in (1, 2, 3))
    page = ben.client.get(ben.decide(second, "published").location).text
    places = [page.index(mark) for mark in (first.text, 'id="decided"', third.text)]
    assert places == sorted(places)


def test_who_waits_longest_comes_first_and_elsewhere_the_newest(ben: Desk, site: Site) -> None:
    for n in (1, 2, 3):
        write(ben.app, site, f"Held {n}.")
        publish(ben.app, site, f"Published {n}.")
    assert re.findall(r"Held \d", ben.look()) == ["Held 1", "Held 2", "Held 3"]
    published = re.findall(r"Published \d", ben.look("?state=published"))
    assert published == ["Published 3", "Published 2", "Published 1"]


@pytest.mark.long
@pytest.mark.parametrize("state", ["held", "published"])
def test_pages_show_every_comment_once_forwards_and_backwards(
    ben: Desk, site: Site, state: str
) -> None:
    make = write if state == "held" else publish
    numbers = [str(make(ben.app, site, f"Number {n} of many.").id) for n in range(60)]
    if state == "published":
        numbers.reverse()
    seen, path, pages = [], f"?state={state}", []
    while path:
        page = ben.look(path)
        seen += re.findall(r'id="comment-(\d+)"', page)
        pages.append(page)
        path = _linked(page, "next")
    assert seen == numbers
    assert len(pages) == 3
    for page, previous in ((pages[2], numbers[25:50]), (pages[1], numbers[:25])):
        assert re.findall(r'id="comment-(\d+)"', ben.look(_linked(page, "prev"))) == previous
    assert not _linked(pages[0], "prev")


def test_when_all_behind_a_cursor_is_decided_the_first_page_follows(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for cursor in (f"after={held.id}", f"before={held.id}", "after=999999999999999999"):
        assert held.text in ben.look(f"?{cursor}")


def test_the_number_of_the_waiting_is_that_of_the_moderators_sites(
    ada: Desk, ben: Desk, site: Site, other_site: Site
) -> None:
    for n, where in enumerate((site, site, other_site)):
        write(ada.app, where, f"Number {n}.")
    count = re.compile(r'class="count">(\d+)<')
    assert count.findall(ada.look("?state=spam")) == ["3"]
    assert count.findall(ben.look()) == ["2"]


def test_an_entry_shows_all_that_is_needed_to_decide(ben: Desk, site: Site) -> None:
    question = publish(ben.app, site, "Braucht es *wirklich* Regeln?", name="Ada")
    write(
        ben.app,
        site,
        "Ja, **unbedingt**.",
        name="Noor",
        email="noor@example.net",
        website="https://noor.example/",
        parent=question.id,
    )
    page = ben.look()
    for shown in (
        ">Noor</h2>",
        'href="mailto:noor@example.net"',
        'href="https://noor.example/" rel="noopener noreferrer nofollow"',
        "<strong>unbedingt</strong>",
        "in reply to Ada:</a> Braucht es wirklich Regeln?",
        'href="https://blog.example/post"',
        ">Ein Beitrag</a>",
        "It came without a ticket",
    ):
        assert shown in page


def test_reasons_are_said_in_the_moderators_language_with_their_facts(
    ben: Desk, site: Site
) -> None:
    links = " ".join(f"https://example.org/{n}" for n in range(4))
    write(ben.app, site, f"Look: {links}")
    assert "Number of links: 4. With more than 2 it waits." in ben.look()
    assert "Anzahl der Links: 4." in ben.look(**{"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})


def test_a_comment_held_after_an_edit_says_so(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site)
    links = " ".join(f"https://example.org/{n}" for n in range(4))
    with ben.app.app_context():
        edit(comment.id, links, WRITTEN_AT + timedelta(minutes=1))
    assert "It was edited and then had more links than before." in ben.look()


def test_what_its_author_deleted_can_be_seen_but_not_decided_on(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site)
    with ben.app.app_context():
        delete(comment.id, WRITTEN_AT + timedelta(minutes=1))
    page = ben.look("?state=removed")
    assert "Its author deleted it" in page
    assert 'class="decide"' not in page
    assert 'name="comment"' not in page


def test_a_decision_from_elsewhere_is_told_as_such(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site)
    with ben.app.app_context():
        decide(comment.id, State.SPAM, Ruling(Entrance.CLI))
    assert "Decided on the server" in ben.look("?state=spam")


def _linked(page: str, relation: str) -> str:
    found = re.search(rf'href="/dashboard/(\?[^"]+)" rel="{relation}"', page)
    return found[1] if found else ""
