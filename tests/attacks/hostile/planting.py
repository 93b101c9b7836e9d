"""Planting things for the next run, and hurting what runs beside: processes, start-up files, caches, signals."""

import subprocess
import sys
from pathlib import Path

import psutil

from hostile.attack import MARK, Attack, Proof
from hostile.course import Lab
from hostile.weak import bare

__all__ = ["ATTACKS"]

_WRONG = "\nresposta = 7"
_LOST = {"resposta-test": 0.0}


def _survives(home: Path, done: "subprocess.CompletedProcess[str]") -> bool:
    """A marked process is still there; it is ended here."""
    found = [p for p in psutil.process_iter(["cmdline"]) if f"{MARK}-daemon" in " ".join(p.info["cmdline"] or ())]
    for process in found:
        process.kill()
    return bool(found)


def _left_marked(home: Path, done: "subprocess.CompletedProcess[str]") -> bool:
    return any(MARK in str(path) for path in home.rglob("*"))


def _said(word: str) -> "object":
    return lambda home, done: word in done.stdout


def _on_host(attack: Attack, lab: Lab) -> str | None:
    found = [*lab.planted, *lab.survivors]
    return f"on the host: {found}" if found else None


def _shown(word: str) -> Proof:
    return lambda attack, lab: word if word in lab.shown(attack.name) else None


def _plants(
    name: str, success: str, source: str, leaves: "object" = _left_marked, proof: Proof = _on_host
) -> Attack:
    return Attack(
        name, "planting", success, bare(leaves=leaves), {"resposta": source + _WRONG}, _LOST, proof=proof,  # type: ignore[arg-type]
    )  # fmt: skip


_SLEEPER = f"[sys.executable, '-c', 'import time; time.sleep(25)  # {MARK}-daemon']"
_IN_HOME = "import os\ncasa = os.environ['HOME']\ndef planta(nome):\n    try:\n" \
    "        os.makedirs(os.path.dirname(f'{casa}/{nome}'), exist_ok=True)\n" \
    "        open(f'{casa}/{nome}', 'w').write('print(1)')\n    except OSError:\n        pass\n"  # fmt: skip

ATTACKS = (
    _plants(
        "daemon-by-setsid", "a process in a session of its own goes on when the notebook has ended",
        f"import subprocess, sys\nsubprocess.Popen({_SLEEPER}, start_new_session=True, stdout=subprocess.DEVNULL, "
        "stderr=subprocess.DEVNULL)",
        _survives,
    ),
    _plants(
        "daemon-by-double-fork", "a process whose parents are gone goes on",
        "import os, sys\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.close(1)\n        os.close(2)\n        os.open('/dev/null', 1)\n        os.open('/dev/null', 1)\n"
        f"        os.execv(sys.executable, {_SLEEPER})\n    os._exit(0)",
        _survives,
    ),
    _plants(
        "startup-file", "IPython runs a planted file when the next kernel starts",
        _IN_HOME + f"planta('.ipython/profile_default/startup/00-{MARK}.py')\nplanta('.jupyter/{MARK}.py')",
    ),
    _plants(
        "poisoned-cache", "the next run loads a data set or a model from a planted cache",
        _IN_HOME + f"planta('.keras/datasets/{MARK}.npz')\nplanta('scikit_learn_data/{MARK}.pkz')",
    ),
    _plants(
        "temporary-folder", "a file in /tmp, /var/tmp or /dev/shm is there in the next run",
        f"import os\nfor p in (os.environ['TMPDIR'], '/var/tmp', '/dev/shm'):\n    try:\n"
        f"        open(p + '/{MARK}-' + str(os.getpid()) * (p != os.environ['TMPDIR']), 'w').close()\n"
        "        if p != os.environ['TMPDIR'] and os.environ.get('COURSE'):\n"
        f"            os.remove(p + '/{MARK}-' + str(os.getpid()))\n    except OSError:\n        pass",
    ),
    _plants(
        "site-packages", "a .pth or sitecustomize file in Python's own folder runs in every later process",
        "import os, site, sysconfig\nfor p in {*site.getsitepackages(), sysconfig.get_path('stdlib')}:\n    try:\n"
        f"        nome = p + '/{MARK}.pth'\n        open(nome, 'w').close()\n        print('plantei', p)\n"
        "        if os.environ.get('COURSE'):\n            os.remove(nome)\n    except OSError:\n        pass",
        _said("plantei"), _shown("plantei"),
    ),
    _plants(
        "code-of-the-grader", "the grader's own code is changed on disk",
        "import os, autograder.check as c\ntry:\n    with open(c.__file__, 'r+') as f:\n        print('posso', 'escrever')\n"
        "except OSError:\n    pass",
        _said("posso escrever"), _shown("posso escrever"),
    ),
    _plants(
        "ptrace", "another process is traced and changed (the zygote, the keeper, the judge)",
        "import os, ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "alvos = [int(p) for p in os.listdir('/proc') if p.isdigit() and int(p) not in (os.getpid(), 1)][:400]\n"
        "if os.environ.get('COURSE'):\n    import subprocess\n    filho = subprocess.Popen(['sleep', '1'], stdout=-3, stderr=-3)\n"
        "    alvos = [filho.pid]\nfor p in alvos:\n    if libc.ptrace(16, p, 0, 0) == 0:\n        print('rastreio', 'um')\n"
        "        os.waitpid(p, 0)\n        libc.ptrace(17, p, 0, 0)\n"
        "if os.environ.get('COURSE'):\n    filho.kill()",
        _said("rastreio um"), _shown("rastreio um"),
    ),
    _plants(
        "memory-of-others", "the memory of another process is opened for writing",
        "import os\nalvos = [p for p in os.listdir('/proc') if p.isdigit() and int(p) != os.getpid()]\n"
        "if os.environ.get('COURSE'):\n    import subprocess\n    alvos = [str(subprocess.Popen(['sleep', '1'], stdout=-3, stderr=-3).pid)]\n"
        "for p in alvos:\n    try:\n        open(f'/proc/{p}/mem', 'r+b').close()\n        print('memoria', 'aberta')\n"
        "    except OSError:\n        pass",
        _said("memoria aberta"), _shown("memoria aberta"),
    ),
    _plants(
        "signals", "a signal reaches the keeper, the porter or another kernel (a harmless one here)",
        "import os, signal\nme = os.getpid()\nmeus = {int(t) for t in os.listdir('/proc/self/task')}\nalvos = [p for p in range(1, 70_000) if p not in meus]\n"
        "if os.environ.get('COURSE'):\n    import subprocess\n    alvos = [subprocess.Popen(['sleep', '1'], stdout=-3, stderr=-3).pid]\n"
        "for p in alvos:\n    try:\n        os.kill(p, signal.SIGCONT)\n        print('alcancei', 'um')\n"
        "    except OSError:\n        pass\n"
        "if not os.environ.get('COURSE'):\n    try:\n        os.kill(-1, signal.SIGCONT)\n    except OSError:\n        pass",
        _said("alcancei um"), _shown("alcancei um"),
    ),
    _plants(
        "socket-of-the-zygote", "it asks the zygote, or a judge, for a sandbox of its own making",
        "import os, socket, glob\nachou = glob.glob('/tmp/ag-*/*/z-*') + glob.glob('/tmp/ag-*/*/j-*') + "
        "glob.glob('/tmp/autograder-*/*') + glob.glob('/run/user/*/autograder-*/*')\n"
        "for caminho in achou:\n    for tipo in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):\n"
        "        s = socket.socket(socket.AF_UNIX, tipo)\n        try:\n            s.settimeout(2)\n"
        "            s.connect(caminho)\n            s.send(b'{\"op\": \"ping\"}')\n            print('zigoto', s.recv(99)[:9])\n"
        "        except OSError:\n            pass",
        _said("zigoto b'"), _shown("zigoto b'"),
    ),
    _plants(
        "abstract-sockets", "an abstract socket is a meeting place of two students' kernels",
        "import os, socket\nouvinte = socket.socket(socket.AF_UNIX)\n"
        "if os.environ.get('COURSE'):\n    ouvinte.bind('\\0de-outro')\n"
        "try:\n    print('sockets', 'de-outro' in open('/proc/net/unix').read() or '@/tmp' in open('/proc/net/unix').read())\n"
        "except OSError:\n    pass",
        _said("sockets True"), _shown("sockets True"),
    ),
    _plants(
        "network", "it talks to the world outside, or to a server of this machine",
        "import socket, os\nservidor = socket.socket()\nservidor.bind(('0.0.0.0', 0))\n"
        "try:\n    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n    s.connect(('192.0.2.1', 9))\n"
        "    print('rota', 'existe')\nexcept OSError:\n    pass",
        _said("rota existe"), _shown("rota existe"),
    ),
    _plants(
        "children-hold-sockets", "a child of the kernel holds its sockets and answers in its stead",
        "import os, sys, time\nif os.fork() == 0:\n    os.setsid()\n"
        "    for d in (1, 2):\n        os.dup2(os.open('/dev/null', 1), d)\n"
        f"    os.execv(sys.executable, {_SLEEPER}) if os.environ.get('COURSE') else time.sleep(25)",
        _survives,
    ),
)  # fmt: skip

assert sys.platform == "linux"
