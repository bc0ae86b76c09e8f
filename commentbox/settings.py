"""Every deployment option once: name, type, default, unit and meaning."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from commentbox.errors import SetupError
from commentbox.origins import origin_of

PREFIX = "COMMENTBOX_"

MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")
"""STARTTLS where the server offers it; STARTTLS or nothing; TLS from the first byte."""

_ADDRESS = r"[^\s<>@,;:\"]+@[^\s<>@,;:\"]+"
SENDER = re.compile(rf"{_ADDRESS}|[^<>@\",;:]*<{_ADDRESS}>", re.ASCII)


@dataclass(frozen=True)
class Settings:
    """What an operator decides. A blog owner's policy lives on the ``Site`` row instead.

    Each field is the variable ``COMMENTBOX_<NAME>`` of a Flask app's config or of the environment,
    in that order; ``COMMENTBOX_<NAME>_FILE`` names a file whose content is the value. What holds a
    password is left out where the settings are printed.
    """

    data_dir: Path = Path("commentbox-data")
    """Folder of the SQLite database and of the generated secret key."""

    database_url: str = field(default="", repr=False)
    """SQLAlchemy address, e.g. ``postgresql://user:password@host/name``; empty: SQLite in the data folder."""

    ratelimit_storage_url: str = field(default="memory://", repr=False)
    """Where rate limits are counted; ``redis://host:6379/0`` when several processes serve."""

    post_limit: str = "6 per minute; 60 per hour"
    """Comments per network, in Flask-Limiter's syntax, e.g. ``5 per minute; 60 per hour``; empty: off."""

    public_url: str = ""
    """Origin under which readers reach the service, e.g. ``https://comments.example.org``; empty: as asked."""

    trusted_proxies: int = 0
    """Number of reverse proxies whose ``X-Forwarded-*`` headers are believed; needs the public URL."""

    secret_key: str = field(default="", repr=False)
    """Key of all signatures; empty: made once and kept in the data folder, readable by its owner only."""

    smtp_url: str = field(default="", repr=False)
    """Mail server, e.g. ``smtps://user:password@mail.example.org``, or ``smtp://`` with STARTTLS; empty: no mail."""

    mail_from: str = ""
    """Sender of all mails, e.g. ``Blog <comments@example.org>``; needed with a mail server."""

    allow_private_webhooks: bool = False
    """Whether webhooks may go to addresses of this machine and its own network, and without https."""

    @property
    def sends_mail(self) -> bool:
        """Whether the service has a mail server."""
        return bool(self.smtp_url)

    def with_secret_key(self) -> "Settings":
        """Return the same settings with a secret key, read from the data folder or made there once."""
        if self.secret_key:
            return self
        self.make_data_dir()
        return replace(self, secret_key=_kept_secret_key(self.data_dir))

    def make_data_dir(self) -> None:
        """Make the data folder unless it is there. Raises SetupError."""
        try:
            # E-mail addresses are in it: nobody else on the machine reads there.
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.data_dir, error) from error

    @property
    def resolved_database_url(self) -> str:
        """The database's address with its driver named, e.g. ``sqlite:////data/commentbox.sqlite3``."""
        if not self.database_url:
            return _file_url(self.data_dir / "commentbox.sqlite3")
        return normalised_database_url(self.database_url)


def read_settings(
    config: Mapping[str, object], environ: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings from a Flask config, then from the environment.

    Raises SetupError for a name that is not a setting and for a value that does not fit its type.
    """
    known = {PREFIX + f.name.upper(): f.name for f in fields(Settings)}
    given = _given(environ, known) | _given(config, known)
    typed: dict[str, Any] = {known[name]: _typed(name, value) for name, value in given.items()}
    settings = Settings(**typed)
    _require_whole_mail(settings)
    _require_known_address(settings)
    return settings


def normalised_database_url(url: str) -> str:
    """Name the driver, so that every SQLAlchemy release picks the same one, and a file's whole path.

    Raises SetupError for an address that no engine could be made of.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgres", "postgresql"):
        url = f"postgresql+psycopg{separator}{rest}"
    elif scheme.partition("+")[0] not in ("sqlite", "postgresql"):
        raise SetupError(
            "COMMENTBOX_DATABASE_URL starts with “%(scheme)s”: use a sqlite:// or postgresql:// address.",
            scheme=scheme,
        )
    parsed = _readable(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (
        None,
        "",
        ":memory:",
    )
    if is_file and not str(parsed.database).startswith("file:"):
        # Flask-SQLAlchemy would look for it in the app's instance folder, others where we are.
        return _file_url(Path(str(parsed.database)), parsed)
    return url


def _file_url(path: Path, url: URL | None = None) -> str:
    made = (url or URL.create("sqlite")).set(database=str(path.resolve()))
    return made.render_as_string(hide_password=False)


def _readable(url: str) -> URL:
    """Return an address that has a driver, is installed, and is understood by it."""
    # The address is not repeated: it may hold a password.
    try:
        parsed = make_url(url)
        dialect = parsed.get_dialect()()
        dialect.create_connect_args(parsed)
    except (ArgumentError, ValueError) as error:
        raise SetupError(
            "COMMENTBOX_DATABASE_URL cannot be read: write it like sqlite:////data/comments.sqlite3 "
            "or postgresql://user:password@host:5432/name."
        ) from error
    try:
        dialect.import_dbapi()
    except ImportError as error:
        raise SetupError(
            "The driver of COMMENTBOX_DATABASE_URL is not there (%(error)s): PostgreSQL needs "
            "“pip install 'commentbox[postgresql]'” and a postgresql:// address.",
            error=error,
        ) from error
    if dialect.is_async:
        raise SetupError(
            "COMMENTBOX_DATABASE_URL names the asynchronous driver “%(driver)s”: use a sqlite:// or "
            "postgresql:// address without one.",
            driver=dialect.driver,
        )
    return parsed


def _given(source: Mapping[str, object], known: Mapping[str, str]) -> dict[str, object]:
    given: dict[str, object] = {}
    for name, value in source.items():
        if not name.startswith(PREFIX) or value is None:
            continue
        if name in known:
            given[name] = value
        elif (setting := name.removesuffix("_FILE")) in known:
            if source.get(setting) is not None:
                raise SetupError("Set either %(a)s or %(b)s, not both.", a=setting, b=name)
            given[setting] = _content(name, str(value))
        else:
            raise SetupError(
                "%(name)s is not a setting of commentbox. Settings are: %(known)s.",
                name=name,
                known=", ".join(sorted(known)),
            )
    return given


NEVER_EMPTY = frozenset({"SECRET_KEY", "DATABASE_URL"})
"""Whose file must say something: in their place others would be made without a word."""


def _content(name: str, path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            "%(name)s names “%(path)s”, which cannot be read: %(error)s.",
            name=name,
            path=path,
            error=error,
        ) from error
    if not content and name.removeprefix(PREFIX).removesuffix("_FILE") in NEVER_EMPTY:
        raise SetupError(
            "%(name)s names “%(path)s”, which is empty: write the value there, or name no file.",
            name=name,
            path=path,
        )
    return content


def _typed(name: str, value: object) -> object:
    if not _is_unicode(str(value)):
        raise SetupError("%(name)s is not written in UTF-8.", name=name)
    match name.removeprefix(PREFIX):
        case "DATA_DIR":
            return _folder(name, str(value))
        case "TRUSTED_PROXIES":
            return _whole_number(name, value)
        case "PUBLIC_URL":
            return _origin(name, str(value))
        case "SMTP_URL":
            return _mail_server(name, str(value))
        case "MAIL_FROM":
            return _sender(name, str(value))
        case "ALLOW_PRIVATE_WEBHOOKS":
            return _yes_or_no(name, value)
        case _:
            return str(value)


def _folder(name: str, value: str) -> Path:
    if not value:
        raise SetupError("%(name)s is empty: name a folder, or leave it out.", name=name)
    return Path(value)


def _is_unicode(text: str) -> bool:
    # Bytes of the environment that are not UTF-8 come as lone surrogates, which nothing can write.
    return not re.search("[\ud800-\udfff]", text)


def _whole_number(name: str, value: object) -> int:
    written = str(value)
    if not (written.isascii() and written.isdecimal() and len(written) <= 9):
        raise SetupError(
            "%(name)s must be a whole number, not “%(value)s”.", name=name, value=written[:100]
        )
    return int(written)


def _yes_or_no(name: str, value: object) -> bool:
    words = {"yes": True, "true": True, "1": True, "on": True}
    words |= {"no": False, "false": False, "0": False, "off": False, "": False}
    if (word := str(value).strip().lower()) not in words:
        raise SetupError("%(name)s must be yes or no, not “%(value)s”.", name=name, value=value)
    return words[word]


def _mail_server(name: str, value: str) -> str:
    if value and not _is_mail_server(value):
        # The address is not repeated: it may hold a password.
        raise SetupError(
            "%(name)s cannot be read: write it like smtp://user:password@mail.example.org:587 "
            "or smtps://user:password@mail.example.org:465, with %% codes for special characters.",
            name=name,
        )
    return value


def _is_mail_server(value: str) -> bool:
    try:
        parts = urlsplit(value)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment)
    return parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and has_port and is_bare


def _sender(name: str, value: str) -> str:
    if value and not (value.isprintable() and SENDER.fullmatch(value)):
        raise SetupError(
            "%(name)s must be an address such as comments@example.org or "
            "Blog <comments@example.org>, not “%(value)s”.",
            name=name,
            value=value,
        )
    return value


def _require_whole_mail(settings: Settings) -> None:
    """Refuse a mail server without what mails need: a sender, and an address for their links."""
    if not settings.smtp_url:
        return
    if not settings.mail_from:
        raise SetupError(
            "COMMENTBOX_SMTP_URL is set and COMMENTBOX_MAIL_FROM is not: "
            "name the sender of mails, e.g. comments@example.org."
        )
    if not settings.public_url:
        # What the request's Host header says is anybody's word: no mail may link there.
        raise SetupError(
            "COMMENTBOX_SMTP_URL is set and COMMENTBOX_PUBLIC_URL is not: links in mails need "
            "the service's address, e.g. https://comments.example.org."
        )


def _require_known_address(settings: Settings) -> None:
    if settings.trusted_proxies and not settings.public_url:
        # Who forwards a Host of the client's choice would let readers choose where the links and
        # forms lead that others get from a cache.
        raise SetupError(
            "COMMENTBOX_TRUSTED_PROXIES is set and COMMENTBOX_PUBLIC_URL is not: say under which "
            "address readers reach the service, e.g. https://comments.example.org."
        )


def _origin(name: str, value: str) -> str:
    if not value:
        return value
    bare = value.removesuffix("/")
    origin = origin_of(bare)
    if origin is None or re.search("[/?#]", bare.partition("://")[2]):
        raise SetupError(
            "%(name)s must be an origin such as https://comments.example.org, without a path, "
            "not “%(value)s”.",
            name=name,
            value=value[:200],
        )
    return origin


def _kept_secret_key(data_dir: Path) -> str:
    path = data_dir / "secret-key"
    try:
        _write_once(path, secrets.token_urlsafe(48))
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise _unusable(data_dir, error) from error
    except UnicodeDecodeError:
        key = ""
    if not key:  # with an empty one anybody could sign
        raise SetupError(
            "There is no key in “%(path)s”: delete the file, and a new one is made.", path=path
        )
    return key


def _unusable(data_dir: Path, error: OSError) -> SetupError:
    return SetupError(
        "The data folder “%(data_dir)s” cannot be used (%(error)s): "
        "make it writable, or set COMMENTBOX_DATA_DIR to another folder.",
        data_dir=data_dir,
        error=error,
    )


def _write_once(path: Path, content: str) -> None:
    """Write the file unless it is there; two processes that start at once agree on one content."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is the key
    except OSError:  # a file system without hard links
        draft.replace(path)
        return
    finally:
        draft.unlink()
