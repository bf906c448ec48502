"""What it costs to show how far a training is."""

import json
import pathlib
import statistics
import subprocess
import tempfile
import time

from kernel_part import Part, Row
from kernel_session import CellFailed

PAIRS = 6

# The training of the quickstart, with more of everything so that it takes seconds; its own clock leaves out the compilation.
SETTING = [
    "use genolens::*;",
    "let data = simulate::motifs(10_000, random::Seed::new(1))?; let network = network::deepbind(64);",
    "struct Nobody; impl progress::Watcher for Nobody { fn report(&self, _: &progress::Report) {} }",
    # What makes the notebook watch when it begins.
    'fn watch_again() { unsafe extern "C" { fn genolens_notebook_start(); } unsafe { genolens_notebook_start() } }',
]
TRAINING = (
    "let begun = std::time::Instant::now();\n"
    "training::Fit::new().epochs(10).patience(100).run(&network, &data.sequences(), data.labels())?;\n"
    'println!("{}", begun.elapsed().as_secs_f64());'
)
UNSEEN = "progress::watch(Nobody);\n" + TRAINING + "\nwatch_again();"


class Progress(Part):
    """The same training seen and unseen in turn, and what is left of it. The peer shows no progress."""

    def __init__(self):
        self.rows = [
            Row("training with its progress shown: longer than unseen", "%", self.longer, peer=False, digits=2),
            Row("training: updates shown in a second", "1/s", lambda f: f[0]["rate"], peer=False, digits=1),
            Row("training: pictures in the saved notebook", "pictures", lambda f: f[0]["pictures"], peer=False, digits=0),
        ]

    @staticmethod
    def longer(found):
        """By the best of each, which is what the machine can do when nothing else runs."""
        return 100 * (min(found[0]["seen"]) / min(found[0]["unseen"]) - 1)

    def measure(self, kernel, ours):
        found = {"seen": [], "unseen": [], "rates": []}
        with kernel.session() as session:
            for cell in SETTING:
                session.run(cell)
            for pair in range(PAIRS + 1):
                order = ["seen", "unseen"] if pair % 2 else ["unseen", "seen"]
                for which in order:
                    seconds, updates = train(session, TRAINING if which == "seen" else UNSEEN)
                    if (updates > 0) != (which == "seen"):
                        raise CellFailed(f"a training that should be {which} has shown {updates} updates")
                    # The first pair is compiled.
                    if pair > 0:
                        found[which].append(seconds)
                        found["rates"].append(updates / seconds)
        found["rate"] = statistics.median(rate for rate in found["rates"] if rate > 0)
        found["pictures"] = pictures(kernel.command[0])
        return found


def train(session, cell):
    """Seconds of a training by its own clock, and the updates that a front end has got."""
    seconds, updates = "", 0
    message_id = session.client.execute(cell)
    for kind, content in session.heard(message_id):
        updates += kind == "update_display_data"
        seconds += content["text"] if kind == "stream" else ""
        if kind == "error":
            raise CellFailed(content["evalue"])
    session.reply(message_id)
    return float(seconds), updates


def pictures(genolens):
    """Counts what a saved notebook keeps of a training beside its text."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = pathlib.Path(folder) / "training.ipynb"
        code = "\n".join([*SETTING[:2], TRAINING])
        cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": code}
        notebook.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
        subprocess.run([genolens, "run", notebook, "--inplace"], check=True, capture_output=True)
        outputs = json.loads(notebook.read_text())["cells"][0]["outputs"]
        kept = [output for output in outputs if output["output_type"] != "stream"]
        if not all("image/png" in output["data"] for output in kept):
            raise CellFailed("something other than a picture is left of a training")
        return len(kept)
