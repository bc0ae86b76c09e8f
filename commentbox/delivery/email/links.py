"""Links in mails: each carries a signed token that is good for one thing."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

EXPIRES_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class DecisionLink:
    """One decision that one moderator may make on one comment, as long as nobody decided since."""

    comment_id: int
    to: str
    moderator_id: int
    session_number: int  # a new password voids the links, too
    last_decision_id: int  # the decision this one follows; so a link works once


class Links:
    """Makes and reads the tokens; they are made of the service's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._decision = self._timed(secret_key, "decision")
        self._confirmation = self._timed(secret_key, "confirmation")
        self._unsubscription = URLSafeSerializer(
            secret_key,
            salt="commentbox.mail.unsubscription",
            signer_kwargs={"digest_method": hashlib.sha256},
        )

    def decision(self, link: DecisionLink) -> str:
        """Return the token of a decision."""
        return _written(self._decision.dumps(astuple(link)))

    def read_decision(self, token: str) -> DecisionLink | None:
        """Return what a token decides; None for a forged or expired one."""
        read = _read(self._decision, token, max_age=int(EXPIRES_AFTER.total_seconds()))
        return DecisionLink(*read) if isinstance(read, list) and len(read) == 5 else None

    def confirmation(self, subscription_id: int) -> str:
        """Return the token by which an address says yes."""
        return _written(self._confirmation.dumps(subscription_id))

    def read_confirmation(self, token: str) -> int | None:
        """Return the number of the subscription to confirm; None for a forged or expired token."""
        read = _read(self._confirmation, token, max_age=int(EXPIRES_AFTER.total_seconds()))
        return read if isinstance(read, int) else None

    def unsubscription(self, site_id: int, email: str, subscription_id: int) -> str:
        """Return the token by which an address says no; it never expires."""
        return _written(self._unsubscription.dumps([site_id, email, subscription_id]))

    def read_unsubscription(self, token: str) -> tuple[int, str, int] | None:
        """Return site, address and subscription; None for a forged token."""
        read = _read(self._unsubscription, token)
        return (read[0], read[1], read[2]) if isinstance(read, list) and len(read) == 3 else None

    @staticmethod
    def _timed(secret_key: str, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            secret_key,
            salt=f"commentbox.mail.{purpose}",
            signer_kwargs={"digest_method": hashlib.sha256},
        )


def _written(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode("ascii")


def _read(
    serializer: URLSafeSerializer | URLSafeTimedSerializer, token: str, **options: Any
) -> Any:
    try:
        return serializer.loads(token, **options)
    except (BadData, ValueError):
        return None
