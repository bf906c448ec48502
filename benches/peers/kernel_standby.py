"""The start of a kernel while a lab is open, which keeps a session waiting; the peer starts as it always does."""

import contextlib
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import psutil
from kernel_notebooks import first_picture, known
from kernel_part import Part, Row
from kernel_session import Kernel

# Where a session waits, as JupyterLab would be told.
JUPYTER = '#!/bin/sh\necho "$GENOLENS_STANDBY" > "$TOLD.draft"\nmv "$TOLD.draft" "$TOLD"\nexec sleep 100000\n'
PATIENCE_S = 60
# The machine comes to rest before the kernel starts.
REST_S = 3


class Standby(Part):
    turns = {"ours": 3, "peer": 1}

    def __init__(self):
        def middle(what):
            return lambda found: statistics.median(f[what] for f in found)

        self.rows = [
            Row("start standby: kernel start to first picture, a lab is open", "s", middle("start")),
            Row("idle memory standby: the session that waits and what keeps it", "MB", middle("memory"), peer=False),
        ]

    def measure(self, kernel, ours):
        if not ours:
            return {"start": first_picture(kernel, known)}
        with lab(kernel) as (process, environment):
            time.sleep(REST_S)
            memory = sum(p.memory_info().rss for p in psutil.Process(process.pid).children(recursive=True)) / 1e6
            waited = Kernel(kernel.command, kernel.first_cells, {**kernel.environment, **environment})
            return {"start": first_picture(waited, known), "memory": memory}


@contextlib.contextmanager
def lab(kernel):
    """A lab whose JupyterLab does nothing, once a session waits; gives what its kernels find in their environment."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        program, told = folder / "jupyter-lab", folder / "told"
        program.write_text(JUPYTER)
        program.chmod(0o755)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
        process = subprocess.Popen([kernel.command[0], "lab"], env={**os.environ, **environment, "TOLD": str(told)})
        try:
            end = time.monotonic() + PATIENCE_S
            while not (told.exists() and pathlib.Path(told.read_text().strip()).is_socket()):
                if time.monotonic() > end:
                    raise TimeoutError("no session waits")
                time.sleep(0.05)
            yield process, {**environment, "GENOLENS_STANDBY": told.read_text().strip()}
        finally:
            process.kill()
            process.wait()
