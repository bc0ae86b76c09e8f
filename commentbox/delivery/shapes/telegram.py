"""Telegram: a bot, ``https://api.telegram.org/bot<token>/sendMessage?chat_id=…``."""

from datetime import datetime

from commentbox.delivery.shapes.message import Message, json_request, without_query
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request


def request(message: Message, _at: datetime) -> Request:
    """Return plain text: without a parse mode nothing in it means anything to Telegram."""
    said = words(message.body, message.language)
    method, query = without_query(message.url)
    return json_request(
        method, {**query, "text": said.text, "link_preview_options": {"is_disabled": True}}
    )
