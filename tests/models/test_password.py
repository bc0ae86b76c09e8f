"""Passwords as they are kept."""

from commentbox.models.password import is_password, nobodys_hash, password_hash

PASSWORD = "four words of Ada's"


def test_a_kept_password_is_known_again_and_no_other() -> None:
    kept = password_hash(PASSWORD)
    assert is_password(PASSWORD, kept)
    assert not is_password(PASSWORD.upper(), kept)
    assert not is_password("", kept)


def test_a_password_kept_at_other_costs_is_still_known() -> None:
    # The second test vector of RFC 7914.
    kept = (
        "scrypt:1024:8:16$NaCl$fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
    )
    assert is_password("password", kept)


def test_an_umlaut_is_the_same_however_a_keyboard_writes_it() -> None:
    assert is_password("gru\u0308ne Tu\u0308r", password_hash("gr\u00fcne T\u00fcr"))


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert password_hash(PASSWORD) != password_hash(PASSWORD)


def test_an_address_without_account_costs_as_much_to_try_as_one_with() -> None:
    kept = password_hash(PASSWORD)
    assert nobodys_hash().partition("$")[0] == kept.partition("$")[0]
    assert len(nobodys_hash()) == len(kept)
