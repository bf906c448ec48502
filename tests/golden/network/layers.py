"""Writes layers.tsv: what single layers of PyTorch compute, with the gradients of their input and weights.

pip install torch==2.15.0
python layers.py

Each case is a line `case` (kind, options, shape of the input), a line `out` (shape and numbers), a line `input` (its gradient) and one
line for each weight (name, shape, gradient). Nothing is drawn: input, weights and the factors of the outputs, whose weighted sum
is differentiated, follow from `wave`, whose numbers are exact in single precision. PyTorch computes in double precision.
"""
import itertools

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
out = open("layers.tsv", "w")


def wave(shape, phase, grid=32):
    """Numbers from -1 to 1 that look random, on a grid."""
    count = torch.arange(int(torch.tensor(shape).prod()))
    return (torch.round(torch.sin(1.3 * count + phase) * grid) / grid).reshape(shape)


def line(name, *cells):
    print(name, *cells, sep="\t", file=out)


def shape_of(tensor):
    return "x".join(str(size) for size in tensor.shape)


def numbers(tensor):
    return " ".join(f"{value:.9g}" for value in tensor.detach().flatten().tolist())


def case(kind, options, shape, compute, weights=(), grid=32, size=1):
    """Writes one case; `compute` takes the input and the weights, whose names and shapes are given."""
    options = " ".join(f"{name}={value}" for name, value in options.items())
    line("case", f"{kind} {options}".strip(), "x".join(map(str, shape)), grid, size)
    x = (wave(shape, 0, grid) * size).requires_grad_()
    tensors = {}
    for index, (name, weight_shape) in enumerate(weights):
        weight = wave(weight_shape, index + 1) / 2
        if name == "variance":
            weight = weight.abs() + 0.5
        tensors[name] = weight.requires_grad_()
    y = compute(x, **tensors)
    (y * wave(y.shape, 0.5)).sum().backward()
    line("out", shape_of(y), numbers(y))
    line("input", shape_of(x), numbers(x.grad))
    for name, weight in tensors.items():
        gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
        line(name, shape_of(weight), numbers(gradient))


# Pools. The grid of the input is coarse, so that windows have ties.
for width, stride, padding, ceil in [
    (3, 3, 0, 0), (3, 1, 0, 0), (3, 2, 1, 0), (3, 2, 1, 1), (2, 3, 1, 1), (4, 3, 2, 1), (5, 2, 2, 0), (1, 2, 0, 1), (4, 4, 0, 1), (7, 5, 3, 1),
]:
    options = {"width": width, "stride": stride, "padding": padding, "ceil": ceil}
    layer = nn.MaxPool1d(width, stride, padding, ceil_mode=bool(ceil))
    case("max_pool", options, (2, 2, 11), layer, grid=4)
    for counted in (1, 0) if padding else (1,):
        layer = nn.AvgPool1d(width, stride, padding, ceil_mode=bool(ceil), count_include_pad=bool(counted))
        case("average_pool", {**options, "counted": counted}, (2, 2, 11), layer)
for windows, length in [(1, 5), (4, 11), (5, 5), (7, 3)]:
    case("adaptive_max_pool", {"windows": windows}, (2, 2, length), nn.AdaptiveMaxPool1d(windows), grid=4)
    case("adaptive_average_pool", {"windows": windows}, (2, 2, length), nn.AdaptiveAvgPool1d(windows))
case("global_max_pool", {}, (2, 3, 7), lambda x: nn.AdaptiveMaxPool1d(1)(x)[:, :, 0], grid=4)
case("global_average_pool", {}, (2, 3, 7), lambda x: x.mean(2))

# Activations.
for kind, options, layer in [
    ("relu", {}, nn.ReLU()),
    ("leaky_relu", {"slope": 0.125}, nn.LeakyReLU(0.125)),
    ("elu", {"scale": 1.5}, nn.ELU(1.5)),
    ("gelu", {}, nn.GELU()),
    ("gelu_tanh", {}, nn.GELU(approximate="tanh")),
    ("silu", {}, nn.SiLU()),
    ("sigmoid", {}, nn.Sigmoid()),
    ("tanh", {}, nn.Tanh()),
    ("softplus", {}, nn.Softplus()),
    ("exp", {}, torch.exp),
    ("threshold", {"threshold": 0.25, "value": 0.0625}, nn.Threshold(0.25, 0.0625)),
]:
    case(kind, options, (1, 3, 13), layer, grid=16, size=3)

out.close()
print(torch.__version__)
