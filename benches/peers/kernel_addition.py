"""What a crate costs that a notebook adds."""

import pathlib
import statistics
import tempfile
import uuid

from kernel_part import Part, Row
from kernel_session import CellFailed


class Addition(Part):
    """A small crate that takes arrays of the library's ndarray, never seen before, and the same in another session."""

    def __init__(self):
        self.rows = [
            Row("`:dep` of a small crate on ndarray, never added before", "s", lambda f: statistics.median(x["first"] for x in f)),
            Row("`:dep` of the same in another session", "s", lambda f: statistics.median(x["again"] for x in f), peer=False),
        ]

    def measure(self, kernel, ours):
        with tempfile.TemporaryDirectory() as folder:
            name = f"bench_{uuid.uuid4().hex[:12]}"
            write(pathlib.Path(folder), name)
            cell = (
                f":dep {name} = {{ path = {folder!r} }}\n".replace("'", '"')
                + f'println!("{{}}", {name}::total(&genolens::ndarray::Array1::ones(3)));'
            )
            first = added(kernel, cell)
            # Of the peer only the first is asked: it keeps nothing for another session.
            return {"first": first, "again": added(kernel, cell) if ours else None}


def added(kernel, cell):
    with kernel.session() as session:
        session.run("let kept = 1;")
        seconds, _, _ = session.run(cell)
        if session.printed('println!("{kept}");') != "1\n":
            raise CellFailed("adding a crate has cost variables")
        return seconds


def write(folder, name):
    (folder / "src").mkdir()
    manifest = f'[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2024"\n\n[dependencies]\nndarray = "0.17"\n'
    (folder / "Cargo.toml").write_text(manifest)
    (folder / "src/lib.rs").write_text("pub fn total(values: &ndarray::Array1<f64>) -> f64 { values.sum() }\n")
