"""Spam, first line: certain cases are refused, doubtful ones held, and each check says why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from commentbox.spam import CHECKS, BanNotice, Outcome, Policy, Standing, Submission, screen

POLICY = Policy(pace=timedelta(seconds=3), max_links=2)


def submission(**changes: Any) -> Submission:
    """Return a comment that nobody objects to, but for the changes."""
    good: dict[str, Any] = {
        "text": "I agree.",
        "link_count": 0,
        "ticket_age": timedelta(seconds=40),
    }
    return Submission(**{**good, **changes})


def test_a_comment_without_objection_is_published() -> None:
    verdict = screen(submission(), POLICY)
    assert verdict.outcome is Outcome.PUBLISH
    assert verdict.reasons == ()


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        (
            {"ticket_age": timedelta(seconds=2.94)},
            "too_fast",
            "Sent 2.9 s after the form was opened; below 3.0 s it waits.",
        ),
        (
            {"ticket_age": None},
            "ticket_missing",
            "It came without a ticket, so nobody knows how long its author took.",
        ),
        (
            {"ticket_age": None, "ticket_problem": "missing"},
            "ticket_missing",
            "It came without a ticket, so nobody knows how long its author took.",
        ),
        (
            {"ticket_age": None, "ticket_problem": "expired"},
            "ticket_expired",
            "The form had been open for so long that its ticket expired.",
        ),
        (
            {"ticket_problem": "forged"},
            "ticket_forged",
            "Its ticket was not made by this service.",
        ),
        (
            {"link_count": 3},
            "many_links",
            "Number of links: 3. With more than 2 it waits.",
        ),
        (
            {"same_text_elsewhere": 1},
            "same_text_elsewhere",
            "Other threads that got the same text within a day: 1.",
        ),
    ],
)
def test_a_doubtful_comment_is_held_and_the_reason_is_a_sentence(
    changes: dict[str, Any], code: str, sentence: str
) -> None:
    verdict = screen(submission(**changes), POLICY)
    assert verdict.outcome is Outcome.HOLD
    assert [(reason.code, str(reason)) for reason in verdict.reasons] == [(code, sentence)]
    assert verdict.field_errors() == ()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"honeypot": "x"}, "contact_me_by_fax", "must_be_empty"),
        ({"honeypot": " "}, "contact_me_by_fax", "must_be_empty"),
        ({"same_text_in_thread": True}, "text", "duplicate"),
        ({"same_text_in_thread": True, "same_text_elsewhere": 2}, "text", "duplicate"),
    ],
)
def test_a_certain_case_is_refused_and_its_author_is_told(
    changes: dict[str, Any], field: str, code: str
) -> None:
    verdict = screen(submission(**changes), POLICY)
    assert verdict.outcome is Outcome.REFUSE
    assert [(error.field, error.code) for error in verdict.field_errors()] == [(field, code)]


@pytest.mark.parametrize(
    "changes", [{"link_count": 2}, {"ticket_age": timedelta(seconds=3)}, {"same_text_elsewhere": 0}]
)
def test_at_the_limit_itself_a_comment_is_published(changes: dict[str, Any]) -> None:
    assert screen(submission(**changes), POLICY).outcome is Outcome.PUBLISH


def test_every_check_is_asked_and_every_reason_kept() -> None:
    strict = replace(POLICY, moderation="all", young_days=1, old_thread_days=1, words=("casino*",))
    verdict = screen(
        submission(
            honeypot="x",
            ticket_age=None,
            link_count=9,
            same_text_elsewhere=4,
            text="Casinos!",
            thread_age=timedelta(days=1),
            bans=(BanNotice("address", "cy@example.org"),),
            is_storm=True,
        ),
        strict,
    )
    assert verdict.outcome is Outcome.REFUSE
    assert len(verdict.reasons) == len(CHECKS)


@pytest.mark.parametrize(
    ("author", "code"),
    [
        (Standing(), "unknown_author"),
        (Standing(approved=1), "unknown_author"),
        (Standing(approved=5, has_spam=True), "author_of_spam"),
        (Standing(approved=2), None),
    ],
)
def test_where_strangers_wait_approved_comments_make_an_author_known(
    author: Standing, code: str | None
) -> None:
    policy = replace(POLICY, moderation="known", known_after=2)
    reasons = screen(submission(author=author), policy).reasons
    assert [reason.code for reason in reasons] == ([code] if code else [])


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (None, "new_author"),
        (timedelta(days=6, hours=23), "young_author"),
        (timedelta(days=7), None),
    ],
)
def test_young_authors_wait_as_long_as_the_site_wants(
    age: timedelta | None, code: str | None
) -> None:
    author = Standing(approved=1, age=age)
    reasons = screen(submission(author=author), replace(POLICY, young_days=7)).reasons
    assert [reason.code for reason in reasons] == ([code] if code else [])


def test_in_an_old_thread_everything_waits() -> None:
    policy = replace(POLICY, old_thread_days=30)
    for age, outcome in ((29, Outcome.PUBLISH), (30, Outcome.HOLD)):
        verdict = screen(submission(thread_age=timedelta(days=age)), policy)
        assert verdict.outcome is outcome


def test_in_a_storm_strangers_wait_and_known_authors_do_not() -> None:
    assert [r.code for r in screen(submission(is_storm=True), POLICY).reasons] == ["storm"]
    known = submission(is_storm=True, author=Standing(approved=1))
    assert screen(known, POLICY).reasons == ()


def test_an_open_ban_refuses_and_a_shadow_ban_holds() -> None:
    shadow = BanNotice("address", "cy@example.org", reason="insults")
    verdict = screen(submission(bans=(shadow,)), POLICY)
    assert verdict.outcome is Outcome.HOLD
    assert "insults" not in str(verdict.reasons[0])
    told = BanNotice("network", "f00", is_open=True, reason="insults", until="2026-03-01")
    (error,) = screen(submission(bans=(shadow, told)), POLICY).field_errors()
    assert (error.field, error.code) == ("text", "banned")
    assert error.message % error.facts == (
        "Comments from you are not accepted here until 2026-03-01: insults"
    )


def test_a_banned_word_counts_only_where_it_stands() -> None:
    ban = BanNotice("word", "casino*", is_open=True)
    assert screen(submission(bans=(ban,)), POLICY).reasons == ()
    (error,) = screen(
        submission(bans=(ban,), website="https://casino.example"), POLICY
    ).field_errors()
    assert error.message % error.facts == "Comments with “casino*” are not accepted here."


def test_a_reason_is_kept_as_plain_values() -> None:
    (reason,) = screen(submission(link_count=3), POLICY).reasons
    assert reason.as_dict() == {
        "check": "links",
        "code": "many_links",
        "message": "Number of links: %(links)s. With more than %(max_links)s it waits.",
        "facts": {"links": 3, "max_links": 2},
    }
