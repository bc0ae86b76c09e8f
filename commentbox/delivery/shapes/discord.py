"""Discord: a channel's webhook, ``https://discord.com/api/webhooks/…``."""

from datetime import datetime

from commentbox.delivery.shapes.message import Message, json_request
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request

TITLE_CHARS = 256


def request(message: Message, _at: datetime) -> Request:
    """Return an embed that calls nobody."""
    said = words(message.body, message.language)
    embed = {"title": said.headline[:TITLE_CHARS], "description": said.excerpt, "url": said.link}
    return json_request(
        message.url,
        {
            "embeds": [{name: value for name, value in embed.items() if value}],
            "allowed_mentions": {"parse": []},
        },
    )
