"""captum, tangermeme and logomaker: reads a piece of work per line, answers with its time in milliseconds."""

import contextlib
import io
import math
import os
import sys
import time

import logomaker
import matplotlib
import pandas
import torch
from captum.attr import IntegratedGradients
from network_torch import basset, deepbind
from tangermeme.deep_lift_shap import deep_lift_shap
from tangermeme.ersatz import dinucleotide_shuffle
from tangermeme.saturation_mutagenesis import saturation_mutagenesis

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402, after the choice of what draws

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
# A model, and how many sequences of which length are explained at once.
MODELS = {"deepbind-128": (lambda: deepbind(128), 16, 101), "basset-600": (basset, 2, 600)}
ready = {}


def code(n, length):
    letters = torch.randint(0, 4, (n, length), generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.one_hot(letters, 4).permute(0, 2, 1).float().contiguous()


def prepared(name):
    if name not in ready:
        build, n, length = MODELS[name]
        model = build().eval()
        for weight in model.parameters():
            weight.requires_grad_(False)
        ready[name] = model, code(n, length)
    return ready[name]


def with_plain_pools(model, x):
    """tangermeme has no rule for adaptive pools: the same model with one that it knows."""
    layers = []
    for layer in model:
        if isinstance(layer, torch.nn.AdaptiveMaxPool1d):
            layer = torch.nn.MaxPool1d(x.shape[2])
        x = layer(x)
        layers.append(layer)
    return torch.nn.Sequential(*layers)


def timed(step, count):
    """Steps for a third of a second or longer; the time of one of `count` things."""
    begin, steps = time.perf_counter(), 0
    while steps == 0 or time.perf_counter() - begin < 0.33:
        step()
        steps += 1
    return (time.perf_counter() - begin) / steps / count * 1e3


def logo(length):
    """Draws four letters at every position, from numbers to an SVG document."""
    heights = pandas.DataFrame([[math.sin(7 * i + 3 * letter) for letter in range(4)] for i in range(length)], columns=list("ACGT"))

    def step():
        drawn = logomaker.Logo(heights, figsize=(8.2, 1.4))
        drawn.fig.savefig(io.BytesIO(), format="svg")
        pyplot.close(drawn.fig)

    return timed(step, 1)


def measure(work):
    if work == "dinucleotide shuffle":
        x = code(1000, 600)
        return timed(lambda: dinucleotide_shuffle(x, n=20, random_state=0), 1)
    kind, name = work.split()
    if kind == "logo":
        return logo(int(name))
    model, x = prepared(name)
    if kind == "mutagenesis":
        return timed(lambda: saturation_mutagenesis(model, x, target=0, device="cpu"), len(x))
    if kind == "deep_lift":
        options = dict(target=0, n_shuffles=20, random_state=0, device="cpu")
        model = with_plain_pools(model, x)
        return timed(lambda: deep_lift_shap(model, x, **options), len(x))
    integrated = IntegratedGradients(model)
    return timed(lambda: integrated.attribute(x, target=0, n_steps=50, internal_batch_size=64), len(x))


for line in sys.stdin:
    # What the packages print is no answer.
    with contextlib.redirect_stdout(sys.stderr):
        answer = measure(line.strip())
    print(answer, flush=True)
