"""Mails, through a real SMTP server: who gets which, what they say, and what they never do."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.actions.confirm import confirm
from commentbox.actions.edit import delete
from commentbox.actions.invitations import Guest, invite
from commentbox.actions.invitations import Letter as InvitationLetter
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.actions.report import report
from commentbox.actions.resets import send_reset
from commentbox.actions.subscribe import refuse, unsubscribe
from commentbox.db import atomic, session
from commentbox.delivery.email.links import Links
from commentbox.delivery.email.message import message
from commentbox.delivery.email.postman import Postman
from commentbox.delivery.email.rendering import Letter, letter
from commentbox.delivery.fanout import fan_out
from commentbox.delivery.mails import MailRoom, Mails
from commentbox.delivery.notices import notify
from commentbox.models import (
    Comment,
    Entrance,
    Event,
    Mail,
    MailPreference,
    OutgoingState,
    Role,
    Site,
    State,
    Subscription,
)
from commentbox.models.mail import queue_mail
from commentbox.models.outgoing import LEASE
from tests.factories import (
    ORIGIN,
    PAGE,
    UNHURRIED,
    WRITTEN_AT,
    ada,
    ben,
    rule,
    with_policy,
    write,
    write_held,
)
from tests.mail_server import MailServer, taking_mail

SERVICE = "https://comments.example.org"
SENDER = "Größe & Co <comments@example.org>"
SOON = WRITTEN_AT + timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with taking_mail() as server:
        yield server


class PostOffice:
    """The mails' half of a worker, worked by hand."""

    def __init__(self, postman: Postman | None) -> None:
        self.track = Mails(MailRoom(postman, SENDER, SERVICE, Links("key")), chance=lambda: 0.0)

    def work(self, at: datetime = WRITTEN_AT) -> None:
        with atomic() as current:
            fan_out(current, at, notify)
        while True:
            with atomic() as current:
                jobs = self.track.claim(current, at, self.track.lanes, [])
            if not jobs:
                return
            results = [self.track.attempt(job) for job in jobs]
            with atomic() as current:
                self.track.note(current, results, at)


@pytest.fixture
def office(server: MailServer) -> PostOffice:
    return PostOffice(Postman(server.url))


def ask(
    site: Site,
    email: str = "cy@example.org",
    address: str = "192.0.2.7",
    at: datetime = WRITTEN_AT,
    language: str = "en",
    parent: int | None = None,
    ticket_age: timedelta | None = UNHURRIED,
) -> Comment:
    """Post a comment whose author wants replies by mail."""
    draft = Draft(
        f"Words for {email}, {address}, {at}.",
        parent,
        "Cy",
        email,
        wants_replies=True,
        language=language,
    )
    page = Page(PAGE, f"{ORIGIN}{PAGE}", "Social media")
    return post(site, page, draft, Sender(address, ticket_age), at)


def confirmed(site: Site, *, wants_decision: bool = False, **how: object) -> Comment:
    """Post a comment whose author has said yes to replies by mail."""
    comment = ask(site, **how)  # type: ignore[arg-type]
    wish = (
        session().scalars(select(Subscription).where(Subscription.comment_id == comment.id)).one()
    )
    confirm(wish.id, comment.text_digest, SOON, wants_decision=wants_decision)
    return comment


def test_moderators_hear_of_a_comment_that_waits(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    owner = ada()
    write_held(site, text="Buy *this*!")
    office.work()
    (mail,) = server.mails
    assert mail["To"] == owner.email
    assert mail["From"] == SENDER
    assert mail["Subject"] == "Waiting: a comment by Cy on “/2026/social-media”"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@comments.example.org>")
    assert "> Buy this!" in text(mail)
    assert "Buy this!" in html(mail)
    assert len(links(mail, "/mail/decision/")) == 3
    assert all(link.startswith(SERVICE) for link in links(mail, "/"))


def test_nobody_hears_of_what_somebody_decided_faster(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    ada()
    rule(write_held(site), State.SPAM)
    office.work()
    assert server.mails == []
    assert session().scalars(select(Mail)).all() == []


def test_a_report_reaches_the_moderators_with_its_reason(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    ben(site)
    report(write(site).id, "Advertisement", "192.0.2.9", SOON)
    office.work(SOON)
    (mail,) = server.mails
    assert mail["Subject"].startswith("Reported:")
    assert "- Advertisement" in text(mail)


@pytest.mark.long
def test_a_storm_of_spam_is_no_storm_of_mails(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    ada()
    for number in range(30):
        write_held(site, text=f"Buy number {number}!")
    for at, each, together in (
        (WRITTEN_AT, 5, 0),
        (WRITTEN_AT + timedelta(hours=1), 5, 1),
        (WRITTEN_AT + timedelta(days=2), 5, 1),
    ):
        office.work(at)
        subjects = [mail["Subject"] for mail in server.mails]
        assert sum(subject.startswith("Waiting:") for subject in subjects) == each
        assert sum("comments are waiting on blog" in subject for subject in subjects) == together


@pytest.mark.parametrize(("pace", "at_once", "next_day"), [("digest", 0, 1), ("never", 0, 0)])
def test_a_moderator_chooses_how_often(
    site: Site, server: MailServer, office: PostOffice, pace: str, at_once: int, next_day: int
) -> None:
    owner = ada()
    with atomic() as current:
        current.add(MailPreference(moderator_id=owner.id, pace=pace))
    write_held(site)
    write_held(site)
    office.work()
    assert len(server.mails) == at_once
    office.work(WRITTEN_AT + timedelta(days=1))
    assert len(server.mails) == next_day


def test_a_commenter_is_asked_before_anything_else_and_told_nothing_by_it(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    comment = ask(site, language="de")
    write(site, parent=comment.id, name="Ada")
    office.work()
    (mail,) = server.mails
    assert mail["Subject"] == "Bitte bestätigen: Antworten per Mail von blog"
    assert "Words for" not in text(mail) + html(mail)
    assert "Social media" not in text(mail) + html(mail)
    assert len(links(mail, "/mail/confirmation/")) == 1


def test_a_confirmed_commenter_hears_of_replies_and_can_end_it_by_one_click(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    comment = confirmed(site, email="dee@example.org")
    office.work()
    server.mails.clear()
    write(site, parent=comment.id, name="Ada", text="I *agree*.")
    write(site, text="Not an answer.")
    ask(site, email="dee@example.org", parent=comment.id, at=SOON)
    office.work()
    (mail,) = server.mails
    assert mail["Subject"] == "Ada answered you on “Social media”"
    assert "> I agree." in text(mail)
    assert f"{ORIGIN}{PAGE}#comment-" in text(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith(f"<{SERVICE}/mail/unsubscription/")
    unsubscribe(site.id, "dee@example.org")
    write(site, parent=comment.id, name="Ada", text="Again.")
    office.work()
    assert len(server.mails) == 1


def test_a_held_reply_is_told_when_it_is_published_and_only_once(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    comment = confirmed(site, email="dee@example.org")
    office.work()
    server.mails.clear()
    reply = write(site, parent=comment.id, name="Ada", ticket_age=None)
    office.work()
    assert server.mails == []
    for state in (State.PUBLISHED, State.HELD, State.PUBLISHED):
        rule(reply, state)
        office.work()
    assert len(server.mails) == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("state", "subject"),
    [
        (State.PUBLISHED, "Your comment on “Social media” is published"),
        (State.SPAM, "Your comment on “Social media” was not published"),
    ],
)
def test_a_commenter_hears_of_the_decision_if_wished(
    site: Site, server: MailServer, office: PostOffice, state: State, subject: str
) -> None:
    moderator = ben(site)
    write(site)
    comment = confirmed(site, wants_decision=True, ticket_age=None)
    office.work()
    server.mails.clear()
    decide(comment.id, state, Ruling(Entrance.DASHBOARD, moderator))
    office.work()
    assert [mail["Subject"] for mail in server.mails] == [subject]


def test_in_one_thread_an_address_is_asked_once(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    confirmed(site)
    second = ask(site, at=SOON)
    office.work(SOON)
    assert server.mails == []
    wish = session().scalars(select(Subscription).where(Subscription.comment_id == second.id))
    assert wish.one().is_confirmed


@pytest.mark.long
def test_others_addresses_in_the_form_make_no_mail_cannon(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    for number in range(9):
        ask(site, "victim@example.org", f"198.51.100.{number}", SOON)
    for number in range(9):
        ask(site, f"victim{number}@example.org", "192.0.2.99", SOON)
    office.work(SOON)
    to = [mail["To"] for mail in server.mails]
    assert to.count("victim@example.org") == 2
    assert len(to) == 2 + 5


def test_a_site_asks_no_more_than_so_many_addresses_an_hour(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    first = ask(site, "first@example.org")
    with atomic() as current:
        for number in range(58):
            current.add(
                Subscription(
                    site_id=site.id,
                    thread_id=first.thread_id,
                    comment_id=first.id,
                    email=f"other{number}@example.org",
                    language="en",
                    network=f"network {number}",
                    requested_at=WRITTEN_AT,
                )
            )
    for name, at in (
        ("last", SOON),
        ("not", SOON),
        ("later", WRITTEN_AT + timedelta(hours=1, seconds=1)),
    ):
        ask(site, f"{name}@example.org", f"192.0.2.{len(name)}", at)
        office.work(at)
    asked = [mail["To"].partition("@")[0] for mail in server.mails]
    assert asked == ["first", "last", "later"]


def test_a_site_tells_of_no_more_than_so_many_replies_an_hour(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    comment = confirmed(site, email="dee@example.org")
    office.work()
    server.mails.clear()
    with atomic() as current:
        for number in range(199):
            current.add(
                Mail(
                    to=f"other{number}@example.org",
                    template="reply",
                    facts={},
                    language="en",
                    site_id=site.id,
                    queued_at=WRITTEN_AT,
                    due_at=WRITTEN_AT,
                    state=OutgoingState.DELIVERED,
                )
            )
    for at in (SOON, SOON, WRITTEN_AT + timedelta(hours=1, seconds=1)):
        write(site, parent=comment.id, at=at)
        office.work(at)
    assert [mail["To"] for mail in server.mails] == ["dee@example.org"] * 2


def test_an_address_that_refuses_is_never_asked_again(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    ask(site)
    refuse(site.id, "cy@example.org")
    ask(site, at=SOON)
    office.work(SOON)
    assert server.mails == []
    assert session().scalars(select(Subscription)).all() == []


def test_who_deletes_the_comment_is_forgotten_with_it(site: Site) -> None:
    delete(confirmed(site).id, SOON)
    assert session().scalars(select(Subscription)).all() == []


@pytest.mark.parametrize(
    ("refusal", "state", "attempts"),
    [("451 try later", "pending", 1), ("550 no such user", "failed", 1)],
)
def test_what_the_server_refuses_for_now_is_tried_again(
    site: Site,
    server: MailServer,
    office: PostOffice,
    refusal: str,
    state: str,
    attempts: int,
) -> None:
    ada()
    write_held(site)
    server.refusals = [refusal]
    office.work()
    kept = session().scalars(select(Mail)).one()
    assert (kept.state, kept.attempt_count, kept.problem) == (state, attempts, refusal)
    office.work(WRITTEN_AT + timedelta(seconds=5))
    assert len(server.mails) == (state == "pending")


def test_a_server_that_is_away_loses_no_mail(site: Site, server: MailServer) -> None:
    ada()
    write_held(site)
    PostOffice(Postman("smtp://127.0.0.1:1")).work()
    assert session().scalars(select(Mail.state)).all() == ["pending"]
    PostOffice(Postman(server.url)).work(WRITTEN_AT + timedelta(seconds=5))
    assert len(server.mails) == 1


def test_a_mail_server_that_takes_its_time_is_not_given_a_mail_twice(
    site: Site, office: PostOffice
) -> None:
    queue(site, "slow@example.org")
    with atomic() as current:
        busy = office.track.claim(current, WRITTEN_AT, 2, [])
    assert len(busy) == 1
    for leases in range(1, 4):
        with atomic() as current:
            office.track.renew(current, busy, WRITTEN_AT + leases * LEASE * 0.9)
        with atomic() as current:
            assert office.track.claim(current, WRITTEN_AT + leases * LEASE, 1, []) == []
    with atomic() as current:  # whoever held it is gone
        assert len(office.track.claim(current, WRITTEN_AT + 4 * LEASE, 1, [])) == 1
        office.track.renew(current, busy, WRITTEN_AT + 5 * LEASE)  # and holds nothing any more
    with atomic() as current:
        assert len(office.track.claim(current, WRITTEN_AT + 5 * LEASE, 1, [])) == 1


def test_without_a_mail_server_a_mail_waits_three_days_and_is_dropped_with_a_word(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    office = PostOffice(None)
    queue(site, "ada@example.org")
    for days, state in ((0, "pending"), (2, "pending"), (3, "failed")):
        office.work(WRITTEN_AT + timedelta(days=days))
        assert session().scalars(select(Mail.state)).all() == [state]
    assert "no mail server is set up" in caplog.text


def test_what_was_sent_keeps_no_facts(site: Site, server: MailServer, office: PostOffice) -> None:
    queue(site, "ada@example.org")
    office.work()
    assert len(server.mails) == 1
    assert session().scalars(select(Mail.facts)).all() == [{}]


@pytest.mark.parametrize(
    "to",
    [
        "ada@example.org\r\nBcc: victim@example.org",
        "ada@example.org, victim@example.org",
        "ada",
        "",
    ],
)
def test_an_address_that_is_more_or_less_than_one_is_never_written_to(
    site: Site, server: MailServer, office: PostOffice, to: str
) -> None:
    queue(site, to)
    queue(site, "ben@example.org")
    office.work()
    assert [mail["To"] for mail in server.mails] == ["ben@example.org"]


def test_a_name_brings_no_header_with_it(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    ada()
    write_held(site, name="Eve\r\nBcc: victim@example.org\r\n\r\nHello")
    office.work()
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]


def test_one_event_whose_mails_fail_holds_up_nothing(
    site: Site, server: MailServer, office: PostOffice
) -> None:
    ada()
    write_held(site)
    troubles = [ZeroDivisionError()]

    def stumble(current: Session, event: Event, at: datetime) -> None:
        if event.type == "comment.posted" and troubles:
            raise troubles.pop()
        notify(current, event, at)

    with atomic() as current:
        fan_out(current, WRITTEN_AT, stumble)
    office.work()
    assert troubles == []
    assert len(server.mails) == 1


def test_words_are_escaped_in_html_and_left_alone_in_text() -> None:
    facts = {
        "site": "Fish & <b>Chips</b>",
        "host": "h",
        "reason": None,
        "path": "/x",
    }
    made = letter("endpoint", "en", facts, SERVICE)
    assert "Fish & <b>Chips</b>" in made.subject
    assert "Fish &amp; &lt;b&gt;Chips&lt;/b&gt;" in made.html


def test_a_mail_is_the_same_however_often_it_is_tried() -> None:
    made = [
        message(
            Letter("S", "t", "<p>t</p>"),
            SENDER,
            "a@example.org",
            "commentbox.1",
            WRITTEN_AT,
            SERVICE,
        )
        for _ in range(2)
    ]
    assert made[0]["Message-ID"] == made[1]["Message-ID"]


def queue(site: Site, to: str) -> None:
    facts = {"site": "blog", "host": "h", "reason": None, "path": "/secret"}
    with atomic() as current:
        queue_mail(
            current,
            to=to,
            template="endpoint",
            facts=facts,
            language="de",
            at=WRITTEN_AT,
            site=site,
        )


ACCOUNT_MAILS = {
    ("invitation", "en"): (
        "Invitation to Adas Blog & mehr",
        "ada@example.org invites you to “Adas",
    ),
    ("invitation", "de"): ("Einladung zu Adas Blog & mehr", "ada@example.org lädt dich zu „Adas"),
    ("reset", "en"): ("A new password", "asked for a new password to your account."),
    ("reset", "de"): ("Ein neues Passwort", "um ein neues Passwort für dein Konto gebeten."),
    ("storm", "en"): ("Many comments are being held on Adas Blog & mehr", "Far more comments than"),
    ("storm", "de"): (
        "Auf Adas Blog & mehr werden viele Kommentare zurückgehalten",
        "weit mehr Kommentare als sonst",
    ),
}
LEADS_TO = {
    "invitation": "/dashboard/invitations/a1b2",
    "reset": "/dashboard/reset/c3d4",
    "storm": "/dashboard/",
}


@pytest.mark.long
@pytest.mark.parametrize(("template", "language"), ACCOUNT_MAILS)
def test_invitations_lost_passwords_and_storms_reach_their_people(
    site: Site, server: MailServer, office: PostOffice, template: str, language: str
) -> None:
    with_policy(site, name="Adas Blog & mehr", language=language, storm_held=1)
    site, owner, now = session().get_one(Site, site.id), ada(), WRITTEN_AT
    match template:
        case "invitation":
            by_mail = InvitationLetter(lambda _: LEADS_TO["invitation"], language)
            invite(Guest("ada@example.com", Role.MODERATOR, site), owner, now, by_mail)
        case "reset":
            send_reset(owner.email, lambda _: LEADS_TO["reset"], language, now)
        case "storm":
            with atomic() as current:
                current.add(MailPreference(moderator_id=owner.id, pace="never"))
            write_held(site)
    office.work()
    (mail,) = server.mails
    subject, said = ACCOUNT_MAILS[template, language]
    assert mail["To"] == ("ada@example.com" if template == "invitation" else owner.email)
    assert mail["Subject"] == subject
    link = SERVICE + LEADS_TO[template]
    assert link in text(mail).split()
    assert f'href="{link}"' in html(mail)
    assert said in text(mail)
    assert said in html(mail)
    assert f'<html lang="{language}"' in html(mail)
    assert "<img" not in html(mail)
    # Once it is sent, the row that a backup may hold opens no door.
    kept = session().scalars(select(Mail).where(Mail.template == template)).one()
    session().refresh(kept)
    assert (kept.state, kept.facts) == ("delivered", {})


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def links(mail: EmailMessage, path: str) -> list[str]:
    return [url for url in re.findall(r"https?://\S+", text(mail)) if path in url]
