"""Writes deep_lift.tsv: what tangermeme and captum say about two sequences and twenty-six networks.

pip install torch==2.15.0 captum==0.9.0 tangermeme==1.6.0
python deep_lift.py

`sequence` and `reference` rows: a text; every sequence is compared with all references. A `network` row is its layers, one after the
other; the rows behind it are tables of shape (sequence, letter, position), one row per sequence and letter, for the second output:
`hypothetical`, `projected` by tangermeme's `deep_lift_shap`, `captum` the mean of its `DeepLift` over the references. captum stands only
behind networks without pools, softmax, GELU and SiLU, which it gets wrong. The weights follow from their numbers, see `wave`; everything is computed
in double precision.
"""
import warnings

import numpy as np
import torch
from captum.attr import DeepLift
from tangermeme.deep_lift_shap import deep_lift_shap

LENGTH = 20
NETWORKS = [
    "conv 6 5 same, relu, globalmax, dense 3",
    "conv 6 5 same, relu, max 4 4, flatten, dense 5, relu, dense 3",
    "conv 6 5 same, relu, max 4 2, flatten, dense 3",
    "conv 6 5 same, relu, max 3 1, max 3 1, flatten, dense 3",
    "conv 6 5 same, bn, relu, max 4 2, conv 5 3 same, bn, relu, max 2 2, flatten, dense 4, bn, relu, dense 3",
    "conv 6 4 valid, relu, average 3 3, flatten, dense 3",
    "conv 6 4 full, relu, average 4 2, flatten, dense 4, relu, dense 3",
    "conv 6 3 same, sigmoid, globalaverage, dense 3",
    "conv 6 3 same, tanh, flatten, dense 4, tanh, dense 3",
    "conv 6 3 same, elu, max 4 4, flatten, dense 3",
    "conv 6 3 same, softplus, conv 4 3 same, softplus, flatten, dense 3",
    "conv 6 3 same, gelu, max 5 3, flatten, dense 3",
    "conv 6 3 same, silu, flatten, dense 4, silu, dense 3",
    "conv 6 3 same, leaky, max 4 2, flatten, dense 3",
    "conv 6 5 same, relu, residual 6 3 relu, globalaverage, dense 3",
    "conv 6 5 same, relu, residual 6 3 relu, residual 6 3 tanh, max 4 2, flatten, dense 4, relu, dense 3",
    "conv 6 5 same, bn, residual 6 5 gelu, bn, relu, globalmax, dense 3",
    "conv 6 5 same dilation 2, relu, conv 6 3 same dilation 3, relu, globalaverage, dense 3",
    "conv 6 5 valid stride 2, relu, max 3 2, flatten, dense 3",
    "flatten, dense 8, relu, dense 6, relu, dense 3",
    "flatten, dense 8, bn, sigmoid, dense 3",
    "conv 6 7 same, relu, max 6 2, conv 4 3 same, relu, max 3 1, flatten, dense 4, sigmoid, dense 3",
    "conv 12 3 same, relu, conv 8 3 same, relu, conv 6 3 same, relu, globalmax, dense 5, relu, dense 3",
    "conv 6 5 same, bn, tanh, average 4 4, flatten, dense 4, leaky, dense 3",
    "conv 6 5 same, relu, globalmax, dense 3, softmax",
    "flatten, dense 6, relu, dense 3, softmax",
]
FUNCTIONS = {
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "elu": torch.nn.ELU,
    "softplus": torch.nn.Softplus,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    "leaky": lambda: torch.nn.LeakyReLU(0.1),
}


class Residual(torch.nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.body = torch.nn.Sequential(*layers)

    def forward(self, x):
        return x + self.body(x)


def convolution(channels, filters, width, padding, options):
    own = {"same": "same", "valid": 0, "full": width - 1}[padding]
    return torch.nn.Conv1d(channels, filters, width, padding=own, **options)


def build(spec):
    layers = []
    shape = torch.zeros(1, 4, LENGTH)
    for text in spec.split(", "):
        kind, *rest = text.split()
        if kind == "conv":
            options = {rest[i]: int(rest[i + 1]) for i in range(3, len(rest), 2)}
            new = [convolution(shape.shape[1], int(rest[0]), int(rest[1]), rest[2], options)]
        elif kind == "bn":
            new = [torch.nn.BatchNorm1d(shape.shape[1])]
        elif kind in FUNCTIONS:
            new = [FUNCTIONS[kind]()]
        elif kind == "max":
            new = [torch.nn.MaxPool1d(int(rest[0]), int(rest[1]))]
        elif kind == "average":
            new = [torch.nn.AvgPool1d(int(rest[0]), int(rest[1]))]
        elif kind == "globalmax":
            new = [torch.nn.MaxPool1d(shape.shape[2]), torch.nn.Flatten()]
        elif kind == "globalaverage":
            new = [torch.nn.AvgPool1d(shape.shape[2]), torch.nn.Flatten()]
        elif kind == "softmax":
            new = [torch.nn.Softmax(dim=1)]
        elif kind == "flatten":
            new = [torch.nn.Flatten()]
        elif kind == "dense":
            new = [torch.nn.Linear(shape.shape[1], int(rest[0]))]
        elif kind == "residual":
            inner = convolution(shape.shape[1], int(rest[0]), int(rest[1]), "same", {})
            new = [Residual(inner, FUNCTIONS[rest[2]]())]
        for layer in new:
            layer.eval()
            shape = layer(shape)
            layers.append(layer)
    model = torch.nn.Sequential(*layers).double().eval()
    index = 0
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            own = [module.weight, module.bias, module.running_mean, module.running_var]
        elif isinstance(module, (torch.nn.Conv1d, torch.nn.Linear)):
            own = [module.weight, module.bias]
        else:
            own = []
        for weight in own:
            index += 1
            values = wave(weight.numel(), index)
            if weight is getattr(module, "running_var", None):
                values = np.abs(values) + 0.5
            with torch.no_grad():
                weight.copy_(torch.tensor(values).reshape(weight.shape))
    return model


def wave(count, phase):
    """Numbers from -1/2 to 1/2 that look random, on a grid so fine that maxima are hardly ever shared."""
    return np.round(np.sin(1.3 * np.arange(count) + phase) * 2**20) / 2**21


def main():
    random = np.random.default_rng(5)
    sequences, references = random.integers(0, 4, (2, LENGTH)), random.integers(0, 4, (3, LENGTH))
    code = lambda rows: torch.nn.functional.one_hot(torch.tensor(rows), 4).permute(0, 2, 1).double()
    x, r = code(sequences), code(references)
    each = r[None].expand(2, -1, -1, -1).contiguous()
    with open("deep_lift.tsv", "w") as out:
        for name, rows in [("sequence", sequences), ("reference", references)]:
            for row in rows:
                print(name, "".join("ACGT"[letter] for letter in row), sep="\t", file=out)
        for spec in NETWORKS:
            print("network", spec, sep="\t", file=out)
            model = build(spec)
            tables = {}
            for name in ["hypothetical", "projected"]:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    tables[name] = deep_lift_shap(
                        model, x, target=1, references=each, hypothetical=name == "hypothetical", device="cpu",
                        warning_threshold=1e-6,
                    )
            if not any(word in spec for word in ["max", "gelu", "silu"]):
                each_one = [DeepLift(model, eps=1e-12).attribute(x, one[None].expand_as(x), target=1) for one in r]
                tables["captum"] = sum(each_one) / len(each_one)
            for name, table in tables.items():
                for row in table.detach().reshape(8, LENGTH).tolist():
                    print(name, *[f"{value:.7g}" for value in row], sep="\t", file=out)


if __name__ == "__main__":
    main()
