"""A thread's key: which pages are the same page.

An explicit id wins; else the page's address is cleaned of all that does not change the page:
fragment, default port, tracking parameters, index file, trailing slash.
"""

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode, urlsplit

from commentbox.errors import FieldError, InvalidFields

KEY_MAX_CHARS = 512

TRACKING = re.compile(
    r"utm_.*|mtm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id"
    r"|pk_(?:campaign|cpn|kwd|keyword|source|medium|content|cid|group|placement)"
    r"|igshid|igsh|mc_[ce]id|_hs(?:enc|mi)|vero_id|oly_(?:enc|anon)_id|_ga|_gl|ref_src|s_cid|wickedid"
    # what an engine's own links carry, ours and WordPress'
    r"|reply_to|replytocom|unapproved|moderation-hash",
    re.IGNORECASE,
)
INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
INDEX_FILE_MAX_CHARS = len("/default.aspx")
ESCAPED_SLASH = re.compile("%2F", re.IGNORECASE)
DIGEST_CHARS = 32
NOT_A_PAGE = frozenset({"null", "undefined", "none", "nan", "[object object]"})


def explicit_key(page: str) -> str:
    """Return the key of an id that the page names, e.g. ``"post-42"`` or ``"/2026/post/"``.

    Ids that are addresses or paths are cleaned like addresses, so that ``data-page="/2026/post/"``
    and the page's canonical link lead to one thread. Raises InvalidFields.
    """
    page = unicodedata.normalize("NFC", page.strip())
    if page.lower() in NOT_A_PAGE:
        # A template that printed a missing value would put all pages of a site into one thread.
        raise InvalidFields(
            FieldError(
                "page",
                "not_a_page",
                "“%(page)s” is not a page: the page's template prints a missing value.",
                {"page": page},
            )
        )
    if page.startswith("/"):
        return key_of_address("/" + page.lstrip("/"))  # two slashes would begin a host
    if re.match(r"https?://", page, re.IGNORECASE):
        return key_of_address(page)
    return _checked(page)


def key_of_address(address: str) -> str:
    """Return the key of a page's address: ``"https://example.org/a/?utm_source=x#y"`` → ``"/a"``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise InvalidFields(_BAD_ADDRESS) from None
    # One slash in front: of two, what follows would be taken for a host when the key is read again.
    path = "/" + _folder(_same_escapes(parts.path)).lstrip("/")
    kept = [
        (_composed(name), _composed(value))
        for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
        if not TRACKING.fullmatch(name)
    ]
    query = urlencode(kept, errors="surrogateescape")
    return _shortened(f"{path}?{query}" if kept else path)


def kept_address(address: str) -> str:
    """Return a page's address without what leads elsewhere in it or tells visitors apart.

    ``"https://example.org/a?p=1&utm_source=x#y"`` → ``"https://example.org/a?p=1"``.
    """
    before, mark, query = address.partition("#")[0].partition("?")
    kept = [
        part
        for part in query.split("&")
        if not TRACKING.fullmatch(unquote_plus(part.partition("=")[0]))
    ]
    return f"{before}{mark}{'&'.join(kept)}" if any(kept) else before


def _folder(path: str) -> str:
    """Cut an index file, a trailing slash, or several of them: all are the folder itself."""
    while True:
        path = path.rstrip("/")
        # Only the end is searched: a path of thousands of slashes costs no more than another.
        if (index_file := INDEX_FILE.search(path, len(path) - INDEX_FILE_MAX_CHARS)) is None:
            return path
        path = path[: index_file.start()]


def _same_escapes(path: str) -> str:
    # “/caf%C3%A9” and “/café” are one page; what cannot be decoded stays escaped, and so does a
    # slash that is part of a name.
    return "%2F".join(map(_same_escapes_of_a_name, ESCAPED_SLASH.split(path)))


def _same_escapes_of_a_name(name: str) -> str:
    readable = _composed(unquote(name, errors="surrogateescape"))
    return quote(readable, safe="/:@!$&'()*+,;=~-._", errors="surrogateescape")


def _composed(text: str) -> str:
    # Some systems write “é” as a letter and an accent, and so do the addresses of their files.
    return unicodedata.normalize("NFC", text)


def _shortened(key: str) -> str:
    """Return a key that can be stored; of a long address the end gives way to a digest of it all.

    Escaped, an address in Chinese has nine characters for each one that people see.
    """
    if len(key) <= KEY_MAX_CHARS:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:DIGEST_CHARS]
    start = key.partition("?")[0][: KEY_MAX_CHARS - DIGEST_CHARS - 1]
    # The key must be read as it is written: no escape is cut in two.
    return f"{re.sub('%.?$', '', start)}~{digest}"


def _checked(key: str) -> str:
    if not key:
        raise InvalidFields(
            FieldError("page", "required", "The request names no page: send “page” or “url”.")
        )
    if len(key) > KEY_MAX_CHARS:
        raise InvalidFields(
            FieldError(
                "page",
                "too_long",
                "The page's id or address is too long: at most %(max)s characters.",
                {"max": KEY_MAX_CHARS},
            )
        )
    return key


_BAD_ADDRESS = FieldError("url", "invalid", "The page's address cannot be read.")
