"""Judge the test cells of one notebook on evidence: live, while its kernel runs, or again, from what was kept.

Theory of operation: at the place of a judged cell the kernel is asked for the values of all names, and its
files are copied (``Record``). The judge, in another sandbox, runs the cell; where it asks for more (a call of
the student's function, a large array, what is in a file), a live notebook passes the question on and writes the
answer down; a regrade looks it up, and raises ``Miss`` where nobody ever asked that. What the judge says of a
cell is a function of the evidence, the cell's text and those before it that it builds on, the holdout and the
versions: it is kept under a digest of all these (``_result_key``), and not worked out twice.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.assignment import Template
from autograder.engine.judged import JudgedCell, asked_for, judged_cells, solutions_of
from autograder.engine.seats import Answer, JudgeSeat, JudgeSettings, inspect
from autograder.engine.written import Written
from autograder.errors import GraderError, Lost, stop_on_full_disk
from autograder.evidence.bundle import END, Bundle, Record, Reply, request_key
from autograder.judge import CellEvidence
from autograder.sandbox.live import KernelGone, Live

__all__ = ["Examiner", "Miss", "Seconds", "versions_of"]


class Miss(Exception):
    """The kept evidence does not hold what a test asks for: the notebook has to run again."""


@dataclass
class Seconds:
    """Wall time that judging a notebook took.

    Args:
        evidence: Taking values and files from the kernel.
        judge: The judge's work, its start and the inspector's included.
        asked: The student's functions, while the judge waited for them.
    """

    evidence: float = 0.0
    judge: float = 0.0
    asked: float = 0.0


class Examiner:
    """Judges the cells of one notebook, in order.

    Args:
        template: The instructor's notebook.
        bundle: Where evidence is, or goes.
        settings: For the judge.
        versions: A digest of everything else that a judgement depends on.
        secret: Makes the seeds of random numbers in tests unpredictable, and the same at each regrade.
    """

    def __init__(
        self, template: Template, bundle: Bundle, settings: JudgeSettings, *, versions: str, secret: bytes
    ) -> None:
        self.judged, self.others = judged_cells(template)
        self._solutions = solutions_of(template)
        self._asked_for = asked_for(template)
        self.bundle = bundle
        self.evidence: dict[str, CellEvidence] = {}
        self.outputs: dict[str, list[NotebookNode]] = {}
        #: The student's code cells by position, and where the test cells stand: set before the notebook runs.
        self.written = Written()
        self.judgements = 0
        self.seconds = Seconds()
        self._settings = settings
        self._versions = versions
        self._secret = secret
        self._seat = JudgeSeat(settings, bundle.blobs)
        self._ran: list[JudgedCell] = []
        #: Cells whose names a judge has, and which one: the number of judges that failed before it.
        self._in_judge: dict[str, int] = {}

    def leave_in_kernel(self) -> None:
        """Judge nothing: every test cell runs where the student's code does."""
        self.others |= dict.fromkeys(self.judged, "it was not asked for")
        self.judged = {}

    def start(self) -> None:
        """Have the judge started while the notebook runs."""
        if self.judged:
            self._seat.start()

    async def close(self) -> None:
        """Let the judge go."""
        await self._seat.end()

    # A notebook that runs.

    async def live(self, identity: str, live: Live) -> CellEvidence:
        """Take evidence for one cell from a running kernel, and judge it."""
        judged = self.judged[identity]
        end = self.bundle.records.get(END)
        try:
            # When the last of the student's cells has run, nothing changes any more: one record serves all.
            written = self.written.before(None if judged.held_out else identity)
            record = await self.take(live, judged.state, written) if end is None else replace(end, requests={})
        except Lost:
            raise
        except GraderError as error:  # of this cell nothing can be said; of those before and after it, it can
            stop_on_full_disk(error)
            return self._take_result(identity, {"status": "grader", "why": str(error), "outputs": []})
        self.bundle.records[identity] = record
        return await self._examine(self.judged[identity], record, live)

    async def at_end(self, live: Live) -> None:
        """Take evidence when the last of the student's cells has run: for held-out tests, and tests yet to
        come."""
        try:
            self.bundle.records[END] = await self.take(live, self._solutions, self.written.before(None))
        except Lost:
            raise
        except GraderError as error:
            stop_on_full_disk(error)
            return  # who needs it asks again, and is told

    async def take(self, live: Live, state: tuple[str, ...], written: Sequence[str] = ()) -> Record:
        """The values and files of a running kernel, with the text of the cells that made them."""
        record = Record(state, cells=tuple(self.bundle.keep(text.encode("utf-8", "replace")) for text in written))
        began = time.monotonic()
        try:
            await live.request({"op": "export"})
            self._fill(record, await live.harvest())
        except KernelGone as gone:
            record.ended = {"how": gone.status, "limit": gone.limit}
        self.seconds.evidence += time.monotonic() - began
        return record

    @staticmethod
    def _fill(record: Record, index: Mapping[str, Any]) -> None:
        answers = index["answers"]["files"]
        record.files = {name: (digest, size) for name, (digest, size) in index["work"]["files"].items()}
        if "answer.json" in answers and "answer.npz" in answers:
            record.document, record.arrays = answers["answer.json"][0], answers["answer.npz"][0]

    # A regrade.

    async def again(self, identity: str) -> CellEvidence:
        """Judge one cell from kept evidence.

        Raises:
            Miss: The evidence does not hold what the test asks for.
        """
        judged = self.judged[identity]
        return await self._examine(judged, self._record_for(judged), None)

    def _record_for(self, judged: JudgedCell) -> Record:
        own = self.bundle.records.get(judged.cell.grade_id)
        if own is not None and own.state == judged.state:
            return own
        same = [r for name, r in self.bundle.records.items() if r.state == judged.state]
        if not same:
            raise Miss(f"no evidence was taken where {judged.cell.grade_id!r} stands")
        found = same[-1]
        # A new cell: its own questions are written down with it, so it gets a record of its own.
        fresh = replace(found, requests={})
        self.bundle.records[judged.cell.grade_id] = fresh
        return fresh

    # Both.

    async def _examine(self, judged: JudgedCell, record: Record, live: Live | None) -> CellEvidence:
        identity = judged.cell.grade_id
        key = self._result_key(judged, record)
        result = self.bundle.results.get(identity)
        if live is None and result is not None and result["key"] == key and result["status"] != "grader":
            self._ran.append(judged)
            return self._take_result(identity, result)
        if record.ended is not None:
            result = {"status": record.ended["how"], "limit": record.ended["limit"], "outputs": []}
        else:
            try:
                result = await self._judge(judged, record, live)
            except GraderError as error:
                if isinstance(error, Lost) and live is not None:
                    raise
                stop_on_full_disk(error)
                result = {"status": "grader", "why": str(error), "outputs": []}
        self._ran.append(judged)
        self.bundle.results[identity] = {**result, "key": key}
        return self._take_result(identity, result)

    async def _judge(self, judged: JudgedCell, record: Record, live: Live | None) -> dict[str, Any]:
        if live is None:
            self._verify(record.document, record.arrays, *record.cells)
        try:
            return await self._judge_once(judged, record, live)
        except Lost:
            if live is not None:
                record.requests.clear()  # they are asked again
            return await self._judge_once(judged, record, live)

    async def _judge_once(self, judged: JudgedCell, record: Record, live: Live | None) -> dict[str, Any]:
        await self._catch_up(judged)
        self.judgements += 1
        began, asked = time.monotonic(), self.seconds.asked
        done = await self._seat.judge(self._request(judged, record), self._answers(judged, record, live))
        self.seconds.judge += time.monotonic() - began - (self.seconds.asked - asked)
        self._in_judge[judged.cell.grade_id] = self._seat.failures
        return done

    def _answers(self, judged: JudgedCell, record: Record, live: Live | None) -> Answer:
        """What answers the judge's questions about one cell: the kernel if it is there, else what was kept."""
        counts: dict[str, int] = {}

        async def answer(message: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
            if message.get("op") == "inspect":
                return await self._inspect(record, str(message.get("path")))
            request = message["request"]
            key = request_key(request, payload)
            if live is None:
                return self._recall(judged, record, key, counts)
            return await self._ask(record, request, payload, key, live)

        return answer

    def _request(self, judged: JudgedCell, record: Record) -> dict[str, Any]:
        seed = hashlib.sha256(self._secret + judged.cell.grade_id.encode()).digest()
        return {
            "source": judged.cell.source,
            "helpers": list(judged.helpers),
            "asked_for": self._asked_for,
            "document": record.document,
            "arrays": record.arrays,
            "files": record.files,
            "cells": record.cells,
            "seed": int.from_bytes(seed[:4]),
        }

    async def _catch_up(self, judged: JudgedCell) -> None:
        """Run the earlier test cells again whose names this one needs, in a judge that does not have them yet."""
        needs = judged.names.wants
        todo: list[JudgedCell] = []
        for ran in reversed(self._ran):
            if ran.names.binds & needs and self._in_judge.get(ran.cell.grade_id) != self._seat.failures:
                todo.insert(0, ran)
                needs |= ran.names.wants
        for ran in todo:
            record = self._record_for(ran)
            if record.ended is not None:
                continue
            await self._seat.judge(self._request(ran, record), self._answers(ran, record, None))
            self._in_judge[ran.cell.grade_id] = self._seat.failures

    async def _ask(
        self, record: Record, request: Mapping[str, Any], payload: bytes, key: str, live: Live
    ) -> Mapping[str, Any]:
        """Pass a question on to the kernel and write its answer down."""
        began = time.monotonic()
        buffers = []
        if request.get("op") == "call":
            size = request["sizes"][0]
            buffers = [payload[:size], payload[size:]]
        try:
            said = await live.request({k: v for k, v in request.items() if k != "sizes"}, buffers)
            reply = Reply(said)
            if said["status"] == "ok":
                answers = (await live.harvest())["answers"]["files"]
                if "answer.json" not in answers or "answer.npz" not in answers:
                    raise GraderError("The kernel gave no answer.")
                reply = Reply(said, answers["answer.json"][0], answers["answer.npz"][0])
        except KernelGone as gone:
            reply = Reply({"status": "ended", "how": gone.status, "limit": gone.limit})
        except Lost:
            raise
        except GraderError as error:
            stop_on_full_disk(error)
            return {"status": "failed", "why": str(error)}
        self.seconds.asked += time.monotonic() - began
        record.requests.setdefault(key, []).append(reply)
        return _reply(reply)

    def _recall(self, judged: JudgedCell, record: Record, key: str, counts: dict[str, int]) -> Mapping[str, Any]:
        """Look an answer up: the one this cell got, or any that the same values got."""
        counts[key] = counts.get(key, -1) + 1
        replies = record.requests.get(key)
        if not replies:
            others = (r for r in self.bundle.records.values() if r.state == judged.state and key in r.requests)
            replies = next((r.requests[key] for r in others), None)
        if not replies:
            raise Miss(f"{judged.cell.grade_id!r} asks the student's kernel something that it was never asked")
        reply = replies[min(counts[key], len(replies) - 1)]
        self._verify(reply.document, reply.arrays)
        return _reply(reply)

    def _verify(self, *digests: str | None) -> None:
        """See that kept evidence is what was written.

        Raises:
            Miss: It is gone, or was changed.
        """
        try:
            for digest in digests:
                if digest is not None:
                    self.bundle.content(digest)
        except GraderError as error:
            raise Miss(str(error)) from error

    async def _inspect(self, record: Record, path: str) -> Mapping[str, Any]:
        if path not in record.files:
            return {"status": "failed", "why": f"no file {path!r}"}
        digest, name = record.files[path][0], Path(path).name
        known = self.bundle.inspections.get(f"{digest}/{name}")
        if known is None:
            try:
                known = await inspect(self._settings, self.bundle.blobs, digest, name)
            except GraderError as error:
                stop_on_full_disk(error)
                return {"status": "failed", "why": str(error)}
            self.bundle.inspections[f"{digest}/{name}"] = known
        return known

    def _take_result(self, identity: str, result: Mapping[str, Any]) -> CellEvidence:
        self.outputs[identity] = [from_dict(output) for output in result["outputs"]]
        self.evidence[identity] = CellEvidence(
            self.outputs[identity],
            str(result["status"]),
            result.get("limit"),
            result.get("raised"),
            grader=str(result.get("why")) if result["status"] == "grader" else None,
        )
        return self.evidence[identity]

    def _result_key(self, judged: JudgedCell, record: Record) -> str:
        """A digest of all that the judgement of a cell depends on."""
        parts = {
            "evidence": record.digest(),
            "source": judged.cell.source,
            "helpers": judged.helpers,
            "asked_for": self._asked_for,
            "before": [r.cell.source for r in self._ran if r.names.binds & judged.names.wants],
            "versions": self._versions,
            "language": self._settings.language,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _reply(reply: Reply) -> dict[str, Any]:
    return {**reply.answer, "document": reply.document, "arrays": reply.arrays}


def versions_of(packages: Sequence[str], code: Sequence[Path]) -> str:
    """A digest of the versions of packages and of the text of our own modules, or folders of them."""
    digest = hashlib.sha256()
    for name in packages:
        try:
            digest.update(f"{name}{metadata.version(name)}".encode())
        except metadata.PackageNotFoundError:
            digest.update(name.encode())
    for folder in code:
        for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
            digest.update(path.read_bytes())
    return digest.hexdigest()
