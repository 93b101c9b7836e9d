"""The few Linux calls that Python 3.11's ``os`` lacks: namespaces, mounts, capabilities, prctl."""

import ctypes
import errno
import fcntl
import os
import socket
import struct

__all__ = [
    "CLONE_NEWCGROUP",
    "CLONE_NEWIPC",
    "CLONE_NEWNET",
    "CLONE_NEWNS",
    "CLONE_NEWPID",
    "CLONE_NEWUSER",
    "CLONE_NEWUTS",
    "MS_BIND",
    "MS_NODEV",
    "MS_NOEXEC",
    "MS_NOSUID",
    "MS_PRIVATE",
    "MS_REC",
    "become_subreaper",
    "bring_loopback_up",
    "collapse_memory",
    "drop_bounding_set",
    "drop_capabilities",
    "join_mount_namespace",
    "load_seccomp_filter",
    "mount",
    "pivot_root",
    "restrict_mount",
    "set_dumpable",
    "set_no_new_privileges",
    "set_parent_death_signal",
    "sethostname",
    "umount_detach",
    "unshare",
]

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = (
    1,
    4,
    24,
    38,
    47,
)
_PR_SET_CHILD_SUBREAPER = 36
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_SYS_MOUNT_SETATTR = 442  # the same on every architecture; Linux 5.12
_MADV_COLLAPSE, _HUGE = 25, 2 * 2**20
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` (``CLONE_NEW*``) for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """``mount(2)``."""
    _check(
        _libc.mount(
            source.encode(),
            os.fsencode(target),
            kind.encode() or None,
            ctypes.c_ulong(flags),
            options.encode() or None,
        ),
        f"mount {source} on {target}",
    )


class _MountAttr(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns_fd"))


def restrict_mount(target: str, *, read_only: bool, recursive: bool = True) -> None:
    """Make a mount, and those below it, ``nosuid`` and ``nodev``, and read-only if asked."""
    attr = _MountAttr(_MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV | (_MOUNT_ATTR_RDONLY if read_only else 0), 0, 0, 0)
    _check(
        _libc.syscall(
            ctypes.c_long(_SYS_MOUNT_SETATTR),
            ctypes.c_int(_AT_FDCWD),
            os.fsencode(target),
            ctypes.c_uint(_AT_RECURSIVE if recursive else 0),
            ctypes.byref(attr),
            ctypes.c_size_t(ctypes.sizeof(attr)),
        ),
        f"mount_setattr {target}",
    )


def join_mount_namespace(pidfd: int, *, user: bool) -> None:
    """Enter the mount namespace of the process behind ``pidfd``; its root becomes this process's.

    Args:
        user: Enter its user namespace too, as an ordinary user has to, who gets the right to the other there.
    """
    flags = CLONE_NEWNS | (CLONE_NEWUSER if user else 0)
    _check(_libc.setns(ctypes.c_int(pidfd), ctypes.c_int(flags)), "setns")


def umount_detach(target: str) -> None:
    """Unmount lazily, with everything below."""
    _check(_libc.umount2(os.fsencode(target), _MNT_DETACH), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """Make ``new_root`` the root of this mount namespace; the old one appears at ``put_old``."""
    number = _SYS_PIVOT_ROOT[os.uname().machine]
    _check(
        _libc.syscall(ctypes.c_long(number), os.fsencode(new_root), os.fsencode(put_old)),
        f"pivot_root {new_root}",
    )


def sethostname(name: str) -> None:
    """Set the host name of this UTS namespace."""
    _check(_libc.sethostname(name.encode(), len(name.encode())), "sethostname")


def bring_loopback_up() -> None:
    """Give this network namespace its ``127.0.0.1``; there is nothing else in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", _IFF_UP | _IFF_RUNNING)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request.ljust(40, b"\0"))


def collapse_memory() -> None:
    """Put this process's own memory into huge pages where Linux can (6.1 or newer), so that it forks in half
    the time.

    A fork copies the page tables, and 90 huge pages have fewer entries than 47,000 small ones. What a child then
    writes to is split and copied in small pages as before. Nothing depends on it: where it cannot be had, forks
    take longer.
    """
    with open("/proc/self/maps") as maps:
        lines = maps.read().splitlines()
    for line in lines:
        area, rights, *rest = line.split()
        if not rights.startswith("rw") or (len(rest) > 3 and rest[3] != "[heap]"):
            continue
        start, end = (int(address, 16) for address in area.split("-"))
        start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if start < end:
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), ctypes.c_int(_MADV_COLLAPSE))


def set_parent_death_signal(signum: int) -> None:
    """Have the kernel send ``signum`` to this process when the thread that forked it dies."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signum), 0, 0, 0), "prctl(PR_SET_PDEATHSIG)")


def become_subreaper() -> None:
    """Have orphans among this process's descendants become its children, not those of process 1."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0), "prctl(PR_SET_CHILD_SUBREAPER)")


def set_dumpable() -> None:
    """Let this process read its own ``/proc`` files again after a change of user."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(1), 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


def set_no_new_privileges() -> None:
    """From here on no program gains rights by being executed (setuid bits, file capabilities)."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def load_seccomp_filter(program: bytes) -> None:
    """Filter the system calls of this process, all its threads and its children by a BPF program, for good."""
    loaded = _FilterProgram(len(program) // 8, program)
    result = _libc.syscall(
        ctypes.c_long(_SYS_SECCOMP[os.uname().machine]),
        ctypes.c_uint(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_uint(_SECCOMP_FILTER_FLAG_TSYNC),
        ctypes.byref(loaded),
    )
    if result > 0:
        raise OSError(errno.EBUSY, f"seccomp: thread {result} has a filter of its own")
    _check(result, "seccomp")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def drop_bounding_set() -> None:
    """Remove every capability from the bounding set: no later ``execve`` can bring one back."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break  # EINVAL: past the last capability this kernel knows


def drop_capabilities() -> None:
    """Empty the effective, permitted, inheritable and ambient capability sets."""
    _check(
        _libc.prctl(_PR_CAP_AMBIENT, ctypes.c_ulong(_PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0),
        "prctl(PR_CAP_AMBIENT)",
    )
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), ctypes.byref((_CapabilityData * 2)())), "capset")
