"""Our networks beside PyTorch, candle's own operations and a plain C scorer, turn by turn."""

import os
import sys

from race import Side, race, say

THREADS = "2"
MODELS = ["deepbind-16", "deepbind-128", "wide", "basset", "bpnet", "norms", "grouped"]
GPU_MODELS = ["deepbind-128", "basset", "bpnet"]


def ours(threads=THREADS, device="cpu"):
    return Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=threads, BENCH_DEVICE=device)


def torch(threads=THREADS, device="cpu"):
    settings = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "BENCH_DEVICE": device}
    return Side([sys.executable, os.path.join(os.path.dirname(__file__), "network_torch.py")], **settings)


def on_gpu(asked):
    """The same on a GPU: beside PyTorch on it, and beside ourselves on the CPU; the CPU has all its cores."""
    works = [f"{kind} {model}" for model in GPU_MODELS for kind in ["forward", "train", "input gradient"]]
    works = [work for work in works if asked(f"{work}, GPU") or asked(f"{work}, GPU over CPU")]
    if not works:
        return
    if os.environ.get("BENCH_GPU") != "1":
        print("rows on a GPU are left out: they need nvidia-smi, nvcc, and a PyTorch with CUDA", file=sys.stderr)
        return
    cores = str(os.cpu_count())
    sides = (ours(cores, "cuda"), torch(cores, "cuda"), ours(cores))
    for work in works:
        mine, peer, cpu = race([(side, work) for side in sides])
        say(f"{work}, GPU", mine, peer, "ms")
        say(f"{work}, GPU over CPU", mine, cpu, "ms")
    for side in sides:
        side.close()


def main():
    wanted = sys.argv[1:]
    asked = lambda work: not wanted or any(part in work for part in wanted)
    print("work\tours\tpeer\tunit\tratio")
    sides = None
    for model in MODELS:
        for kind in ["forward", "train", "input gradient"]:
            work = f"{kind} {model}"
            if not (asked(work) or asked(f"{work}, stock candle")):
                continue
            sides = sides or (ours(), torch())
            pairs = [(sides[0], work), (sides[1], work)]
            stock = model in ("deepbind-16", "deepbind-128", "wide")
            if stock:
                pairs.append((sides[0], f"stock {work}"))
            times = race(pairs)
            say(work, times[0], times[1], "ms")
            if stock:
                say(f"{work}, stock candle", times[0], times[2], "ms")
    for side in sides or ():
        side.close()
    on_gpu(asked)
    if asked("one-hot 249 Mbp"):
        pair = (ours("1"), torch("1"))
        mine, peer = race([(side, "one-hot") for side in pair])
        say("one-hot 249 Mbp", mine / 1e3, peer / 1e3, "s")
        for side in pair:
            side.close()
    data = os.environ.get("GENOLENS_DATA")
    if data and asked("deepbind scoring"):
        side = ours("2")
        plain = Side([os.environ["DEEPBIND_SCORER"], f"{data}/deepbind/D00328.003.CTCF.txt"])
        mine, peer = race([(side, "deepbind scoring"), (plain, "deepbind scoring")])
        say("deepbind scoring", mine, peer, "ms")
        both = [side.ask("deepbind score sum"), plain.ask("sum")]
        if abs(both[0] - both[1]) > 1e-3 * abs(both[1]):
            raise SystemExit(f"the scorers disagree: {both}")
        side.close()
        plain.close()
    if data and asked("gapped k-mer SVM"):
        side = ours()
        for row, work, unit, scale in [("", "gapped k-mer SVM", "s", 1e3), ("memory ", "peak", "MB", 1)]:
            mine = side.ask(work) / scale
            print(f"{row}gapped k-mer SVM of 20,000 peaks and 20,000 shuffles\t{mine:.4g}\t-\t{unit}\t-", flush=True)
        side.close()
    if asked("memory basset"):
        peaks = []
        for side in (ours(), torch()):
            side.ask("train basset")
            peaks.append(side.ask("peak"))
            side.close()
        say("memory basset", *peaks, "MB")


if __name__ == "__main__":
    main()
