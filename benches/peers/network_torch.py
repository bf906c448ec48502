"""The PyTorch side of the network bench: reads a piece of work per line, answers with its time in milliseconds."""

import os
import resource
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(1)
device = os.environ.get("BENCH_DEVICE", "cpu")


def one(filters, width, padding, dense):
    return nn.Sequential(
        nn.Conv1d(4, filters, width, padding=padding), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), *dense
    )


def deepbind(filters):
    return one(filters, 24, 23, [nn.Dropout(0.5), nn.Linear(filters, 32), nn.ReLU(), nn.Linear(32, 1)])


def basset():
    def block(inputs, outputs, width, pool):
        pool = nn.MaxPool1d(pool, ceil_mode=True)
        return [nn.Conv1d(inputs, outputs, width), nn.BatchNorm1d(outputs), nn.ReLU(), pool]

    def hidden(inputs, outputs):
        return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(), nn.Dropout(0.3)]

    return nn.Sequential(
        *block(4, 300, 19, 3), *block(300, 200, 11, 4), *block(200, 200, 7, 4),
        nn.Flatten(), *hidden(2000, 1000), *hidden(1000, 1000), nn.Linear(1000, 164),
    )


class BPNet(nn.Module):
    """The layers of bpnet-lite: 2114 positions in, two profiles over 1000 positions and their total out."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(4, 64, 21, padding=10)
        self.dilated = nn.ModuleList(nn.Conv1d(64, 64, 3, padding=2**i, dilation=2**i) for i in range(1, 9))
        self.profile = nn.Conv1d(64, 2, 75, padding=37)
        self.counts = nn.Linear(64, 1)

    def forward(self, x):
        x = self.first(x).relu()
        for layer in self.dilated:
            x = x + layer(x).relu()
        profile, around = self.profile(x)[:, :, 557:1557], x[:, :, 557 - 37 : 1557 + 37]
        return torch.cat([profile.flatten(1), self.counts(around.mean(2))], dim=1)


def profiles_and_counts(scores, labels):
    """The loss of bpnet-lite: a multinomial over both strands with its factorials, and the logarithm of the total."""
    labels = labels.flatten(1)
    log_p, total = nn.functional.log_softmax(scores[:, :2000], dim=1), labels.sum(1)
    each = -torch.lgamma(total + 1) + torch.lgamma(labels + 1).sum(1) - (labels * log_p).sum(1)
    off = (scores[:, 2000] - torch.log(total + 1)) ** 2
    return each.mean() + off.mean()


class OverChannels(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(64)

    def forward(self, x):
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


def four(layer):
    layers = [nn.Conv1d(4, 64, 7), nn.ReLU(), *(layer() for _ in range(4))]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(64, 1))


MODELS = {
    "deepbind-16": (lambda: deepbind(16), 128, 101),
    "deepbind-128": (lambda: deepbind(128), 128, 101),
    "wide": (lambda: one(300, 19, 0, [nn.Linear(300, 1)]), 64, 600),
    "basset": (basset, 64, 600),
    "bpnet": (BPNet, 64, 2114),
    "norms": (lambda: four(OverChannels), 64, 1000),
    "grouped": (lambda: four(lambda: nn.Conv1d(64, 64, 7, padding=3, groups=64)), 64, 1000),
}
# Shapes of labels that are more than one number.
LABELS = {"basset": [164], "bpnet": [2, 1000]}
LOSSES = {"bpnet": profiles_and_counts}
BATCHES = 4
ready = {}


def prepared(name):
    if name not in ready:
        build, n, length = MODELS[name]
        model = build()
        letters = torch.randint(0, 4, (n * BATCHES, length))
        x = nn.functional.one_hot(letters, 4).permute(0, 2, 1).float().contiguous()
        labels = sum(torch.meshgrid(*(torch.arange(k) for k in [n * BATCHES, *LABELS.get(name, [1])]), indexing="ij"))
        labels = (labels % 2).float()
        model.to(device)
        ready[name] = (model, x, labels, torch.optim.Adam(model.parameters(), lr=1e-3), n)
    return ready[name]


def timed(step):
    """Steps for a third of a second or longer."""
    begin, steps = time.perf_counter(), 0
    while steps == 0 or time.perf_counter() - begin < 0.33:
        steps += step()
    if device != "cpu":
        torch.cuda.synchronize()
    return (time.perf_counter() - begin) / steps * 1e3


def forward(name):
    model, x, _, _, n = prepared(name)
    model.eval()

    head = x[:n].to(device)

    def step():
        with torch.inference_mode():
            model(head)
        return 1

    return timed(step)


def train(name):
    model, x, labels, adam, n = prepared(name)
    model.train()
    for weight in model.parameters():
        weight.requires_grad_(True)
    loss = LOSSES.get(name) or nn.BCEWithLogitsLoss()

    def epoch():
        order = torch.randperm(len(x))
        for start in range(0, len(x), n):
            rows = order[start : start + n]
            adam.zero_grad()
            value = loss(model(x[rows].to(device)), labels[rows].to(device))
            value.backward()
            adam.step()
            value.item()
        return BATCHES

    return timed(epoch)


def input_gradient(name):
    model, x, _, _, n = prepared(name)
    model.eval()
    for weight in model.parameters():
        weight.requires_grad_(False)

    head = x[:n].to(device)

    def step():
        own = head.clone().requires_grad_(True)
        model(own).sum().backward()
        assert own.grad is not None
        return 1

    return timed(step)


def one_hot():
    """A table of columns that is indexed by the bytes of a chromosome, the quickest that plain PyTorch does."""
    if "text" not in ready:
        letters = torch.frombuffer(bytearray(b"ACGT"), dtype=torch.uint8)
        ready["text"] = letters[torch.randint(0, 4, (249_000_000,), dtype=torch.uint8).int()]
    text = ready["text"]
    begin = time.perf_counter()
    code = torch.empty((4, len(text)), dtype=torch.int8)
    for row, letter in enumerate(b"ACGT"):
        torch.eq(text, letter, out=code[row].view(torch.bool))
    return (time.perf_counter() - begin) * 1e3


def main():
    for line in sys.stdin:
        work = line.strip()
        if work == "peak":
            answer = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        elif work == "one-hot":
            answer = one_hot()
        else:
            kind, name = work.rsplit(" ", 1)
            answer = {"forward": forward, "train": train, "input gradient": input_gradient}[kind](name)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
