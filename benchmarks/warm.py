"""Execute the cells of a notebook in this one warm process, and print the seconds of each time as JSON.

``python warm.py CELLS.json TIMES``: what a notebook costs where nothing has to be started, isolated, judged or
recorded. Run by ``benchmarks/bench.py`` with one thread, as a sandbox has.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy  # noqa: F401  (what a notebook would import first)
import tensorflow  # noqa: F401
from keras import layers  # noqa: F401


def main() -> None:
    """Run, time, print."""
    cells, times = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])
    taken = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            began = time.monotonic()
            namespace: dict[str, object] = {"__name__": "__main__"}
            for cell in cells:
                exec(compile(cell, "<cell>", "exec"), namespace)  # noqa: S102  (our own text)
            taken.append(time.monotonic() - began)
            os.chdir("/")
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
