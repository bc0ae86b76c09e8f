"""Each chat gets what its service understands: the whole request against a recorded sample."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commentbox.delivery.shapes import SHAPES, Message, request_for
from commentbox.models import Shape

SAMPLES = Path(__file__).parents[1] / "samples" / "shapes"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

URLS = {
    Shape.WEBHOOK: "https://hooks.example.org/comments",
    Shape.SLACK: "https://hooks.slack.com/services/T0/B0/x",
    Shape.DISCORD: "https://discord.com/api/webhooks/1/x",
    Shape.MATTERMOST: "https://chat.example.org/hooks/x",
    Shape.TEAMS: "https://example.logic.azure.com/workflows/x?api-version=1",
    Shape.MATRIX: "https://matrix.example.org/_matrix/client/v3/rooms/!r:example.org?access_token=syt_x",
    Shape.TELEGRAM: "https://api.telegram.org/bot1:x/sendMessage?chat_id=-100",
    Shape.NTFY: "https://ntfy.sh/comments?auth=x",
}

BODY = json.dumps(
    {
        "type": "comment.posted",
        "timestamp": "2026-03-01T12:00:00.000000Z",
        "version": 1,
        "data": {
            "site": "blog",
            "thread": {"page": "/a", "url": "https://blog.example/a", "title": "R&D <now>"},
            "comment": {
                "id": 7,
                "name": "Eve @everyone",
                "text": "<!channel> [click](https://evil.example) @all",
                "html": "<p>&lt;!channel&gt; [click](https://evil.example) @all\nSecond &amp; last.</p>",
                "state": "held",
                "url": "https://blog.example/a#comment-7",
            },
        },
    }
)


@pytest.mark.parametrize("shape", list(Shape), ids=str)
def test_a_shape_sends_what_was_recorded(shape: Shape) -> None:
    sample = SAMPLES / f"{shape.value}.json"
    assert told(shape) == json.loads(sample.read_text(encoding="utf-8"))


def test_every_shape_has_its_file_and_line() -> None:
    assert set(SHAPES) == set(Shape)


@pytest.mark.parametrize(
    ("type", "said"),
    [
        ("comment.published", "Eve hat zu „Titel“ geschrieben."),
        ("comment.reported", "Ein Kommentar von Eve zu „Titel“ wurde gemeldet."),
        ("comment.removed", "Ein Kommentar von Eve zu „Titel“ wurde entfernt."),
        ("thread.closed", "„Titel“ nimmt keine Kommentare mehr an."),
        ("webhook.test", "commentbox erreicht dich: Dies ist ein Test der Website blog."),
    ],
)
def test_a_chat_is_spoken_to_in_the_sites_language(type: str, said: str) -> None:
    data: dict[str, Any] = {"site": "blog"}
    if type != "webhook.test":
        data["thread"] = {"page": "/a", "url": None, "title": "Titel"}
    if type.startswith("comment"):
        data["comment"] = {"name": "Eve", "text": "Hm.", "html": "<p>Hm.</p>", "url": None}
    body = json.dumps({"type": type, "data": data})
    message = Message("slack", URLS[Shape.SLACK], "msg_1", body, (), "de")
    assert json.loads(request_for(message, AT).body)["text"].splitlines()[0] == said


def told(shape: Shape) -> dict[str, Any]:
    """Return a request as a sample keeps it."""
    secrets = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    message = Message(shape.value, URLS[shape], "msg_1", BODY, secrets, "en")
    request = request_for(message, AT)
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": json.loads(request.body),
    }


def record() -> None:
    """Write the samples anew: ``python -c "from tests.delivery.test_shapes import record; record()"``."""
    for shape in Shape:
        written = json.dumps(told(shape), ensure_ascii=False, indent=1)
        (SAMPLES / f"{shape.value}.json").write_text(f"{written}\n", encoding="utf-8")
