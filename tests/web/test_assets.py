"""The embed's files, as pages fetch them."""

import pytest

from commentbox import __version__
from tests.web.readers import Reader


@pytest.mark.parametrize("name", ["embed.js", "embed-more.js", "embed.css"])
def test_a_file_is_compressed_and_asked_for_again_by_its_etag(reader: Reader, name: str) -> None:
    answer = reader.client.get(f"/{name}", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = reader.client.get(f"/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["embed-{}.js", "embed-more-{}.js"])
def test_under_its_own_version_a_script_may_be_kept_for_ever(reader: Reader, name: str) -> None:
    answer = reader.client.get("/" + name.format(__version__))
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.data == reader.client.get("/" + name.replace("-{}", "")).data


def test_a_page_that_names_an_old_release_goes_on_working(reader: Reader) -> None:
    answer = reader.client.get("/embed-0.0.1.js")
    assert answer.data == reader.client.get("/embed.js").data
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["embed-x.js", "embed-.js", "embed-1.js", "embed-1..2.js"])
def test_what_is_no_version_is_no_file(reader: Reader, name: str) -> None:
    assert reader.client.get(f"/{name}").status_code == 404
