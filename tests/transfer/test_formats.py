"""Each format reads its samples as they are written down."""

from pathlib import Path

import pytest

from commentbox.errors import SetupError
from commentbox.transfer.formats import FORMATS, find_format
from commentbox.transfer.report import REASONS
from tests.transfer.conftest import MakeFile
from tests.transfer.samples import FOLDER, expected, found, opened, samples


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_a_sample_holds_what_is_written_beside_it(sample: Path) -> None:
    assert found(sample) == expected(sample)


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_a_format_is_told_by_its_content_and_by_no_other(sample: Path) -> None:
    with opened(sample) as file:
        recognised = [name for name, each in FORMATS.items() if each.recognises(file)]
    assert recognised == [name for name in FORMATS if sample.name.startswith(name)][:1]


def test_every_format_has_a_sample() -> None:
    assert {sample.name.partition(".")[0].partition("-")[0] for sample in samples()} == set(FORMATS)


def test_reasons_to_skip_are_told_in_words() -> None:
    reasons = {each["reason"] for path in samples() for each in expected(path) if "reason" in each}
    assert reasons <= REASONS.keys()
    assert reasons


def test_a_file_of_no_format_is_refused_with_the_formats_there_are(make_file: MakeFile) -> None:
    with pytest.raises(SetupError, match=r"a\.txt .*wordpress"):
        find_format(make_file("a.txt", b"Dear diary"))


def test_answers_that_were_put_together_are_read(make_file: MakeFile) -> None:
    answer = (FOLDER / "giscus.json").read_bytes()
    whole = list(FORMATS["giscus"].read(make_file("one.json", answer)))
    again = make_file("paginated.json", answer + b"\n" + answer)
    assert list(FORMATS["giscus"].read(again)) == whole * 2
    slurped = make_file("slurped.json", b"[" + answer + b"," + answer + b"]")
    assert list(FORMATS[find_format(slurped)].read(slurped)) == whole * 2
    wrapped = b'{"errno": 0, "errmsg": "", "data": %s}' % (FOLDER / "waline.json").read_bytes()
    file = make_file("waline.json", wrapped)
    assert find_format(file) == "waline"
    assert len(list(FORMATS["waline"].read(file))) == 4
