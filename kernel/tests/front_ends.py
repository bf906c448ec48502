"""One notebook in every front end that needs no window: nbclient, nbconvert, papermill, and the messages that VS Code sends.

Run by .ci/front_ends in an environment of its own, with the kernel and its papermill module installed into it. What
`genolens run` makes of the notebook is the measure for the others. JupyterLab and Notebook are in browser.py.
"""

import json
import math
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import time
import unittest

import nbformat
import papermill
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from papermill.exceptions import PapermillException, PapermillExecutionError

GENOLENS = os.environ["GENOLENS"]
NOTEBOOK = pathlib.Path(os.environ["NOTEBOOK"])


def summary(notebook):
    """What each cell leaves, with its representations; not its texts, which may come in more or fewer pieces."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        [
            (output.output_type, sorted(output.get("data", {})))
            for output in cell.outputs
            if output.output_type != "stream" and not is_line(output)
        ]
        for cell in cells
    ]


def is_line(output):
    """Whether it may be the line that a bar leaves: it depends on the load of the machine which tasks are slow enough for a bar."""
    return output.output_type == "display_data" and not any(kind.startswith("image/") for kind in output.data)


class Folder(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def notebook(self, *cells):
        """Write a notebook; the first cell declares the parameters if there are two."""
        made = nbformat.v4.new_notebook()
        made.cells = [nbformat.v4.new_code_cell(source) for source in cells]
        if len(cells) > 1:
            made.cells[0].metadata.tags = ["parameters"]
        made.metadata.kernelspec = {"name": "genolens", "display_name": "Rust (genolens)", "language": "rust"}
        nbformat.write(made, self.folder / "in.ipynb")
        return self.folder / "in.ipynb"


class SameNotebook(Folder):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        out = pathlib.Path(place.name) / "ours.ipynb"
        subprocess.run([GENOLENS, "run", NOTEBOOK, "-o", out], check=True, capture_output=True)
        cls.ours = summary(nbformat.read(out, 4))
        assert any(cls.ours), "the measure is empty"

    def test_nbclient(self):
        notebook = nbformat.read(NOTEBOOK, 4)
        NotebookClient(notebook, timeout=300).execute()
        self.assertEqual(summary(notebook), self.ours)

    def test_nbconvert(self):
        command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--output-dir", self.folder, NOTEBOOK]
        subprocess.run(command, check=True, capture_output=True)
        self.assertEqual(summary(nbformat.read(self.folder / NOTEBOOK.name, 4)), self.ours)

    def test_papermill(self):
        made = papermill.execute_notebook(NOTEBOOK, self.folder / "out.ipynb", progress_bar=False)
        self.assertEqual(summary(made), self.ours)


class Papermill(Folder):
    """Parameters, whose values must arrive as they were given and can be nothing but values."""

    def value(self, declared, value):
        cells = ["x"] if declared is None else [f"let x{declared};", "x"]
        made = papermill.execute_notebook(
            self.notebook(*cells), self.folder / "out.ipynb", {"x": value}, progress_bar=False
        )
        return made.cells[-1].outputs[0].data["text/plain"]

    def test_texts_arrive_letter_for_letter(self):
        text = 'a"b\\c\n\td\'; panic!("no"); é🧬\u202e\0\r{x} :dep y\n:dep evil\n!ls'
        shown = self.value(' = ""', text)
        # Rust's and JSON's escapes agree on what is compared here; the rest is compared by its characters.
        made = papermill.execute_notebook(
            self.notebook('let x: String = String::new();', "x.chars().map(|c| c as u32).collect::<Vec<_>>()"),
            self.folder / "out.ipynb",
            {"x": text},
            progress_bar=False,
        )
        self.assertEqual(json.loads(made.cells[-1].outputs[0].data["text/plain"]), [ord(c) for c in text])
        self.assertIn("panic!", shown)

    def test_numbers_take_the_declared_type(self):
        self.assertEqual(self.value(": usize = 1", 7), "7")
        self.assertEqual(self.value(": f32 = 1.0", 7), "7.0")
        self.assertEqual(self.value(" = 1.5", -0.25), "-0.25")
        self.assertEqual(self.value(": f64 = 0.0", -math.inf), "-inf")
        self.assertEqual(self.value(": f64 = 0.0", math.nan), "NaN")
        self.assertEqual(self.value(": Option<u8> = Some(3)", None), "None")

    def test_lists_and_tables(self):
        self.assertEqual(self.value(": Vec<f64> = vec![]", [1, -2.5, math.inf]), "[1.0, -2.5, inf]")
        self.assertEqual(
            self.value(": std::collections::BTreeMap<String, Vec<u8>> = Default::default()", {"a": [1], "b": []}),
            '{"a": [1], "b": []}',
        )

    def test_without_a_declaration_the_value_decides(self):
        self.assertEqual(self.value(None, ["a", 'b"']), '["a", "b\\""]')
        self.assertEqual(self.value(None, True), "true")

    def test_a_wrong_value_and_an_unknown_name_are_refused(self):
        notebook = self.notebook("let epochs: usize = 20;", "epochs")
        for parameters, complaint in [
            ({"epochs": -1}, "expected a whole number"),
            ({"epochs": "many"}, "expected a whole number"),
            ({"epoch": 1}, "declares epochs"),
        ]:
            with self.assertRaisesRegex(PapermillException, complaint):
                papermill.execute_notebook(notebook, self.folder / "out.ipynb", parameters, progress_bar=False)

    def test_the_notebook_tells_its_parameters(self):
        notebook = self.notebook("let epochs: usize = 20; // how often\nlet rate = 0.1;", "epochs")
        found = papermill.inspect_notebook(notebook)
        self.assertEqual(
            found["epochs"],
            {"name": "epochs", "inferred_type_name": "usize", "default": "20", "help": "how often"},
        )
        self.assertEqual(found["rate"]["inferred_type_name"], "f64")

    def test_the_command_line(self):
        notebook = self.notebook("let epochs: usize = 20;\nlet name: String = String::new();", "(epochs, name)")
        command = [sys.executable, "-m", "papermill", notebook, self.folder / "out.ipynb"]
        command += ["-p", "epochs", "3", "-r", "name", "1.10", "--engine", "genolens", "-k", "genolens"]
        subprocess.run(command, check=True, capture_output=True)
        made = nbformat.read(self.folder / "out.ipynb", 4)
        self.assertEqual(made.cells[-1].outputs[0].data["text/plain"], '(3, "1.10")')

    def test_a_failing_cell_fails_the_run(self):
        with self.assertRaisesRegex(PapermillExecutionError, "on purpose"):
            notebook = self.notebook('panic!("on purpose");')
            papermill.execute_notebook(notebook, self.folder / "out.ipynb", progress_bar=False)


class VisualStudioCode(unittest.TestCase):
    """The messages that the Jupyter extension of Visual Studio Code sends; the extension itself does not run here."""

    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="genolens", startup_timeout=60)
        cls.addClassCleanup(cls.end)

    @classmethod
    def end(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)

    def run_cell(self, code, **options):
        """Run a cell; give the reply and what was published for it."""
        said = []
        reply = self.client.execute_interactive(code, timeout=120, output_hook=said.append, **options)
        return reply["content"], [message for message in said if message["msg_type"] != "status"]

    def request(self, channel, kind, content):
        message = self.client.session.msg(kind, content)
        getattr(self.client, f"{channel}_channel").send(message)
        while True:
            reply = getattr(self.client, f"{channel}_channel").get_msg(timeout=20)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply

    def test_it_learns_what_the_kernel_is(self):
        reply = self.request("shell", "kernel_info_request", {})
        self.assertEqual(reply["content"]["status"], "ok")
        self.assertEqual(reply["content"]["language_info"]["name"], "rust")
        # Asked on connecting, for the widgets of a notebook that was open before.
        reply = self.request("shell", "comm_info_request", {"target_name": "jupyter.widget"})
        self.assertEqual((reply["msg_type"], reply["content"]["comms"]), ("comm_info_reply", {}))

    def test_code_of_its_own_leaves_no_trace(self):
        before, _ = self.run_cell("let seen = 1;")
        reply, said = self.run_cell("let unseen = 2;\nunseen", silent=True, store_history=False)
        self.assertEqual((reply["status"], said), ("ok", []))
        reply, _ = self.run_cell("unseen + seen", store_history=False)
        self.assertEqual(reply["status"], "ok")
        after, _ = self.run_cell("1")
        self.assertEqual(after["execution_count"], before["execution_count"] + 1)

    def test_cells_that_wait_are_dropped_after_an_error(self):
        self.client.execute('panic!("on purpose");', stop_on_error=True)
        waiting = self.client.execute("println!(\"never\");", stop_on_error=True)
        status = None
        while status is None:
            reply = self.client.get_shell_msg(timeout=60)
            if reply["parent_header"]["msg_id"] == waiting:
                status = reply["content"]["status"]
        self.assertIn(status, ("aborted", "error"))

    def test_it_interrupts_by_message_and_keeps_the_variables(self):
        self.assertEqual(self.manager.kernel_spec.interrupt_mode, "message")
        self.run_cell("let kept = 42;")
        reply, _ = self.run_cell("use genolens::*;\nlet data = simulate::motifs(3_000, random::Seed::new(1))?;")
        self.assertEqual(reply["status"], "ok")
        message = self.client.execute(
            "let model = training::Fit::new().epochs(2_000).patience(2_000)"
            ".run(&network::deepbind(16), &data.sequences(), data.labels())?;"
        )
        self.until(lambda found: found["msg_type"] in ("display_data", "update_display_data"))
        begun = time.monotonic()
        self.request("control", "interrupt_request", {})
        reply = self.client.get_shell_msg(timeout=60)
        while reply["parent_header"]["msg_id"] != message:
            reply = self.client.get_shell_msg(timeout=60)
        self.assertEqual(reply["content"]["status"], "error")
        self.assertLess(time.monotonic() - begun, 10)
        _, said = self.run_cell("kept")
        shown = [found["content"]["data"]["text/plain"] for found in said if found["msg_type"] == "execute_result"]
        self.assertEqual(shown, ["42"])

    def until(self, holds):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                found = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            self.assertNotEqual(found["msg_type"], "error", found["content"])
            if holds(found):
                return
        self.fail("the message never came")

    def test_restarting_forgets_everything(self):
        self.run_cell("let gone = 1;")
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=60)
        reply, _ = self.run_cell("gone")
        self.assertEqual(reply["status"], "error")
        reply, _ = self.run_cell("1 + 1")
        self.assertEqual(reply["execution_count"], 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
