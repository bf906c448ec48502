"""The cells of the notebooks, as a person runs them: starts, cells, questions, memory."""

import json
import os
import pathlib
import statistics
import sys
import time

from kernel_part import Part, Row
from kernel_session import CellFailed, rank, timed, unheard

# A cell that computes longer than this says more about the library than about the kernel.
LIGHT_S = 0.3
# What a person might complete after the quickstart: the code, and where the cursor stands in it.
QUESTIONS = [
    "data.", "data.seq", "model.", "model.his", "model.history().", "filters.", "filters.get(0).", "test.", "scores.",
    "attribution::", "attribution::Sat", "network::", "network::deep", "names.", "names.iter().", "similarity.", "latent.",
    "let x = train_labels.", "for name in &names { name.", "names.iter().map(|name| name.", "display::", "effects.logo().",
]
# And what a person might want explained.
PUZZLES = [
    "data", "model", "data.sequences", "model.history", "filters.get", "scores.dim", "names.iter", "network::deepbind",
    "attribution::SaturationMutagenesis", "attribution::gradient_x_input", "embedding::pca", "String", "Vec", "println",
]
# How long a cell runs in which these are asked, and how many of each the peer is asked, which answers when the cell is over.
BUSY_S = 3
PEER_BUSY = 1


class Notebooks(Part):
    turns = {"ours": 2, "peer": 1}

    def __init__(self):
        self.rows = [
            Row("start: kernel start to first picture, notebook seen before", "s", middle("start")),
            Row("start cold: kernel start to first picture, notebook never seen", "s", middle("cold")),
            Row("start to first result", "s", middle("result")),
            Row("cell, never compiled before: median", "s", lambda found: statistics.median(self.light_cells(found))),
            Row("cell p95, never compiled before", "s", lambda found: rank(self.light_cells(found), 0.95)),
            Row("cell repeated: median", "s", lambda found: statistics.median(t for f in found for t in f["again"])),
            Row("completion p95", "s", slowest("completions")),
            Row("completion p95 while a cell runs", "s", slowest("busy completions")),
            Row("inspection p95", "s", slowest("inspections")),
            Row("inspection p95 while a cell runs", "s", slowest("busy inspections")),
            Row("memory of an idle session, kernel and runtime", "MB", middle("idle")),
            Row("memory after the quickstart, kernel and runtime", "MB", middle("end")),
        ]
        self.light = set()

    def measure(self, kernel, ours):
        """Everything about one kernel, once."""
        found = {"cells": {}}
        found["start"] = first_picture(kernel, known)
        found["cold"] = first_picture(kernel, unheard)
        for path in notebooks():
            with kernel.session() as session:
                session.run("1 + 1")
                found["result"] = time.perf_counter() - session.start
                idle = session.memory()
                for number, code in enumerate(cells(path)):
                    seconds, _, timing = session.run(code + unheard())
                    found["cells"][path.name, number] = seconds, timing
                if path != notebooks()[0]:
                    continue
                found["idle"], found["end"] = idle, session.memory()
                repeated = "filters.get(0).logo()" + unheard()
                session.run(repeated)
                found["again"] = [session.run(repeated)[0] for _ in range(5)]
                self.ask(session, found, None if ours else PEER_BUSY)
        if ours:
            self.compare(found)
        return found

    @staticmethod
    def ask(session, found, busy):
        complete(session, "data.")
        found["completions"] = [complete(session, code) for code in QUESTIONS]
        found["inspections"] = [inspect(session, code) for code in PUZZLES]
        for what, answers in (("completions", found["completions"]), ("inspections", found["inspections"])):
            known = sum(len(answer) > 0 for _, answer in answers)
            print(f"{what} with an answer: {known} of {len(answers)}", file=sys.stderr)
        running = Running(session)
        found["busy completions"] = [running.ask(complete, code) for code in QUESTIONS[:busy]]
        found["busy inspections"] = [running.ask(inspect, code) for code in PUZZLES[:busy]]
        running.end()

    def compare(self, found):
        """Chooses the cells that are compared: those that compute little, as our kernel's own clock says."""
        self.light = {key for key, (_, timing) in found["cells"].items() if timing["run_s"] < LIGHT_S}
        print(f"{len(self.light)} of {len(found['cells'])} cells compute for less than {LIGHT_S} s", file=sys.stderr)

    def light_cells(self, found):
        return [f["cells"][key][0] for f in found for key in self.light]


class Running:
    """Asks while a cell runs, and starts another one when it is over."""

    def __init__(self, session):
        self.session, self.cell, self.until = session, None, 0

    def ask(self, question, code):
        if time.perf_counter() > self.until:
            self.end()
            cell = f'println!("x"); std::thread::sleep(std::time::Duration::from_secs({BUSY_S}));' + unheard()
            self.cell = self.session.begin(cell)
            self.until = time.perf_counter() + BUSY_S - 0.5
        return question(self.session, code)

    def end(self):
        if self.cell:
            for _ in self.session.heard(self.cell):
                pass
            self.cell = None


def notebooks():
    """The notebooks that can run here: the later ones read real data."""
    paths = sorted(pathlib.Path("notebooks").glob("*.ipynb"))
    return [path for path in paths if path.name.startswith("01") or os.environ.get("GENOLENS_DATA")]


def cells(path):
    notebook = json.loads(path.read_text())
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def first_picture(kernel, mark):
    """Seconds from the start of the kernel to the first picture of the quickstart."""
    with kernel.session() as session:
        for code in cells(notebooks()[0]):
            _, picture, _ = session.run(code + mark())
            if picture:
                return picture - session.start
    raise CellFailed(f"{kernel.command[0]} has shown no picture")


def known():
    return ""


def complete(session, code):
    return timed(lambda: session.reply(session.client.complete(code, len(code)))["content"].get("matches", []))


def inspect(session, code):
    return timed(lambda: session.reply(session.client.inspect(code, len(code)))["content"].get("data", {}))


def middle(what):
    return lambda found: statistics.median(f[what] for f in found)


def slowest(what):
    return lambda found: rank([seconds for f in found for seconds, _ in f[what]], 0.95)
