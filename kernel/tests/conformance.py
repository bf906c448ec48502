"""Jupyter's own kernel tests against the installed kernelspec `genolens`, the kernel-testbed's, and a notebook through nbclient.

Run by .ci/conformance in an environment of its own. Prints unittest's summary; any failure is a non-zero exit, and so is a test
that is skipped, since Jupyter's tests skip what they have no sample for.
"""

import sys
import unittest

import jupyter_kernel_test
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from testbed import Latency, Life, Testbed  # noqa: F401 (found by unittest)


class GenolensKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "genolens"
    language_name = "rust"
    file_extension = ".rs"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Something of our own to complete, to inspect and to read about.
        cls.kc.execute_interactive("let zebrafish = vec![1.5, 2.5];", output_hook=lambda _: None)

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": '"text"', "result": '"text"'},
    ]
    code_display_data = [
        {
            "code": "genolens::display::show(&genolens::display::curve(&[0.0, 1.0], &[0.0, 1.0]));",
            "mime": "image/png",
        },
    ]
    code_clear_output = "genolens::display::clear(false);"
    code_page_something = "?zebrafish"
    code_inspect_sample = "zebrafish"
    completion_samples = [{"text": "zebraf", "matches": {"zebrafish"}}]
    code_generate_error = 'panic!("on purpose");'
    complete_code_samples = ["1 + 1", "let x = 1;", "fn f() {\n    g();\n}"]
    incomplete_code_samples = ["fn f() {", 'let s = "abc', "let v = ["]
    invalid_code_samples = ["let = 3;", "x)"]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "genolens"
    support_iopub_welcome = True


class Notebook(unittest.TestCase):
    """What nbclient, and with it papermill and nbgrader, makes of a failing cell."""

    def run_cells(self, *cells):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        notebook.metadata.kernelspec = {"name": "genolens", "display_name": "Rust", "language": "rust"}
        NotebookClient(notebook, timeout=300, kernel_name="genolens").execute()
        return notebook

    def test_values_stay_between_cells(self):
        notebook = self.run_cells("let x = vec![1, 2, 3];", "x.iter().sum::<i32>()")
        self.assertEqual(notebook.cells[1].outputs[0].data["text/plain"], "6")

    def test_a_panic_fails_the_notebook(self):
        with self.assertRaises(CellExecutionError) as raised:
            self.run_cells('panic!("on purpose");')
        self.assertIn("on purpose", str(raised.exception))

    def test_an_error_through_the_question_mark_fails_the_notebook(self):
        with self.assertRaises(CellExecutionError) as raised:
            self.run_cells('let n: i32 = "x".parse()?;')
        self.assertIn("invalid digit", str(raised.exception))

    def test_a_compile_error_names_the_line(self):
        with self.assertRaises(CellExecutionError) as raised:
            self.run_cells("let a = 1;\nlet b: String = a;")
        self.assertIn("line 2", str(raised.exception))


if __name__ == "__main__":
    run = unittest.main(verbosity=2, exit=False).result
    for test, why in run.skipped:
        print(f"SKIPPED {test}: {why}")
    sys.exit(not run.wasSuccessful() or bool(run.skipped))
