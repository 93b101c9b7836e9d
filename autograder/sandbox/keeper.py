"""Keep one sandboxed kernel: start it, watch what it uses, end it, say what became of it.

Theory of operation
-------------------
The zygote forks a keeper for each kernel. The keeper stays outside the sandbox (as root: with root's rights;
as an ordinary user: in a user namespace of its own, with that user's rights), enters a new pid namespace and
forks the kernel, which is therefore process 1 in there: when it dies, the Linux kernel kills everything
else in the namespace, so nothing a student starts outlives its notebook. The keeper holds one end of a
``SOCK_SEQPACKET`` connection to the client that asked for the kernel; a message is one JSON object.

    client → keeper   {"op": "usage"}  {"op": "signal", "signum": 2}  {"op": "kill"}  {"op": "harvest"}
    keeper → client   {"event": "started", …}  {"event": "failed", "error": …}     once, first
                      {"event": "usage", "cpu": …, "memory": …, "processes": …}    in answer to usage
                      {"event": "harvested", "error": …}                           in answer to harvest
                      {"event": "exit", "code": …, "signal": …, "limit": …, …}     once, last

When the connection closes, for whatever reason, the kernel is killed: a client that dies leaves nothing.
The kernel in turn dies with its keeper (parent death signal).

A *porter*, forked before the kernel so that it is not in the kernel's pid namespace, joins its mount namespace: it
seals the folder shared with the host, and copies files out when the client asks (``porter``).

The keeper enforces the limits that Linux has no rlimit for: CPU time, memory and processes of the whole
tree, and wall time. It polls, so a limit can be overshot for a moment; rlimits bound each process meanwhile, and
a control group (``cgroup``), where one can be had, all of them. The keeper puts the kernel into it while that
isolates itself, and no client hears of a kernel that is not in it.
"""

import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox import accelerator, cgroup, isolate, linux, porter, proc, reaper
from autograder.sandbox.spec import SandboxSpec, Usage

__all__ = ["MESSAGE_SIZE", "PORTER_DIED", "keep"]

#: Longest message on the connection, in bytes.
MESSAGE_SIZE = 1 << 18
#: What ``harvested`` says when nobody is left to copy files.
PORTER_DIED = "the porter died"
_POLL = 0.1
#: Of a kernel: shell, iopub, stdin, heartbeat, control. The other roles have one.
_SOCKETS = {"kernel": 5, "judge": 1, "inspector": 1}
_SOCKETS_TIMEOUT = 60.0
#: Seconds that isolation and a GPU's start may take; the client waits for 60.
_ISOLATION_TIMEOUT = 50.0


def keep(connection: socket.socket, spec: SandboxSpec, run: Callable[[SandboxSpec], None], *, slot: int) -> int:
    """Run one kernel to its end. Called in a fresh fork of the zygote; returns the keeper's exit status.

    Args:
        connection: Connected to the client.
        run: What the isolated process does.
        slot: A number that no other keeper of the zygote has now; picks the user id of a kernel of root's.
    """
    folder = Path(spec.sockets).parent
    root = tempfile.mkdtemp(prefix="root-", dir=folder)
    carrier, porter_pid = _start_porter(connection, spec)
    read_end, write_end = os.pipe()
    group = None
    try:
        cgroup.sweep()
        on_disk = 2 * spec.disk + isolate.ANSWERS_SIZE
        group = cgroup.Group.create(memory=spec.memory + on_disk, processes=spec.processes)
        if spec.weak:
            privileged = os.geteuid() == 0
            linux.become_subreaper()
        else:
            privileged = isolate.is_privileged()
            isolate.enter_pid_namespace(privileged=privileged)
        uid = isolate.user_of(spec.role, slot) if privileged else os.geteuid()
        if privileged:
            os.chown(spec.sockets, uid, uid)
        pid = os.fork()
    except OSError as error:
        _send(connection, {"event": "failed", "error": str(error)})
        if group is not None:
            group.remove()
        shutil.rmtree(folder, ignore_errors=True)
        return 1
    if pid == 0:
        os.close(read_end)
        carrier.close()
        _be_the_kernel(
            spec, run, root=root, uid=uid, report=write_end, connection=connection, privileged=privileged
        )
    os.close(write_end)
    watch = _Watch(connection, spec, pid, group, carrier)
    try:
        return watch.until_end(read_end)
    except BaseException:
        watch.end()  # whatever broke here, the kernel does not outlive its keeper
        raise
    finally:
        carrier.close()
        os.kill(porter_pid, signal.SIGKILL)  # it may be copying still
        os.waitpid(porter_pid, 0)
        if spec.weak:
            reaper.end_descendants()
        group.remove()
        # The client removes the folder as well; the keeper outlives a client that dies.
        shutil.rmtree(folder, ignore_errors=True)


def _start_porter(connection: socket.socket, spec: SandboxSpec) -> tuple[socket.socket, int]:
    """Fork the porter; our end of the connection to it, and its pid."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            linux.set_parent_death_signal(signal.SIGKILL)
            ours.close()
            connection.close()
            porter.serve(theirs, spec)
            status = 0
        finally:
            os._exit(status)
    theirs.close()
    return ours, pid


def _be_the_kernel(
    spec: SandboxSpec,
    run: Callable[[SandboxSpec], None],
    *,
    root: str,
    uid: int,
    privileged: bool,
    report: int,
    connection: socket.socket,
) -> NoReturn:
    """The forked side: isolate, tell the keeper how that went, run, exit. Never returns."""
    status = 70
    try:
        connection.close()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        if spec.weak:
            isolate.enter_weak(spec, uid=uid, privileged=privileged)
        else:
            isolate.enter(spec, root=root, uid=uid, privileged=privileged)
        os.closerange(3, report)
        os.closerange(report + 1, 1 << 16)
        if spec.gpu is not None:
            accelerator.prepare(spec.gpu)
        os.write(report, b"ok")
        os.close(report)
        run(spec)
        status = 0
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException as error:
        try:
            os.write(report, f"{type(error).__name__}: {error}".encode()[:4000])
        except OSError:
            status = 71  # it had started already: the exit status tells
    finally:
        os._exit(status)


class _Watch:
    """The keeper's loop around one running kernel."""

    def __init__(
        self,
        connection: socket.socket,
        spec: SandboxSpec,
        pid: int,
        group: cgroup.Group,
        carrier: socket.socket,
    ) -> None:
        self._connection = connection
        self._spec = spec
        self._pid = pid
        self._pidfd = os.pidfd_open(pid)
        self._group = group
        self._limit: str | None = None
        self._killed = False
        self._usage = Usage()
        self._shared = proc.resident(os.getpid())  # we are a fork of the zygote, as the kernel is
        self._gone = False
        self._porter: socket.socket | None = carrier

    def end(self) -> None:
        """Kill the kernel and everything in it, now."""
        self._kill()

    def until_end(self, report: int) -> int:
        """Watch until the kernel has ended; returns the keeper's exit status.

        Args:
            report: Pipe on which the isolated process says ``ok`` or what went wrong.
        """
        problem = self._count()
        said = _read_report(report)
        if said != b"ok":
            error = said.decode(errors="replace") or "the process died while it was being isolated"
            self._kill()
            os.waitpid(self._pid, 0)
            _send(self._connection, {"event": "failed", "error": error})
            return 1
        problem = problem or self._seal_sockets()
        if problem is not None:
            self._kill()
            os.waitpid(self._pid, 0)
            _send(self._connection, {"event": "failed", "error": problem})
            return 1
        _send(self._connection, {"event": "started", "pid": self._pid})
        deadline = time.monotonic() + self._spec.wall
        poller = select.poll()
        poller.register(self._connection, select.POLLIN)
        poller.register(self._pidfd, select.POLLIN)
        if self._porter is not None:
            poller.register(self._porter, select.POLLIN)
        while True:
            ready = dict(poller.poll(_POLL * 1000))
            if self._pidfd in ready:
                break
            if self._connection.fileno() in ready:
                self._answer()
            if self._porter is not None and self._porter.fileno() in ready:
                self._pass_on(poller)
            self._enforce(deadline)
        _, status = os.waitpid(self._pid, 0)
        if not self._gone:
            _send(self._connection, self._exit_event(status))
        return 0

    def _count(self) -> str | None:
        """Put the kernel into its control group, while it isolates itself and long before student code runs.

        Returns:
            What went wrong, or ``None``.
        """
        try:
            self._group.add(self._pid)
        except OSError as error:
            return f"the kernel could not be put into its control group: {error}"
        return None

    def _seal_sockets(self) -> str | None:
        """Make the one folder shared with the host read-only, once the kernel has put its sockets there.

        No student code has run yet: the client does not know of the kernel before this returns. Otherwise
        a student could fill the host's disk through it.

        Returns:
            What went wrong, or ``None``.
        """
        deadline = time.monotonic() + _SOCKETS_TIMEOUT
        while len(os.listdir(self._spec.sockets)) < _SOCKETS[self._spec.role]:
            if time.monotonic() > deadline or select.select([self._pidfd], [], [], 0.005)[0]:
                return "the kernel did not open its sockets"
        assert self._porter is not None
        self._porter.settimeout(_SOCKETS_TIMEOUT)
        try:
            self._porter.send(json.dumps({"op": "join", "pid": self._pid}).encode())
            said = self._porter.recv(MESSAGE_SIZE)
        except OSError as error:
            return f"the folder of the kernel's sockets could not be sealed: {error}"
        self._porter.settimeout(None)
        problem = json.loads(said)["error"] if said else PORTER_DIED
        return None if problem is None else f"the folder of the kernel's sockets could not be sealed: {problem}"

    def _exit_event(self, status: int) -> dict[str, Any]:
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        limit = self._limit or (
            "cpu"
            if killed == signal.SIGXCPU or self._usage.cpu > self._spec.cpu
            else "memory"
            if self._group.out_of_memory()
            else None
        )
        # Process 1 of a pid namespace cannot be killed from inside: somebody else did it (an operator, or Linux
        # for want of memory on the whole machine).
        foreign = killed == signal.SIGKILL and limit is None and not self._killed and not self._spec.weak
        return {
            "event": "exit",
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": killed,
            "foreign": foreign,
            "limit": limit,
            "cpu": self._usage.cpu,
            "peak_memory": self._usage.peak_memory,
        }

    def _answer(self) -> None:
        try:
            message = self._connection.recv(MESSAGE_SIZE)
        except OSError:
            message = b""
        if not message:  # the client is gone
            self._gone = True
            self._kill()
            return
        request = json.loads(message)
        if request["op"] == "usage":
            self._measure()
            _send(self._connection, {"event": "usage", **asdict(self._usage)})
        elif request["op"] == "signal":
            self._signal(int(request["signum"]))
        elif request["op"] == "kill":
            self._kill()
        elif request["op"] == "harvest":
            if self._porter is None or not self._spec.harvest:
                why = PORTER_DIED if self._porter is None else "nothing is to come out of here"
                _send(self._connection, {"event": "harvested", "error": why})
            else:
                self._porter.send(b'{"op": "harvest"}')

    def _pass_on(self, poller: "select.poll") -> None:
        assert self._porter is not None
        try:
            said = self._porter.recv(MESSAGE_SIZE)
        except ConnectionResetError:
            said = b""
        if not said:
            poller.unregister(self._porter)
            self._porter.close()
            self._porter = None
            said = json.dumps({"event": "harvested", "error": PORTER_DIED}).encode()
        _send(self._connection, json.loads(said))

    def _signal(self, signum: int) -> None:
        try:
            signal.pidfd_send_signal(self._pidfd, signum)
        except ProcessLookupError:
            return  # it ended by itself; the loop sees that next

    def _kill(self) -> None:
        self._killed = True
        self._signal(signal.SIGKILL)

    def _enforce(self, deadline: float) -> None:
        self._measure()
        exceeded = (
            "cpu"
            if self._usage.cpu > self._spec.cpu
            else "memory"
            if self._usage.memory > self._spec.memory or self._group.out_of_memory()
            else "processes"
            if self._usage.processes > self._spec.processes
            else "wall"
            if time.monotonic() > deadline
            else None
        )
        if exceeded is not None and self._limit is None:
            self._limit = exceeded
            self._kill()

    def _measure(self) -> None:
        """Add up the process tree. CPU never goes down: what a dead process used stays counted."""
        tree = self._group.pids()
        if tree is None:
            tree = proc.tree(self._pid)
        held = [proc.resident(pid) for pid in tree]
        resident = sum(held)
        # Resident memory counts pages shared with the zygote once a process. When the sum is too high,
        # count again with each page shared out among those who hold it: exact, but slower.
        if resident > self._spec.memory:
            resident = sum(map(proc.proportional, tree))
        counted = self._group.cpu()
        if counted is None:
            counted = sum(map(proc.cpu, tree))
        self._usage = Usage(
            cpu=max(counted, self._usage.cpu),
            memory=resident,
            processes=len(tree),
            peak_memory=max(sum(max(0, size - self._shared) for size in held), self._usage.peak_memory),
        )


def _read_report(descriptor: int) -> bytes:
    """What the isolated process says, until it closes the pipe or dies; or that it says nothing."""
    said = b""
    deadline = time.monotonic() + _ISOLATION_TIMEOUT
    with os.fdopen(descriptor, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            more = pipe.read(4096)
            if not more:
                return said
            said += more
    return f"it was not ready after {_ISOLATION_TIMEOUT:g} s: a GPU's driver that hangs?".encode()


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    try:
        connection.send(json.dumps(message).encode())
    except (BrokenPipeError, ConnectionResetError):
        return  # the client is gone; the loop sees that next
