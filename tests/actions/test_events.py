"""Every verb that the world may hear of writes its events in its own transaction."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from commentbox.actions.close import set_open
from commentbox.actions.edit import delete, edit
from commentbox.actions.report import report
from commentbox.db import atomic, session
from commentbox.errors import InvalidFields
from commentbox.models import Event, Site, State
from tests.factories import PAGE, WRITTEN_AT, rule, write, write_held

SOON = WRITTEN_AT + timedelta(minutes=1)


def test_a_published_comment_is_posted_and_published(site: Site) -> None:
    comment = write(site)
    assert told() == ["comment.posted", "comment.published"]
    first = session().scalars(select(Event)).first()
    assert first is not None
    assert (first.site_id, first.thread_id) == (site.id, comment.thread_id)
    assert (first.comment_id, first.happened_at) == (comment.id, WRITTEN_AT)
    assert first.is_new


def test_a_doubtful_comment_is_posted_and_held(site: Site) -> None:
    write_held(site)
    assert told() == ["comment.posted", "comment.held"]


def test_the_same_comment_sent_twice_is_told_once(site: Site) -> None:
    write(site, text="Once.", key="the same key each time")
    write(site, text="Once.", key="the same key each time")
    assert told() == ["comment.posted", "comment.published"]


def test_what_is_refused_is_not_told(site: Site) -> None:
    with pytest.raises(InvalidFields):
        write(site, parent=4711)
    assert told() == []


@pytest.mark.parametrize(
    ("to", "told_as"),
    [
        (State.PUBLISHED, "comment.published"),
        (State.SPAM, "comment.removed"),
        (State.REMOVED, "comment.removed"),
    ],
)
def test_a_decision_is_told_once_with_where_the_comment_came_from(
    site: Site, to: State, told_as: str
) -> None:
    comment = write_held(site)
    rule(comment, to)
    rule(comment, to)
    assert told()[2:] == [told_as]
    assert last().facts == {"state": to.value, "old_state": "held"}


def test_an_edit_is_told_and_so_is_that_it_waits_again(site: Site) -> None:
    comment = write(site)
    edit(comment.id, "Another thought.", SOON)
    assert told()[2:] == ["comment.edited"]
    links = " ".join(f"https://x{number}.example/" for number in range(9))
    edit(comment.id, links, SOON)
    assert told()[3:] == ["comment.edited", "comment.held"]


def test_a_report_brings_its_reason(site: Site) -> None:
    report(write(site).id, "Advertisement", "192.0.2.9", SOON)
    assert told()[2:] == ["comment.reported"]
    assert last().facts["reason"] == "Advertisement"


def test_closing_a_thread_is_told_once_and_opening_it_is_not(site: Site) -> None:
    for is_open in (False, False, True):
        set_open(site.key, PAGE, is_open=is_open)
    assert told() == ["thread.closed"]
    assert last().comment_id is None


def test_what_its_author_deletes_is_gone_from_all_events(site: Site) -> None:
    comment, other = write(site), write(site)
    with atomic() as current:
        for event in current.scalars(select(Event)):
            event.payloads = {"1": "words"}
    delete(comment.id, SOON)
    kept = {event.comment_id for event in session().scalars(select(Event)) if event.payloads}
    assert told()[4:] == ["comment.removed"]
    assert kept == {other.id}


def test_no_two_events_share_an_id_or_hold_a_full_stop_in_it(site: Site) -> None:
    write(site)
    uids = session().scalars(select(Event.uid)).all()
    assert len(set(uids)) == 2
    assert not any("." in uid for uid in uids)


def told() -> list[str]:
    return list(session().scalars(select(Event.type).order_by(Event.id)))


def last() -> Event:
    return session().scalars(select(Event).order_by(Event.id.desc())).first()  # type: ignore[return-value]
