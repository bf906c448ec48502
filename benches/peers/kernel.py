"""Times two kernels on the same notebook; see kernel.sh."""

import json
import os
import pathlib
import statistics
import sys
import time

import psutil
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

NOTEBOOK = pathlib.Path("notebooks/01_quickstart.ipynb")
SESSIONS = 3


class Bare(KernelManager):
    """A kernel started from a command line, without an installed kernelspec."""

    command: list = []

    @property
    def kernel_spec(self):
        return KernelSpec(argv=self.command, language="rust", display_name="bench")


def cells():
    notebook = json.loads(NOTEBOOK.read_text())
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def run_cell(client, code):
    """Runs one cell; returns its seconds, the time of its first picture, and fails on an error."""
    start = time.perf_counter()
    picture = None
    message_id = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=3600)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind in ("display_data", "execute_result") and picture is None:
            if any(mime.startswith("image/") for mime in content["data"]):
                picture = time.perf_counter()
        if kind == "error":
            sys.exit(f"a cell failed: {content['evalue']}\n" + "\n".join(content["traceback"]))
        if kind == "status" and content["execution_state"] == "idle":
            return time.perf_counter() - start, picture


def memory(manager):
    process = psutil.Process(manager.provisioner.process.pid)
    family = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in family) / 1e6


def session(command, first_cells, environment):
    """One whole session, measured: seconds since its start, seconds of every notebook cell, megabytes when idle and at its end."""
    manager = Bare()
    manager.command = command
    start = time.perf_counter()
    manager.start_kernel(env={**os.environ, **environment}, cwd="notebooks")
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=3600)
    for code in first_cells:
        run_cell(client, code)
    run_cell(client, "1 + 1")
    first_result, idle = time.perf_counter() - start, memory(manager)
    times, first_picture = [], None
    for code in cells():
        seconds, picture = run_cell(client, code)
        times.append(seconds)
        if picture and first_picture is None:
            first_picture = picture - start
    end = memory(manager)
    client.stop_channels()
    manager.shutdown_kernel()
    if first_picture is None:
        sys.exit(f"{command[0]} has shown no picture")
    return {"result": first_result, "picture": first_picture, "cells": times, "idle": idle, "end": end}


def main():
    ours_binary, peer_binary, peer_folder = (str(pathlib.Path(a).absolute()) for a in sys.argv[1:])
    os.makedirs(peer_folder, exist_ok=True)
    library = json.dumps(str(pathlib.Path.cwd()))
    ours = ([ours_binary, "serve", "--connection", "{connection_file}"], [], {})
    peer = (
        [peer_binary, "--control_file", "{connection_file}"],
        [f":dep genolens = {{ path = {library} }}"],
        # A folder that stays is the peer's only way to keep compiled dependencies from session to session.
        {"EVCXR_TMPDIR": peer_folder},
    )
    print("warming both up", file=sys.stderr)
    for kernel in (ours, peer):
        session(*kernel)
    results = {"ours": [], "peer": []}
    for _ in range(SESSIONS):
        results["ours"].append(session(*ours))
        results["peer"].append(session(*peer))

    def row(work, unit, measure):
        mine, other = (measure(results[who]) for who in ("ours", "peer"))
        print(f"{work}\t{mine:.3f}\t{other:.3f}\t{unit}\t{other / mine:.2f}")

    def all_times(sessions):
        return sorted(t for session in sessions for t in session["cells"])

    def middle(what):
        return lambda sessions: statistics.median(session[what] for session in sessions)

    print("work\tours\tpeer\tunit\tratio")
    row("kernel start to first result with the library in scope, warm", "s", middle("result"))
    row("kernel start to first picture, warm", "s", middle("picture"))
    row("cell of the quickstart, median", "s", lambda s: statistics.median(all_times(s)))
    row("cell of the quickstart, 95th percentile", "s", lambda s: all_times(s)[int(0.95 * (len(all_times(s)) - 1))])
    row("memory of an idle session, kernel and runtime", "MB", middle("idle"))
    row("memory after the quickstart, kernel and runtime", "MB", middle("end"))


if __name__ == "__main__":
    main()
