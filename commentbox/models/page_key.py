"""A thread's key: which pages are the same page.

An explicit id wins; else the page's address is cleaned of all that does not change the page:
fragment, default port, tracking parameters, index file, trailing slash.
"""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from commentbox.errors import FieldError, InvalidFields

KEY_MAX_CHARS = 512

TRACKING = re.compile(
    r"utm_.*|mtm_.*|pk_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id"
    r"|igshid|igsh|mc_[ce]id|_hs(?:enc|mi)|vero_id|oly_(?:enc|anon)_id|_ga|_gl|ref_src|s_cid|wickedid"
    # what an engine's own links carry, ours and WordPress'
    r"|reply_to|replytocom|unapproved|moderation-hash",
    re.IGNORECASE,
)
INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
INDEX_FILE_MAX_CHARS = len("/default.aspx")
NOT_A_PAGE = frozenset({"null", "undefined", "none", "nan", "[object object]"})


def explicit_key(page: str) -> str:
    """Return the key of an id that the page names, e.g. ``"post-42"`` or ``"/2026/post/"``.

    Ids that are addresses or paths are cleaned like addresses, so that ``data-page="/2026/post/"``
    and the page's canonical link lead to one thread. Raises InvalidFields.
    """
    page = page.strip()
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
    is_address = page.startswith("/") or re.match(r"https?://", page, re.IGNORECASE)
    return _checked(key_of_address(page) if is_address else page)


def key_of_address(address: str) -> str:
    """Return the key of a page's address: ``"https://example.org/a/?utm_source=x#y"`` → ``"/a"``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise InvalidFields(_BAD_ADDRESS) from None
    # One slash in front: of two, what follows would be taken for a host when the key is read again.
    path = "/" + _folder(_same_escapes(parts.path)).lstrip("/")
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not TRACKING.fullmatch(name)
    ]
    return _checked(f"{path}?{urlencode(kept)}" if kept else path)


def _folder(path: str) -> str:
    """Cut an index file, a trailing slash, or several of them: all are the folder itself."""
    while True:
        path = path.rstrip("/")
        # Only the end is searched: a path of thousands of slashes costs no more than another.
        if (index_file := INDEX_FILE.search(path, len(path) - INDEX_FILE_MAX_CHARS)) is None:
            return path
        path = path[: index_file.start()]


def _same_escapes(path: str) -> str:
    # “/caf%C3%A9” and “/café” are one page; what cannot be decoded stays escaped.
    return quote(
        unquote(path, errors="surrogateescape"), safe="/:@!$&'()*+,;=~-._", errors="surrogateescape"
    )


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
