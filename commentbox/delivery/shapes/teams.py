"""Microsoft Teams: a workflow “when a webhook request is received”."""

from datetime import datetime
from typing import Any

from commentbox.delivery.shapes.message import Message, json_request
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request


def request(message: Message, _at: datetime) -> Request:
    """Return an adaptive card."""
    said = words(message.body, message.language)
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [_block(said.headline, weight="Bolder")],
    }
    if said.excerpt:
        card["body"].append(_block(said.excerpt))
    if said.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": said.link, "url": said.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return json_request(message.url, {"type": "message", "attachments": [attachment]})


def _block(text: str, **more: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}
