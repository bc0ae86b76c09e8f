"""Signatures are those of Standard Webhooks: by its vectors and by its reference library."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from commentbox.delivery.signature import key_of, signature, signed_headers
from commentbox.models.endpoint import new_secret


def now() -> int:
    """Return this second: the reference library takes nothing older than five minutes."""
    return int(datetime.now(UTC).timestamp())


def test_every_public_vector_gives_its_signature(corpora: Path) -> None:
    file = corpora / "webhooks" / "standard-webhooks-vectors.json"
    vectors = json.loads(file.read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) > 3
    for vector in vectors:
        made = signature(
            vector["id"], vector["timestamp"], vector["body"].encode(), vector["secret"]
        )
        assert made == vector["signature"], vector["id"]


def test_the_reference_library_accepts_what_we_sign() -> None:
    secret, body = new_secret(), '{"type":"comment.posted","text":"ä€😀"}'
    headers = dict(signed_headers("msg_1", now(), body.encode(), [secret]))
    assert Webhook(secret).verify(body, headers) == json.loads(body)


def test_during_a_rotation_both_secrets_verify() -> None:
    new, old = new_secret(), new_secret()
    headers = dict(signed_headers("msg_1", now(), b"{}", [new, old]))
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (new, old):
        Webhook(secret).verify("{}", headers)


def test_a_new_secret_is_as_long_as_the_specification_asks() -> None:
    assert new_secret().startswith("whsec_")
    assert 24 <= len(key_of(new_secret())) <= 64


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!"])
def test_a_secret_that_is_none_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        key_of(secret)


def test_a_secret_is_read_with_or_without_prefix_and_padding() -> None:
    assert key_of("whsec_YWI=") == key_of("YWI") == b"ab"
