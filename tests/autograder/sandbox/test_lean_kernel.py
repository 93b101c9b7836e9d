"""A kernel begins with what its zygote has, and takes little of its own."""

from pathlib import Path

import pytest
from runs import ran

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("zygote")]

_PRIVATE = """\
import tensorflow, keras
lines = open("/proc/self/smaps_rollup").read().splitlines()
print(sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) // 1024)
"""


def test_an_idle_kernel_with_tensorflow_has_little_memory_of_its_own(tmp_path: Path) -> None:
    """28 MiB were measured; one look at all modules, say, would make it 46."""
    result = ran(tmp_path, [_PRIVATE])
    assert 5 < int(result.text(0)) < 36


def test_a_kernel_imports_next_to_nothing_when_it_starts(tmp_path: Path) -> None:
    """Above all no debugger, which is 110 modules."""
    cell = "import sys\nprint(sum('pydev' in name or 'debugpy' in name for name in sys.modules))"
    code = "import sys, ipykernel.ipkernel\nprint(ipykernel.ipkernel.sys is sys)"
    result = ran(tmp_path, [cell, code])
    assert result.text(0) == "0\n"
    assert result.text(1) == "True\n"
