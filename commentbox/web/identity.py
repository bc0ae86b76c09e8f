"""Who is asking: a reader's address, the form's ticket, the edit token, the page's origin."""

from datetime import datetime, timedelta

from flask import Request
from itsdangerous import (
    BadSignature,
    SignatureExpired,
    Signer,
    URLSafeSerializer,
    URLSafeTimedSerializer,
    base64_encode,
)

from commentbox.actions.post import Sender
from commentbox.errors import EditRefused, OriginMissing, OriginRefused
from commentbox.models import Comment, Invitation, Moderator, Site
from commentbox.origins import origin_of

TICKET_EXPIRES_AFTER = timedelta(days=2)
RESET_EXPIRES_AFTER = timedelta(hours=1)
WAITING_EXPIRES_AFTER = timedelta(days=1)


class Signatures:
    """What the service signs, so that it need not remember it."""

    def __init__(self, secret_key: str) -> None:
        self._ticket = Signer(secret_key, salt="commentbox.ticket")
        self._edit = URLSafeSerializer(secret_key, salt="commentbox.edit")
        self._edit_signer = self._edit.make_signer()
        self._invitation = URLSafeSerializer(secret_key, salt="commentbox.invitation")
        self._reset = URLSafeTimedSerializer(secret_key, salt="commentbox.reset")
        self._waiting = URLSafeTimedSerializer(secret_key, salt="commentbox.waiting")

    def ticket(self, site: Site, at: datetime) -> str:
        """Return the proof that a form of the site was opened at this moment."""
        milliseconds = int(at.timestamp() * 1000)
        return self._ticket.sign(f"{site.key}.{milliseconds}").decode("ascii")

    def sender(self, request: Request, site: Site, ticket: str, at: datetime) -> Sender:
        """Return what is known of a reader beside the words."""
        address = client_address(request)
        if not ticket:
            return Sender(address, ticket_problem="missing")
        try:
            signed = self._ticket.unsign(ticket).decode("ascii")
        except (BadSignature, UnicodeError):
            return Sender(address, ticket_problem="forged")
        key, _, milliseconds = signed.rpartition(".")
        if key != site.key:
            return Sender(address, ticket_problem="forged")
        age = at - datetime.fromtimestamp(int(milliseconds) / 1000, tz=at.tzinfo)
        if age > TICKET_EXPIRES_AFTER:
            return Sender(address, ticket_age=age, ticket_problem="expired")
        return Sender(address, ticket_age=age)

    def edit_token(self, comment: Comment) -> str:
        """Return what lets its holder change the comment inside the edit window."""
        # As the serializer writes it, which would first see whether a number can be compressed.
        return self._edit_signer.sign(base64_encode(str(comment.id))).decode("ascii")

    def require_edit_token(self, token: str, comment_id: int) -> None:
        """Raise EditRefused unless the token is the comment's."""
        if self.proven_comment_id(token) != comment_id:
            raise EditRefused

    def proven_comment_id(self, token: str) -> int | None:
        """Return the number of the comment whose edit token this is; None for any other text.

        Who has it wrote that comment, also long after the edit window (docs/decisions/0010).
        """
        try:
            named = self._edit.loads(token)
        except BadSignature:
            return None
        return named if isinstance(named, int) else None

    def invitation_token(self, invitation: Invitation) -> str:
        """Return what an invitation's link ends with."""
        token = self._invitation.dumps(invitation.id)
        return token if isinstance(token, str) else token.decode("ascii")

    def invitation_id(self, token: str) -> int | None:
        """Return the number of the invitation whose link this is the end of; None for a bad one."""
        try:
            number = self._invitation.loads(token)
        except BadSignature:
            return None
        return number if isinstance(number, int) else None

    def reset_token(self, moderator: Moderator) -> str:
        """Return what the link ends with that gives an account another password, once."""
        token = self._reset.dumps([moderator.id, moderator.session_number])
        return token if isinstance(token, str) else token.decode("ascii")

    def read_reset_token(self, token: str) -> tuple[int, int] | None:
        """Return account and session number of a reset; the number changes with the password."""
        try:
            number, session_number = self._reset.loads(
                token, max_age=int(RESET_EXPIRES_AFTER.total_seconds())
            )
        except (BadSignature, SignatureExpired):
            return None
        return number, session_number

    def waiting_token(self, comment: Comment) -> str:
        """Return what shows a held comment to its author on the hosted page, for a day."""
        token = self._waiting.dumps(comment.id)
        return token if isinstance(token, str) else token.decode("ascii")

    def waiting_comment_id(self, token: str) -> int | None:
        """Return the number of the held comment a token shows; None for a bad or old one."""
        try:
            number = self._waiting.loads(token, max_age=int(WAITING_EXPIRES_AFTER.total_seconds()))
        except (BadSignature, SignatureExpired):
            return None
        return number if isinstance(number, int) else None


def client_address(request: Request) -> str:
    """Return the reader's address as the server or the declared proxies tell it; "" over a socket file."""
    return request.remote_addr or ""


def require_origin(request: Request, site: Site, public_url: str) -> None:
    """Let a write in only from the site's pages and from our own hosted page.

    Browsers send the Origin header with every write and no page can forge it; with no cookie
    in play this is all the protection a write needs. Raises OriginMissing and OriginRefused.
    """
    origin = request.headers.get("Origin")
    if not origin or origin == "null":  # "null" is what a file or a sandboxed frame sends
        raise OriginMissing
    own = origin_of(public_url or request.host_url)
    if origin != own and not site.has_origin(origin):
        raise OriginRefused(origin=origin[:200], site=site.key)
