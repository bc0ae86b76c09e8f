"""Mattermost and Rocket.Chat: an incoming webhook, ``https://chat.example.org/hooks/…``."""

from datetime import datetime

from commentbox.delivery.shapes.message import Message, json_request
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request


def request(message: Message, _at: datetime) -> Request:
    """Return an attachment, in which both understand the same fields."""
    said = words(message.body, message.language)
    attachment = {
        "fallback": said.headline,
        "title": said.headline,
        "title_link": said.link,
        "text": said.excerpt,
    }
    shown = {name: value for name, value in attachment.items() if value}
    return json_request(message.url, {"attachments": [shown]})
