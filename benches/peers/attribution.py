"""Our explanations and their pictures beside captum, tangermeme and logomaker, turn by turn."""

import os
import sys

from race import Side, race, say

THREADS = "2"
# What is measured; how many sequences are explained at once stands on each side.
WORKS = [
    "deep_lift deepbind-128",
    "deep_lift basset-600",
    "integrated_gradients deepbind-128",
    "integrated_gradients basset-600",
    "mutagenesis deepbind-128",
    "mutagenesis basset-600",
    "dinucleotide shuffle",
    "logo 249",
]


def main():
    wanted = sys.argv[1:]
    print("work\tours\tpeer\tunit\tratio")
    works = [work for work in WORKS if not wanted or any(part in work for part in wanted)]
    mine = Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=THREADS)
    threads = {name: THREADS for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"]}
    peer = Side([sys.executable, os.path.join(os.path.dirname(__file__), "attribution_torch.py")], **threads)
    for work in works:
        say(work, *race([(mine, work), (peer, work)]), "ms")
    mine.close()
    peer.close()


if __name__ == "__main__":
    main()
