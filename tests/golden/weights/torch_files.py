"""Writes state dicts as PyTorch does, and outputs.tsv: what the models they belong to compute.

pip install torch==2.15.0
python torch_files.py

The models are those whose weights are published, in small sizes; names of layers are those of the published files. Weights and inputs follow from
`wave`. A line of outputs.tsv is a name, the shape of the input, and the numbers that come out, before any sigmoid.
"""
import collections
import math

import torch
from torch import nn

from pack import pack

out = open("outputs.tsv", "w")


def wave(shape, phase):
    """Numbers from -1 to 1 that look random, on a grid."""
    count = torch.arange(math.prod(shape), dtype=torch.float64)
    return (torch.round(torch.sin(1.3 * count + phase) * 32) / 32).reshape(shape).float()


def fill(module):
    """Gives all weights of a model their values."""
    with torch.no_grad():
        for index, (name, tensor) in enumerate(module.state_dict().items()):
            if not tensor.is_floating_point():
                tensor.fill_(7)
                continue
            value = wave(tensor.shape, index + 1.0)
            if tensor.dim() > 1:
                value = value * 1.5 / math.sqrt(math.prod(tensor.shape[1:]))
            elif name.endswith("running_var"):
                value = 0.5 + value.abs()
            else:
                value = 0.2 * value + (1.0 if tensor.dim() == 1 and name.endswith(".weight") else 0.0)
            tensor.copy_(value)
    return module.eval()


def line(name, shape, y):
    numbers = " ".join(f"{value:.8g}" for value in y.detach().flatten().tolist())
    print(name, "x".join(map(str, shape)), numbers, sep="\t", file=out)


class Does(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def row():
    return Does(lambda x: x.view(x.size(0), -1))


def linear(inputs, outputs):
    return nn.Sequential(nn.Identity(), nn.Linear(inputs, outputs))


# Basset: positions are rows of a picture, nothing is padded, pools round up. Saved as training scripts do, from several GPUs.
basset = nn.Sequential(
    nn.Conv2d(4, 4, (19, 1)), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d((3, 1), (3, 1), ceil_mode=True),
    nn.Conv2d(4, 3, (11, 1)), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d((4, 1), (4, 1), ceil_mode=True),
    nn.Conv2d(3, 3, (7, 1)), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d((4, 1), (4, 1), ceil_mode=True),
    row(), linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.3), linear(5, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.3), linear(5, 2),
)
fill(basset)
wrapped = collections.OrderedDict(("module." + name, tensor) for name, tensor in basset.state_dict().items())
torch.save({"epoch": 3, "state_dict": wrapped, "best": 0.5}, "basset.pth")
x = wave((2, 4, 200), 0.0)
line("basset", x.shape, basset(x.unsqueeze(3)))

# DeepSEA reads A, G, C, T: here the model as a whole, which puts A, C, G, T into that order first. Saved as before PyTorch 1.6.
deepsea = nn.Sequential(
    nn.Conv2d(4, 4, (1, 8)), nn.Threshold(0, 1e-6), nn.MaxPool2d((1, 4), (1, 4)), nn.Dropout(0.2),
    nn.Conv2d(4, 5, (1, 8)), nn.Threshold(0, 1e-6), nn.MaxPool2d((1, 4), (1, 4)), nn.Dropout(0.2),
    nn.Conv2d(5, 6, (1, 8)), nn.Threshold(0, 1e-6), nn.Dropout(0.5),
    row(), linear(6 * 3, 5), nn.Threshold(0, 1e-6), linear(5, 3),
)
whole = fill(nn.Sequential(Does(lambda x: x[:, [0, 2, 1, 3]]), deepsea))
torch.save(whole.state_dict(), "deepsea.pth", _use_new_zipfile_serialization=False)
x = wave((2, 4, 200), 0.0)
line("deepsea", x.shape, whole(x.unsqueeze(2)))

# Beluga, in two parts.
class Beluga(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [], 4
        for filters, pooled in [(4, True), (5, True), (6, False)]:
            for _ in range(2):
                layers += [nn.Conv2d(channels, filters, (1, 8)), nn.ReLU()]
                channels = filters
            layers += [nn.Dropout(0.2), nn.MaxPool2d((1, 4), (1, 4))] if pooled else []
        head = nn.Sequential(nn.Dropout(0.5), row(), linear(6, 7), nn.ReLU(), linear(7, 3))
        self.model = nn.Sequential(nn.Sequential(*layers), head, nn.Identity())

    def forward(self, x):
        return self.model(x)


beluga = fill(Beluga())
torch.save(beluga.state_dict(), "beluga.pth")
x = wave((2, 4, 320), 0.0)
line("beluga", x.shape, beluga(x[:, [0, 2, 1, 3]].unsqueeze(2)))


class BPNet(nn.Module):
    """The layers of bpnet-lite, with control tracks."""

    def __init__(self, filters, blocks, controls, trimming):
        super().__init__()
        self.trimming = trimming
        self.controls = controls
        self.iconv = nn.Conv1d(4, filters, 21, padding=10)
        self.rconvs = nn.ModuleList([nn.Conv1d(filters, filters, 3, padding=2**i, dilation=2**i) for i in range(1, blocks + 1)])
        self.fconv = nn.Conv1d(filters + controls, 2, 75, padding=37)
        self.linear = nn.Linear(filters + (1 if controls else 0), 1)

    def forward(self, x):
        start, end = self.trimming, x.shape[2] - self.trimming
        control = torch.zeros(x.shape[0], self.controls, x.shape[2])
        x = torch.relu(self.iconv(x))
        for conv in self.rconvs:
            x = x + torch.relu(conv(x))
        profile = self.fconv(torch.cat([x, control], 1))[:, :, start:end]
        mean = x[:, :, start - 37 : end + 37].mean(2)
        if self.controls:
            mean = torch.cat([mean, torch.log(control[:, :, start - 37 : end + 37].sum((1, 2)) + 1).unsqueeze(1)], 1)
        return torch.cat([profile.flatten(1), self.linear(mean)], 1)


x = wave((2, 4, 130), 0.0)
for name, controls in [("bpnet", 0), ("bpnet_controls", 2)]:
    model = fill(BPNet(3, 3, controls, 45))
    torch.save(model.state_dict(), name + ".pth")
    line(name, x.shape, model(x))

# Kinds of numbers, and views that are not laid out as arrays are.
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
kinds = {
    "float64": torch.tensor([0.1, -2.5], dtype=torch.float64),
    "float32": torch.tensor([0.1, -2.5]),
    "float16": torch.tensor([0.1, -2.5], dtype=torch.float16),
    "bfloat16": torch.tensor([0.1, -2.5], dtype=torch.bfloat16),
    "int64": torch.tensor([-(2**40), 7]),
    "int32": torch.tensor([-70000, 7], dtype=torch.int32),
    "int16": torch.tensor([-300, 7], dtype=torch.int16),
    "int8": torch.tensor([-3, 7], dtype=torch.int8),
    "uint8": torch.tensor([200, 7], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "whole": base,
    "turned": base.permute(2, 0, 1),
    "every second": base[:, :, 1::2],
    "row": base[1, 2],
    "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 3),
    "parameter": nn.Parameter(torch.tensor([1.0, 2.0])),
    "number": 5,
}
torch.save(kinds, "kinds.pth")
torch.save(kinds, "kinds_legacy.pth", _use_new_zipfile_serialization=False)

# What is refused.
torch.save(nn.Linear(2, 1), "whole_model.pth")
torch.save({"epoch": 1, "model": nn.Linear(2, 1)}, "model_inside.pth")
torch.save(nn.Linear(2, 1), "whole_model_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(torch.zeros(2), "one_tensor.pth")
torch.save({"epoch": 1, "name": "mine"}, "no_tensors.pth")
torch.save({"sparse": torch.eye(2).to_sparse()}, "sparse.pth")
torch.save({"complex": torch.zeros(2, dtype=torch.complex64)}, "complex.pth")
torch.jit.save(torch.jit.script(nn.Linear(2, 1)), "script.pt")

pack(".pth", ".pt")
