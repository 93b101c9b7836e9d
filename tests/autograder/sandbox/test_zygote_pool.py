"""Several zygotes share the work of many sandboxes, and one that is gone is replaced."""

import asyncio
from pathlib import Path

import pytest
from runs import ran, ran_async

from autograder.sandbox import client
from autograder.sandbox.client import Zygote, runtime_dir

pytestmark = pytest.mark.sandbox


def sockets() -> set[str]:
    return {path.name for path in runtime_dir().glob("z-*") if path.is_socket()}


@pytest.mark.slow
def test_many_sandboxes_are_forked_by_several_zygotes(
    zygote: Zygote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_SHARE", 1)
    before = sockets()

    async def both() -> list[str]:
        first = asyncio.create_task(ran_async(tmp_path, ["import time; time.sleep(3)", "print(1)"]))
        await asyncio.sleep(1.5)
        second = await ran_async(tmp_path, ["print(2)"])
        return [(await first).text(1), second.text(0)]

    try:
        assert asyncio.run(asyncio.wait_for(both(), 200)) == ["1\n", "2\n"]
        assert len(sockets() - before) == 1
        assert Zygote.connect().path.name in before  # the first one was left as it is
    finally:
        for name in sockets() - before:
            Zygote(runtime_dir() / name).stop()


def test_a_zygote_that_is_gone_when_it_is_asked_is_replaced(
    zygote: Zygote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [Zygote(runtime_dir() / "nobody")]
    real = Zygote.connect
    monkeypatch.setattr(Zygote, "connect", lambda *role, **more: gone.pop() if gone else real(*role, **more))
    assert ran(tmp_path, ["print(1)"]).text(0) == "1\n"
    assert gone == []
