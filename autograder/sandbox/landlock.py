"""Landlock: what a process may open, whatever its rights and mounts would let it.

Theory of operation
-------------------
A *ruleset* names the kinds of access that are denied by default, then adds paths below which some are
allowed. ``restrict`` puts the calling process under one, for good; what it starts inherits it. Landlock needs
no rights, only ``no_new_privs``, so it holds where nothing else can be had, and it works on inodes: a path
that is bound, renamed or reached through ``/proc`` makes no difference.

Each version of its interface (ABI) can deny more. What the running Linux has never heard of is left out, and
``doctor`` names it:

    1  files and folders        Linux 5.13      4  TCP, by port                 6.7
    2  moves between folders         5.19      5  ioctl on devices             6.10
    3  truncation                     6.2      6  signals, abstract sockets    6.12

Beside its rules Landlock always denies mounting, and looking into processes outside the sandbox: ``ptrace``,
and ``mem``, ``environ``, ``maps``, ``fd``, ``cwd`` and ``root`` in their ``/proc`` folders.

It does not see metadata (``stat``, the existence of a path), Unix sockets reached by a path, or UDP.
"""

import ctypes
import errno
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntFlag

__all__ = ["Access", "Rule", "abi", "missing", "restrict"]


class Access(IntFlag):
    """Kinds of access to files, as Linux numbers them, and the sets in which they are given here."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15

    READ = READ_FILE | READ_DIR
    RUN = READ | EXECUTE
    #: A folder of one's own: everything but device files.
    OWN = (
        RUN | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | REFER
        | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM
    )  # fmt: skip
    DEVICE = READ_FILE | WRITE_FILE | TRUNCATE
    GPU = READ_FILE | WRITE_FILE | IOCTL_DEV
    TERMINAL = DEVICE | READ_DIR | IOCTL_DEV


#: What may be allowed on something that is no folder.
_ON_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
#: What each ABI added to the kinds of access that it can deny.
_SINCE = (
    (1, Access(0x1FFF)),
    (2, Access.REFER),
    (3, Access.TRUNCATE),
    (5, Access.IOCTL_DEV),
)
_NET_ABI, _BIND_AND_CONNECT_TCP = 4, 3
_SCOPE_ABI, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 3
_LACKS = (
    (2, "files cannot be moved between folders"),
    (3, "files outside can be truncated where their permissions allow it"),
    (_NET_ABI, "TCP is not restricted"),
    (5, "ioctl on devices is not restricted"),
    (_SCOPE_ABI, "signals and abstract sockets of the same user are not restricted"),
)

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Rule:
    """What is allowed on a path and below it.

    Args:
        path: A file or folder; links are followed. One that does not exist is left out: that allows less.
        access: What may be done there.
    """

    path: str
    access: Access


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that this Linux offers; 0 where there is none."""
    version = _libc.syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(0, int(version))


def missing(version: int) -> Sequence[str]:
    """What Landlock of this version cannot deny, for people to read."""
    return [text for since, text in _LACKS if version < since]


def restrict(rules: Iterable[Rule], *, tcp: bool) -> None:
    """Put the calling process, which must have set ``no_new_privs``, under a ruleset, for good.

    Args:
        tcp: Whether TCP is left alone (in a network namespace of its own) or denied.

    Raises:
        OSError: Linux refused, or has no Landlock.
    """
    version = abi()
    if version < 1:
        raise OSError(errno.ENOSYS, "landlock: not offered by this Linux")
    handled = Access(0)
    for since, access in _SINCE:
        if version >= since:
            handled |= access
    attributes = _Ruleset(
        handled,
        0 if tcp or version < _NET_ABI else _BIND_AND_CONNECT_TCP,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPE_ABI else 0,
    )
    # An older Linux takes a shorter structure, and a longer one only if what it does not know is zero: it is.
    ruleset = _call(
        "landlock_create_ruleset", _CREATE_RULESET, ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)), ctypes.c_uint32(0),
    )  # fmt: skip
    try:
        for rule in rules:
            _allow(ruleset, rule, handled)
        _call("landlock_restrict_self", _RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, rule: Rule, handled: Access) -> None:
    try:
        parent = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what is not there, or not reachable, needs no permission
    try:
        allowed = rule.access & handled
        if not os.path.isdir(rule.path):
            allowed &= _ON_FILES
        if allowed:
            beneath = _PathBeneath(allowed, parent)
            _call(
                f"landlock_add_rule {rule.path}", _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH),
                ctypes.byref(beneath), ctypes.c_uint32(0),
            )  # fmt: skip
    finally:
        os.close(parent)


def _call(name: str, number: int, *arguments: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result
