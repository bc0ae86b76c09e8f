"""The second factor's codes, by the vectors of the standards."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from commentbox.models.totp import (
    address_of_secret,
    code_at_step,
    new_recovery_codes,
    new_secret,
    recovery_digest,
    step_at,
    step_of_code,
)

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""The key of both standards' examples."""


@pytest.mark.parametrize(
    ("counter", "code"),
    [(0, "755224"), (1, "287082"), (2, "359152"), (5, "254676"), (9, "520489")],
)
def test_codes_are_those_of_rfc_4226(counter: int, code: str) -> None:
    assert code_at_step(SECRET, counter) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at_step(SECRET, step_at(moment)) == code
    assert step_of_code(SECRET, code, moment) == step_at(moment)


def test_a_code_serves_a_step_early_or_late_and_once() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    step = step_at(moment)
    code = code_at_step(SECRET, step)
    for seconds, expected in ((-31, None), (-30, step), (0, step), (59, step), (60, None)):
        assert step_of_code(SECRET, code, moment + timedelta(seconds=seconds)) == expected
    assert step_of_code(SECRET, f" {code[:3]} {code[3:]}", moment) == step
    assert step_of_code(SECRET, code, moment, after=step) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "abcdef", "２８７０８２", "ä\ud800"])
def test_anything_else_is_no_code(typed: str) -> None:
    assert step_of_code(SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_an_app_is_told_whose_secret_it_is() -> None:
    assert address_of_secret("ABC", "ada@example.org", "Ada's blog") == (
        "otpauth://totp/Ada%27s%20blog:ada%40example.org?secret=ABC&issuer=Ada%27s%20blog"
    )
    assert len(base64.b32decode(new_secret())) == 20


def test_recovery_codes_differ_and_are_typed_as_one_likes() -> None:
    codes = new_recovery_codes()
    assert len({recovery_digest(code) for code in codes}) == 10
    assert recovery_digest(codes[0]) == recovery_digest(f" {codes[0].upper().replace('-', ' ')}")
