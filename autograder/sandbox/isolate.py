"""Put the calling process into a sandbox.

Theory of operation
-------------------
The caller is a freshly forked process, already the first process of a new pid namespace (the keeper
unshared that before it forked). ``enter`` then, in this order:

1. unshares the mount, network, IPC, UTS and cgroup namespaces (as an ordinary user the keeper has unshared a user
   namespace before, in which this process is allowed to);
2. builds a new root on a small tmpfs: system folders and the Python installation bound read-only, a handful
   of devices, a new ``/proc``, tmpfs of limited size for home, ``/tmp`` and ``/dev/shm``, the kernel's socket
   folder (shared with the host; the keeper makes it read-only before any student code runs) and the inbox;
3. copies the submission's regular files to ``~/work``;
4. pivots into the new root, detaches the old one and makes the new one read-only;
5. gives up its rights: as root it becomes a user of its own; in every case it enters a user namespace whose
   limit of further user namespaces is zero, drops all capabilities, sets ``no_new_privs`` and rlimits;
6. puts itself under Landlock and seccomp (``confine``).

A kernel that is given a GPU finds that card's device files too (``gpu_access``).

What the process sees afterwards was put there by this module: default deny. Whatever fails raises, the
process exits, the keeper reports it and nothing has run.

Only the Python installation is bound, never the folder of the course: the code of this project that a kernel
needs is already in memory, forked from the zygote.
"""

import errno
import os
import resource
import signal
import stat
import sys
from pathlib import Path

from autograder.sandbox import linux
from autograder.sandbox.confine import confine
from autograder.sandbox.files import copy_regular_files
from autograder.sandbox.spec import ANSWERS, HOME, INBOX, KERNEL_SOCKETS, WORK, GpuShare, Role, SandboxSpec

__all__ = [
    "ANSWERS_SIZE",
    "SANDBOX_UIDS",
    "enter",
    "enter_pid_namespace",
    "enter_weak",
    "is_privileged",
    "python_roots",
    "user_of",
]

#: User ids for kernels started by root: a range that Debian and systemd leave free.
SANDBOX_UIDS = range(60600, 61100)

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/fonts",
    "/etc/mime.types",
    "/etc/debian_version",
    "/etc/os-release",
    "/etc/locale.alias",
)
#: Below the system folders, and nobody's business: nbgrader's exchange, site configuration with its tokens, and
#: Debian's data sets, which hold the labels that the public view leaves out.
_MASKED = ("/usr/local/share/nbgrader", "/usr/local/etc", "/usr/share/datasets")
_SHARED_MEMORY = 256 * 2**20
#: Bytes that a kernel's answers to the grader may have.
ANSWERS_SIZE = 2**30
_INODES = 100_000
_DEVICES = ("null", "zero", "full", "random", "urandom")
_CAP_SYS_ADMIN = 1 << 21
_NAMESPACES = (
    linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS | linux.CLONE_NEWCGROUP
)
_FIXED_FLAGS = linux.MS_NOSUID | linux.MS_NODEV


def python_roots() -> tuple[str, ...]:
    """The folders of the running Python: the virtual environment and the installation beneath it."""
    roots: list[str] = []
    for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.base_prefix)):
        if not any(prefix == root or prefix.startswith(root + "/") for root in (*_SYSTEM, *roots)):
            roots.append(prefix)
    return tuple(roots)


def user_of(role: Role, slot: int) -> int:
    """The user id of a sandbox that root starts; student code shares one with neither judge nor inspector."""
    share = len(SANDBOX_UIDS) // 2
    return SANDBOX_UIDS[slot % share + (0 if role == "kernel" else share)]


def is_privileged() -> bool:
    """Whether this process may unshare and mount by itself: root with ``CAP_SYS_ADMIN``."""
    effective = next(
        line.split()[1]
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("CapEff:")
    )
    return os.geteuid() == 0 and bool(int(effective, 16) & _CAP_SYS_ADMIN)


def enter_pid_namespace(*, privileged: bool) -> None:
    """Called by the keeper: children forked from here on live in a new pid namespace.

    An ordinary user needs a user namespace for that, in which only the caller's own user exists.
    """
    if privileged:
        linux.unshare(linux.CLONE_NEWPID)
        return
    uid, gid = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID)
    _write_id_maps(uid, gid)


def _write_id_maps(uid: int, gid: int) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def enter(spec: SandboxSpec, *, root: str, uid: int, privileged: bool) -> None:
    """Isolate the calling process as ``spec`` says; returns inside.

    Args:
        root: An empty host folder to build the new root on.
        uid: The user to become (an ordinary user's own).
        privileged: The caller has root's rights.

    Raises:
        OSError: A layer could not be set up.
    """
    gid = uid if privileged else os.getegid()
    linux.unshare(_NAMESPACES)
    linux.sethostname("sandbox")
    linux.bring_loopback_up()
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    os.umask(0o022)
    _build_root(spec, root, uid, gid)
    os.chdir(root)
    # pivot_root(".", "."): the old root ends up mounted over the new one and is detached from there.
    linux.pivot_root(".", ".")
    linux.umount_detach(".")
    os.chdir("/")
    linux.restrict_mount("/", read_only=True, recursive=False)
    _give_up_rights(spec, uid, gid, privileged=privileged)
    os.chdir(WORK)
    confine(spec, run=(*_SYSTEM, *python_roots()), read=_ETC, holes=_MASKED)


def enter_weak(spec: SandboxSpec, *, uid: int, privileged: bool) -> None:
    """What is left of ``enter`` without namespaces: Landlock, seccomp, a home, limits; for root another user.

    Args:
        uid: The user to become.
        privileged: The caller is root, and must not stay it.

    Raises:
        OSError: Even that failed.
    """
    gid = uid if privileged else os.getegid()
    os.umask(0o022)
    _make(spec.workdir)
    _make(spec.answers_folder)
    _make(f"{spec.home}/tmp")  # noqa: S108
    for bind in spec.binds:
        inside = Path(spec.home + bind.target.removeprefix(HOME))
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.symlink_to(bind.source)
    if spec.work is not None:
        copy_regular_files(Path(spec.work), Path(spec.workdir), max_bytes=spec.disk // 2)
    if privileged:
        _hand_over_home(spec.home, uid, gid)
        os.chown(spec.answers_folder, uid, gid)
        linux.drop_bounding_set()
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        linux.set_dumpable()
        for root in python_roots():
            if not os.access(root, os.R_OK | os.X_OK):
                raise PermissionError(
                    f"without namespaces, student code of root's runs as user {uid}, who cannot read the Python "
                    f"installation at {root}; install Python elsewhere, or grade as an ordinary user"
                )
    linux.drop_capabilities()
    linux.set_no_new_privileges()
    linux.set_parent_death_signal(signal.SIGKILL)
    _set_rlimits(spec, processes=privileged)
    os.chdir(spec.workdir)
    confine(spec, run=(*_SYSTEM, *python_roots()), read=_ETC, holes=_MASKED)


def _build_root(spec: SandboxSpec, root: str, uid: int, gid: int) -> None:
    linux.mount("tmpfs", root, "tmpfs", _FIXED_FLAGS, "size=4m,mode=0755")
    _build_dev(root)
    owner = f",uid={uid},gid={gid}"
    # Before the binds: a Python installation may lie below /tmp or /home.
    for path, mode, size in (
        (HOME, "0700", spec.disk),
        ("/tmp", "1777", spec.disk),  # noqa: S108
        ("/dev/shm", "1777", _SHARED_MEMORY),  # noqa: S108
        (ANSWERS, "0700", ANSWERS_SIZE),
    ):
        _make(root + path)
        linux.mount(
            "tmpfs", root + path, "tmpfs", _FIXED_FLAGS, f"size={size},nr_inodes={_INODES},mode={mode}{owner}"
        )
    for path in (*_SYSTEM, *_ETC, *python_roots()):
        _bind(path, root + path)
    for bind in spec.binds:
        _bind(bind.source, root + bind.target)
    for path in _MASKED:
        if os.path.isdir(root + path):
            linux.mount("tmpfs", root + path, "tmpfs", _FIXED_FLAGS, "size=4k,mode=0555")
            linux.restrict_mount(root + path, read_only=True)
    _write_etc(root, uid, gid)
    _make(root + "/proc")
    linux.mount("proc", root + "/proc", "proc", _FIXED_FLAGS | linux.MS_NOEXEC)
    if spec.gpu is not None:
        _bind_gpu(spec.gpu, root)
    _make(root + WORK)
    if spec.work is not None:
        copy_regular_files(Path(spec.work), Path(root + WORK), max_bytes=spec.disk // 2)
    _hand_over_home(root + HOME, uid, gid)
    _bind(spec.sockets, root + KERNEL_SOCKETS, writable=True)
    _bind(spec.inbox, root + INBOX)


def _bind_gpu(gpu: GpuShare, root: str) -> None:
    """Show the files of one GPU: its devices, its libraries, and what the driver says of it."""
    for bind in gpu.devices:
        if not stat.S_ISCHR(os.stat(bind.source).st_mode):
            raise OSError(errno.ENODEV, f"{bind.source} is no device of a GPU")
        _make(os.path.dirname(root + bind.target))
        Path(root + bind.target).touch()
        linux.mount(bind.source, root + bind.target, flags=linux.MS_BIND)
    for bind in gpu.libraries:
        _bind(bind.source, root + bind.target)
    folder = root + gpu.facts_folder
    if os.path.isdir(folder):  # else the driver does not show anything there either
        linux.mount("tmpfs", folder, "tmpfs", _FIXED_FLAGS | linux.MS_NOEXEC, "size=1m,mode=0755")
        for name, text in gpu.facts.items():
            _make(os.path.dirname(f"{folder}/{name}"))
            Path(folder, name).write_text(text)
        linux.restrict_mount(folder, read_only=True)


def _hand_over_home(home: str, uid: int, gid: int) -> None:
    for folder, folders, files in os.walk(home, followlinks=False):
        # Data sets below the home are read-only mounts and belong to whoever owns them outside.
        folders[:] = [name for name in folders if not os.path.ismount(f"{folder}/{name}")]
        for name in (".", *(f for f in files if not os.path.ismount(f"{folder}/{f}"))):
            os.chown(f"{folder}/{name}", uid, gid, follow_symlinks=False)


def _make(path: str) -> None:
    os.makedirs(path, mode=0o755, exist_ok=True)


def _bind(source: str, target: str, *, writable: bool = False) -> None:
    """Show a host path at ``target``. Links are copied as links; what does not exist is left out."""
    if os.path.islink(source):
        if not os.path.lexists(target):
            _make(os.path.dirname(target))
            os.symlink(os.readlink(source), target)
        return
    if not os.path.exists(source):
        return
    if os.path.isdir(source):
        _make(target)
    else:
        _make(os.path.dirname(target))
        Path(target).touch()
    linux.mount(source, target, flags=linux.MS_BIND | linux.MS_REC)
    linux.restrict_mount(target, read_only=not writable)


def _write_etc(root: str, uid: int, gid: int) -> None:
    _make(root + "/etc")
    texts = {
        "passwd": f"root:x:0:0:root:/:/usr/sbin/nologin\nstudent:x:{uid}:{gid}:student:{HOME}:/bin/sh\n",
        "group": f"root:x:0:\nstudent:x:{gid}:\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "hostname": "sandbox\n",
    }
    for name, text in texts.items():
        Path(root, "etc", name).write_text(text)


def _build_dev(root: str) -> None:
    _make(root + "/dev")
    for name in _DEVICES:
        Path(root, "dev", name).touch()
        linux.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=linux.MS_BIND)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(target, f"{root}/dev/{name}")
    # Terminals of its own: IPython runs `!command` on one.
    _make(root + "/dev/pts")
    linux.mount(
        "devpts", root + "/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=0666"
    )
    os.symlink("pts/ptmx", root + "/dev/ptmx")


def _give_up_rights(spec: SandboxSpec, uid: int, gid: int, *, privileged: bool) -> None:
    if privileged:
        linux.drop_bounding_set()
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        # Changing the user made this process undumpable, and its own /proc files root's; a user namespace
        # is entered through them.
        linux.set_dumpable()
        linux.unshare(linux.CLONE_NEWUSER)
        _write_id_maps(uid, gid)
    # Inside a user namespace of its own the limit below binds only this sandbox: no further namespaces.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    linux.drop_bounding_set()
    linux.drop_capabilities()
    linux.set_no_new_privileges()
    linux.set_parent_death_signal(signal.SIGKILL)
    _set_rlimits(spec)


def _set_rlimits(spec: SandboxSpec, *, processes: bool = True) -> None:
    """Bound the process; without a user (namespace) of its own, ``processes`` would count everybody's."""
    # Who is short of memory shall take it from here, not from the grader.
    Path("/proc/self/oom_score_adj").write_text("500")
    cpu = int(spec.cpu) + 5
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_DATA, spec.memory),
        (resource.RLIMIT_FSIZE, spec.disk),
        (resource.RLIMIT_NOFILE, spec.open_files),
        *(((resource.RLIMIT_NPROC, spec.processes),) if processes else ()),
        (resource.RLIMIT_MEMLOCK, 64 * 2**20),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(which, (value, value))
