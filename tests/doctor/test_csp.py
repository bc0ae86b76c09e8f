"""A Content-Security-Policy is read as browsers read it."""

import pytest

from commentbox.doctor.csp import forbids

PAGE = "https://blog.example/post/"
EMBED = "https://comments.example/embed.js"


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "img-src 'none'",
        "script-src https://comments.example",
        "script-src comments.example",
        "script-src http://comments.example",  # https is as good
        "script-src https:",
        "script-src *",
        "script-src 'self' *.example",
        "script-src https://comments.example:443/embed.js",
        "script-src https://comments.example/",
        "script-src https://comments.example:*",
        "default-src 'none'; script-src comments.example",
        "script-src 'none'; script-src-elem comments.example",
        "SCRIPT-SRC Comments.Example",
        "script-src 'nonce-abc'",
        "script-src 'nonce-abc' 'strict-dynamic'",
    ],
)
def test_a_policy_that_lets_the_script_in(policy: str) -> None:
    assert not forbids([policy], "script-src", EMBED, PAGE, nonce="abc")


@pytest.mark.parametrize(
    "policy",
    [
        "script-src 'none'",
        "script-src",
        "default-src 'self'",
        "script-src https://other.example",
        "script-src https://comments.example:8443",
        "script-src https://comments.example/embed",
        "script-src https://comments.example/static/",
        "script-src example",
        "script-src *.comments.example",
        "script-src http:; script-src https:, script-src 'self'",
        "script-src 'nonce-xyz'",
        "script-src 'strict-dynamic' https://comments.example",
        "script-src comments.example; script-src-elem 'self'",
        "script-src comments.example, default-src 'self'",
    ],
)
def test_a_policy_that_keeps_the_script_out(policy: str) -> None:
    assert forbids([policy], "script-src", EMBED, PAGE, nonce="abc")


def test_the_pages_own_origin_is_self() -> None:
    own = "https://blog.example/comments/embed.js"
    assert not forbids(["default-src 'self'"], "script-src", own, PAGE)
    assert forbids(["default-src 'self'"], "script-src", own, "https://www.blog.example/")


def test_connections_are_asked_for_apart() -> None:
    policy = "script-src https://comments.example; connect-src 'self'"
    assert forbids([policy], "connect-src", EMBED, PAGE)
    assert not forbids([policy], "script-src", EMBED, PAGE)
    assert forbids(["", "default-src 'self'"], "connect-src", EMBED, PAGE)
