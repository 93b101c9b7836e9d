"""Exhausting what the machine has: time, memory, disk, processes, descriptors, output."""

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Any

import psutil

import autograder.sandbox.run as run_module
from hostile.attack import Attack, Proof, Weak
from hostile.course import AFTER_THE_FIRST, Lab
from hostile.weak import LOOSE, bare, executed, tests_in_kernel

__all__ = ["ATTACKS", "peak_growth"]

_WRONG = "\nresposta = 7"
_LOST = {"resposta-test": 0.0}


def loose(said: str, **limits: int | float) -> Weak:
    """With other limits the cell gets through and says so."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        notebook, _ = executed(tests_in_kernel(attack), attack, LOOSE.model_copy(update=limits))
        return any(re.search(said, str(cell.get("outputs"))) for cell in notebook.cells)

    return succeeds


def keeps(least: int, **limits: int | float) -> Weak:
    """With other limits so many characters of output are kept."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        notebook, _ = executed(tests_in_kernel(attack), attack, LOOSE.model_copy(update=limits))
        return sum(len(str(cell.get("outputs"))) for cell in notebook.cells) > least

    return succeeds


def got_through(said: str) -> Proof:
    """The cell says that it got what it may not have."""

    def proof(attack: Attack, lab: Lab) -> str | None:
        found = re.search(said, lab.shown(attack.name))
        return found.group() if found else None

    return proof


def peak_growth(run: Callable[[], Any]) -> int:
    """By how many bytes this process grew while ``run`` ran, at its peak."""
    process, done, peak = psutil.Process(), threading.Event(), [0]
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        run()
    finally:
        done.set()
        thread.join()
    return peak[0] - before


def swells(least: int) -> Weak:
    """Without a bound on messages the grader's own memory grows."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        kept = run_module.bound_messages
        run_module.bound_messages = lambda manager: None
        try:
            return peak_growth(lambda: executed(tests_in_kernel(attack), attack)) > least
        finally:
            run_module.bound_messages = kept

    return succeeds


def _kept_output(attack: Attack, lab: Lab) -> str | None:
    size = len(lab.shown(attack.name))
    return f"{size} characters of output were kept" if size > 4 * 2**20 else None


def _slow(attack: Attack, lab: Lab) -> str | None:
    seconds = lab.results[attack.name].report.seconds
    return f"the notebook took {seconds} s" if seconds > 60 else None


def _files_taken(attack: Attack, lab: Lab) -> str | None:
    blobs = lab.course.root / "evidence" / "lista" / attack.name / "tiny" / "blobs"
    count, size = 0, 0
    for path in blobs.iterdir():
        count, size = count + 1, size + path.stat().st_size
    return f"{count} files of {size} bytes were taken" if count > 2500 or size > 2**30 else None


def _awaits_forever(attack: Attack, lab: Lab) -> bool:
    """A grader without a watch waits until somebody stops it."""

    async def run() -> bool:
        kept = run_module.SandboxClient.watch

        async def no_watch(self: Any, *args: Any) -> None:
            await asyncio.sleep(3600)

        run_module.SandboxClient.watch = no_watch  # type: ignore[method-assign]
        try:
            async with asyncio.timeout(6):
                await asyncio.to_thread(lambda: None)
                notebook = tests_in_kernel(attack)
                await run_module.run_notebook(notebook, work=lab.course.folder(attack.name), limits=LOOSE)
        except (TimeoutError, asyncio.CancelledError):
            return True
        finally:
            run_module.SandboxClient.watch = kept  # type: ignore[method-assign]
        return False

    return asyncio.run(run())


def _cell(
    name: str,
    success: str,
    source: str,
    weak: Weak,
    *,
    lost: tuple[str, ...] = ("resposta-test",),
    review: tuple[str, ...] = (),
    proof: Proof | None = None,
) -> Attack:
    return Attack(
        name, "exhausting", success, weak, {"resposta": source + _WRONG}, dict.fromkeys(lost, 0.0),
        review=frozenset(review), proof=proof,
    )  # fmt: skip


ATTACKS = (
    _cell(
        "endless-loop", "it runs for longer than a cell may",
        "import time\nt = time.process_time()\nwhile time.process_time() - t < 3.5:\n    pass\nprint('fim', 'do laço')",
        loose("fim do laço"), proof=got_through("fim do laço"),
    ),
    _cell(
        "uninterruptible-loop", "it ignores the interrupt and goes on",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
        _awaits_forever, lost=AFTER_THE_FIRST, proof=_slow,
    ),
    _cell(
        "endless-sleep", "it sleeps: no CPU time is ever used up", "import time\ntime.sleep(10**6)", _awaits_forever,
        proof=_slow,
    ),
    _cell(
        "memory", "it has more memory than it may",
        "import numpy as np\nguarda = [np.ones(2**24) for _ in range(14)]\nprint('tenho', sum(g.nbytes for g in guarda))",
        loose(r"tenho 187\d+", memory=4000), proof=got_through(r"tenho 187\d+"),
    ),
    _cell(
        "processes", "it has more processes than it may",
        "import os, time\nfilhos = 0\ntry:\n    for _ in range(120):\n        if os.fork() == 0:\n"
        "            time.sleep(1.5)\n            os._exit(0)\n        filhos += 1\nexcept OSError:\n    pass\n"
        "print('filhos' if filhos > 100 else 'poucos', filhos > 100)",
        loose("filhos True"), proof=got_through("filhos True"),
    ),
    _cell(
        "threads", "it has more threads than it may",
        "import threading, time\nn = 0\ntry:\n    for _ in range(150):\n"
        "        threading.Thread(target=time.sleep, args=(2,), daemon=True).start()\n        n += 1\n"
        "except RuntimeError:\n    pass\nprint('linhas' if n > 140 else 'poucas', n > 140)",
        loose("linhas True"), proof=got_through("linhas True"),
    ),
    _cell(
        "descriptors", "it has more open files than it may",
        "abertos = []\ntry:\n    while len(abertos) < 600:\n        abertos.append(open('/dev/null'))\n"
        "except OSError:\n    pass\nn = len(abertos)\nfor a in abertos:\n    a.close()\nprint('abri', n > 500)",
        loose("abri True", open_files=1024), proof=got_through("abri True"),
    ),
    _cell(
        "disk", "it writes more than it may",
        "n = 0\ntry:\n    for parte in range(2):\n        with open(f'cheio{parte}', 'wb') as f:\n"
        "            for _ in range(180):\n                n += f.write(bytes(2**20))\nexcept OSError:\n    pass\n"
        "import glob, os\nfor f in glob.glob('cheio*'):\n    os.remove(f)\nprint('gravei', n > 350 * 2**20)",
        loose("gravei True", disk=512), proof=got_through("gravei True"),
    ),
    _cell(
        "sparse-terabyte", "a file of a terabyte that takes no room here, and all of it where it is copied",
        "try:\n    with open('enorme', 'wb') as f:\n        f.truncate(2**40)\nexcept OSError as e:\n    pass",
        bare(leaves=lambda home, done: done.returncode == 0), proof=_files_taken,
    ),
    _cell(
        "many-files", "thirty thousand files, to be copied for each test",
        "import os\nos.makedirs('m', exist_ok=True)\nfor i in range(30_000):\n"
        "    open(f'm/{i}', 'w').close()\n    if i % 100 == 0:\n        open(f'm/{i}', 'w').write(str(i))",
        bare(leaves=lambda home, done: done.returncode == 0), proof=_files_taken,
        lost=("resposta-test", "arquivo-test"),
    ),
    _cell(
        "deep-folders", "folders so deep that the path is longer than any system call takes",
        "import os\naqui = os.getcwd()\nfor _ in range(20):\n    os.mkdir('x' * 200)\n    os.chdir('x' * 200)\n"
        "open('y' * 200, 'w').close()\nos.chdir(aqui)",
        bare(leaves=lambda home, done: done.returncode == 0),
    ),
    _cell(
        "new-content-for-each-copy", "files that are other ones at each snapshot fill the host's disk",
        "import threading, time, os\ndef muda():\n    n = 0\n    while n < 300:\n        n += 1\n"
        "        with open('muda.tmp', 'wb') as f:\n            f.write(str(n).encode())\n"
        "            f.truncate(200 * 2**20)\n        os.replace('muda.tmp', 'muda')\n        time.sleep(0.05)\n"
        "threading.Thread(target=muda, daemon=True).start()",
        bare(leaves=lambda home, done: done.returncode == 0), proof=_files_taken,
    ),
    _cell(
        "output-flood", "the notebook for the instructor grows by all that was printed",
        "for _ in range(300):\n    print('x' * 100_000)",
        keeps(2**24, output=64), proof=_kept_output,
    ),
    _cell(
        "giant-message", "one message of 128 MB is received whole by the grader",
        "from IPython.display import display\n"
        "display({'text/plain': 'x' * 2**27}, raw=True)",
        swells(120 * 2**20),
    ),
    _cell(
        "giant-frames", "the same, as bare frames that no Jupyter library looks at",
        "k = get_ipython().kernel\nk.iopub_socket.send_multipart([b'<IDS|MSG>', b'x' * 2**27])",
        swells(120 * 2**20),
    ),
    _cell(
        "display-flood", "so many outputs that the grader serves nobody else",
        "import time\nk = get_ipython().kernel\nt = time.process_time()\npai = k.get_parent()\n"
        "while time.process_time() - t < 1:\n"
        "    k.session.send(k.iopub_socket, 'display_data', {'data': {'text/plain': 'x' * 1000}, 'metadata': {}}, "
        "parent=pai)",
        keeps(2**21, output=64), proof=_kept_output,
    ),
    Attack(
        "giant-exception", "exhausting", "an exception with a message of 100 MB, quoted in every report",
        keeps(10**7, output=300),
        {"media": "def media(x):\n    raise ValueError('n' * 20_000_000)"}, {"media-test": 0.0, },
        proof=_kept_output,
    ),
    Attack(
        "value-that-grows", "exhausting", "a function that answers an array of 400 MB", loose("400000000"),
        {"media": "def media(x):\n    import numpy as np\n    r = np.zeros(50_000_000)\n    print(r.nbytes)\n    return r"},
        review=frozenset({"media-test"}),
    ),
)  # fmt: skip
