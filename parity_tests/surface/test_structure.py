"""The structure: arrows run one way, nothing stands twice, and files are short."""

import ast
import graphlib
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import lrjax
from lrspec import curves
from parity_tests import ROOT

# Package -> what of the project it may use.
ARROWS = {
    "lrspec": set(),
    "lrjax": {"lrspec"},
    "lrtorch": {"lrspec"},
    "lrparity": {"lrspec", "lrjax", "lrtorch"},
    "parity_tests": {"lrspec", "lrjax", "lrtorch", "lrparity", "benchmarks", "docs"},
    "benchmarks": {"lrspec", "lrjax", "lrtorch", "lrparity"},
}
FRAMEWORKS = {"jax", "flax", "optax", "torch"}
# Package -> the frameworks it may use.
MAY_USE = {"lrspec": set(), "lrjax": FRAMEWORKS - {"torch"}, "lrtorch": {"torch"}}
LONGEST = 300  # lines of a file
HIGHEST = 6  # floors of a package: how long a chain of its parts may be, each using the next


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each import of a file, wherever it stands: the module, and the names taken from it."""
    module = module_of(path)
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield ".".join([*base, *([node.module] if node.module else [])]), [alias.name for alias in node.names]


def used_files(path: Path, modules: dict[str, Path]) -> set[Path]:
    """The files of the project that a file imports from."""
    found = set()
    for module, names in imports(path):
        inner = {modules[f"{module}.{name}"] for name in names if f"{module}.{name}" in modules}
        found |= inner
        if module in modules and len(inner) < max(1, len(names)):
            found.add(modules[module])
    return found - {path}


@pytest.mark.parametrize("package", ARROWS)
def test_a_package_uses_only_what_is_below_it(package: str) -> None:
    for path in files(package):
        used = {module.split(".")[0] for module, _ in imports(path)}
        assert not (used & set(ARROWS)) - ARROWS[package] - {package}, path
        assert not (used & FRAMEWORKS) - MAY_USE.get(package, FRAMEWORKS), path


@pytest.mark.parametrize("package", ARROWS)
def test_no_file_imports_one_that_imports_it(package: str) -> None:
    modules = {module_of(path): path for path in files(package)}
    graph = {path: used_files(path, modules) for path in files(package)}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError with the files


def room(path: Path, package: str) -> str:
    """The part of a package that a file belongs to: a folder in it, or the file."""
    return path.relative_to(ROOT / package).parts[0]


@pytest.mark.parametrize("package", ["lrspec", "lrjax", "lrtorch", "lrparity"])
def test_few_floors(package: str) -> None:
    modules = {module_of(path): path for path in files(package)}
    graph: dict[str, set[str]] = {}
    for path in files(package):
        rooms = {room(used, package) for used in used_files(path, modules)}
        graph.setdefault(room(path, package), set()).update(rooms - {room(path, package)})
    floors: dict[str, int] = {}
    for name in graphlib.TopologicalSorter(graph).static_order():
        floors[name] = 1 + max((floors[below] for below in graph[name]), default=0)
    floors.pop("__main__.py", 0)  # the command stands on the whole package
    assert max(floors.values()) <= HIGHEST, floors


def test_no_two_files_are_equal() -> None:
    seen: dict[str, Path] = {}
    for path in chain.from_iterable(files(package) for package in ARROWS):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert seen.setdefault(digest, path) == path, (seen[digest], path)


@pytest.mark.parametrize("package", ARROWS)
def test_files_are_short(package: str) -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files(package)}
    assert not {name: length for name, length in lengths.items() if length > LONGEST}


@pytest.mark.parametrize(("package", "elsewhere"), [(lrjax, {"lrspec": {"curves"}}), (curves, {})])
def test_the_late_names_are_those_that_type_checkers_read(package: Any, elsewhere: dict[str, set[str]]) -> None:
    tree = ast.parse(Path(package.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    stated: dict[str, set[str]] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            stated.setdefault(node.module or alias.name, set()).update([alias.name] if node.module else [])
    assert stated == {home: set(names.split()) for home, names in package._HOMES.items()} | elsewhere
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert set(package.__all__) <= set(dir(package))


def test_importing_lrjax_loads_nothing() -> None:
    code = "import sys, lrjax; print([name for name in sys.modules if name.startswith(('lrjax.', 'lrspec', 'jax'))])"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_a_name_that_lrjax_has_not() -> None:
    with pytest.raises(AttributeError, match="module 'lrjax' has no attribute 'Lion'"):
        _ = lrjax.Lion  # type: ignore[attr-defined]
