"""Settings: where they come from, what they mean, and what stops the start."""

import os
import stat
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import make_url

from commentbox import create_app
from commentbox.errors import SetupError
from commentbox.settings import PREFIX, Settings, normalised_database_url, read_settings
from tests.processes import run_at_once

KEY = """
from pathlib import Path
from commentbox.settings import Settings

def deed(folder):
    return Settings(data_dir=Path(folder)).with_secret_key().secret_key
"""


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("data_dir", "/srv/comments", Path("/srv/comments")),
        ("database_url", "sqlite:////srv/c.sqlite3", "sqlite:////srv/c.sqlite3"),
        ("ratelimit_storage_url", "redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("post_limit", "5 per minute", "5 per minute"),
        ("post_limit", "", ""),
        ("public_url", "https://comments.example.org", "https://comments.example.org"),
        ("public_url", "https://comments.example.org/", "https://comments.example.org"),
        ("public_url", "https://Comments.example.org:443", "https://comments.example.org"),
        ("public_url", "", ""),
        ("trusted_proxies", "0", 0),
        ("secret_key", "s3cret", "s3cret"),
        ("mail_from", "c@example.org", "c@example.org"),
        ("mail_from", "Größe & Co <c@example.org>", "Größe & Co <c@example.org>"),
        ("allow_private_webhooks", "on", True),
        ("allow_private_webhooks", "0", False),
    ],
)
@pytest.mark.parametrize("source", ["config", "environment", "file"])
def test_a_setting_is_read_from_everywhere(
    tmp_path: Path, source: str, name: str, written: str, value: object
) -> None:
    variable = PREFIX + name.upper()
    match source:
        case "config":
            settings = read_settings({variable: written}, {})
        case "environment":
            settings = read_settings({}, {variable: written})
        case _:
            file = tmp_path / "value"
            file.write_text(f"{written}\n", encoding="utf-8")
            settings = read_settings({}, {f"{variable}_FILE": str(file)})
    assert getattr(settings, name) == value


def test_without_anything_the_defaults_hold() -> None:
    assert read_settings({}, {}) == Settings()


def test_the_apps_config_comes_before_the_environment() -> None:
    settings = read_settings({"COMMENTBOX_POST_LIMIT": "a"}, {"COMMENTBOX_POST_LIMIT": "b"})
    assert settings.post_limit == "a"


def test_a_value_of_the_right_type_is_taken_as_it_is(tmp_path: Path) -> None:
    address = {"COMMENTBOX_PUBLIC_URL": "https://comments.example.org"}
    settings = read_settings(
        {"COMMENTBOX_DATA_DIR": tmp_path, "COMMENTBOX_TRUSTED_PROXIES": 1, **address}, {}
    )
    assert (settings.data_dir, settings.trusted_proxies) == (tmp_path, 1)


def test_none_in_the_config_is_no_value() -> None:
    assert read_settings({"COMMENTBOX_PUBLIC_URL": None}, {}) == Settings()


def test_names_of_others_are_not_our_business() -> None:
    assert read_settings({"SECRET_KEY": "theirs"}, {"PATH": "/bin", "COMMENTS": "1"}) == Settings()


@pytest.mark.parametrize("source", ["config", "environment"])
@pytest.mark.parametrize(
    "name", ["COMMENTBOX_DATABASE", "COMMENTBOX_DATABASEURL", "COMMENTBOX_", "COMMENTBOX_FILE"]
)
def test_an_unknown_name_is_refused_with_the_names_there_are(source: str, name: str) -> None:
    given: Mapping[str, str] = {name: "x"}
    with pytest.raises(SetupError) as refused:
        read_settings(given, {}) if source == "config" else read_settings({}, given)
    for word in (name, *(PREFIX + field.name.upper() for field in fields(Settings))):
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("COMMENTBOX_TRUSTED_PROXIES", "yes"),
        ("COMMENTBOX_TRUSTED_PROXIES", "-1"),
        ("COMMENTBOX_TRUSTED_PROXIES", "1.5"),
        ("COMMENTBOX_TRUSTED_PROXIES", ""),
        ("COMMENTBOX_TRUSTED_PROXIES", True),
        ("COMMENTBOX_TRUSTED_PROXIES", "²"),
        ("COMMENTBOX_PUBLIC_URL", "comments.example.org"),
        ("COMMENTBOX_PUBLIC_URL", "ftp://comments.example.org"),
        ("COMMENTBOX_PUBLIC_URL", "https://"),
        ("COMMENTBOX_PUBLIC_URL", "https://example.org/comments"),
        ("COMMENTBOX_PUBLIC_URL", "https://example.org/?a"),
        ("COMMENTBOX_PUBLIC_URL", "https://[comments"),
        ("COMMENTBOX_PUBLIC_URL", "https://c.example#fragment"),
        ("COMMENTBOX_PUBLIC_URL", "https://c.example:99999"),
        ("COMMENTBOX_PUBLIC_URL", "https://c exa<mple"),
        ("COMMENTBOX_PUBLIC_URL", "https://ada:s3cret@c.example"),
        ("COMMENTBOX_TRUSTED_PROXIES", "9" * 5000),
        ("COMMENTBOX_SECRET_KEY", "\udcff"),
        ("COMMENTBOX_SECRET_KEY_FILE", "/dev/null"),
        ("COMMENTBOX_DATABASE_URL_FILE", "/dev/null"),
        ("COMMENTBOX_MAIL_FROM", "comments"),
        ("COMMENTBOX_MAIL_FROM", "Blog <a@example.org"),
        ("COMMENTBOX_MAIL_FROM", "a@example.org\nBcc: b@example.org"),
        ("COMMENTBOX_MAIL_FROM", "a@example.org, b@example.org"),
        ("COMMENTBOX_MAIL_FROM", "Blog <a@example.org> <b@example.org>"),
        ("COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS", "maybe"),
        ("COMMENTBOX_DATA_DIR", ""),
        ("COMMENTBOX_POST_LIMIT_FILE", "/nowhere/at/all"),
        ("COMMENTBOX_POST_LIMIT_FILE", "/"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_name(name: str, written: object) -> None:
    with pytest.raises(SetupError, match=name):
        read_settings({name: written}, {})


def test_a_setting_and_a_file_of_it_cannot_both_be_given(tmp_path: Path) -> None:
    (tmp_path / "value").write_text("1", encoding="ascii")
    given = {
        "COMMENTBOX_TRUSTED_PROXIES": "2",
        "COMMENTBOX_TRUSTED_PROXIES_FILE": str(tmp_path / "value"),
    }
    with pytest.raises(SetupError, match="COMMENTBOX_TRUSTED_PROXIES_FILE"):
        read_settings({}, given)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SetupError, match="COMMENTBOX_SECRET_KEY_FILE"):
        read_settings({}, {"COMMENTBOX_SECRET_KEY_FILE": str(tmp_path / "value")})


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("sqlite:////srv/c.sqlite3", "sqlite:////srv/c.sqlite3"),
        ("postgres://ada@host/name", "postgresql+psycopg://ada@host/name"),
        ("postgresql://ada@host/name", "postgresql+psycopg://ada@host/name"),
        ("postgresql+psycopg://ada@host/name", "postgresql+psycopg://ada@host/name"),
        (
            "postgresql://ada:p%40ss@host:5432/n?a=b",
            "postgresql+psycopg://ada:p%40ss@host:5432/n?a=b",
        ),
    ],
)
def test_a_database_is_named_with_its_driver(written: str, url: str) -> None:
    assert normalised_database_url(written) == url
    assert Settings(database_url=written).resolved_database_url == url


@pytest.mark.parametrize(
    "url",
    [
        "mysql://host/name",
        "host/name",
        "sqlite",
        "oracle+x://host",
        "postgresql://host:port/name",
        "sqlite+nonsense:///x.db",
        "sqlite+aiosqlite:///x.db",
        "postgresql+nonsense://host/name",
        "postgresql+psycopg_async://host/name",
        "sqlite:///x.db?timeout=abc",
    ],
)
def test_a_database_we_do_not_know_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="COMMENTBOX_DATABASE_URL"):
        normalised_database_url(url)


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(SetupError) as refused:
        normalised_database_url("postgresql://ada:s3cret@host:port/name")
    assert "s3cret" not in str(refused.value)


def test_without_an_address_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    url = Settings(data_dir=tmp_path).resolved_database_url
    assert url == f"sqlite:///{tmp_path}/commentbox.sqlite3"
    odd = Settings(data_dir=tmp_path / "a?b=c#d").resolved_database_url
    assert make_url(odd).database == f"{tmp_path}/a?b=c#d/commentbox.sqlite3"


def test_a_file_that_is_named_from_here_is_one_file_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert normalised_database_url("sqlite:///x.db") == f"sqlite:///{tmp_path}/x.db"
    assert normalised_database_url("sqlite://") == "sqlite://"


def test_nobody_else_on_the_machine_reads_in_the_data_folder(tmp_path: Path) -> None:
    Settings(data_dir=tmp_path / "new").make_data_dir()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_who_trusts_proxies_says_the_services_address() -> None:
    with pytest.raises(SetupError, match="COMMENTBOX_PUBLIC_URL"):
        read_settings({"COMMENTBOX_TRUSTED_PROXIES": "2"}, {})
    address = {"COMMENTBOX_PUBLIC_URL": "https://comments.example.org"}
    assert read_settings({"COMMENTBOX_TRUSTED_PROXIES": "2", **address}, {}).trusted_proxies == 2


def test_the_secret_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path / "new" / "data").with_secret_key().secret_key
    again = Settings(data_dir=tmp_path / "new" / "data").with_secret_key().secret_key
    assert first == again
    assert len(first) >= 43
    kept = tmp_path / "new" / "data" / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert os.listdir(kept.parent) == ["secret-key"]


def test_two_data_folders_have_two_keys(tmp_path: Path) -> None:
    keys = {Settings(data_dir=tmp_path / name).with_secret_key().secret_key for name in "ab"}
    assert len(keys) == 2


def test_a_key_that_is_given_is_used_and_not_kept(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="given").with_secret_key()
    assert settings.secret_key == "given"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe"])
def test_a_kept_key_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    """With an empty key anybody could sign."""
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(SetupError, match="secret-key"):
        Settings(data_dir=tmp_path).with_secret_key()


def test_a_data_folder_that_cannot_be_used_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(SetupError, match="COMMENTBOX_DATA_DIR"):
        Settings(data_dir=tmp_path / "file").with_secret_key()


@pytest.mark.servers
def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    keys = set(run_at_once(8, KEY, str(tmp_path / "data")))
    assert len(keys) == 1
    assert len(keys.pop()) >= 43
    assert os.listdir(tmp_path / "data") == ["secret-key"]


def test_a_given_key_does_not_keep_the_data_folder_from_being_made(tmp_path: Path) -> None:
    app = create_app(
        {"COMMENTBOX_DATA_DIR": tmp_path / "new", "COMMENTBOX_SECRET_KEY": "known to every test"}
    )
    app.extensions["commentbox"].database.engine.dispose()
    assert (tmp_path / "new" / "commentbox.sqlite3").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMENTBOX_POST_LIMIT", "many"),
        ("COMMENTBOX_RATELIMIT_STORAGE_URL", "nowhere://"),
        ("COMMENTBOX_DATABASE_URL", "mysql://host/name"),
        ("COMMENTBOX_UNKNOWN", "1"),
    ],
)
def test_a_mistake_stops_the_start_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SetupError, match=name):
        create_app({"COMMENTBOX_DATA_DIR": tmp_path, name: value})


MAIL = {
    "COMMENTBOX_SMTP_URL": "smtp://ada:s3cret@mail.example.org:587",
    "COMMENTBOX_MAIL_FROM": "comments@example.org",
    "COMMENTBOX_PUBLIC_URL": "https://comments.example.org",
}


def test_with_a_mail_server_the_service_sends_mail() -> None:
    assert read_settings(MAIL, {}).sends_mail
    assert not read_settings(MAIL | {"COMMENTBOX_SMTP_URL": ""}, {}).sends_mail


@pytest.mark.parametrize("missing", ["COMMENTBOX_MAIL_FROM", "COMMENTBOX_PUBLIC_URL"])
def test_a_mail_server_without_sender_or_public_address_stops_the_start(missing: str) -> None:
    with pytest.raises(SetupError, match=missing):
        read_settings(MAIL | {missing: ""}, {})


@pytest.mark.parametrize(
    "written",
    [
        "mail.example.org",
        "http://ada:s3cret@mail.example.org",
        "smtp://",
        "smtp://ada:s3cret@mail.example.org:none",
        "smtp://ada:s3cret@mail.example.org/inbox",
        "smtps://ada:s3cret@mail.example.org?tls=no",
    ],
)
def test_a_mail_server_that_cannot_be_read_is_refused_without_its_password(written: str) -> None:
    with pytest.raises(SetupError, match="COMMENTBOX_SMTP_URL") as refused:
        read_settings(MAIL | {"COMMENTBOX_SMTP_URL": written}, {})
    assert "s3cret" not in str(refused.value)


def test_printed_settings_tell_no_secret() -> None:
    told = Settings(
        secret_key="key-secret",
        smtp_url="smtp://me:mail-secret@h",
        database_url="postgresql://me:base-secret@h/d",
        ratelimit_storage_url="redis://:count-secret@h",
    )
    assert "secret" not in repr(told)
