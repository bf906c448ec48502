"""Our causal estimators beside numpy and scipy, turn by turn."""

import os
import sys

from race import Side, race, say

THREADS = "2"
# The name of a row, and how much estimates and standard errors may differ.
WORKS = [
    ("ivw", 1e-9, 1e-9),
    ("egger", 1e-9, 1e-9),
    ("median bootstrap", 1e-6, 0.05),
    ("mode bootstrap", 0.1, 0.1),
    ("robust egger", 1e-6, 1e-6),
    ("reml", 1e-8, 1e-8),
    ("deep mr 2000x12", 1e-6, 1e-5),
]


def tell(side, line):
    """Says something to a side and returns what it answers."""
    side.process.stdin.write(line + "\n")
    side.process.stdin.flush()
    return side.process.stdout.readline().strip()


def same(mine, peer, name, of_value, of_error):
    """Makes sure that both sides find the same."""
    ours, theirs = ([float(cell) for cell in tell(side, f"value {name}").split(",")] for side in (mine, peer))
    for own, other, share in zip(ours, theirs, [of_value, of_error]):
        if not abs(own - other) <= share * abs(other):
            raise SystemExit(f"{name}: ours {ours}, peer {theirs}")


def main():
    wanted = sys.argv[1:]
    print("work\tours\tpeer\tunit\tratio")
    works = [work for work in WORKS if not wanted or any(part in work[0] for part in wanted)]
    mine = Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=THREADS)
    threads = {name: THREADS for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]}
    peer = Side([sys.executable, os.path.join(os.path.dirname(__file__), "causal_numpy.py")], **threads)
    for name, of_value, of_error in works:
        same(mine, peer, name, of_value, of_error)
        say(name, *race([(mine, f"time {name}"), (peer, f"time {name}")]), "us")
    mine.close()
    peer.close()


if __name__ == "__main__":
    main()
