"""Our subsets and chains beside their naive batched form in PyTorch, turn by turn."""

import os
import sys

from race import Side, race, say

THREADS = "2"
# The name of a row, and what is asked for.
WORKS = [
    ("subset one-layer 101 bp", "subset deepbind-128"),
    ("subset basset-600 (peer: 3 of 600 steps, scaled)", "subset basset-600"),
    ("max-entropy chain (peer: 300 of 10,000 steps, scaled)", "chain deepbind-128"),
]


def tell(side, line):
    """Says something to a side and returns what it answers."""
    side.process.stdin.write(line + "\n")
    side.process.stdin.flush()
    return side.process.stdout.readline().strip()


def same(mine, peer, name):
    """Gives the peer our weights, and makes sure that it would take our steps."""
    path = os.environ["GENOLENS_WEIGHTS"]
    tell(mine, f"weights {name} {path}")
    tell(peer, f"weights {name} {path}")
    answer = tell(peer, f"verify {name} " + tell(mine, f"order {name}"))
    if answer != "fine":
        raise SystemExit(f"{name}: {answer or 'no answer'}")


def alike(mine, peer, name):
    """Gives the peer our weights, and makes sure that it accepts as many proposals as we do."""
    path = os.environ["GENOLENS_WEIGHTS"]
    tell(mine, f"weights {name} {path}")
    tell(peer, f"weights {name} {path}")
    shares = [float(tell(side, f"acceptance {name}")) for side in (mine, peer)]
    print(f"acceptance: ours {shares[0]:.4f}, peer {shares[1]:.4f}", file=sys.stderr)
    # 25,000 proposals a side, neighbours of which are alike.
    if abs(shares[0] - shares[1]) > 0.02:
        raise SystemExit(f"{name}: shares of accepted proposals differ: {shares}")


def main():
    wanted = sys.argv[1:]
    print("work\tours\tpeer\tunit\tratio")
    works = [work for work in WORKS if not wanted or any(part in work[0] for part in wanted)]
    mine = Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=THREADS)
    threads = {name: THREADS for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS"]}
    peer = Side([sys.executable, os.path.join(os.path.dirname(__file__), "sufficient_torch.py")], **threads)
    for row, work in works:
        if work.startswith("subset"):
            same(mine, peer, work.split()[1])
        else:
            alike(mine, peer, work.split()[1])
        say(row, *race([(mine, work), (peer, work)]), "ms")
    mine.close()
    peer.close()


if __name__ == "__main__":
    main()
