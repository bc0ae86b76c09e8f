"""``commentbox webhook …``: from adding an endpoint to replaying what it missed."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Cli, told
from tests.receivers import Receiver, receiving, status

PRIVATE = {"COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS": "on"}

pytestmark = pytest.mark.usefixtures("_connections_end")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def added(cli: Cli, receiver: Receiver) -> dict[str, str]:
    """Return an endpoint's number and secret, as ``webhook add --json`` tells them."""
    cli("site", "add", "blog", "--origin", "https://blog.example")
    result = cli("webhook", "add", receiver.url, "--site", "blog", "--json", **PRIVATE)
    answer: dict[str, str] = json.loads(result.stdout)
    return answer


def test_adding_prints_the_secret_once(cli: Cli, receiver: Receiver) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    result = cli(
        "webhook", "add", receiver.url, "--site", "blog", "--event", "comment.held", **PRIVATE
    )
    assert "whsec_" in result.stdout
    listed = cli("webhook", "list").stdout
    assert "127.0.0.1 (webhook, comment.held), enabled" in listed
    assert "whsec_" not in listed + cli("webhook", "list", "--json").stdout


@pytest.mark.long
def test_a_test_says_what_the_endpoint_answers(
    cli: Cli, added: dict[str, str], receiver: Receiver
) -> None:
    number = str(added["id"])
    receiver.replies = [status(204), status(500)]
    assert "It arrived: status 204" in cli("webhook", "test", number, **PRIVATE).stdout
    assert "did not take it: status 500" in told(cli("webhook", "test", number, **PRIVATE))
    log = json.loads(cli("webhook", "log", number, "--json").stdout)
    assert [each["attempts"][0]["status"] for each in log] == [500, 204]
    assert "webhook.test" in cli("webhook", "log", number).stdout


@pytest.mark.long
def test_what_failed_is_replayed_by_endpoint_and_by_message(
    cli: Cli, added: dict[str, str], receiver: Receiver
) -> None:
    number = str(added["id"])
    cli("webhook", "test", number, **PRIVATE)
    (message,) = json.loads(cli("webhook", "log", number, "--json").stdout)
    assert "0 deliveries" in cli("webhook", "replay", number).stdout
    assert "1 deliveries" in cli("webhook", "replay", message["id"]).stdout
    assert "no such delivery" in told(cli("webhook", "replay", "msg_unknown"))
    assert "no such endpoint" in told(cli("webhook", "replay", "4711"))


@pytest.mark.long
def test_an_endpoint_is_rotated_disabled_enabled_and_removed(
    cli: Cli, added: dict[str, str]
) -> None:
    number = str(added["id"])
    rotated = cli("webhook", "rotate", number).stdout.strip()
    assert rotated.startswith("whsec_")
    assert rotated != added["secret"]
    cli("webhook", "disable", number)
    assert "disabled (owner)" in cli("webhook", "list").stdout
    assert "is enabled" in cli("webhook", "enable", number).stdout
    cli("webhook", "remove", number)
    assert cli("webhook", "list").stdout == ""


def test_a_private_address_needs_the_operators_word(cli: Cli) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    for url in ("http://127.0.0.1/hook", "https://10.0.0.1/hook"):
        said = told(cli("webhook", "add", url, "--site", "blog"))
        assert "COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS" in said
