"""Reading what is not the student's: hidden tests, the gradebook, other students, the environment, other processes."""

import os
import tempfile
from pathlib import Path

from hostile.attack import Attack
from hostile.course import FULL
from hostile.weak import bare, stock

__all__ = ["ATTACKS"]

_WRONG = "\nresposta = 7"
_LOST = {"resposta-test": 0.0}
#: Where the course may be: told to a plain process, looked for in a sandbox.
_ROOTS = (
    "import os, glob\nraizes = [os.environ.get('COURSE', ''), os.getcwd() + '/../../..', '/', '/work', '/srv', '/home', "
    "'/root', '/tmp']\n"
)


def _reads(name: str, success: str, source: str, canary: str) -> Attack:
    return Attack(name, "reading", success, bare(canary), {"resposta": source + _WRONG}, _LOST)


def _link(target: str, name: str = "dados.txt") -> "object":
    def arrange(folder: Path) -> None:
        os.symlink(folder.parents[2] / target, folder / name)

    return arrange


def _notebook_link(target: str) -> "object":
    def arrange(folder: Path) -> None:
        (folder / "tiny.ipynb").unlink()
        os.symlink(folder.parents[2] / target, folder / "tiny.ipynb")

    return arrange


def _folder_link(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    os.symlink(folder.parents[1] / "aa-honesta" / "lista", folder)


def _hard_link(folder: Path) -> None:
    os.link(folder.parents[2] / "gradebook.db", folder / "banco.txt")


def _follows(attack: Attack, lab: object) -> bool:
    """Who opens by name what was handed in reads the other file."""
    folder = lab.course.root / "submitted" / attack.name / "lista"  # type: ignore[attr-defined]
    return any(
        "canario" in p.read_text() or "CANARIO" in p.read_text() for p in folder.iterdir() if p.is_symlink()
    ) or (folder.is_symlink() and "canario" in (folder / "anotacoes.txt").read_text())


def _lists_a_link(attack: Attack, lab: object) -> bool:
    """Who opens the working directory by name gets what the link leads to."""
    with tempfile.TemporaryDirectory() as folder:
        os.symlink("/etc", f"{folder}/work")
        return "passwd" in os.listdir(f"{folder}/work")


_NOTHING = dict.fromkeys(FULL, 0.0)

ATTACKS = (
    _reads(
        "read-gradebook", "the gradebook's content in an output",
        _ROOTS + "for r in raizes:\n    for f in glob.glob(r + '/gradebook.db'):\n        print(open(f).read())",
        "gradebook",
    ),
    _reads(
        "read-hidden-tests", "the source notebook, with its hidden tests, in an output",
        _ROOTS + "for r in raizes:\n    for f in glob.glob(r + '/assignments/lista/*.ipynb'):\n"
        "        print(open(f).read())",
        "hidden test",
    ),
    _reads(
        "read-other-students", "another student's files in an output",
        _ROOTS + "for r in raizes:\n    for f in glob.glob(r + '/submitted/*/lista/*.txt'):\n"
        "        print(open(f).read())",
        "other student",
    ),
    _reads(
        "read-environment", "tokens of the grader's environment in an output",
        "import os\nprint(dict(os.environ))\n"
        "for p in os.listdir('/proc'):\n    try:\n        print(open(f'/proc/{p}/environ').read())\n"
        "    except OSError:\n        pass",
        "environment",
    ),
    _reads(
        "read-by-proc-root", "the host's files through /proc/<pid>/root and cwd",
        _ROOTS + "for p in os.listdir('/proc'):\n    for parte in ('root', 'cwd'):\n        for r in raizes:\n"
        "            try:\n                print(open(f'/proc/{p}/{parte}{r}/gradebook.db').read())\n"
        "            except OSError:\n                pass",
        "gradebook",
    ),
    _reads(
        "read-by-descriptor", "a folder that somebody left open leads out",
        _ROOTS + "for d in range(3, 200):\n    for cima in ('', '../' * 3, '../' * 8):\n        for r in raizes:\n"
        "            try:\n                print(open(f'/proc/self/fd/{d}/{cima}gradebook.db').read())\n"
        "            except OSError:\n                pass\n"
        "if os.environ.get('COURSE'):\n    d = os.open(os.environ['COURSE'], os.O_RDONLY)\n"
        "    print(open(f'/proc/self/fd/{d}/gradebook.db').read())",
        "gradebook",
    ),
    _reads(
        "read-by-loose-command", "a shell command finds what Python was kept from",
        _ROOTS + "import subprocess\n"
        "for r in raizes:\n    print(subprocess.run(['cat', r + '/gradebook.db'], capture_output=True, text=True).stdout)",
        "gradebook",
    ),
    Attack(
        "read-memory", "reading", "the hidden test is found in the kernel's own memory, or in its history",
        stock("resposta-test"),
        {"resposta": "class M:\n    def __eq__(self, outro):\n        import gc, re\n"
         "        for o in gc.get_objects():\n            if type(o) is list:\n                for t in o[-3:]:\n"
         "                    if type(t) is str and (a := re.search(r'CANARIO_DO' r'_TESTE = (\\d+)', t)):\n"
         "                        return int(a.group(1)) == outro\n        return False\nresposta = M()"},
        _LOST,
    ),
    Attack(
        "link-to-gradebook", "reading", "a link in the submission is followed when it is staged", _follows,
        {"resposta": "import glob\nfor f in glob.glob('*.txt'):\n    print(open(f).read())" + _WRONG}, _LOST,
        arrange=_link("gradebook.db"),  # type: ignore[arg-type]
    ),
    Attack(
        "link-to-hidden-test", "reading", "the notebook handed in is a link to the instructor's own", _follows,
        {}, _NOTHING, arrange=_notebook_link("assignments/lista/tiny.ipynb"),  # type: ignore[arg-type]
    ),
    Attack(
        "link-to-other-notebook", "reading", "the notebook handed in is a link to another student's", _follows,
        {}, _NOTHING, arrange=_notebook_link("submitted/aa-honesta/lista/tiny.ipynb"),  # type: ignore[arg-type]
    ),
    Attack(
        "link-to-other-folder", "reading", "the folder handed in is a link to another student's", _follows,
        {}, _NOTHING, arrange=_folder_link,
    ),
    Attack(
        "link-swapped-in-snapshot", "reading", "a link swapped in while files are copied leads to the host's files",
        bare("gradebook"),
        {"arquivo": "import os, json, threading, time\ndef troca():\n    n = 0\n    while n < 4000:\n        n += 1\n"
         "        for alvo in ('/etc/hostname', os.environ.get('COURSE', '/x') + '/gradebook.db', '/proc/1/environ'):\n            try:\n"
         "                os.symlink(alvo, 'troca.tmp')\n                os.replace('troca.tmp', 'resultado.txt')\n"
         "                open('resultado.tmp', 'w').close()\n"
         "                os.replace('resultado.tmp', 'resultado.txt')\n            except OSError:\n"
         "                pass\nthreading.Thread(target=troca, daemon=True).start()\n"
         "with open('resultado.json', 'w') as f:\n    json.dump({'total': 7}, f)\n"
         "alvo = os.environ.get('COURSE', '/x') + '/gradebook.db'\n"
            "print(open(alvo).read() if os.path.exists(alvo) else '')"},
    ),
    Attack(
        "work-becomes-a-link", "reading", "the working directory is replaced by a link to system folders",
        _lists_a_link,
        {"resposta": "import os\nos.chdir('/')\nfor alvo in ('/etc', '/run', '/proc/1/root'):\n    try:\n"
         "        os.rename('/home/student/work', '/home/student/antes')\n"
         "        os.symlink(alvo, '/home/student/work')\n    except OSError:\n        pass" + _WRONG},
        _LOST | {"arquivo-test": 0.0},
    ),
)  # fmt: skip
