"""Processes that do the same work in turn, and the rows that say how much quicker ours is."""

import os
import statistics
import subprocess

TURNS = int(os.environ.get("TURNS", "7"))


class Side:
    """A process that does one piece of work per line and answers with its time or size."""

    def __init__(self, command, **environment):
        environment = {**os.environ, **environment}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, work):
        self.process.stdin.write(work + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise SystemExit(f"no answer to {work!r}")
        return float(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def race(pairs):
    """Asks every side in turn, after one round that nobody counts; pairs of a side and its work."""
    for side, work in pairs:
        side.ask(work)
    times = [[] for _ in pairs]
    for _ in range(TURNS):
        for (side, work), own in zip(pairs, times):
            own.append(side.ask(work))
    return [statistics.median(own) for own in times]


def say(work, mine, peer, unit):
    print(f"{work}\t{mine:.4g}\t{peer:.4g}\t{unit}\t{peer / mine:.2f}", flush=True)
