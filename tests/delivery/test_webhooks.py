"""Deliveries: at least once, the same id and body each time, and a log of what came of it."""

import json
import socket
from datetime import timedelta

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from commentbox.actions.edit import delete, edit
from commentbox.actions.endpoints import (
    Wish,
    add_endpoint,
    change_endpoint,
    replay,
    replay_failed,
    replay_message,
    rotate_secret,
    send_test,
    set_enabled,
)
from commentbox.actions.report import report
from commentbox.db import atomic, session
from commentbox.delivery.backoff import SCHEDULE
from commentbox.delivery.prune import prune
from commentbox.delivery.webhooks import Webhooks
from commentbox.errors import InvalidFields
from commentbox.models import Attempt, Delivery, Endpoint, Event, Mail, Site, State
from commentbox.outbound import Client
from tests.delivery.conftest import CLIENT, Outbox
from tests.factories import WRITTEN_AT, ada, rule, write, write_held
from tests.receivers import Received, Receiver, reset, status

SOON = WRITTEN_AT + timedelta(minutes=1)
POSTED = Wish("", ("comment.posted",))


@pytest.fixture
def endpoint(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that wants to hear of new comments only."""
    return change_endpoint(endpoint.id, Wish(endpoint.url, ("comment.posted",)), CLIENT)


def test_an_event_arrives_signed_with_what_happened(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    comment = write(site, text="Well *said*!")
    outbox.deliver()
    (received,) = receiver.received
    assert received.headers["content-type"] == "application/json"
    body = json.loads(received.body)
    assert (body["type"], body["timestamp"]) == ("comment.posted", "2026-03-01T12:00:00.000000Z")
    assert body["data"]["site"] == site.key
    assert body["data"]["thread"]["title"] == "Social media"
    assert body["data"]["comment"]["id"] == comment.id
    assert body["data"]["comment"]["html"] == "<p>Well <em>said</em>!</p>"
    assert "cy@example.org" not in received.body.decode()
    assert verified(received, endpoint.secret) == body
    assert stored().state == "delivered"
    assert attempt().status == 204


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ((), ["comment.posted", "comment.held", "comment.published", "comment.reported"]),
        (("comment.reported",), ["comment.reported"]),
        (("thread.closed",), []),
    ],
)
def test_an_endpoint_is_told_what_it_asked_for(
    site: Site,
    receiver: Receiver,
    outbox: Outbox,
    events: tuple[str, ...],
    told: list[str],
) -> None:
    add_endpoint(site.key, Wish(receiver.url, events), CLIENT, WRITTEN_AT)
    comment = write_held(site)
    rule(comment, State.PUBLISHED)
    report(comment.id, "Advertisement", "192.0.2.9", SOON)
    outbox.deliver()
    assert [json.loads(each.body)["type"] for each in receiver.received] == told


def test_what_happened_before_it_was_added_is_not_told(
    site: Site, receiver: Receiver, outbox: Outbox
) -> None:
    write(site)
    add_endpoint(site.key, Wish(receiver.url), CLIENT, WRITTEN_AT)
    outbox.deliver()
    assert receiver.received == []


def test_a_failure_is_tried_again_by_the_schedule_with_the_same_id_and_body(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(500, b"oh no"), reset, status(200)]
    comment = write(site, text="First words.")
    outbox.deliver()
    assert (stored().state, stored().due_at) == ("pending", WRITTEN_AT + SCHEDULE[1])
    edit(comment.id, "Second words.", SOON)
    outbox.deliver(WRITTEN_AT + SCHEDULE[1])
    assert stored().due_at == outbox.at + SCHEDULE[2]
    outbox.deliver(stored().due_at)
    assert stored().state == "delivered"
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    assert len({each.body for each in receiver.received}) == 1
    log = session().scalars(select(Attempt).order_by(Attempt.id)).all()
    assert [(each.status, each.problem) for each in log] == [
        (500, None),
        (None, "cut_off"),
        (200, None),
    ]
    assert log[0].body == "oh no"


@pytest.mark.parametrize("code", [301, 307, 400])
def test_only_a_success_has_arrived(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox, code: int
) -> None:
    receiver.replies = [status(code, location=receiver.url)]
    write(site)
    outbox.deliver()
    assert (stored().state, stored().due_at) == ("pending", WRITTEN_AT + SCHEDULE[1])


def test_nothing_is_sent_before_it_is_due(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(500)]
    write(site)
    outbox.deliver()
    outbox.deliver(WRITTEN_AT + timedelta(seconds=4))
    assert len(receiver.received) == 1


def test_after_the_last_attempt_it_is_given_up(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(500)]
    write(site)
    for _ in SCHEDULE:
        outbox.deliver(stored_or_none().due_at if stored_or_none() else WRITTEN_AT)
    assert (stored().state, stored().attempt_count) == ("failed", len(SCHEDULE))
    assert len(receiver.received) == len(SCHEDULE)


def test_a_receiver_that_asks_for_time_gets_it(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(429, retry_after="3600"), status(200)]
    write(site)
    outbox.deliver()
    later = WRITTEN_AT + timedelta(hours=1)
    assert stored().due_at == later
    write(site)
    outbox.deliver(WRITTEN_AT + timedelta(minutes=1))
    assert len(receiver.received) == 1, "the endpoint is paused for all messages"
    outbox.deliver(later)
    assert len(receiver.received) == 3


def test_a_receiver_that_asks_for_all_time_is_asked_again_after_a_day(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(429, retry_after="Fri, 31 Dec 9999 23:59:59 -2359")]
    write(site)
    outbox.deliver()
    again = WRITTEN_AT + timedelta(days=1)
    paused_until = session().scalar(select(Endpoint.paused_until))
    assert (stored().state, stored().due_at, paused_until) == ("pending", again, again)


def test_an_attempt_that_stumbles_counts_like_any_failure(
    site: Site, endpoint: Endpoint, outbox: Outbox
) -> None:
    outbox.track = Webhooks(Client(allows_private=True, dial=_stumble), chance=lambda: 0.0)
    write(site)
    outbox.deliver()
    assert (stored().due_at, stored().attempt_count) == (WRITTEN_AT + SCHEDULE[1], 1)
    assert session().scalar(select(Attempt.problem)) == "stumbled"


def _stumble(_sockaddr: object, _timeout_seconds: float) -> socket.socket:
    raise ZeroDivisionError


def test_gone_disables_the_endpoint_and_tells_its_owner(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    owner = ada()
    receiver.replies = [status(410)]
    write(site)
    outbox.deliver()
    assert again(endpoint).disabled_because == "gone"
    assert stored().state == "failed"
    (mail,) = session().scalars(select(Mail)).all()
    assert (mail.to, mail.template) == (owner.email, "endpoint")
    write(site)
    outbox.deliver()
    assert len(receiver.received) == 1


def test_after_a_day_of_failures_the_owner_is_warned_once_and_after_five_it_ends(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    ada()
    receiver.replies = [status(500)]
    for hours in (0, 23, 25, 49, 119):
        write(site)
        outbox.deliver(WRITTEN_AT + timedelta(hours=hours))
    reasons = [mail.facts["reason"] for mail in session().scalars(select(Mail))]
    assert reasons == [None]
    assert again(endpoint).is_enabled
    write(site)
    outbox.deliver(WRITTEN_AT + timedelta(days=5, hours=1))
    assert again(endpoint).disabled_because == "failing"
    reasons = [mail.facts["reason"] for mail in session().scalars(select(Mail))]
    assert reasons == [None, "failing"]
    assert {each.state for each in session().scalars(select(Delivery))} == {"failed"}


def test_one_success_ends_the_count_of_days(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    ada()
    receiver.replies = [status(500), status(200), status(500)]
    for hours in (0, 20, 40):
        write(site)
        outbox.deliver(WRITTEN_AT + timedelta(hours=hours))
    assert session().scalars(select(Mail)).all() == []


def test_what_a_disabled_endpoint_missed_can_be_replayed(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    set_enabled(endpoint.id, WRITTEN_AT, is_enabled=False)
    write(site)
    write(site)
    outbox.deliver()
    assert receiver.received == []
    set_enabled(endpoint.id, SOON, is_enabled=True)
    assert replay_failed(endpoint.id, SOON) == 2
    outbox.deliver(SOON)
    assert len(receiver.received) == 2


def test_a_message_is_replayed_under_its_old_id(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    write(site)
    outbox.deliver()
    replay(stored().id, SOON)
    outbox.deliver(SOON)
    assert replay_message(receiver.received[0].headers["webhook-id"], SOON) == 1
    outbox.deliver(SOON)
    assert len(receiver.received) == 3
    assert len({(each.headers["webhook-id"], each.body) for each in receiver.received}) == 1


def test_a_test_reaches_an_endpoint_whatever_it_chose(
    endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    send_test(endpoint.id, WRITTEN_AT)
    outbox.deliver()
    (received,) = receiver.received
    assert json.loads(received.body)["type"] == "webhook.test"


def test_for_a_day_after_a_rotation_both_secrets_verify(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    old = endpoint.secret
    new = rotate_secret(endpoint.id, WRITTEN_AT).secret
    for hours in (0, 25):
        write(site)
        outbox.deliver(WRITTEN_AT + timedelta(hours=hours))
    first, second = receiver.received
    assert verified(first, old) == verified(first, new)
    verified(second, new)
    assert len(second.headers["webhook-signature"].split()) == 1


def test_what_its_author_erased_leaves_without_the_words(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(500), status(200)]
    comment = write(site, text="Something regretted.", name="Cyrus")
    outbox.deliver()
    delete(comment.id, SOON)
    assert "regretted" not in str(session().scalars(select(Event.payloads)).all())
    outbox.deliver(SOON)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert b"regretted" not in second.body
    assert b"Cyrus" not in second.body


def test_a_long_comment_comes_shortened_and_below_twenty_kilobytes(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    write(site, text="€" * 9000)
    outbox.deliver()
    (received,) = receiver.received
    assert len(received.body) < 20_000
    comment = json.loads(received.body)["data"]["comment"]
    assert comment["is_shortened"]
    assert comment["text"].startswith("€€€")


def test_the_payload_says_what_a_comment_was_when_it_happened(
    site: Site, receiver: Receiver, outbox: Outbox
) -> None:
    add_endpoint(site.key, Wish(receiver.url), CLIENT, WRITTEN_AT)
    rule(write_held(site), State.PUBLISHED)
    outbox.deliver()
    told = [json.loads(each.body) for each in receiver.received]
    assert [each["data"]["comment"]["state"] for each in told] == ["held", "held", "published"]


def test_the_log_is_kept_for_a_week(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    write(site)
    outbox.deliver()
    for days, left in ((6, 1), (8, 0)):
        with atomic() as current:
            prune(current, WRITTEN_AT + timedelta(days=days))
        assert len(session().scalars(select(Delivery)).all()) == left
    assert session().scalars(select(Attempt)).all() == []


def test_what_waits_is_not_forgotten(
    site: Site, endpoint: Endpoint, receiver: Receiver, outbox: Outbox
) -> None:
    receiver.replies = [status(500)]
    write(site)
    outbox.deliver()
    with atomic() as current:
        prune(current, WRITTEN_AT + timedelta(days=30))
    assert stored().state == "pending"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish("https://127.0.0.1/hook"), "url"),
        (Wish("http://hooks.example.org/"), "url"),
        (Wish("hooks.example.org"), "url"),
        (Wish("https://hooks.example.org/", ("comment.liked",)), "events"),
        (Wish("https://hooks.example.org/" + "a" * 2000), "url"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(site: Site, wish: Wish, field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        add_endpoint(site.key, wish, Client(), WRITTEN_AT)
    assert [error.field for error in refused.value.errors] == [field]


def verified(received: Received, secret: str) -> object:
    """Return a message's body as the reference library accepts it."""
    return Webhook(secret).verify(received.body, received.headers)


def stored() -> Delivery:
    return session().scalars(select(Delivery).order_by(Delivery.id)).first()  # type: ignore[return-value]


def stored_or_none() -> Delivery | None:
    return session().scalars(select(Delivery)).first()


def attempt() -> Attempt:
    return session().scalars(select(Attempt)).one()


def again(endpoint: Endpoint) -> Endpoint:
    return session().get_one(Endpoint, endpoint.id)
