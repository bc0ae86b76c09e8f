"""The way to the mail server is encrypted where it has to be, and never to a stranger."""

import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from commentbox.delivery.email.postman import Postman, Undelivered
from tests.mail_server import taking_mail


@pytest.fixture
def authority() -> trustme.CA:
    """Return who vouches for our mail server."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """Return the mail server's side of an encrypted line."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine believe the authority, as it believes those of its system."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "comments@example.org", "ada@example.org"
    message["Subject"] = "Hello"
    message.set_content("Hello, Ada.")
    return message


class Doorman:
    """Lets one person in, and remembers who came."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []

    def __call__(
        self, _server: object, _session: object, _envelope: object, _way: str, who: object
    ) -> AuthResult:
        assert isinstance(who, LoginPassword)
        self.came.append((who.login.decode(), who.password.decode()))
        return AuthResult(success=self.came[-1] == ("ada", "p@ss word"), handled=False)


@pytest.mark.usefixtures("trusted")
def test_with_smtps_the_line_is_encrypted_from_the_first_byte(tls: ssl.SSLContext) -> None:
    with taking_mail(ssl_context=tls) as server:
        Postman(server.url.replace("smtp:", "smtps:")).send(letter())
        assert [mail["Subject"] for mail in server.mails] == ["Hello"]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls"])
def test_a_password_is_told_to_a_server_that_has_turned_to_tls(
    tls: ssl.SSLContext, scheme: str
) -> None:
    doorman = Doorman()
    with taking_mail(
        tls_context=tls, require_starttls=True, authenticator=doorman, auth_required=True
    ) as server:
        url = f"{scheme}://ada:p%40ss%20word@127.0.0.1:{server.port}"
        Postman(url).send(letter())
        assert doorman.came == [("ada", "p@ss word")]
        assert len(server.mails) == 1

        with pytest.raises(Undelivered) as refused:
            Postman(url.replace("word", "sword")).send(letter())
        assert refused.value.problem.startswith("535 ")
        assert not refused.value.is_final  # the operator can mend it
        assert len(server.mails) == 1


@pytest.mark.parametrize("options", ["ssl_context", "tls_context"])
def test_a_server_that_nobody_vouches_for_gets_nothing(tls: ssl.SSLContext, options: str) -> None:
    scheme = "smtps" if options == "ssl_context" else "smtp+starttls"
    with taking_mail(**{options: tls}) as server:
        with pytest.raises(Undelivered) as refused:
            Postman(server.url.replace("smtp:", f"{scheme}:")).send(letter())
        assert not refused.value.is_final
        assert server.mails == []


def test_for_the_word_that_a_mail_is_taken_a_time_of_its_own_is_given() -> None:
    with taking_mail() as server:
        server.may_take.clear()
        with pytest.raises(Undelivered) as refused:
            Postman(server.url, step_seconds=60, taking_seconds=0.05).send(letter())
        assert not refused.value.is_final
        server.may_take.set()
        Postman(server.url, taking_seconds=60).send(letter())


def test_where_tls_is_demanded_a_server_without_it_gets_nothing() -> None:
    with taking_mail() as server:
        with pytest.raises(Undelivered):
            Postman(server.url.replace("smtp:", "smtp+starttls:")).send(letter())
        assert server.mails == []
