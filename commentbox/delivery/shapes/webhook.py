"""A webhook by the Standard Webhooks specification: the payload as it is, signed."""

from datetime import datetime

from commentbox.delivery.shapes.message import Message
from commentbox.delivery.signature import signed_headers
from commentbox.outbound import Request


def request(message: Message, at: datetime) -> Request:
    """Return the attempt at ``at``: the same id and body each time, a timestamp of its own."""
    body = message.body.encode()
    signed = signed_headers(message.uid, int(at.timestamp()), body, message.secrets)
    return Request(message.url, body, {"Content-Type": "application/json", **signed})
