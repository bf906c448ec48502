"""Writes layers.tsv: what single layers of PyTorch compute, with the gradients of their input and weights.

pip install torch==2.15.0
python layers.py

Each case is a line `case` (kind, options, shape of the input), a line `out` (shape and numbers), a line `input` (its gradient) and one
line for each weight (name, shape, gradient). Nothing is drawn: input, weights and the factors of the outputs, whose weighted sum
is differentiated, follow from `wave`, whose numbers are exact in single precision. PyTorch computes in double precision.
"""
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
out = open("layers.tsv", "w")


def wave(shape, phase, grid=32):
    """Numbers from -1 to 1 that look random, on a grid."""
    count = torch.arange(int(torch.tensor(shape).prod()))
    return (torch.round(torch.sin(1.3 * count.double() + phase) * grid) / grid).reshape(shape)


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

# Convolutions, and the same the other way round.
for width, stride, padding, dilation, groups in [
    (3, 1, 0, 1, 1), (3, 2, 1, 1, 1), (1, 1, 0, 1, 1), (1, 3, 0, 1, 1), (1, 2, 1, 1, 2), (4, 1, 2, 2, 1), (5, 3, 4, 2, 1), (3, 1, 2, 2, 2),
    (2, 2, 3, 3, 2), (3, 2, 1, 1, 4), (7, 4, 6, 1, 1), (11, 1, 0, 1, 2),
]:
    options = {"filters": 4, "width": width, "stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    case(
        "convolution", options, (2, 4, 11),
        lambda x, kernel, bias: F.conv1d(x, kernel, bias, stride, padding, dilation, groups),
        [("kernel", (4, 4 // groups, width)), ("bias", (4,))],
    )
for padding, width, dilation, (left, right) in [("same", 3, 1, (1, 1)), ("same", 4, 2, (3, 3)), ("same", 6, 1, (2, 3)), ("full", 4, 1, (3, 3)), ("valid", 4, 2, (0, 0))]:
    options = {"filters": 2, "width": width, "stride": 1, "padding": padding, "dilation": dilation, "groups": 1}
    case(
        "convolution", options, (2, 3, 9),
        lambda x, kernel, bias: F.conv1d(F.pad(x, (left, right)), kernel, bias, 1, 0, dilation),
        [("kernel", (2, 3, width)), ("bias", (2,))],
    )
for width, stride, padding, rest, dilation, groups in [
    (3, 1, 0, 0, 1, 1), (4, 2, 1, 0, 1, 1), (3, 2, 1, 1, 1, 1), (5, 3, 0, 2, 1, 2), (2, 3, 0, 0, 1, 1), (3, 2, 5, 1, 2, 2), (1, 1, 0, 0, 1, 1), (3, 1, 4, 0, 1, 1),
]:
    options = {"filters": 6, "width": width, "stride": stride, "padding": padding, "rest": rest, "dilation": dilation, "groups": groups}
    case(
        "transposed_convolution", options, (2, 4, 7),
        lambda x, kernel, bias: F.conv_transpose1d(x, kernel, bias, stride, padding, rest, groups, dilation),
        [("kernel", (4, 6 // groups, width)), ("bias", (6,))],
    )
case("dense", {"outputs": 3}, (4, 5), lambda x, weight, bias: F.linear(x, weight, bias), [("weight", (3, 5)), ("bias", (3,))])

# Norms. Ours take the channels on axis 1, and PyTorch's on the last.
for shape in [(3, 4, 5), (5, 6)]:
    pair = [("scale", shape[1:2]), ("shift", shape[1:2])]
    case(
        "batch_norm", {"epsilon": 0.001}, shape,
        lambda x, scale, shift, mean, variance: F.batch_norm(x, mean.detach(), variance.detach(), scale, shift, eps=0.001),
        pair + [("mean", shape[1:2]), ("variance", shape[1:2])],
    )
    case(
        "layer_norm", {"epsilon": 1e-05}, shape,
        lambda x, scale, shift: F.layer_norm(x.movedim(1, -1), shape[1:2], scale, shift, 1e-5).movedim(-1, 1), pair,
    )
    for epsilon in (None, 0.01):
        case(
            "rms_norm", {"epsilon": epsilon or 0}, shape,
            lambda x, scale: F.rms_norm(x.movedim(1, -1), shape[1:2], scale, epsilon).movedim(-1, 1), pair[:1],
        )
    case("softmax", {}, shape, nn.Softmax(dim=1), size=3)

# While it is trained on a batch, a batch norm moves its running mean and variance, which are written last.
for shape, momentum in [((3, 4, 5), 0.1), ((5, 6), 0.25), ((4, 3), 1.0)]:
    moved = {}

    def train(x, scale, shift, mean, variance):
        moved["mean"], moved["variance"] = mean.detach().clone(), variance.detach().clone()
        return F.batch_norm(x, moved["mean"], moved["variance"], scale, shift, True, momentum, 1e-5)

    size = shape[1:2]
    case("trained_batch_norm", {"momentum": momentum}, shape, train, [("scale", size), ("shift", size), ("mean", size), ("variance", size)])
    for name, values in moved.items():
        line(f"moved {name}", shape_of(values), numbers(values))

# Layers that mix positions. Ours take (n, channels, length).
for hidden, both, last, shape in [(3, 0, 0, (2, 4, 5)), (3, 1, 0, (2, 4, 5)), (2, 0, 1, (3, 3, 4)), (2, 1, 1, (3, 3, 4)), (4, 1, 0, (1, 2, 1)), (5, 0, 0, (35, 2, 2))]:
    module = nn.LSTM(shape[1], hidden, batch_first=True, bidirectional=bool(both))

    def run(x, **weights):
        states, (final, _) = torch.func.functional_call(module, weights, (x.transpose(1, 2),))
        return torch.cat(tuple(final), 1) if last else states.transpose(1, 2)

    weights = [(name, tuple(weight.shape)) for name, weight in module.named_parameters()]
    case("lstm", {"hidden": hidden, "both": both, "last": last}, shape, run, weights)
for heads, shape in [(1, (2, 4, 5)), (2, (2, 6, 4)), (4, (1, 4, 3))]:
    module = nn.MultiheadAttention(shape[1], heads, batch_first=True)

    def attend(x, **weights):
        x = x.transpose(1, 2)
        return torch.func.functional_call(module, weights, (x, x, x))[0].transpose(1, 2)

    weights = [(name, tuple(weight.shape)) for name, weight in module.named_parameters()]
    case("attention", {"heads": heads}, shape, attend, weights)


def encode(x):
    channels, length = x.shape[1:]
    position = torch.arange(length)
    waves = torch.zeros(channels, length)
    for channel in range(channels):
        angle = position / 10000 ** (2 * (channel // 2) / channels)
        waves[channel] = torch.cos(angle) if channel % 2 else torch.sin(angle)
    return x + waves


case("positional_encoding", {}, (2, 5, 6), encode)

# Images. The grid of the input of maxima is coarse, so that windows have ties.
for size, stride, padding, ceil, shape in [
    (2, 2, 0, 0, (2, 2, 6, 7)), (3, 1, 0, 0, (2, 2, 5, 4)), (3, 2, 1, 0, (1, 2, 7, 6)), (3, 2, 1, 1, (2, 1, 6, 7)), (4, 3, 2, 1, (1, 2, 8, 5)), (2, 3, 1, 1, (1, 1, 5, 6)),
]:
    options = {"width": size, "stride": stride, "padding": padding, "ceil": ceil}
    layer = nn.MaxPool2d(size, stride, padding, ceil_mode=bool(ceil))
    case("max_pool", options, shape, layer, grid=4)
    for counted in (1, 0) if padding else (1,):
        layer = nn.AvgPool2d(size, stride, padding, ceil_mode=bool(ceil), count_include_pad=bool(counted))
        case("average_pool", {**options, "counted": counted}, shape, layer)
for windows, shape in [(1, (2, 2, 3, 5)), (4, (1, 2, 7, 11)), (3, (2, 1, 2, 3))]:
    case("adaptive_max_pool", {"windows": windows}, shape, nn.AdaptiveMaxPool2d(windows), grid=4)
    case("adaptive_average_pool", {"windows": windows}, shape, nn.AdaptiveAvgPool2d(windows))
case("global_max_pool", {}, (2, 3, 4, 5), lambda x: nn.AdaptiveMaxPool2d(1)(x)[:, :, 0, 0], grid=4)
case("global_average_pool", {}, (2, 3, 4, 5), lambda x: x.mean((2, 3)))
for (height, width), stride, padding, dilation, shape in [
    ((3, 3), 1, 0, 1, (2, 3, 6, 5)), ((5, 5), 1, 0, 1, (2, 1, 9, 9)), ((3, 3), 1, 1, 1, (2, 2, 4, 5)), ((3, 3), 2, 1, 1, (2, 2, 7, 6)), ((1, 1), 1, 0, 1, (2, 3, 4, 3)),
    ((1, 1), 2, 0, 1, (1, 2, 5, 4)), ((2, 4), 1, 2, 1, (1, 2, 5, 6)), ((4, 1), 3, 1, 1, (2, 2, 9, 4)), ((3, 2), 1, 2, 2, (1, 2, 6, 7)), ((3, 3), 3, 4, 2, (2, 2, 8, 7)), ((2, 2), 5, 3, 3, (1, 1, 9, 11)),
]:
    options = {"filters": 5, "height": height, "width": width, "stride": stride, "padding": padding, "dilation": dilation}
    case(
        "image_convolution", options, shape,
        lambda x, kernel, bias: F.conv2d(x, kernel, bias, stride, padding, dilation),
        [("kernel", (5, shape[1], height, width)), ("bias", (5,))],
    )
for padding, size, dilation, (left, right) in [("same", 3, 1, (1, 1)), ("same", 4, 2, (3, 3)), ("same", 2, 1, (0, 1)), ("full", 3, 1, (2, 2))]:
    options = {"filters": 2, "height": size, "width": size, "stride": 1, "padding": padding, "dilation": dilation}
    case(
        "image_convolution", options, (2, 2, 6, 5),
        lambda x, kernel, bias: F.conv2d(F.pad(x, (left, right, left, right)), kernel, bias, 1, 0, dilation),
        [("kernel", (2, 2, size, size)), ("bias", (2,))],
    )
case(
    "batch_norm", {"epsilon": 0.001}, (3, 4, 2, 3),
    lambda x, scale, shift, mean, variance: F.batch_norm(x, mean.detach(), variance.detach(), scale, shift, eps=0.001),
    [("scale", (4,)), ("shift", (4,)), ("mean", (4,)), ("variance", (4,))],
)
moved = {}


def train_images(x, scale, shift, mean, variance):
    moved["mean"], moved["variance"] = mean.detach().clone(), variance.detach().clone()
    return F.batch_norm(x, moved["mean"], moved["variance"], scale, shift, True, 0.25, 1e-5)


case("trained_batch_norm", {"momentum": 0.25}, (3, 4, 2, 3), train_images, [(name, (4,)) for name in ("scale", "shift", "mean", "variance")])
for name, values in moved.items():
    line(f"moved {name}", shape_of(values), numbers(values))

out.close()
print(torch.__version__)
