"""What each service behind an endpoint understands: one file a shape, one line in ``SHAPES``."""

from collections.abc import Callable, Mapping
from datetime import datetime

from commentbox.delivery.shapes import (
    discord,
    matrix,
    mattermost,
    ntfy,
    slack,
    teams,
    telegram,
    webhook,
)
from commentbox.delivery.shapes.message import Message
from commentbox.models import Shape
from commentbox.outbound import Request

__all__ = ["SHAPES", "Message", "request_for"]

SHAPES: Mapping[str, Callable[[Message, datetime], Request]] = {
    Shape.WEBHOOK: webhook.request,
    Shape.SLACK: slack.request,
    Shape.DISCORD: discord.request,
    Shape.MATTERMOST: mattermost.request,
    Shape.TEAMS: teams.request,
    Shape.MATRIX: matrix.request,
    Shape.TELEGRAM: telegram.request,
    Shape.NTFY: ntfy.request,
}


def request_for(message: Message, at: datetime) -> Request:
    """Return what one attempt at ``at`` sends."""
    return SHAPES[message.shape](message, at)
