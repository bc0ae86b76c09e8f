"""Slack: an incoming webhook, ``https://hooks.slack.com/services/…``."""

from datetime import datetime

from commentbox.delivery.shapes.message import Message, json_request
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request


def request(message: Message, _at: datetime) -> Request:
    """Return text with the three signs escaped that mean something to Slack."""
    said = words(message.body, message.language)
    lines = [_escaped(said.headline)]
    lines += [f"> {_escaped(' '.join(said.excerpt.split()))}"] if said.excerpt else []
    lines += [_escaped(said.link)] if said.link else []
    return json_request(message.url, {"text": "\n".join(lines), "unfurl_links": False})


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
