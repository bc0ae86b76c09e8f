"""Which addresses and ids are the same page."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commentbox.errors import InvalidFields
from commentbox.models.page_key import KEY_MAX_CHARS, explicit_key, kept_address, key_of_address


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://blog.example/2026/post", "/2026/post"),
        ("https://blog.example/2026/post/", "/2026/post"),
        ("https://blog.example/2026/post/#comment-3", "/2026/post"),
        ("https://blog.example:443/2026/post", "/2026/post"),
        ("http://blog.example:80/2026/post", "/2026/post"),
        ("https://BLOG.example/2026/Post", "/2026/Post"),
        ("https://blog.example", "/"),
        ("https://blog.example/", "/"),
        ("https://blog.example/?", "/"),
        # an index file is its folder
        ("https://blog.example/index.html", "/"),
        ("https://blog.example/a/index.html", "/a"),
        ("https://blog.example/a/INDEX.HTM", "/a"),
        ("https://blog.example/a/index.php?p=12", "/a?p=12"),
        ("https://blog.example/a/default.aspx", "/a"),
        ("https://blog.example/a/index.html/", "/a"),
        ("https://blog.example/a/my-index.html", "/a/my-index.html"),
        ("https://blog.example/index.html.txt", "/index.html.txt"),
        # what tells pages apart stays
        ("https://blog.example/?p=12", "/?p=12"),
        ("https://blog.example/?page_id=7&lang=de", "/?page_id=7&lang=de"),
        ("https://blog.example/?lang=de&page_id=7", "/?lang=de&page_id=7"),
        ("https://blog.example/a?b=", "/a?b="),
        ("https://blog.example/a?q=gr%C3%BCn+und+blau", "/a?q=gr%C3%BCn+und+blau"),
        ("https://blog.example/a?q=gr%C3%BCn%20und%20blau", "/a?q=gr%C3%BCn+und+blau"),
        # what tells visitors apart goes
        ("https://blog.example/a?utm_source=x&utm_medium=y", "/a"),
        ("https://blog.example/a?UTM_Source=x", "/a"),
        ("https://blog.example/?p=12&fbclid=IwAR0", "/?p=12"),
        ("https://blog.example/a?gclid=1&msclkid=2&mc_eid=3&_ga=4", "/a"),
        ("https://blog.example/a?replytocom=12", "/a"),
        ("https://blog.example/a?reply_to=12", "/a"),
        ("https://blog.example/a?utm=kept", "/a?utm=kept"),
        ("https://blog.example/a?pk_campaign=1&pk_id=5", "/a?pk_id=5"),
        # pages that differ in their escapes alone
        ("https://blog.example/a%2Fb", "/a%2Fb"),
        ("https://blog.example/a%2fb", "/a%2Fb"),
        ("https://blog.example/a?q=%FF", "/a?q=%FF"),
        ("https://blog.example/a?q=%FE", "/a?q=%FE"),
        # one path, written in several ways
        ("https://blog.example/caf%C3%A9", "/caf%C3%A9"),
        ("https://blog.example/café", "/caf%C3%A9"),
        ("https://blog.example/caf%c3%a9", "/caf%C3%A9"),
        ("https://blog.example/cafe\u0301?q=e\u0301", "/caf%C3%A9?q=%C3%A9"),
        ("https://blog.example/%7Eada", "/~ada"),
        ("https://blog.example/a%20b", "/a%20b"),
        ("https://blog.example/a b", "/a%20b"),
        ("https://blog.example/100%25", "/100%25"),
        ("https://blog.example/a%3Fb", "/a%3Fb"),
        ("https://blog.example/%FF", "/%FF"),
        # a path is never taken for a host
        ("https://blog.example//2026//post", "/2026//post"),
    ],
)
def test_an_address_leads_to_its_page(address: str, key: str) -> None:
    assert key_of_address(address) == key


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("post-42", "post-42"),
        ("  post-42 ", "post-42"),
        ("42", "42"),
        ("Über uns", "Über uns"),
        ("a?utm_source=x#y", "a?utm_source=x#y"),
        ("tag:blog.example,2026:index.html", "tag:blog.example,2026:index.html"),
        ("0a1b/", "0a1b/"),
        ("nullify", "nullify"),
        ("/null", "/null"),
        # a path or an address is the page that the address of the page leads to
        ("/2026/post/", "/2026/post"),
        ("/2026/post/?utm_source=x", "/2026/post"),
        ("/", "/"),
        ("//x", "/x"),
        ("//]", "/%5D"),
        ("cafe\u0301", "café"),
        ("https://blog.example/2026/post/", "/2026/post"),
        ("HTTPS://blog.example/2026/post/", "/2026/post"),
    ],
)
def test_an_id_stays_as_it_is_and_a_path_is_cleaned(page: str, key: str) -> None:
    assert explicit_key(page) == key


@pytest.mark.parametrize(
    "page", ["null", "undefined", "None", "NaN", " UNDEFINED ", "[object Object]"]
)
def test_a_missing_value_is_not_a_page(page: str) -> None:
    assert code_of(page) == "not_a_page"


@pytest.mark.parametrize("page", ["", "   "])
def test_no_page_is_not_a_page(page: str) -> None:
    assert code_of(page) == "required"


def test_an_address_that_cannot_be_read_is_refused() -> None:
    assert code_of("http://[blog.example/") == "invalid"


def test_an_id_is_at_most_so_long() -> None:
    longest = "x" * KEY_MAX_CHARS
    assert explicit_key(longest) == longest
    assert code_of(longest + "x") == "too_long"


def test_a_long_address_has_a_key_of_its_own() -> None:
    long = "https://blog.example/" + "留言" * 100
    key = key_of_address(long)
    assert len(key) <= KEY_MAX_CHARS
    assert key.startswith("/%E7%95%99")
    assert key not in {key_of_address(long + "板"), key_of_address(long + "?p=1")}
    assert key_of_address("/" + "x" * (KEY_MAX_CHARS - 1)) == "/" + "x" * (KEY_MAX_CHARS - 1)


def test_the_length_that_counts_is_that_of_the_cleaned_address() -> None:
    tracked = "https://blog.example/a?utm_source=" + "x" * 1000
    assert key_of_address(tracked) == "/a"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (
            "https://blog.example/a?p=1&utm_source=x&q=%C3%A9+b#:~:text=c",
            "https://blog.example/a?p=1&q=%C3%A9+b",
        ),
        ("https://blog.example/a/?fbclid=1#top", "https://blog.example/a/"),
        ("https://blog.example/a?%75tm_source=x", "https://blog.example/a"),
        ("https://blog.example/a", "https://blog.example/a"),
    ],
)
def test_an_address_is_kept_without_what_tells_visitors_apart(address: str, kept: str) -> None:
    assert kept_address(address) == kept


@given(st.text(st.sampled_from("/%2Fa?&=#.:+index.html;é \u0301\\@"), max_size=60))
@example("é" * 200)
@example("x" + "é" * 200)
@example("xy" + "é" * 200)
def test_a_key_leads_to_its_own_thread(tail: str) -> None:
    """The hosted page's links name a thread by its key."""
    try:
        key = key_of_address(f"https://blog.example/{tail}")
    except InvalidFields:
        return
    assert explicit_key(key) == key


def code_of(page: str) -> str:
    """Return why a page is refused."""
    with pytest.raises(InvalidFields) as refused:
        explicit_key(page)
    return refused.value.errors[0].code
