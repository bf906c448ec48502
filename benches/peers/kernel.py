"""Times two kernels on the same work; see kernel.sh."""

import argparse
import json
import os
import pathlib
import sys

from kernel_addition import Addition
from kernel_answers import Info
from kernel_interrupts import Deaf, Loops
from kernel_notebooks import Notebooks, first_picture, known
from kernel_output import Gigabyte, Lines
from kernel_progress import Progress
from kernel_session import Kernel
from kernel_standby import Standby

PARTS = [Notebooks, Standby, Info, Lines, Gigabyte, Loops, Deaf, Progress, Addition]


def options():
    parser = argparse.ArgumentParser(prog="kernel.sh", description="Times our kernel beside evcxr_jupyter.")
    parser.add_argument("rows", nargs="*", help="a piece of the names of the wanted rows; without any, all rows")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--ours", action="store_true", help="leave the peer out")
    parser.add_argument("--binary", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peer", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peer-folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def kernels(chosen):
    ours = Kernel([str(chosen.binary.absolute()), "serve", "--connection", "{connection_file}"], [], {})
    if chosen.ours:
        return {"ours": ours}
    chosen.peer_folder.mkdir(parents=True, exist_ok=True)
    library = json.dumps(str(pathlib.Path.cwd()))
    peer = Kernel(
        [str(chosen.peer.absolute()), "--control_file", "{connection_file}"],
        [f":dep genolens = {{ path = {library} }}"],
        # A folder that stays is the peer's only way to keep compiled dependencies from session to session.
        {"EVCXR_TMPDIR": str(chosen.peer_folder.absolute())},
    )
    return {"ours": ours, "peer": peer}


def wanted(part, words):
    return [row for row in part.rows if not words or any(word in row.work for word in words)]


def asked(name, rows):
    """Tells whether the peer has anything to do for these rows."""
    return name == "ours" or any(row.peer for row in rows)


def main():
    chosen = options()
    parts = [made for part in PARTS for made in [part()] if wanted(made, chosen.rows)]
    if chosen.list:
        print("\n".join(row.work for part in parts for row in wanted(part, chosen.rows)))
        return
    if not parts:
        sys.exit(f"no row is named like {' or '.join(chosen.rows)}; --list tells all")
    both = kernels(chosen)
    for name, kernel in both.items():
        if any(asked(name, wanted(part, chosen.rows)) and part.library for part in parts):
            print(f"warming up: {name}", file=sys.stderr)
            first_picture(kernel, known)
    print("work\tours\tpeer\tunit\tratio")
    for part in parts:
        rows = wanted(part, chosen.rows)
        found = {name: [] for name in ("ours", "peer")}
        for turn in range(max(part.turns.values())):
            for name, kernel in both.items():
                if turn >= part.turns[name] or not asked(name, rows):
                    continue
                print(f"{type(part).__name__}, turn {turn + 1} of {part.turns[name]}: {name}", file=sys.stderr)
                found[name].append(part.measure(kernel, name == "ours"))
        for row in rows:
            print(row.line(found["ours"], found["peer"]), flush=True)


if __name__ == "__main__":
    main()
