"""Times two kernels on the same notebooks; see kernel.sh."""

import json
import os
import pathlib
import statistics
import sys
import time
import uuid

import psutil
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

SESSIONS = 2
# A cell that computes longer than this says more about the library than about the kernel.
LIGHT_S = 0.3
# What a person might complete after the quickstart: the code, and where the cursor stands in it.
QUESTIONS = [
    "data.", "data.seq", "model.", "model.his", "model.history().", "filters.", "filters.get(0).", "test.", "scores.",
    "attribution::", "attribution::Sat", "network::", "network::deep", "names.", "names.iter().", "similarity.", "latent.",
    "let x = train_labels.", "for name in &names { name.", "names.iter().map(|name| name.", "display::", "effects.logo().",
]


class Bare(KernelManager):
    """A kernel started from a command line, without an installed kernelspec."""

    command: list = []

    @property
    def kernel_spec(self):
        return KernelSpec(argv=self.command, language="rust", display_name="bench")


def notebooks():
    """The notebooks that can run here, by name: the later ones read real data."""
    paths = sorted(pathlib.Path("notebooks").glob("*.ipynb"))
    return [path for path in paths if path.name.startswith("01") or os.environ.get("GENOLENS_DATA")]


def cells(path):
    notebook = json.loads(path.read_text())
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def run_cell(client, code):
    """Runs one cell; returns its seconds, the time of its first picture and the reply's own timing, and fails on an error."""
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
            break
    seconds = time.perf_counter() - start
    while True:
        reply = client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == message_id:
            return seconds, picture, reply["metadata"].get("genolens")


def complete(client, code):
    start = time.perf_counter()
    message_id = client.complete(code, len(code))
    while True:
        reply = client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == message_id:
            return time.perf_counter() - start, len(reply["content"].get("matches", []))


def memory(manager):
    process = psutil.Process(manager.provisioner.process.pid)
    family = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in family) / 1e6


class Kernel:
    """How one of the two is started: its command, the cells that bring the library into scope, its environment."""

    def __init__(self, command, first_cells, environment):
        self.command, self.first_cells, self.environment = command, first_cells, environment

    def session(self):
        return Session(self)


class Session:
    def __init__(self, kernel):
        self.manager = Bare()
        self.manager.command = kernel.command
        self.start = time.perf_counter()
        self.manager.start_kernel(env={**os.environ, **kernel.environment}, cwd="notebooks", stdout=sys.stderr)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=3600)
        for code in kernel.first_cells:
            run_cell(self.client, code)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def run(self, code):
        return run_cell(self.client, code)


def first_picture(kernel, mark):
    """Seconds from the start of the kernel to the first picture of the quickstart."""
    with kernel.session() as session:
        for code in cells(notebooks()[0]):
            _, picture, _ = session.run(code + mark())
            if picture:
                return picture - session.start
    sys.exit(f"{kernel.command[0]} has shown no picture")


def unheard():
    """Makes a cell one that nobody has compiled before."""
    return f"\n// {uuid.uuid4()}"


def known():
    return ""


def measure(kernel):
    """Everything about one kernel, once."""
    found = {"cells": {}, "again": [], "completions": [], "busy": []}
    found["start"] = first_picture(kernel, known)
    found["cold"] = first_picture(kernel, unheard)
    for path in notebooks():
        with kernel.session() as session:
            session.run("1 + 1" + known())
            found["result"] = time.perf_counter() - session.start
            idle = memory(session.manager)
            codes = cells(path)
            for number, code in enumerate(codes):
                seconds, _, timing = session.run(code + unheard())
                found["cells"][path.name, number] = seconds, timing
            if path != notebooks()[0]:
                continue
            found["idle"], found["end"] = idle, memory(session.manager)
            repeated = "filters.get(0).logo()" + unheard()
            session.run(repeated)
            found["again"] = [session.run(repeated)[0] for _ in range(5)]
            complete(session.client, "data.")
            found["completions"] = [complete(session.client, code) for code in QUESTIONS]
            session.client.execute("std::thread::sleep(std::time::Duration::from_secs(3));" + unheard())
            time.sleep(1)
            found["busy"] = [complete(session.client, code)[0] for code in ("names.iter().rev().", "filters.get(1).")]
    return found


def rank(values, fraction):
    ordered = sorted(values)
    return ordered[int(fraction * (len(ordered) - 1))]


def main():
    ours_binary, peer_binary, peer_folder = (str(pathlib.Path(a).absolute()) for a in sys.argv[1:])
    os.makedirs(peer_folder, exist_ok=True)
    library = json.dumps(str(pathlib.Path.cwd()))
    kernels = {
        "ours": Kernel([ours_binary, "serve", "--connection", "{connection_file}"], [], {}),
        "peer": Kernel(
            [peer_binary, "--control_file", "{connection_file}"],
            [f":dep genolens = {{ path = {library} }}"],
            # A folder that stays is the peer's only way to keep compiled dependencies from session to session.
            {"EVCXR_TMPDIR": peer_folder},
        ),
    }
    print("warming both up", file=sys.stderr)
    for kernel in kernels.values():
        first_picture(kernel, known)
    results = {"ours": [], "peer": []}
    for turn in range(SESSIONS):
        for name, kernel in kernels.items():
            print(f"session {turn + 1} of {SESSIONS}: {name}", file=sys.stderr)
            results[name].append(measure(kernel))

    # The same cells for both: those that compute little, as our kernel's own clock says.
    ours = results["ours"]
    light = {key for key in ours[0]["cells"] if statistics.median(f["cells"][key][1]["run_s"] for f in ours) < LIGHT_S}
    total = len(ours[0]["cells"])
    print(f"{len(light)} of {total} cells compute for less than {LIGHT_S} s", file=sys.stderr)
    found = sum(count > 0 for f in ours for _, count in f["completions"])
    print(f"completions with an answer: {found} of {len(ours) * len(QUESTIONS)}", file=sys.stderr)

    def row(work, unit, value):
        mine, other = (value(results[who]) for who in ("ours", "peer"))
        print(f"{work}\t{mine:.3f}\t{other:.3f}\t{unit}\t{other / mine:.2f}")

    def middle(what):
        return lambda found: statistics.median(f[what] for f in found)

    def light_cells(found):
        return [f["cells"][key][0] for f in found for key in light]

    def latencies(what):
        return lambda found: rank([value[0] if isinstance(value, tuple) else value for f in found for value in f[what]], 0.95)

    print("work\tours\tpeer\tunit\tratio")
    row("start: kernel start to first picture, notebook seen before", "s", middle("start"))
    row("start cold: kernel start to first picture, notebook never seen", "s", middle("cold"))
    row("start to first result", "s", middle("result"))
    row("cell, never compiled before: median", "s", lambda found: statistics.median(light_cells(found)))
    row("cell p95, never compiled before", "s", lambda found: rank(light_cells(found), 0.95))
    row("cell repeated: median", "s", lambda found: statistics.median(t for f in found for t in f["again"]))
    row("completion p95", "s", latencies("completions"))
    row("completion p95 while a cell runs", "s", latencies("busy"))
    row("memory of an idle session, kernel and runtime", "MB", middle("idle"))
    row("memory after the quickstart, kernel and runtime", "MB", middle("end"))


if __name__ == "__main__":
    main()
