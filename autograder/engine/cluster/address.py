"""Where the cluster is, and whether the way there is closed.

What travels are hidden tests, the holdout's key and students' work; and whoever reaches a scheduler can run
code on its workers. So beyond this machine it has to be TLS with certificates on both sides, as Dask's own
configuration names them (``distributed.comm.tls``).
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from autograder.errors import UsageError

__all__ = ["SCHEME", "refuse_open_workers", "scheduler_address"]

SCHEME = "dask://"
_HINT = (
    "Give scheduler, workers and this command certificates (distributed.comm.tls, see docs/scaling.md). On a "
    "network that nobody else can reach: --allow-plain-cluster."
)


def scheduler_address(engine: str, *, tls: bool, allow_plain: bool) -> str:
    """Dask's name for ``dask://HOST:PORT``.

    Args:
        engine: What the operator typed.
        tls: Whether Dask is configured with certificates.
        allow_plain: Go on without TLS to another machine.

    Raises:
        UsageError: It is no address, or the way there would be open.
    """
    try:
        parts = urlsplit(engine)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not engine.startswith(SCHEME) or not host or not port or engine.rstrip("/").count("/") != 2:
        raise UsageError(f"{engine!r} is no engine.", "Say `local`, or `dask://HOST:PORT` of a Dask scheduler.")
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if tls:
        return f"tls://{place}"
    if not allow_plain and not _is_loopback(host):
        raise UsageError(f"The way to the scheduler at {place} is not encrypted.", _HINT)
    return f"tcp://{place}"


def refuse_open_workers(addresses: Iterable[str], *, allow_plain: bool) -> None:
    """A scheduler on this machine may have workers elsewhere.

    Raises:
        UsageError: One of them is reached without TLS over a network.
    """
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme not in ("tls", "inproc") and not allow_plain and not _is_loopback(parts.hostname or ""):
            raise UsageError(f"The way to the worker at {address} is not encrypted.", _HINT)


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)
