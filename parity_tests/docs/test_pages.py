"""Every page: its Python code is run, its blocks are in ruff's form, its links lead somewhere, the site shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lrjax
import lrparity
import lrtorch
from parity_tests import ROOT

from .blocks import Block, all_blocks_of, pages, run, sections_of

DOCS = ROOT / "docs"
WHOLE = ("docs/index.md", "docs/every.md", "docs/curves.md")  # a page whose blocks are one program
BY_SECTION = ("docs/recipes/networks.md", "docs/recipes/training.md", "docs/recipes/runs.md")
ELSEWHERE = {  # page -> the test that runs it and sees that it does what the page says
    "README.md": "test_readme.py",
    "docs/a-vit-ported.md": "test_port.py",
    "docs/averages.md": "test_averages.py",
    "docs/derivatives.md": "test_derivatives.py",
    "docs/fine-tuning.md": "test_fine_tuning.py",
    "docs/gallery.md": "test_gallery.py",
    "docs/is-my-port-the-same.md": "test_port.py",
    "docs/lr-find.md": "test_lr_find.py",
    "docs/moving-from-pytorch.md": "test_moving_from_pytorch.py",
    "docs/quick-start.md": "test_quick_start.py",
    "docs/sweeps.md": "test_sweeps.py",
    "docs/whole-runs.md": "test_port.py",
}
PAGES = {str(page.relative_to(ROOT)): page for page in pages()}
SECTIONS = [(page, section) for page in BY_SECTION for section in sections_of(ROOT / page)]


def test_every_page_with_code_is_run() -> None:
    with_code = {name for name, page in PAGES.items() if all_blocks_of(page)}
    assert with_code == {*WHOLE, *BY_SECTION, *ELSEWHERE}
    for page, test in ELSEWHERE.items():
        assert Path(page).name in (Path(__file__).parent / test).read_text(), f"{test} does not read {page}"


@pytest.mark.parametrize("name", PAGES)
def test_no_block_hides(name: str) -> None:
    """A fence in another form (``py``, indented, unclosed) would not be seen, and a reason must be one."""
    text, found = PAGES[name].read_text(), all_blocks_of(PAGES[name])
    assert len(found) == len(re.findall(r"^ *(?:```|~~~) *(?:py|Py|ipython)", text, re.MULTILINE))
    assert sum(bool(block.why_not) for block in found) == len(re.findall("^<!-- not run", text, re.MULTILINE))
    assert all(len(block.why_not.split()) > 1 for block in found if block.why_not)


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(PAGES[name])


@pytest.mark.parametrize(("name", "section"), SECTIONS, ids=[f"{Path(page).stem}-{one}" for page, one in SECTIONS])
def test_a_section_runs(name: str, section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = sections_of(PAGES[name])[section]
    if any("jax_num_cpu_devices" in block.code for block in blocks):
        _run_alone(blocks)
    else:
        run(PAGES[name], blocks)


def _run_alone(blocks: list[Block]) -> None:
    """In a process of its own, for code that must come before all other use of JAX."""
    code = "\n".join(block.code for block in blocks)
    options = {"cwd": ROOT, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr


def test_links_lead_somewhere() -> None:
    for name, page in PAGES.items():
        for target, anchor in re.findall(r"\]\((?!http)([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
            path = page.parent / target if target else page
            assert path.exists(), f"{name}: {target}"
            if anchor:
                assert anchor in _anchors(path), f"{name}: {target}#{anchor}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_site_shows_every_page_once() -> None:
    shown = re.findall(r"([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(shown) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def test_the_reference_has_every_name_once() -> None:
    named = [
        (found[1], found[2].rpartition(".")[2])
        for page in (DOCS / "api").glob("*.md")
        for found in re.finditer(r"^::: (\w+)\.([\w.]+)$", page.read_text(), re.MULTILINE)
    ]
    names = [name for package, name in named if package == "lrjax"]
    assert sorted(names) == sorted(vars(lrjax)["__all__"])
    assert sorted(name for package, name in named if package == "lrparity") == sorted(vars(lrparity)["__all__"])
    elsewhere = set(lrtorch.__all__) - {name for package, name in named if package == "lrtorch"}
    of_class = {name for name in lrtorch.__all__ if isinstance(getattr(lrtorch, name), type)}
    schedulers = {name for name in of_class if issubclass(getattr(lrtorch, name), lrtorch.LRScheduler)}
    assert elsewhere == {*schedulers, "ParamGroup"}  # lrtorch's page says that they are as lrjax's
    assert len(named) == len(set(named))


def test_the_site_is_built(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: make docs")
    pytest.importorskip("mkdocstrings_handlers", reason="mkdocstrings-python is not installed: make docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "torch.optim.AdamW" in (tmp_path / "api" / "optimizers.html").read_text()
