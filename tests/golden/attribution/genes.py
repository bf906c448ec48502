"""Scores of genes for a small classifier of cells, by captum.

Writes genes.tsv. Needs torch and captum 0.8:
    python genes.py
"""

from pathlib import Path

import torch
from captum.attr import DeepLift, InputXGradient, IntegratedGradients, Saliency

torch.set_default_dtype(torch.float64)
CELLS, GENES, UNITS, CLASSES = 5, 6, 4, 3


def filled(shape, seed):
    """Numbers of -1 to 1 that look random, the same in the test."""
    places = torch.arange(shape[0] * shape[1], dtype=torch.float64)
    return torch.sin(places * 12.9898 + seed * 78.233).reshape(shape)


model = torch.nn.Sequential(
    torch.nn.Linear(GENES, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, UNITS), torch.nn.Sigmoid(), torch.nn.Linear(UNITS, CLASSES)
)
with torch.no_grad():
    for seed, layer in enumerate(model[::2]):
        layer.weight.copy_(filled(layer.weight.shape, 2 * seed))
        layer.bias.copy_(filled((1, len(layer.bias)), 2 * seed + 1)[0])
cells = (filled((CELLS, GENES), 10) + 1) * 2
baseline = (filled((2, GENES), 11) + 1).mean(0, keepdim=True)
target = 1

found = {
    "gradient": Saliency(model).attribute(cells, target=target, abs=False),
    "gradient x input": InputXGradient(model).attribute(cells.clone().requires_grad_(), target=target),
    "integrated gradients": IntegratedGradients(model).attribute(
        cells, baseline, target=target, n_steps=50, method="gausslegendre"
    ),
    "DeepLIFT": DeepLift(model).attribute(cells, baseline, target=target),
}
with open(Path(__file__).with_suffix(".tsv"), "w") as out:
    for name, scores in found.items():
        # Means over cells, of scores and of their sizes.
        for what, row in (("mean", scores.mean(0)), ("size", scores.abs().mean(0))):
            print(f"{name} {what}", *(f"{value:.10g}" for value in row.detach()), sep="\t", file=out)
