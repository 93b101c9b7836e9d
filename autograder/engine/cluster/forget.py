"""What runs on the scheduler: when a run's client has gone, no worker keeps its course or its items."""

import asyncio
import contextlib
from typing import Any

from distributed import Scheduler, SchedulerPlugin

__all__ = ["ForgetWithClient"]


class ForgetWithClient(SchedulerPlugin):  # type: ignore[misc]
    """Takes a run's plugin off the workers, and itself off the scheduler, when its client has gone.

    Args:
        client: Dask's id of the client.
        plugin: Name of the workers' plugin.
    """

    def __init__(self, client: str, plugin: str) -> None:
        self.name = f"{plugin}-forget"
        self._client = client
        self._plugin = plugin

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """Called by Dask when a client has left or was lost."""
        if client == self._client:
            self._forgetting = asyncio.create_task(self._forget(scheduler))  # kept, or it could be collected

    async def _forget(self, scheduler: Scheduler) -> None:
        arguments: dict[str, Any] = {"name": self._plugin}
        with contextlib.suppress(ValueError):  # the client has done so itself
            await scheduler.unregister_worker_plugin(comm=None, **arguments)
        scheduler.remove_plugin(name=self.name)
