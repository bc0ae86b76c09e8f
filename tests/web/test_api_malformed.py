"""Bodies that no well-behaved client sends get a problem with a stable code, and leave nothing behind."""

import io
import json

import pytest

from tests.web.readers import PAGE, Reader, codes

COMMENTS = "/api/v1/sites/blog/comments"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
KILOBYTES_64 = 64 * 1024


@pytest.fixture
def reader(shared_reader: Reader) -> Reader:
    """Return the reader that all these tests share."""
    return shared_reader


def refused(reader: Reader, body: bytes | str, content_type: str | None = JSON) -> tuple[str, ...]:
    """Post a body as it is; return the codes of the problem, with the status first."""
    before = reader.stored()
    headers = {**reader.headers} | ({"Content-Type": content_type} if content_type else {})
    answer = reader.client.post(COMMENTS, data=body, headers=headers)
    assert reader.stored() == before
    return (str(answer.status_code), *codes(answer))


def with_field(name: str, written: str) -> str:
    """Return a good comment's JSON, with one field written as given."""
    fields = {"page": f'"{PAGE}"', "text": '"Hello"'} | {name: written}
    return "{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nonsense",
        "[]",
        '"text"',
        "null",
        "7",
        b"\xff\xfe{}",
        '{"text": "\xe4"}'.encode("latin-1"),
        "[" * 60_000,
        '{"text": ' * 7_000,
        with_field("parent", "9" * 5_000),
        with_field("parent", "NaN"),
        with_field("parent", "-Infinity"),
        '{"text": "a", "text": "b", "page": "/a"}',
        '{"page": "/a", "text": {"a": 1, "a": 2}}',
        with_field("text", '"Hello"') + "}",
        with_field("text", '"\x00"'),
        with_field("text", '"a\nb"'),
    ],
)
def test_json_that_cannot_be_read_is_malformed(reader: Reader, body: bytes | str):
    assert refused(reader, body) == ("400", "malformed")


def test_json_that_is_nested_too_deep_is_refused_however_much_python_reads(reader: Reader):
    # 3.11 reads a thousand levels, 3.13 many more: then the fields are unknown ones.
    found = refused(reader, '{"a":' * 5_000 + "1" + "}" * 5_000)
    assert found in {("400", "malformed"), ("422", "invalid_fields", "a:unknown_field")}


@pytest.mark.parametrize(
    "body", [b"text=%ff", b"text=\xff", b"text=a&text=b", b"&".join([b"a=1"] * 101)]
)
def test_a_form_that_cannot_be_read_is_malformed(reader: Reader, body: bytes):
    assert refused(reader, body, FORM) == ("400", "malformed")


def test_a_hundred_thousand_brackets_are_too_large(reader: Reader):
    assert refused(reader, "[" * 100_000) == ("413", "too_large")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "multipart/form-data", "application/xml", "nonsense"]
)
def test_other_types_are_named_as_such(reader: Reader, content_type: str | None):
    assert refused(reader, '{"text": "Hello"}', content_type) == ("415", "unsupported_type")


WRONG_VALUES = {
    ("text", "null"): "text:required",
    ("text", '""'): "text:required",
    ("text", '" \\n\\t "'): "text:required",
    ("text", '"\\u200b\\u2060\\ufeff"'): "text:required",
    ("text", "7"): "text:not_a_text",
    ("text", "true"): "text:not_a_text",
    ("text", '["Hello"]'): "text:not_a_text",
    ("text", '{"a": "b"}'): "text:not_a_text",
    ("text", '"a\\u0000b"'): "text:invalid_characters",
    ("text", '"a\\ud800b"'): "text:invalid_characters",
    ("text", '"\\udc00\\ud800"'): "text:invalid_characters",
    ("name", '"Ada\\nBen"'): "name:invalid_characters",
    ("name", '"Ada\\u2028Ben"'): "name:invalid_characters",
    ("name", '"Ada\\u0000"'): "name:invalid_characters",
    ("name", '"\\ud83d"'): "name:invalid_characters",
    ("name", f'"{"a" * 101}"'): "name:too_long",
    ("name", "[]"): "name:not_a_text",
    ("email", '"\\u0000@example.org"'): "email:invalid_characters",
    ("email", '"nobody"'): "email:invalid",
    ("email", '"a@b@example.org"'): "email:invalid",
    ("email", f'"{"a" * 250}@example.org"'): "email:too_long",
    ("email", "1"): "email:not_a_text",
    ("website", '"javascript:alert(1)"'): "website:invalid",
    ("website", '"https://a.example\\u0000"'): "website:invalid_characters",
    ("website", f'"https://{"a" * 500}.example"'): "website:too_long",
    ("title", '"a\\u0000b"'): "title:invalid_characters",
    ("title", '"a\\nb"'): "title:invalid_characters",
    ("title", "7"): "title:not_a_text",
    ("url", '"\\u0000"'): "url:invalid_characters",
    ("url", "{}"): "url:not_a_text",
    ("page", '"a\\u0000b"'): "page:invalid_characters",
    ("page", '"a\\nb"'): "page:invalid_characters",
    ("page", '"\\udfff"'): "page:invalid_characters",
    ("page", "7"): "page:not_a_text",
    ("page", '""'): "page:required",
    ("page", '"  "'): "page:required",
    ("page", '"null"'): "page:not_a_page",
    ("page", '"undefined"'): "page:not_a_page",
    ("page", '" Undefined "'): "page:not_a_page",
    ("page", '"[object Object]"'): "page:not_a_page",
    ("page", f'"{"a" * 513}"'): "page:too_long",
    ("page", f'"{"a" * 2001}"'): "page:too_long",
    ("parent", '"one"'): "parent:not_a_number",
    ("parent", "1.5"): "parent:not_a_number",
    ("parent", "true"): "parent:not_a_number",
    ("parent", "[1]"): "parent:not_a_number",
    ("parent", "1e400"): "parent:not_a_number",
    ("parent", str(10**30)): "parent:not_a_number",
    ("parent", "9" * 4_000): "parent:not_a_number",
    ("parent", f'"{"9" * 5_000}"'): "parent:not_a_number",
    ("parent", '"٣"'): "parent:not_a_number",
    ("parent", str(2**63 - 1)): "parent:unknown_parent",
    ("parent", str(1 - 2**63)): "parent:unknown_parent",
    ("parent", "0"): "parent:unknown_parent",
    ("parent", "77"): "parent:unknown_parent",
    ("ticket", "7"): "ticket:not_a_text",
    ("ticket", f'"{"a" * 301}"'): "ticket:too_long",
    ("idempotency_key", '"short"'): "idempotency_key:too_short",
    ("idempotency_key", f'"{"a" * 201}"'): "idempotency_key:too_long",
    ("idempotency_key", '"aaaaaaaaaaaaaaaa\\u0000"'): "idempotency_key:invalid_characters",
    ("contact_me_by_fax", '" "'): "contact_me_by_fax:must_be_empty",
    ("colour", '"blue"'): "colour:unknown_field",
    ("__proto__", '"blue"'): "__proto__:unknown_field",
    ("\\ud800", '"blue"'): "\\ud800:unknown_field",
}


@pytest.mark.long
@pytest.mark.parametrize(("name", "written"), WRONG_VALUES)
def test_a_wrong_value_is_named_with_its_field(reader: Reader, name: str, written: str):
    wrong = WRONG_VALUES[name, written]
    assert refused(reader, with_field(name, written)) == ("422", "invalid_fields", wrong)


def test_every_wrong_field_is_named_at_once(reader: Reader):
    body = {"page": PAGE, "text": "", "name": "a" * 101, "email": "nobody", "parent": "x"}
    assert refused(reader, json.dumps(body))[2:] == (
        "email:invalid",
        "name:too_long",
        "parent:not_a_number",
        "text:required",
    )


def test_no_page_at_all_is_named(reader: Reader):
    assert refused(reader, '{"text": "Hello"}') == ("422", "invalid_fields", "page:required")


@pytest.mark.parametrize("type_", [JSON, FORM])
def test_a_body_may_have_64_kilobytes_and_not_one_byte_more(reader: Reader, type_: str):
    frame = with_field("text", '"…"').encode() if type_ == JSON else f"page={PAGE}&text=…".encode()
    head, tail = frame.split("…".encode())
    room = b"x" * (KILOBYTES_64 - len(head) - len(tail))
    assert refused(reader, head + room + tail, type_)[1:] == ("invalid_fields", "text:too_long")
    assert refused(reader, head + room + b"x" + tail, type_) == ("413", "too_large")


def test_escapes_of_a_form_do_not_count_against_it(reader: Reader):
    text = "ä" * 10_000  # six bytes each on the wire
    answer = reader.form(COMMENTS, reader.comment(text))
    assert answer.status_code == 201
    assert reader.row(answer.json["comment"]["id"]).text == text


def test_a_form_of_escapes_alone_has_an_end(reader: Reader):
    assert refused(reader, b"text=" + b"%41" * KILOBYTES_64, FORM) == ("413", "too_large")


@pytest.mark.parametrize("size", [10, KILOBYTES_64 + 1, 300_000])
def test_a_body_without_a_length_is_measured_as_it_comes(reader: Reader, size: int):
    before = reader.stored()
    answer = reader.client.post(
        COMMENTS,
        input_stream=io.BytesIO(b" " * size),
        headers={**reader.headers, "Content-Type": JSON},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert codes(answer) == (("malformed",) if size <= KILOBYTES_64 else ("too_large",))
    assert reader.stored() == before
