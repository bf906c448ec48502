"""Graph convolution, pooling, masked and diet layers, forward and gradients, by torch in double precision.

Writes graph.tsv. Needs torch:
    python graph.py
"""

from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
N, NODES, CHANNELS = 3, 5, 2
EDGES = [(0, 1), (1, 2), (2, 3), (1, 3)]
MASK = [[0, 1], [1, 2, 4], [3]]


def filled(shape, seed):
    """Numbers of -1 to 1 that look random, the same in the test."""
    count = int(torch.tensor(shape).prod())
    return torch.sin(torch.arange(count, dtype=torch.float64) * 12.9898 + seed * 78.233).reshape(shape)


def say(name, x, out, leaves):
    """Writes the output, and the slopes of the sum of out * filled(out) by all leaves."""
    (out * filled(tuple(out.shape), 99)).sum().backward()
    for what, values in [("output", out), ("x", x.grad), *((f"weight {i}", leaf.grad) for i, leaf in enumerate(leaves))]:
        print(f"{name} {what}", *(f"{value:.10g}" for value in values.detach().flatten()), sep="\t", file=file)


with open(Path(__file__).with_suffix(".tsv"), "w") as file:
    adjacency = torch.zeros(NODES, NODES)
    for a, b in EDGES:
        adjacency[a, b] = adjacency[b, a] = 1
    looped = adjacency + torch.eye(NODES)
    root = looped.sum(1).rsqrt()
    normal = root[:, None] * looped * root[None, :]

    x = filled((N, 2, NODES), 1).requires_grad_()
    w, b, own = (filled(shape, seed).requires_grad_() for seed, shape in enumerate([(CHANNELS, 2), (CHANNELS,), (CHANNELS, 2)], 2))
    out = torch.einsum("oc,ncg,gh->noh", w, x, normal) + b[None, :, None] + torch.einsum("oc,ncg->nog", own, x)
    say("convolution", x, out, [w, b, own])

    x = filled((N, NODES), 1).requires_grad_()
    mask = torch.zeros(len(MASK), NODES)
    for row, members in enumerate(MASK):
        mask[row, members] = 1
    w, b = filled((int(mask.sum()),), 2).requires_grad_(), filled((len(MASK),), 3).requires_grad_()
    dense = torch.zeros_like(mask).masked_scatter(mask.bool(), w)
    say("masked", x, x @ dense.T + b, [w, b])

    x = filled((N, 2, NODES), 1).requires_grad_()
    clusters = torch.tensor([0, 0, 1, 1, 1])
    say("pool", x, torch.stack([x[..., clusters == k].mean(-1) for k in range(2)], -1), [])

    x = filled((N, 2, NODES), 1).requires_grad_()
    clusters = torch.tensor([1, 0, 2, 0, 1])
    say("largest", x, torch.stack([x[..., clusters == k].max(-1).values for k in range(3)], -1), [])

    x = filled((N, NODES), 1).requires_grad_()
    features = filled((NODES, 3), 4)
    features = (features - features.mean(0)) / features.std(0, correction=0)
    shapes = [(4, 3), (4,), (2, 4), (2,)]
    w0, b0, w1, b = (filled(shape, seed).requires_grad_() for seed, shape in enumerate(shapes, 5))
    fat = torch.tanh(features @ w0.T + b0) @ w1.T
    say("diet", x, x @ fat + b, [w0, b0, w1, b])
