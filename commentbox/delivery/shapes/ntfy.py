"""ntfy: a topic, ``https://ntfy.sh/topic``, with ``?auth=…`` where the topic is protected."""

from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from commentbox.delivery.shapes.message import Message, json_request
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request


def request(message: Message, _at: datetime) -> Request:
    """Return JSON for the server's root: headers could not hold every name."""
    said = words(message.body, message.language)
    parts = urlsplit(message.url)
    folder, _, topic = parts.path.rstrip("/").rpartition("/")
    note = {
        "topic": topic,
        "title": said.headline,
        "message": said.excerpt or said.headline,
        "click": said.link,
    }
    root = urlunsplit(parts._replace(path=f"{folder}/", fragment=""))
    return json_request(root, {name: value for name, value in note.items() if value})
