"""Search, filters and bulk decisions: what is found, what a preview tells, and what is touched."""

import html
import re
from datetime import timedelta

import pytest

from commentbox.actions.edit import edit
from commentbox.actions.report import report
from commentbox.models import Comment, Site, State
from tests.web.dashboard.people import WRITTEN_AT, Desk, publish, state_of, write


def shown(page: str) -> list[int]:
    """Return the numbers of the comments on a page of the queue."""
    return [int(number) for number in re.findall(r'id="comment-(\d+)"', page)]


@pytest.mark.long
def test_filters_narrow_the_list_and_stay_while_it_is_worked_on(
    ada: Desk, site: Site, other_site: Site
) -> None:
    wanted = write(ada.app, site, "Datenschutz geht vor.", name="Noor", email="noor@example.net")
    same_name = write(ada.app, site, "Anderes Thema.", name="Noor")
    elsewhere = write(ada.app, other_site, "Datenschutz auch hier.", name="Kim")
    everything = [wanted.id, same_name.id, elsewhere.id]
    for query, found in (
        ("", everything),
        ("q=daten", [wanted.id, elsewhere.id]),
        ("q=daten&site=blog", [wanted.id]),
        ("site=other", [elsewhere.id]),
        ("site=none", []),
        ("page=/post", everything),
        ("page=https://blog.example/post?utm_source=x", everything),
        ("page=/post&site=other", [elsewhere.id]),
        ("page=/elsewhere", []),
        ("page=null", []),
        ("author=Noor", [wanted.id, same_name.id]),
        ("author=noor@example.net", [wanted.id]),
        ("since=2026-03-01&until=2026-03-01", everything),
        ("since=2026-03-02", []),
        ("until=2026-02-28", []),
        ("until=9999-12-31", everything),
        ("since=0001-01-01", everything),
        ("since=yesterday", everything),
        (f"like={wanted.id}", [wanted.id]),
        (f"like={same_name.id}", [same_name.id]),
        (f"near={wanted.id}&site=blog", [wanted.id, same_name.id]),
        ("like=999999", []),
        ("q=%00&author=%00", everything),
    ):
        assert shown(ada.look(f"?{query}")) == found, query
    page = ada.look("?q=daten&site=blog")
    assert "1 found." in page
    assert 'href="/dashboard/?q=daten&site=blog&state=spam"' in page
    assert 'value="q=daten&site=blog"' in page


def test_a_search_never_finds_what_is_on_anothers_site(
    ben: Desk, site: Site, other_site: Site
) -> None:
    foreign = write(ben.app, other_site, "Geheim", name="Secret Name")
    for query in ("q=geheim", "site=other", f"like={foreign.id}", f"near={foreign.id}"):
        page = ben.look(f"?state=all&{query}")
        assert shown(page) == []
        assert "Secret Name" not in page
    answer = ben.press("/dashboard/bulk/ticked", to="spam", comment=[foreign.id])
    assert answer.status_code == 303
    ben.press("/dashboard/bulk", to="spam", place="state=all&site=other", up_to=10**9)
    assert state_of(ben.app, foreign) == State.HELD


def test_a_preview_tells_what_a_decision_on_all_by_an_author_would_touch(
    ben: Desk, site: Site
) -> None:
    spam = [write(ben.app, site, f"Kauft {n}!", name="Max", email="max@x.example") for n in "123"]
    spam.append(publish(ben.app, site, "Kauft!", name="Max", email="max@x.example"))
    other = write(ben.app, site, "Kauft nichts.", name="Max")
    preview = ben.look(f"bulk?to=spam&state=all&like={spam[0].id}")
    assert "This touches 4 comments." in preview
    assert "Waiting 3" in preview
    assert "Published 1" in preview
    later = write(ben.app, site, "Kauft noch mehr!", name="Max", email="max@x.example")
    form = dict(re.findall(r'name="(place|up_to)" value="([^"]*)"', preview))
    done = ben.press("/dashboard/bulk", to="spam", **form)
    assert [state_of(ben.app, comment) for comment in spam] == [State.SPAM] * 4
    assert state_of(ben.app, other) == state_of(ben.app, later) == State.HELD
    there = ben.look(done.location.removeprefix("/dashboard/"))
    assert "4 comments are marked as spam." in there
    undo = re.findall(r'action="(/dashboard/decisions/[0-9]+/undo)"', there)
    ben.press(undo[0])
    assert [state_of(ben.app, comment) for comment in spam] == [
        *[State.HELD] * 3,
        State.PUBLISHED,
    ]


def test_ticked_comments_are_decided_on_at_once(ben: Desk, site: Site) -> None:
    held = [write(ben.app, site, f"Nummer {n}.") for n in range(4)]
    ticked = [held[0].id, held[2].id, "x", 10**30]
    done = ben.press("/dashboard/bulk/ticked", to="published", comment=ticked, place="q=nummer")
    assert [state_of(ben.app, comment) for comment in held] == [
        State.PUBLISHED,
        State.HELD,
        State.PUBLISHED,
        State.HELD,
    ]
    assert done.location.startswith("/dashboard/?q=nummer&decided=")
    assert ben.press("/dashboard/bulk/ticked", to="published").status_code == 303


def test_of_a_batch_over_two_sites_a_moderator_undoes_their_own_part(
    ada: Desk, ben: Desk, site: Site, other_site: Site
) -> None:
    held = [write(ada.app, where, "Nummer 1.") for where in (site, other_site)]
    done = ada.press("/dashboard/bulk/ticked", to="spam", comment=[each.id for each in held])
    number = re.findall(r"decided=([0-9]+)", done.location)[0]
    undone = ben.press(f"/dashboard/decisions/{number}/undo")
    assert "skipped=1" in undone.location
    assert [state_of(ada.app, each) for each in held] == [State.HELD, State.SPAM]


@pytest.mark.parametrize("to", ["", "everything", "\0"])
def test_a_bulk_decision_that_no_button_makes_is_refused(ben: Desk, site: Site, to: str) -> None:
    held = write(ben.app, site)
    assert ben.client.get("/dashboard/bulk", query_string={"to": to}).status_code == 400
    for path in ("/dashboard/bulk", "/dashboard/bulk/ticked"):
        answer = ben.press(path, to=to, comment=held.id, up_to=10**9)
        assert answer.status_code == 400
    assert ben.press("/dashboard/bulk", to="spam", up_to="all").status_code == 400
    assert state_of(ben.app, held) == State.HELD


def test_spam_is_erased_for_good_after_a_preview(ben: Desk, site: Site) -> None:
    spam = write(ben.app, site, "Kauft!", name="Max")
    kept = write(ben.app, site, "Kauft nichts!", name="Max")
    ben.decide(spam, "spam")
    preview = ben.look("bulk?to=purge&state=spam")
    assert "cannot be brought back" in preview
    form = dict(re.findall(r'name="(place|up_to)" value="([^"]*)"', preview))
    done = ben.press("/dashboard/bulk", to="purge", **form)
    assert "1 comment is erased for good." in ben.look(done.location.removeprefix("/dashboard/"))
    for query in ("q=kauft", f"like={spam.id}"):
        assert spam.id not in shown(ben.look(f"?state=all&{query}"))
    assert state_of(ben.app, kept) == State.HELD


def test_reports_are_shown_until_they_are_answered(ben: Desk, site: Site) -> None:
    comment = publish(ben.app, site)
    with ben.app.app_context():
        report(comment.id, "Das ist Werbung", "192.0.2.9", WRITTEN_AT + timedelta(hours=1))
    page = ben.look("?state=reported")
    assert shown(page) == [comment.id]
    assert "1 reader reported it" in page
    assert "Das ist Werbung" in page
    done = ben.press(f"/dashboard/comments/{comment.id}/keep", place="state=reported")
    there = ben.look(done.location.removeprefix("/dashboard/"))
    assert shown(there) == []
    assert "its reports are answered" in there
    undo = re.findall(r'action="(/dashboard/decisions/[0-9]+/undo)"', there)
    ben.press(undo[0])
    assert shown(ben.look("?state=reported")) == [comment.id]


def test_an_authors_history_counts_what_is_signed_alike_on_this_site(
    ada: Desk, site: Site, other_site: Site
) -> None:
    def by_kim(where: Site, **more: object) -> Comment:
        return publish(ada.app, where, f"{more} {where.key}", name="Kim", **more)

    by_kim(site, email="kim@example.net")
    ada.decide(by_kim(site, email="kim@example.net", website="https://x.example"), "spam")
    by_kim(other_site, email="kim@example.net")
    by_kim(site)
    held = write(ada.app, site, "Noch einer.", name="Kimberley", email="kim@example.net")
    page = ada.look()
    assert shown(page) == [held.id]
    assert "3 comments with this address" in page
    for badge in ("Published 1", "Waiting 1", "Spam 1"):
        assert badge in page


def test_what_was_changed_while_somebody_looked_at_it_is_not_published(
    ben: Desk, site: Site
) -> None:
    held = [write(ben.app, site, f"Harmlos {number}.") for number in range(3)]
    page = ben.look()
    seen = re.findall(r'name="seen" value="([0-9]+-[0-9a-f]{32})"', page)
    assert len(seen) == 3
    with ben.app.app_context():
        edit(held[0].id, "Kauft Uhren!", held[0].created_at)
        edit(held[2].id, "Kauft Uhren!!", held[2].created_at)
    digest = held[0].text_digest.hex()
    refused = ben.decide(held[0], "published", seen=digest)
    assert (refused.status_code, state_of(ben.app, held[0])) == (403, "held")
    assert "was changed while you looked" in html.unescape(refused.text)
    ticked = [each.id for each in held[1:]]
    ben.press("/dashboard/bulk/ticked", to="published", comment=ticked, seen=seen)
    assert [state_of(ben.app, each) for each in held[1:]] == ["published", "held"]
    assert ben.decide(held[0], "spam", seen=digest).status_code == 303
