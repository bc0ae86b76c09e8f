"""Mails: how often the moderator hears of comments that wait."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.mail_preference import choose_pace
from commentbox.db import session
from commentbox.models import Pace
from commentbox.models.mail_preference import pace_of
from commentbox.web.dashboard.forms import PaceForm
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.engine import current_engine


def mail() -> Response:
    """``GET /dashboard/mail``"""
    return show(
        "mail.html",
        pace=pace_of(session(), current_moderator()),
        paces=list(Pace),
        sends_mail=current_engine().settings.sends_mail,
        is_done=request.args.get("done") == "1",
    )


def choose_mail() -> WerkzeugResponse:
    """``POST /dashboard/mail``"""
    form = PaceForm()
    form.require_valid()
    choose_pace(current_moderator().id, Pace(form.pace.data))
    return redirect(address("mail", done="1"), HTTPStatus.SEE_OTHER)
