"""Origins as browsers write them, and keys of sites."""

import pytest

from commentbox.errors import SetupError
from commentbox.models import Site
from commentbox.models.site import KEY_PATTERN, normalised_origin
from commentbox.origins import origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://blog.example", "https://blog.example"),
        ("https://blog.example/", "https://blog.example"),
        ("  https://blog.example/a?b#c  ", "https://blog.example"),
        ("HTTPS://Blog.Example", "https://blog.example"),
        ("https://blog.example:443", "https://blog.example"),
        ("http://blog.example:80", "http://blog.example"),
        ("http://blog.example:443", "http://blog.example:443"),
        ("https://blog.example:", "https://blog.example"),
        ("http://localhost:8081/", "http://localhost:8081"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("https://a_b.blog-1.example", "https://a_b.blog-1.example"),
        # hosts beyond ASCII, as browsers have written them since UTS 46 became non-transitional
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("https://ｂｌｏｇ.example", "https://blog.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        # IPv6 in its short form
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("http://[2001:DB8::A]", "http://[2001:db8::a]"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    assert origin_of(address) == origin
    assert normalised_origin(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "",
        "null",
        "blog.example",
        "//blog.example",
        "/2026/post",
        "ftp://blog.example",
        "file:///home/ada/blog.html",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://:8080",
        "https://blog.example:99999",
        "https://blog.example:port",
        "https://blog example",
        "https://blog<script>.example",
        'https://blog".example',
        "https://blog\\.example",
        "https://*.blog.example",
        "https://ada@blog.example",
        "https://blog.example@evil.example",
        "https://\udcff.example",
        "https://evil.example\\@blog.example",
        "https://blog\t.example",
        "https://blog\0.example",
        "https://%62log.example",
        "http://[::1",
        "http://[::g]",
        f"https://{'a' * 60}.{'b' * 260}.example",
        "https://.",
    ],
)
def test_anything_else_is_no_origin(address: str) -> None:
    assert origin_of(address) is None
    with pytest.raises(SetupError, match=r"https://example\.org"):
        normalised_origin(address)


def test_an_origin_is_added_once_however_it_is_written() -> None:
    site = Site(key="blog", origins=[])
    for address in ("https://blog.example", "https://BLOG.example:443/about"):
        site.add_origin(address)
    assert [known.origin for known in site.origins] == ["https://blog.example"]


@pytest.mark.parametrize("origin", ["https://blog.example.evil", "http://blog.example", "null", ""])
def test_only_the_whole_origin_is_the_sites(origin: str) -> None:
    site = Site(key="blog", origins=[])
    site.add_origin("https://blog.example")
    assert site.has_origin("https://blog.example")
    assert not site.has_origin(origin)


@pytest.mark.parametrize("key", ["a", "7", "my-blog", "a" * 64])
def test_a_key_of_small_letters_digits_and_hyphens_is_good(key: str) -> None:
    assert KEY_PATTERN.fullmatch(key)


@pytest.mark.parametrize("key", ["", "-a", "a-", "A", "a_b", "a.b", "a/b", "ü", "a" * 65, "a\n"])
def test_any_other_key_is_not(key: str) -> None:
    assert not KEY_PATTERN.fullmatch(key)
