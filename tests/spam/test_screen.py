"""Spam, first line: certain cases are refused, doubtful ones held, and each check says why."""

from datetime import timedelta
from typing import Any

import pytest

from commentbox.spam import CHECKS, Outcome, Policy, Submission, screen

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
    verdict = screen(
        submission(honeypot="x", ticket_age=None, link_count=9, same_text_elsewhere=4), POLICY
    )
    assert verdict.outcome is Outcome.REFUSE
    assert len(verdict.reasons) == len(CHECKS)


def test_a_reason_is_kept_as_plain_values() -> None:
    (reason,) = screen(submission(link_count=3), POLICY).reasons
    assert reason.as_dict() == {
        "check": "links",
        "code": "many_links",
        "message": "Number of links: %(links)s. With more than %(max_links)s it waits.",
        "facts": {"links": 3, "max_links": 2},
    }
