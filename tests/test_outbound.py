"""The one HTTP client reaches what it may, never what it must not, and waits for nobody."""

import gzip
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import trustme

from commentbox.outbound import (
    Client,
    Problem,
    Request,
    Sockaddr,
    Trouble,
    is_public,
    read_target,
    resolve,
)
from tests.receivers import Receiver, drip, flood, hang, raw, receiving, reset, status

SHORT = timedelta(seconds=0.3)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_request_arrives_as_it_was_meant(receiver: Receiver) -> None:
    receiver.replies = [status(202, b"thank you", retry_after="7")]
    answer = Client(allows_private=True).send(
        Request(f"{receiver.url}?a=b%20c", b"{}", {"webhook-id": "msg_1"})
    )
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (202, b"thank you", "7")
    (received,) = receiver.received
    assert received.line == "POST /hook?a=b%20c HTTP/1.1"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["webhook-id"] == "msg_1"
    assert received.body == b"{}"


NOT_PUBLIC = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:db8::1",
    "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%eth0", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111"]
)
def test_an_address_of_the_public_internet_is_known(address: str) -> None:
    assert is_public(address)


SPELLINGS = [
    "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.01",
    "127.0.0.1.", "0", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "localhost", "LOCALHOST",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_this_machine_is_reached(receiver: Receiver, spelling: str) -> None:
    with pytest.raises(Trouble) as refused:
        Client(timeout=SHORT).send(Request(f"https://{spelling}:{receiver.port}/hook"))
    assert refused.value.problem in (Problem.ADDRESS_REFUSED, Problem.NAME_UNKNOWN)
    assert receiver.connections == 0


@pytest.mark.parametrize("spelling", ["127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_a_spelled_out_address_is_refused_before_anything_is_sent(spelling: str) -> None:
    with pytest.raises(Trouble) as refused:
        Client().require_allowed(f"https://{spelling}/hook")
    assert refused.value.problem == Problem.ADDRESS_REFUSED


class Rebinding:
    """A resolver that answers a public address first and this machine from then on."""

    def __init__(self) -> None:
        self.answers = [("93.184.216.34", 443), ("127.0.0.1", 443)]

    def __call__(self, _host: str, _port: int) -> Sequence[Sockaddr]:
        return [self.answers.pop(0)]


def test_the_address_that_was_checked_is_the_one_connected_to(receiver: Receiver) -> None:
    dialled: list[Sockaddr] = []

    def dial(sockaddr: Sockaddr, _seconds: float) -> socket.socket:
        dialled.append(sockaddr)
        raise OSError

    resolver = Rebinding()
    with pytest.raises(Trouble):
        Client(resolve=resolver, dial=dial).send(Request("https://rebinding.example/hook"))
    assert dialled == [("93.184.216.34", 443)]
    assert len(resolver.answers) == 1
    assert receiver.connections == 0


def test_one_private_address_among_public_ones_refuses_them_all() -> None:
    def both(_host: str, port: int) -> Sequence[Sockaddr]:
        return [("93.184.216.34", port), ("10.0.0.1", port)]

    with pytest.raises(Trouble) as refused:
        Client(resolve=both, dial=_never).send(Request("https://both.example/"))
    assert refused.value.problem == Problem.ADDRESS_REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org/",
        "https://",
        "https:///hook",
        "https://ada:secret@hooks.example.org/",
        "https://hooks.example.org\\@127.0.0.1/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nX-Evil: 1",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[not an address]/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://straße.example/",
    ],
)
def test_what_two_programs_could_read_in_two_ways_is_no_address(url: str) -> None:
    with pytest.raises(Trouble) as refused:
        read_target(url)
    assert refused.value.problem == Problem.ADDRESS_UNREADABLE


def test_plain_http_needs_the_operators_word() -> None:
    with pytest.raises(Trouble) as refused:
        Client().require_allowed("http://hooks.example.org/")
    assert refused.value.problem == Problem.HTTPS_REQUIRED
    assert Client(allows_private=True).require_allowed("http://hooks.example.org/").port == 80


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, code: int) -> None:
    receiver.replies = [status(code, location=receiver.url)]
    assert Client(allows_private=True).send(Request(receiver.url)).status == code
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (reset, Problem.CUT_OFF),
        (raw(b""), Problem.CUT_OFF),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), Problem.NOT_HTTP),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), Problem.TOO_LARGE),
    ],
    ids=["reset", "silence", "no HTTP", "endless header"],
)
def test_a_bad_answer_is_a_problem_with_a_name(
    receiver: Receiver, reply: object, problem: Problem
) -> None:
    receiver.replies = [reply]  # type: ignore[list-item]
    with pytest.raises(Trouble) as failed:
        Client(allows_private=True).send(Request(receiver.url))
    assert failed.value.problem == problem


@pytest.mark.parametrize("reply", [hang, drip])
def test_who_takes_too_long_is_left(receiver: Receiver, reply: object) -> None:
    receiver.replies = [reply]  # type: ignore[list-item]
    with pytest.raises(Trouble) as failed:
        Client(allows_private=True, timeout=SHORT).send(Request(receiver.url))
    assert failed.value.problem == Problem.TIMED_OUT


def test_of_an_endless_body_the_beginning_is_kept(receiver: Receiver) -> None:
    receiver.replies = [flood]
    answer = Client(allows_private=True).send(Request(receiver.url))
    assert (answer.status, answer.body) == (200, b"y" * 1024)


def test_a_compressed_body_is_not_blown_up(receiver: Receiver) -> None:
    bomb = gzip.compress(b"z" * 50_000_000)
    receiver.replies = [status(200, bomb, content_encoding="gzip")]
    answer = Client(allows_private=True).send(Request(receiver.url))
    assert (answer.status, answer.body) == (200, b"z" * 1024)


def test_who_answers_before_having_read_everything_is_heard(receiver: Receiver) -> None:
    receiver.replies = [status(413)]
    answer = Client(allows_private=True).send(Request(receiver.url, b"x" * 20_000))
    assert answer.status == 413


@pytest.mark.parametrize(
    ("name", "is_known"), [("127.0.0.1", True), ("127.0.0.1", False), ("hooks.example", True)]
)
def test_a_certificate_counts_for_its_name_when_who_vouches_is_known(
    name: str, is_known: bool
) -> None:
    authority = trustme.CA()
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours = ssl.create_default_context()
    authority.issue_cert(name).configure_cert(theirs)
    if is_known:
        authority.configure_trust(ours)
    client = Client(allows_private=True, tls=ours)
    with receiving(theirs) as receiver:
        request = Request(f"https://127.0.0.1:{receiver.port}/hook")
        if is_known and name == "127.0.0.1":
            assert client.send(request).status == 204
            return
        with pytest.raises(Trouble) as refused:
            client.send(request)
        assert refused.value.problem == Problem.TLS_FAILED
        assert receiver.received == []


def test_a_name_that_does_not_exist_is_a_problem_with_a_name() -> None:
    def nobody(_host: str, _port: int) -> Sequence[Sockaddr]:
        raise socket.gaierror

    with pytest.raises(Trouble) as failed:
        Client(resolve=nobody).send(Request("https://nobody.example/"))
    assert failed.value.problem == Problem.NAME_UNKNOWN


def test_the_systems_resolver_gives_numbers() -> None:
    assert ("127.0.0.1", 80) in resolve("127.0.0.1", 80)


def _never(_sockaddr: Sockaddr, _seconds: float) -> socket.socket:
    raise AssertionError("a connection was tried")
