"""Set up the second factor, take it off, and check the codes that are typed."""

import hmac
from datetime import datetime, timedelta

from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields, RateLimited
from commentbox.models import Moderator
from commentbox.models.totp import new_recovery_codes, recovery_digest, step_of_code

WRONG_CODES_MAX = 5
WRONG_CODES_WITHIN = timedelta(minutes=15)

WRONG_CODE = FieldError(
    "code", "invalid", "This code does not fit: take the one that the app shows now."
)


class TooManyCodes(RateLimited):
    """Somebody who knows the password tries codes."""

    message = "Too many codes that did not fit: please wait a quarter of an hour and try again."


def set_up(moderator_id: int, secret: str, code: str, at: datetime) -> list[str]:
    """Ask for a code at each sign-in from now on; return the recovery codes, to be shown once.

    The code shows that the app has the secret. Other sessions of the account end. Raises
    InvalidFields.
    """
    step = step_of_code(secret, code, at)
    if step is None:
        raise InvalidFields(WRONG_CODE)
    with atomic() as session:
        moderator = session.get_one(Moderator, moderator_id)
        moderator.totp_secret = secret
        moderator.totp_step = step
        moderator.session_number += 1
        return _give_recovery_codes(moderator)


def take_off(moderator_id: int) -> Moderator:
    """Let the password alone sign in again."""
    with atomic() as session:
        moderator = session.get_one(Moderator, moderator_id)
        moderator.totp_secret = None
        moderator.recovery_digests = []
        return moderator


def renew_recovery_codes(moderator_id: int) -> list[str]:
    """Replace the recovery codes; return the new ones, to be shown once."""
    with atomic() as session:
        return _give_recovery_codes(session.get_one(Moderator, moderator_id))


def check_code(moderator_id: int, code: str, at: datetime) -> None:
    """Use up a code of the app, or a recovery code. Raises InvalidFields and TooManyCodes.

    Wrong ones are counted with the account, whatever browsers and networks they come from.
    """
    with atomic() as session:
        moderator = session.get_one(Moderator, moderator_id, with_for_update=True)
        if _is_locked_at(moderator, at):
            raise TooManyCodes
        is_right = _use(moderator, code, at)
        moderator.wrong_codes = 0 if is_right else moderator.wrong_codes + 1
        if moderator.wrong_codes == 1:
            moderator.wrong_codes_since = at
    if not is_right:  # told once the count is kept
        raise InvalidFields(WRONG_CODE)


def _is_locked_at(moderator: Moderator, at: datetime) -> bool:
    since = moderator.wrong_codes_since
    if since is None or at >= since + WRONG_CODES_WITHIN:
        moderator.wrong_codes = 0
        return False
    return moderator.wrong_codes >= WRONG_CODES_MAX


def _use(moderator: Moderator, code: str, at: datetime) -> bool:
    if moderator.totp_secret is None:
        return False
    step = step_of_code(moderator.totp_secret, code, at, after=moderator.totp_step)
    if step is not None:
        moderator.totp_step = step
        return True
    typed = recovery_digest(code)
    left = [kept for kept in moderator.recovery_digests if not hmac.compare_digest(kept, typed)]
    is_one = len(left) < len(moderator.recovery_digests)
    moderator.recovery_digests = left
    return is_one


def _give_recovery_codes(moderator: Moderator) -> list[str]:
    codes = new_recovery_codes()
    moderator.recovery_digests = [recovery_digest(code) for code in codes]
    return codes
