"""Which system calls student code may make.

Theory of operation
-------------------
A list of what is allowed, not of what is dangerous: Linux gains system calls with each release, and a list of
dangers is out of date the day after it was written. The list is the one that containers run under (Docker's
default profile, under which TensorFlow, IPython and compilers have run for ten years), less what no exercise
needs and what has been a way out: ``ptrace``, io_uring, asynchronous I/O, ``userfaultfd``, ``bpf``, keyrings,
handles of files, splicing, POSIX message queues, changes of the clock.

What is not on the list answers ``ENOSYS``, as an older Linux would, and libraries fall back (glibc from
``clone3`` to ``clone``, whose flags a filter can read). What exists everywhere and is refused answers
``EPERM``, so that a student reads "not permitted". System calls of another architecture (i386, x32) kill:
their numbers would dodge the list.

Arguments are compared where the call is needed but not all of it. Linux reads most of them as 32-bit numbers,
so only those bits are compared: ``ioctl(fd, TIOCSTI | 1 << 32)`` is ``TIOCSTI``.

Three filters are stacked, and the strictest answer counts: the list; refusals by argument (a list cannot
say "all but"); and, in ``Strictness.weak`` mode, refusals that make up for the namespaces that are not there.

libseccomp writes the BPF program in the zygote, once; a kernel loads the bytes, in well under a millisecond,
as the last thing before student code, after ``no_new_privs``. Its threads and everything it starts inherit
the filters; nothing removes one.
"""

import errno
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from autograder.sandbox import linux

if TYPE_CHECKING:
    import pyseccomp

__all__ = ["MISSING_LIBRARY", "Strictness", "apply", "preload", "problem"]

#: What to do where libseccomp is not installed.
MISSING_LIBRARY = "libseccomp is not installed (Debian, Ubuntu: apt-get install libseccomp2)"

_ALLOWED = """
    accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown clock_getres
    clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
    epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group
    faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
    fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue
    futex_wait futex_waitv futex_wake futimesat get_robust_list getcpu getcwd getdents getdents64 getegid geteuid
    getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid
    getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch
    inotify_init inotify_init1 inotify_rm_watch ioctl ioprio_get kill landlock_add_rule landlock_create_ruleset
    landlock_restrict_self lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr
    lstat madvise map_shadow_stack membarrier mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap
    mprotect mremap mseal msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause pidfd_open
    pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2
    pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg
    removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
    rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select sendfile sendmmsg
    sendmsg sendto set_robust_list set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority
    setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shutdown sigaltstack signalfd
    signalfd4 stat statfs statx symlink symlinkat sync_file_range syncfs sysinfo tgkill time timer_create
    timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times
    tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
""".split()  # noqa: SIM905
#: Memory that no process need map, so that only a cgroup counts it.
_UNMAPPED_MEMORY = """
    memfd_create msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget
""".split()  # noqa: SIM905
#: Refused with EPERM rather than ENOSYS.
_FORBIDDEN = """
    acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module fsconfig
    fsmount fsopen fspick init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie
    memfd_secret migrate_pages modify_ldt mount mount_setattr move_mount move_pages name_to_handle_at nfsservctl
    open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise process_mrelease
    process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot request_key setdomainname
    sethostname setns settimeofday swapoff swapon syslog umount2 unshare userfaultfd vhangup
""".split()  # noqa: SIM905

_LOW = 0xFFFFFFFF
#: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. (NEWTIME is clone3's and unshare's alone.)
_CLONE_NEW = 0x7E020000
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_SOCK_TYPE, _STREAM, _DGRAM, _RAW, _SEQPACKET = 0xF, 1, 2, 3, 5
_TCP, _UDP, _NETLINK_ROUTE = 6, 17, 0
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C


@dataclass(frozen=True)
class Strictness:
    """What the filter has to make up for.

    Args:
        weak: There are no namespaces: no socket may leave the sandbox.
        counted: A cgroup counts memory that is not mapped, so it may be had.
    """

    weak: bool
    counted: bool


@cache
def problem() -> str | None:
    """Why no filter can be made here; ``None`` when one can."""
    try:
        import pyseccomp  # noqa: F401
    except RuntimeError:  # its way to say that it did not find the library
        return MISSING_LIBRARY
    except ImportError as error:
        return str(error)
    return None


def preload() -> None:
    """Write all programs; called in the zygote, so that its forks have them."""
    if problem() is None:
        for weak in (False, True):
            for counted in (False, True):
                _programs(Strictness(weak, counted))


def apply(strictness: Strictness) -> None:
    """Load the filters into the calling process, for good.

    Raises:
        OSError: They could not be made or loaded.
    """
    trouble = problem()
    if trouble is not None:
        raise OSError(errno.ENOPKG, trouble)
    for program in _programs(strictness):
        linux.load_seccomp_filter(program)


@cache
def _programs(strictness: Strictness) -> tuple[bytes, ...]:
    filters = [_refusals(), _list(strictness)]
    if strictness.weak:
        filters.insert(0, _without_namespaces())
    return tuple(map(_compiled, filters))


def _list(strictness: Strictness) -> "pyseccomp.SyscallFilter":
    import pyseccomp as ps

    allowed = ps.SyscallFilter(ps.ERRNO(errno.ENOSYS))
    # System V segments are everybody's without an IPC namespace.
    unmapped = ps.ALLOW if strictness.counted and not strictness.weak else ps.ERRNO(errno.EPERM)
    for action, names in ((ps.ALLOW, _ALLOWED), (ps.ERRNO(errno.EPERM), _FORBIDDEN), (unmapped, _UNMAPPED_MEMORY)):
        for name in names:
            _rule(allowed, action, name)
    _rule(allowed, ps.ALLOW, "clone", ps.Arg(0, ps.MASKED_EQ, _CLONE_NEW, 0))
    # The own limits only: without a pid namespace another process could be starved.
    _rule(allowed, ps.ALLOW, "prlimit64", _equals(0, 0))
    for persona in (0, _LOW):  # Linux, and the question which one it is
        _rule(allowed, ps.ALLOW, "personality", _equals(0, persona))
    for call in ("socket", "socketpair"):
        _rule(allowed, ps.ALLOW, call, _equals(0, _AF_UNIX))
    for family in (_AF_INET, _AF_INET6):
        for kind, protocol in ((_STREAM, 0), (_STREAM, _TCP), (_DGRAM, 0), (_DGRAM, _UDP)):
            _rule(allowed, ps.ALLOW, "socket", _equals(0, family), _kind(kind), _equals(2, protocol))
    # getaddrinfo and if_nameindex ask it for interfaces.
    for kind in (_RAW, _DGRAM):
        _rule(allowed, ps.ALLOW, "socket", _equals(0, _AF_NETLINK), _kind(kind), _equals(2, _NETLINK_ROUTE))
    return allowed


def _refusals() -> "pyseccomp.SyscallFilter":
    import pyseccomp as ps

    refused = ps.SyscallFilter(ps.ALLOW)
    for request in (_TIOCSTI, _TIOCLINUX):  # type on the terminal of whoever reads it
        _rule(refused, ps.ERRNO(errno.EPERM), "ioctl", _equals(1, request))
    return refused


def _without_namespaces() -> "pyseccomp.SyscallFilter":
    """What Landlock does not watch: UDP, Unix sockets, and what a path is but not what it holds.

    A Unix socket is reached by its path: the zygote's own is one, and there may be those of containers and of a
    desktop. So no socket connects, and none is made that sends without connecting. Pairs and listening
    sockets remain, the kernel's own among them.

    An ordinary user's student code could change modes, owners and times of all that user's files. It is told
    that it did, and nothing happens: ``shutil.copy`` changes modes, and no exercise looks at them.
    """
    import pyseccomp as ps

    refused = ps.SyscallFilter(ps.ALLOW)
    denied = ps.ERRNO(errno.EACCES)
    for name in ("connect", "truncate", "inotify_add_watch"):
        _rule(refused, denied, name)
    for name in ("chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "utime", "utimes", "futimesat"):
        _rule(refused, ps.ERRNO(0), name)
    _rule(refused, ps.ERRNO(0), "utimensat", ps.Arg(1, ps.NE, 0))  # without a path it is about an open file
    for name in ("setxattr", "lsetxattr", "removexattr", "lremovexattr"):
        _rule(refused, ps.ERRNO(errno.ENOTSUP), name)
    for family in (_AF_INET, _AF_INET6, _AF_NETLINK):
        _rule(refused, denied, "socket", _equals(0, family))
    for call in ("socket", "socketpair"):
        for kind in (_DGRAM, _RAW):  # a raw Unix socket is a datagram one
            _rule(refused, denied, call, _equals(0, _AF_UNIX), _kind(kind))
    return refused


def _equals(position: int, value: int) -> "pyseccomp.Arg":
    import pyseccomp as ps

    return ps.Arg(position, ps.MASKED_EQ, _LOW, value)


def _kind(value: int) -> "pyseccomp.Arg":
    """The type of a socket, without the flags that share its argument."""
    import pyseccomp as ps

    return ps.Arg(1, ps.MASKED_EQ, _SOCK_TYPE, value)


def _rule(into: "pyseccomp.SyscallFilter", action: int, name: str, *arguments: "pyseccomp.Arg") -> None:
    import pyseccomp as ps

    number = ps.resolve_syscall(ps.Arch.NATIVE, name)
    if number >= 0:  # else: not on this architecture, or newer than libseccomp. The list then says ENOSYS.
        into.add_rule_exactly(action, number, *arguments)


def _compiled(one: "pyseccomp.SyscallFilter") -> bytes:
    import pyseccomp as ps

    one.set_attr(ps.Attr.ACT_BADARCH, ps.KILL_PROCESS)
    one.set_attr(ps.Attr.CTL_OPTIMIZE, 2)  # a binary tree
    with tempfile.TemporaryFile() as file:
        one.export_bpf(file)
        file.seek(0)
        program = file.read()
    if not program or len(program) % 8:
        raise OSError(errno.EPROTO, f"libseccomp wrote {len(program)} bytes of BPF, process {os.getpid()}")
    return program
