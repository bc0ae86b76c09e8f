"""Which addresses may be followed."""

import pytest

from commentbox.markup import website_href
from commentbox.markup.addresses import safe_href


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://example.org", "https://example.org"),
        ("HTTP://Example.org/A", "http://Example.org/A"),
        (" https://example.org/a b ", "https://example.org/a%20b"),
        ("https://example.org:8443/?a=b#c", "https://example.org:8443/?a=b#c"),
        ("https://bücher.example/ä", "https://bücher.example/ä"),
        ("mailto:ada@example.org", "mailto:ada@example.org"),
    ],
)
def test_an_absolute_address_may_be_followed(address: str, href: str) -> None:
    assert safe_href(address) == href


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "java\u200bscript:alert(1)",
        "\x01javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "//example.org",
        "/path",
        "https:example.org",
        "https:/example.org",
        "https:///example.org",
        "https:\\\\example.org",
        "https://example.org\\@evil.example",
        "http://good.example@evil.example",
        "http://user:word@evil.example",
        "https://exa\u200bmple.org",
        "https://example.org/\u202egpj.exe",
        "https://exa mple.org",
        'https://example.org/"onclick="',
        "https://example.org/<b>",
        "https://example.org:99999",
        "https://.example.org",
        "https://example..org",
        "https://a℀b.example",
        "https://xn--0000000000h.example",
        "https://[::1]/",
        "https://" + "a" * 2_000 + ".example",
        "mailto:",
        "mailto:ada",
        "mailto:ada@example.org?bcc=eve@evil.example",
        "ftp://example.org",
    ],
)
def test_an_address_that_could_be_read_in_two_ways_may_not(address: str) -> None:
    assert safe_href(address) is None


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("example.org", "https://example.org"),
        ("  example.org/me ", "https://example.org/me"),
        ("example.org:8080", "https://example.org:8080"),
        ("http://example.org", "http://example.org"),
        ("münchen.example", "https://münchen.example"),
    ],
)
def test_a_website_as_people_type_it_becomes_a_link(typed: str, href: str) -> None:
    assert website_href(typed) == href


@pytest.mark.parametrize(
    "typed",
    ["", "me", "ada@example.org", "mailto:ada@example.org", "javascript:alert(1)", "//example.org",
     "ftp://example.org", "my site.example", "https://localhost", "https://"],
)  # fmt: skip
def test_what_is_no_website_is_none(typed: str) -> None:
    assert website_href(typed) is None
