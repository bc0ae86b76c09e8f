"""The dashboard's forms; each brings a token that only the browser it was shown in has."""

import hashlib
import hmac
from typing import Any

from flask import request
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import HiddenField, PasswordField, StringField  # type: ignore[import-untyped]
from wtforms.csrf.core import CSRF  # type: ignore[import-untyped]
from wtforms.validators import AnyOf, Length, ValidationError  # type: ignore[import-untyped]

from commentbox.errors import Malformed, Refused
from commentbox.models import Pace, Shape, State
from commentbox.web.dashboard.visit import form_nonce
from commentbox.web.engine import current_engine


class TokenRefused(Refused):
    """A form came without the token of the browser it was shown in."""

    code = "token_refused"
    message = (
        "This page had been open for too long, or the browser keeps no cookies: please try again."
    )


class VisitToken(CSRF):  # type: ignore[misc]
    """A token made of the visit's nonce; Flask-WTF's own lies in the host app's session."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:  # noqa: ARG002
        """Return the token that the request's browser must send back."""
        return form_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:  # noqa: ARG002
        """Raise ValidationError unless the field brings the token."""
        sent = (field.data or "").encode("utf-8", "replace")
        if not hmac.compare_digest(sent, field.current_token.encode()):
            raise ValidationError(TokenRefused.message)


class ProtectedForm(FlaskForm):  # type: ignore[misc]
    """Any form of the dashboard. The host app's WTF_… options do not reach it."""

    class Meta:
        csrf = True
        csrf_class = VisitToken
        csrf_field_name = "csrf_token"
        csrf_context = None
        csrf_secret = None
        csrf_time_limit = None

        def get_translations(self, _form: Any) -> None:
            """Leave the sentences to our own catalogues."""

    def __init__(self) -> None:
        super().__init__(formdata=request.form if request.method == "POST" else None)

    def require_valid(self) -> None:
        """Raise TokenRefused, or Malformed for what none of our pages can send."""
        if self.validate():
            return
        raise TokenRefused if self.csrf_token.errors else Malformed


def _bare(written: str | None) -> str:
    return (written or "").strip()


class SignInForm(ProtectedForm):
    """Who signs in, and where they wanted to go."""

    email = StringField()
    password = PasswordField()
    next = HiddenField()


class PlaceForm(ProtectedForm):
    """A deed, and the list that the moderator was looking at."""

    place = HiddenField()


class DecisionForm(PlaceForm):
    """What becomes of a comment, and why if there is something to say."""

    to = HiddenField(validators=[AnyOf([state.value for state in State])])
    seen = HiddenField()
    reason = StringField(validators=[Length(max=500)], filters=[_bare])


def digest_of(seen: str | None) -> bytes:
    """Return what tells which words somebody looked at; nothing for what is no digest."""
    try:
        return bytes.fromhex(seen or "")
    except ValueError:
        return b""


PURGE = "purge"
BULK_DEEDS = (*(state.value for state in State), PURGE)


class BulkForm(PlaceForm):
    """What becomes of many comments; ``up_to`` is the newest one that the preview has counted."""

    to = HiddenField(validators=[AnyOf(BULK_DEEDS)])
    up_to = HiddenField()
    reason = StringField(validators=[Length(max=500)], filters=[_bare])


class OpenForm(ProtectedForm):
    """Whether a thread takes comments."""

    to = HiddenField(validators=[AnyOf(("open", "closed"))])


class MoveForm(ProtectedForm):
    """The page a thread moves to."""

    page = StringField()


class DescribeForm(ProtectedForm):
    """What a thread's page is called and where it is."""

    title = StringField()
    url = StringField()


class MergeForm(ProtectedForm):
    """The thread that takes the comments of another one."""

    into = HiddenField()


class AliasForm(ProtectedForm):
    """An alias of a thread."""

    key = HiddenField()


class EndpointForm(ProtectedForm):
    """An endpoint; which events it is told of are ticked beside it."""

    site = HiddenField()
    url = StringField(filters=[_bare])
    shape = HiddenField(validators=[AnyOf([shape.value for shape in Shape])])


class SwitchForm(ProtectedForm):
    """On or off."""

    to = HiddenField(validators=[AnyOf(("on", "off"))])


class PaceForm(ProtectedForm):
    """How often a moderator is written to."""

    pace = HiddenField(validators=[AnyOf([pace.value for pace in Pace])])


def form_token() -> str:
    """Return what the forms of a page hold in their hidden field ``csrf_token``."""
    key = current_engine().settings.secret_key.encode()
    message = f"commentbox.form:{form_nonce()}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def require_token() -> None:
    """Raise TokenRefused unless the request brings the token of its browser."""
    ProtectedForm().require_valid()


def require_writable() -> None:
    """Raise Malformed for a NUL in any field: no page sends one, and PostgreSQL keeps none."""
    if any("\0" in written for _, written in request.form.items(multi=True)):
        raise Malformed
