"""Rust parameters for papermill.

papermill writes the parameters of a run into a cell of their own and asks a translator of the notebook's language to spell them.
This one asks the program `genolens`, which reads the types off the cell tagged `parameters` and writes values that can be nothing
but values. papermill finds it through the entry point of an engine; installing it is all there is to do.
"""

import json
import os
import shutil
import subprocess
import weakref

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


class RustTranslator(Translator):
    # papermill shows the declaring cell just before it asks for the new one, but not in the same call. The cell lives as long as its
    # notebook, so that one that was only looked at is not taken for one of the next notebook.
    declared = staticmethod(lambda: None)

    @classmethod
    def inspect(cls, parameters_cell):
        """List what a cell declares; remember it for the values that follow."""
        cls.declared = weakref.ref(parameters_cell)
        try:
            found = json.loads(ask("--list", {"cell": parameters_cell["source"]}))
        except PapermillException:
            # papermill wants nothing said here; `codify` will say it.
            return []
        return [Parameter(one["name"], one["type"], one["default"], one["help"]) for one in found]

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        """Write the cell that sets the parameters."""
        cell = cls.declared()
        source = None if cell is None else cell["source"]
        return ask(None, {"cell": source, "parameters": parameters, "comment": comment})


class GenolensEngine(NBClientEngine):
    """papermill's own engine under another name: its entry point is what makes papermill load this module."""


def ask(option, request):
    command = [program(), "parameters"] + ([option] if option else [])
    done = subprocess.run(command, input=json.dumps(request, default=str), text=True, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise PapermillException(done.stderr.strip().removeprefix("error: "))
    return done.stdout


def program():
    """Find the program: the one that $GENOLENS names, the one that the kernel is, or the one on PATH."""
    if os.environ.get("GENOLENS"):
        return os.environ["GENOLENS"]
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        return KernelSpecManager().get_kernel_spec("genolens").argv[0]
    except Exception:  # noqa: BLE001 - whatever keeps Jupyter from knowing the kernel, PATH may know it
        found = shutil.which("genolens")
    if found is None:
        raise PapermillException("found no program genolens: run `genolens install`, or put it on PATH")
    return found


for name in ("rust", "genolens"):
    papermill_translators.register(name, RustTranslator)
