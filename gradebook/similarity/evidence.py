"""What two students have in common, in words, and as data for other programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from babel.numbers import format_decimal, format_percent

from autograder.messages import tr
from gradebook.similarity.clusters import Pair
from gradebook.similarity.files import HandedIn, SameFiles
from gradebook.similarity.models import SameModel
from gradebook.similarity.survey import Survey
from gradebook.text import clean

__all__ = ["as_data", "file_in_words", "model_in_words", "pair_in_words", "reasons"]

_PREFIX = 16
_MAX_NAMES = 12


def pair_in_words(pair: Pair, names: tuple[str, str], language: str) -> list[str]:
    """Why a pair is listed.

    Args:
        pair: The pair.
        names: What the two are called.
        language: Of numbers; speak it around this call.
    """
    found = pair.found
    words = []
    if found.same:
        words.append(tr("The answers are the same, but for names and layout."))
    for place, name in enumerate(() if found.same else names):
        words.append(
            tr(
                "{part} of the code of {name} is in the other answer too ({count} tokens that few others have).",
                part=format_percent(found.contained[place], format="0%", locale=language),
                name=name,
                count=found.tokens[place],
            )
        )
    if pair.notebooks > 1:
        words.append(tr("These two are listed in {count} notebooks.", count=pair.notebooks))
    words.extend(model_in_words(same, names) for same in pair.models)
    words.extend(file_in_words(same, found.students, names, language) for same in pair.files)
    return words


def file_in_words(same: SameFiles, students: Sequence[str], names: Sequence[str], language: str) -> str:
    """Which file these students have in common.

    Args:
        same: The files.
        students: Logins, those of ``same`` or some of them.
        names: What they are called.
        language: Of numbers.
    """
    own = [[file for file in same.files if file.student == student] for student in students]
    called = {file.name for files in own for file in files}
    several = len(called) > 1
    both = zip(names, own, strict=True)
    who = _listed([f"{name} ({_names(files)})" if several else name for name, files in both])
    if same.kind == "run":
        time, rest = same.mark.split(" ", 1)
        machine, process = rest.rsplit(" ", 1)
        return tr(
            "{who}: event logs begun in the same second by the same process on the same machine "
            "({time} UTC, process {process} of {machine}): one training run.",
            who=who,
            time=datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%d %H:%M:%S"),
            process=process,
            machine=clean(machine, limit=80),
        )
    size = format_decimal(max(0.1, same.files[0].size / 1000), format="#,##0.#", locale=language)
    digest = same.mark[:_PREFIX]
    if several:
        return tr(
            "{who}: the same file under different names, byte for byte ({size} kB, SHA-256 {digest}…).",
            who=who,
            size=size,
            digest=digest,
        )
    return tr(
        "{who}: the same file, byte for byte: {name} ({size} kB, SHA-256 {digest}…).",
        who=who,
        name=_names(same.files),
        size=size,
        digest=digest,
    )


def model_in_words(same: SameModel, names: Sequence[str]) -> str:
    """Which models or curves are the same, and why that may be so."""
    who, what = _listed(names), ", ".join(clean(name, limit=60) for name in same.names[:_MAX_NAMES])
    if same.kind == "curves":
        return tr(
            "{who}: in the grader's run the learning curves are equal to all digits ({what}). With the notebook's "
            "seed, the same layers and settings give the same curves.",
            who=who,
            what=what,
        )
    if same.kind == "weights":
        return tr(
            "{who}: in the grader's run the weights are equal ({what}). With the notebook's seed, the same layers "
            "and settings give the same weights.",
            who=who,
            what=what,
        )
    return tr(
        "{who}: in the grader's run the weights are nearly equal ({what}; cosine {cosine}). With the notebook's "
        "seed, the same layers begin with the same weights.",
        who=who,
        what=what,
        cosine=f"{same.cosine:.4f}",
    )


def reasons(pair: Pair) -> list[str]:
    """Why a pair is listed, a word each."""
    words = [tr("code")]
    kinds = {same.kind for same in pair.models}
    if "curves" in kinds:
        words.append(tr("curves"))
    if kinds & {"weights", "nearly"}:
        words.append(tr("weights"))
    if any(same.kind == "content" for same in pair.files):
        words.append(tr("file"))
    if any(same.kind == "run" for same in pair.files):
        words.append(tr("run"))
    return words


def as_data(survey: Survey) -> dict[str, Any]:
    """All that was found, for other programs: pairs by notebook, files, remarks."""
    pairs = [
        {
            "notebook": pair.notebook,
            "students": list(pair.found.students),
            "cluster": number,
            "likeness": round(pair.found.likeness, 4),
            "contained": [round(part, 4) for part in pair.found.contained],
            "tokens": list(pair.found.tokens),
            "unusual": round(pair.found.unusual, 1),
            "same": pair.found.same,
            "notebooks": pair.notebooks,
            "models": [_model(same) for same in pair.models],
            "files": [_files(same, pair.found.students) for same in pair.files],
        }
        for number, cluster in enumerate(survey.clusters)
        for pair in cluster.pairs
    ]
    return {
        "assignment": survey.assignment.name,
        "at_least": survey.at_least,
        "compared": dict(survey.compared),
        "pairs": pairs,
        "files": [_files(same, same.students) for same in survey.files],
        "remarks": [{"notebook": one.notebook, **_model(one.same)} for one in survey.remarks],
        "left_out": {name or "files": list(students) for name, students in survey.left_out.items()},
    }


def _model(same: SameModel) -> dict[str, Any]:
    return {
        "kind": same.kind,
        "students": list(same.students),
        "names": list(same.names),
        "cosine": round(same.cosine, 6),
    }


def _files(same: SameFiles, students: Sequence[str]) -> dict[str, Any]:
    mine = [file for file in same.files if file.student in students]
    return {
        "kind": same.kind,
        "mark": same.mark,
        "files": [{"student": file.student, "name": file.name, "size": file.size} for file in mine],
    }


def _names(files: Sequence[HandedIn]) -> str:
    names = list(dict.fromkeys(clean(file.name, limit=120).replace("\n", " ") for file in files))
    return ", ".join(names[:_MAX_NAMES]) + (" …" if len(names) > _MAX_NAMES else "")


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return tr("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])
