"""The built embed: small, whole, and with words only from the fragment."""

import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import brotli
import pytest

from commentbox.i18n import language
from commentbox.reading.view import FormView, ThreadView
from commentbox.web.environment import TEMPLATES
from commentbox.web.rendering import thread_html

EMBED = Path(__file__).parents[2] / "embed"
MAX_SIZE_BYTES = 4_000

EMPTY = ThreadView(
    site="blog",
    page="/",
    url=None,
    title=None,
    is_open=True,
    count=0,
    version=1,
    sort="oldest",
    comments=(),
    previous=None,
    next=None,
    action="/sites/blog/thread",
)


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("embed_build", EMBED / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(build: ModuleType) -> dict[str, str]:
    return {name: content.decode() for name, content in build.build(EMBED).items()}


def source(name: str) -> str:
    return (EMBED / name).read_text(encoding="utf-8")


def test_script_and_style_together_stay_small(built: dict[str, str]) -> None:
    size_bytes = len(brotli.compress(built["embed.js"].encode(), quality=11))
    assert size_bytes <= MAX_SIZE_BYTES


def test_the_script_brings_its_style(built: dict[str, str], build: ModuleType) -> None:
    assert build.STYLESHEET in source("comment-box.js")
    assert build.STYLESHEET not in built["embed.js"]
    for selector in re.findall(r"\.cb-[\w-]+", source("comment-box.css")):
        assert selector in built["embed.js"]
        assert selector in built["embed.css"]


def test_nothing_is_lost_but_comments_and_space(built: dict[str, str]) -> None:
    for file, script in (("comment-box.js", "embed.js"), ("comment-box-more.js", "embed-more.js")):
        bare = re.sub(r"(?s)/\*.*?\*/|(?m://.*$)", "", source(file))
        for text in re.findall(r"'([\w .:#-]{4,})'", bare):
            assert text in built[script], text
        for name in re.findall(r"\b\w{12,}\b", bare):
            assert name in built[script], name
        assert not re.search(r"(?<!:)//|/\*", built[script])


def test_a_wheel_gets_the_built_files(build: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "embed"
    shutil.copytree(EMBED, folder, ignore=shutil.ignore_patterns("dist"))
    hook = build.EmbedBuildHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    hook.initialize("standard", {})
    files = {path.name: path.read_bytes() for path in (folder / "dist").iterdir()}
    assert files == build.build(EMBED)


def test_a_style_that_would_leave_its_string_is_refused(build: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "embed"
    shutil.copytree(EMBED, folder, ignore=shutil.ignore_patterns("dist"))
    (folder / "comment-box.css").write_text("a::after { content: '`' }", encoding="utf-8")
    with pytest.raises(ValueError, match="within a string"):
        build.build(folder)


def test_the_scripts_say_only_what_the_fragment_brings() -> None:
    scripts = source("comment-box.js") + source("comment-box-more.js")
    said = set(re.findall(r"(?:say\(\)|words)\.([a-z]+)\b(?!\()", scripts))
    for names in re.findall(r"const \{([^}]*)\} = box\.say\(\)", scripts):
        said |= set(re.findall(r"\w+", names))
    html = thread_html(EMPTY, FormView(), language("en"))
    assert said - set(re.findall(r'data-([a-z]+)="[^"]+"', html)) <= {"length"}
    assert "sending" in said


def test_what_the_scripts_look_for_is_in_the_templates() -> None:
    scripts = source("comment-box.js") + source("comment-box-more.js")
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    made_by_the_script = {"cb-edit", "cb-delete", "cb-editing", "cb-apart", "cb-own"}
    wanted = set(re.findall(r"\.(cb-[a-z]+)", scripts)) - made_by_the_script
    # A template may put a class together: cb-{{ state }}.
    assert {name for name in wanted if name not in templates} <= {"cb-held"}


def test_the_style_names_only_classes_that_there_are() -> None:
    scripts = source("comment-box-more.js")
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    styled = set(re.findall(r"\.(cb-[a-z-]+)", source("comment-box.css")))
    assert {name for name in styled if name not in templates + scripts} <= {"cb-held"}
