"""Writes architectures.tsv: what published networks, in small sizes, compute in PyTorch, with the gradients of input and weights.

pip install torch==2.15.0
python architectures.py

Each network is a line `network` (name, shape of the input), a line `out` (numbers, example by example), a line `input` (its gradient),
and a line `weight` for each weight in the order of the layers: shape, then sum and first eight numbers of its gradient. Nothing is
drawn: input, weights and the factors of the outputs, whose weighted sum is differentiated, follow from `wave`. Weights are rounded to
single precision; everything else is computed in double precision. Networks are in evaluation mode.
"""
import math

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
out = open("architectures.tsv", "w")


def wave(shape, phase):
    """Numbers from -1 to 1 that look random, on a grid."""
    count = torch.arange(math.prod(shape))
    return (torch.round(torch.sin(1.3 * count + phase) * 32) / 32).reshape(shape)


class Residual(nn.Module):
    def __init__(self, *body):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x):
        return x + self.body(x)


class Branches(nn.Module):
    def __init__(self, *chains):
        super().__init__()
        self.chains = nn.ModuleList(chains)

    def forward(self, x):
        return torch.cat([chain(x) for chain in self.chains], 1)


class Does(nn.Module):
    """A layer without weights."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Lstm(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.lstm = nn.LSTM(channels, hidden, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.lstm(x.transpose(1, 2))[0].transpose(1, 2)


def weights(module):
    """All weights in the order of the layers, and with them how large they are."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            yield part.weight, lambda w: 1 + 0.2 * w
            yield part.bias, lambda w: 0.1 * w
            yield part.running_mean, lambda w: 0.1 * w
            yield part.running_var, lambda w: 0.5 + w.abs()
        elif not list(part.children()):
            for weight in part.parameters():
                if weight.dim() > 1:
                    scale = 1.5 / math.sqrt(math.prod(weight.shape[1:]))
                    yield weight, lambda w, scale=scale: scale * w
                else:
                    yield weight, lambda w: 0.1 * w


def line(name, *cells):
    print(name, *cells, sep="\t", file=out)


def numbers(tensor):
    return " ".join(f"{value:.8g}" for value in tensor.detach().flatten().tolist())


def network(name, shape, *layers):
    module = nn.Sequential(*layers).eval()
    tensors = []
    with torch.no_grad():
        for index, (weight, size) in enumerate(weights(module)):
            value = size(wave(weight.shape, index + 1.0))
            weight.copy_(value.float().double())
            tensors.append(weight)
    x = wave(shape, 0.0).requires_grad_()
    y = module(x)
    (y * wave(y.shape, 0.5)).sum().backward()
    line("network", name, "x".join(map(str, shape)))
    line("out", numbers(y))
    line("input", numbers(x.grad))
    for weight in tensors:
        gradient = weight.grad if weight.grad is not None else torch.zeros(0)
        line("weight", "x".join(map(str, weight.shape)), numbers(torch.cat([gradient.sum()[None], gradient.flatten()[:8]])))


def threshold():
    return nn.Threshold(0, 1e-6)


def global_max():
    return Does(lambda x: x.max(2).values)


def mean():
    return Does(lambda x: x.mean(2))


network("deepbind", (2, 4, 40), nn.Conv1d(4, 6, 24, padding=23), nn.ReLU(), global_max(), nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))

for name, filters, depth, window in [
    ("1layer", 16, 1, 0), ("1layer_1motif", 1, 1, 0), ("1layer_64motif", 64, 1, 0), ("1layer_128motif", 128, 1, 0), ("1layer_local_win9", 16, 1, 9),
    ("1layer_local_win3", 16, 1, 3), ("2layer", 16, 2, 0), ("3layer", 16, 3, 0), ("2layer_local_win3", 16, 2, 3), ("3layer_local_win3", 16, 3, 3),
]:
    length, layers, channels = 42, [nn.Conv1d(4, filters, 24, padding=12), nn.ReLU()], filters
    for _ in range(depth - 1):
        length, layers, channels = length - 4, layers + [nn.Conv1d(channels, 32, 5), nn.ReLU()], 32
    if window:
        layers += [nn.MaxPool1d(window, ceil_mode=True), nn.Flatten()]
        channels *= math.ceil((length) / window)
    else:
        layers += [global_max()]
    network(name, (2, 4, 41), *layers, nn.Linear(channels, 32), nn.ReLU(), nn.Linear(32, 2))


def basset(name, length, padded, features):
    layers, channels = [], 4
    for filters, width, pool in [(12, 19, 3), (10, 11, 4), (9, 7, 4)]:
        layers += [nn.Conv1d(channels, filters, width, padding=width // 2 if padded else 0), nn.BatchNorm1d(filters), nn.ReLU()]
        layers += [nn.MaxPool1d(pool, ceil_mode=True)]
        channels = filters
    layers += [nn.Flatten()]
    for inputs in (features, 20):
        layers += [nn.Linear(inputs, 20), nn.BatchNorm1d(20), nn.ReLU()]
    network(name, (2, 4, length), *layers, nn.Linear(20, 3))


basset("basset", 200, False, 18)
basset("basset padded", 101, True, 27)

layers, channels = [], 4
for widths, pool in [([(4, 3), (6, 3), (10, 3), (15, 7), (30, 7)], 3), ([(20, 7), (20, 3), (20, 3)], 4), ([(20, 7)], 4)]:
    for filters, width in widths:
        layers += [nn.Conv1d(channels, filters, width, padding=width // 2), nn.BatchNorm1d(filters), nn.ReLU()]
        channels = filters
    layers += [nn.MaxPool1d(pool, ceil_mode=True)]
layers += [nn.Flatten()]
for inputs in (60, 100):
    layers += [nn.Linear(inputs, 100), nn.BatchNorm1d(100), nn.ReLU()]
network("factorized basset", (2, 4, 100), *layers, nn.Linear(100, 2))

network(
    "deepsea", (2, 4, 170),
    nn.Conv1d(4, 8, 8), threshold(), nn.MaxPool1d(4), nn.Conv1d(8, 9, 8), threshold(), nn.MaxPool1d(4), nn.Conv1d(9, 10, 8), threshold(),
    nn.Flatten(), nn.Linear(10, 11), threshold(), nn.Linear(11, 3),
)

layers, channels = [], 4
for filters, pooled in [(8, True), (9, True), (10, False)]:
    for _ in range(2):
        layers += [nn.Conv1d(channels, filters, 8), nn.ReLU()]
        channels = filters
    layers += [nn.MaxPool1d(4)] if pooled else []
network("beluga", (2, 4, 320), *layers, nn.Flatten(), nn.Linear(10, 11), nn.ReLU(), nn.Linear(11, 3))

network(
    "danq", (2, 4, 120),
    nn.Conv1d(4, 8, 26), nn.ReLU(), nn.MaxPool1d(13), Lstm(8, 6), nn.Flatten(), nn.Linear(84, 10), nn.ReLU(), nn.Linear(10, 3),
)

layers = [nn.Conv1d(4, 6, 21, padding=10), nn.ReLU()]
for block in (1, 2, 3):
    layers += [Residual(nn.Conv1d(6, 6, 3, padding=2**block, dilation=2**block), nn.ReLU())]
profile = nn.Sequential(nn.Conv1d(6, 2, 75, padding=37), Does(lambda x: x[:, :, 45:-46]), nn.Flatten())
counts = nn.Sequential(Does(lambda x: x[:, :, 8:-9]), mean(), nn.Linear(6, 1))
network("bpnet", (2, 4, 131), *layers, Branches(profile, counts))

network("logistic regression", (3, 4, 20), nn.Flatten(), nn.Linear(80, 1))
network("perceptron", (3, 4, 20), nn.Flatten(), nn.Linear(80, 32), nn.ReLU(), nn.Linear(32, 1))
network("deep perceptron", (3, 15), nn.Linear(15, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))

layers = [nn.Conv1d(4, 6, 15, padding=7), nn.BatchNorm1d(6), nn.ReLU()]
for _ in range(2):
    layers += [Residual(nn.Conv1d(6, 6, 7, padding=3), nn.BatchNorm1d(6), nn.ReLU(), nn.Conv1d(6, 6, 7, padding=3), nn.BatchNorm1d(6)), nn.ReLU()]
network("residual network", (2, 4, 50), *layers, mean(), nn.Linear(6, 3))
