"""Matrix: ``https://matrix.example.org/_matrix/client/v3/rooms/!room:example.org?access_token=…``."""

from datetime import datetime

from commentbox.delivery.shapes.message import Message, json_request, without_query
from commentbox.delivery.shapes.words import words
from commentbox.outbound import Request


def request(message: Message, _at: datetime) -> Request:
    """Return a notice; the event's id keeps the room from showing a second attempt again."""
    said = words(message.body, message.language)
    room, query = without_query(message.url)
    return json_request(
        f"{room.rstrip('/')}/send/m.room.message/{message.uid}",
        {"msgtype": "m.notice", "body": said.text, "m.mentions": {}},
        # In a query the token would stand in the logs of every proxy.
        {"Authorization": f"Bearer {query.get('access_token', '')}"},
        method="PUT",
    )
