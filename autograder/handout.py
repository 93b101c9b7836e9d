"""What students may have, as a folder to publish: notebooks, the check library as a wheel, both as a zip.

::

    DIR/README.md                         how to open the notebooks, in Portuguese and English
    DIR/lista12/*.ipynb                   the release
    DIR/lista12/autograder_check-….whl    what `from autograder import check` needs, and nothing else
    DIR/lista12.zip                       the folder

``DIR`` may be a git work tree: commit and push it, and nbgitpuller hands it out. It is written only if nothing
secret is in it, in what is written and in what lay there before.
"""

import ast
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import nbformat

from autograder.assignment import Assignment
from autograder.data.key import KEY_FILE
from autograder.errors import UsageError
from autograder.release import problems, secret_lines, texts

__all__ = ["Handout", "write_handout"]

_ROOTS = ("autograder.check", "autograder.holdout")
_WHEEL = "autograder-check"
_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "{version}"
description = "The checks that the notebooks of the course call"
requires-python = ">=3.11"
dependencies = ["numpy", "babel"]  # and TensorFlow, which whoever opens the notebooks has
[tool.hatch.build.targets.wheel]
packages = ["autograder"]
"""
_README = """# {title}

## Português

Abra os notebooks da pasta `{name}` no JupyterHub da disciplina: lá tudo já está instalado.

Em outro computador, ou no Google Colab, é preciso ter TensorFlow, pandas, scikit-learn e matplotlib. Com isso os
notebooks funcionam; para que as células de verificação também funcionem, execute uma vez, em uma célula:

    %pip install autograder_check-*.whl

No Colab, envie antes o arquivo `.whl` da pasta `{name}` pelo painel de arquivos. A nota é dada somente ao que for
entregue pelo JupyterHub.

## English

Open the notebooks of the folder `{name}` on the course's JupyterHub: everything is installed there.

On another computer, or in Google Colab, have TensorFlow, pandas, scikit-learn and matplotlib. The notebooks then
run; for the cells that check your answers, run the line above in a cell once. Only what is submitted on the
JupyterHub is graded.
"""
#: Of every file of a zip, so that the same content is the same bytes.
_TIME = (2020, 2, 2, 0, 0, 0)
#: Files that hold a model, data or a key: nothing that a handout has.
_NEVER = (".h5", ".hdf5", ".keras", ".npz", ".npy", ".pkl", ".db", ".toml", ".csv", KEY_FILE)


@dataclass(frozen=True)
class Handout:
    """What was written.

    Args:
        root: The folder.
        archive: The zip in it.
        files: Every file of it, as paths below ``root``.
    """

    root: Path
    archive: Path
    files: tuple[Path, ...]


def write_handout(course: Path, assignment: Assignment, destination: Path) -> Handout:
    """Write the student package of a released assignment.

    Args:
        course: The course root; ``release/<assignment>`` is there.
        assignment: The assignment.
        destination: The folder to write; what else is in it stays.

    Raises:
        UsageError: The release is not fit to hand out, or the folder would hold something secret; then it is left
            as it was.
    """
    destination = destination.resolve()
    if destination == course or course in destination.parents:
        raise UsageError(
            f"{destination} lies inside the course.", "Give a folder elsewhere: what is in it is published."
        )
    wrong = problems(course, assignment)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "made")
        folder = made / assignment.name
        shutil.copytree(course / "release" / assignment.name, folder, ignore=shutil.ignore_patterns(".*"))
        _write_wheel(folder)
        (made / "README.md").write_text(
            _README.format(title=assignment.settings.title or assignment.name, name=assignment.name),
            encoding="utf-8",
        )
        _zip(folder, made / f"{assignment.name}.zip")
        files = tuple(sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file()))
        # The wheel is this project's own public code, whose examples may look like a solution's lines.
        wheels = {path for path in files if path.suffix == ".whl"}
        secret = _secret_lines(course, assignment)
        wrong += [*_secrets(made, secret, but=wheels), *_secrets(destination, secret, but=set(files))]
        if wrong:
            raise UsageError(
                f"{destination} was not written:\n" + "\n".join(f"  {line}" for line in wrong),
                "Mend the release, or take those files away.",
            )
        old = destination / assignment.name
        if old.is_dir():
            shutil.rmtree(old)
        shutil.copytree(made, destination, dirs_exist_ok=True)
    return Handout(destination, destination / f"{assignment.name}.zip", files)


def modules(roots: Iterable[str] = _ROOTS) -> dict[str, Path]:
    """The modules of this package that these need, wherever in them they import it, with their files."""
    found: dict[str, Path] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        spec = find_spec(name)
        if name in found or spec is None or spec.origin is None:
            continue
        found[name] = Path(spec.origin)
        # The package's own `configure` imports the grader when it is called; students have nothing to configure.
        waiting += [] if name == "autograder" else _imported(found[name])
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.split(".")[0] == "autograder" and _exists(name))


def _exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # its parent is a module: the name is a function's or a class's
        return False


def _write_wheel(folder: Path) -> None:
    import autograder

    package = Path(autograder.__file__).parent
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        version = metadata.version("tp555-autograder")
        (project / "pyproject.toml").write_text(_PROJECT.format(name=_WHEEL, version=version))
        for path in [*modules().values(), *(package / "locale").rglob("*.po")]:
            copy = project / "autograder" / path.relative_to(package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder.resolve())],
            cwd=project, check=True, capture_output=True,
        )  # fmt: skip


def _zip(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(str(path.relative_to(folder.parent)), _TIME)
            info.external_attr = 0o644 << 16
            out.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _secret_lines(course: Path, assignment: Assignment) -> list[str]:
    """Of solutions, hidden tests and the key of the held-out rows."""
    secret = secret_lines(*assignment.notebooks)
    key = course / KEY_FILE
    if key.is_file():
        secret.add(key.read_text(encoding="ascii").strip())
    return sorted(secret)


def _secrets(root: Path, secret: Sequence[str], but: Collection[Path]) -> Iterator[str]:
    """What must not be published: files of a kind that no handout has, and secret lines, also inside of zips."""
    for path in sorted(p for p in root.rglob("*") if p.is_file() and ".git" not in p.relative_to(root).parts):
        if path.relative_to(root) in but:
            continue
        for name, content in _contents(path):
            shown = path.relative_to(root) if name == path.name else f"{path.relative_to(root)}: {name}"
            if name.endswith(_NEVER):
                yield f"{shown}: a file of this kind is not for students."
            text = "\n".join(_strings(name, content))
            found = [line for line in secret if line in text]
            if found:
                more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
                yield f"{shown}: shows a hidden line: {found[0][:60]!r}{more}"


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    else:
        yield path.name, path.read_bytes()


def _strings(name: str, content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", errors="replace")
    if name.endswith(".ipynb"):
        yield from texts(nbformat.reads(text, as_version=4))
    else:
        yield text
