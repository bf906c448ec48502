"""Writes steps.tsv: what the optimisers, schedules and losses of PyTorch do to a small network whose numbers follow a formula.

pip install torch==2.15.0
python steps.py

`optimizer.CASE.STEP`: all weights after so many steps, in the order of the layers. `rates.CASE`: the learning rate of every step.
`loss.CASE.value`, `.gradient`: a loss and its slope by every score.
"""
import math

import torch
from torch import nn, optim
from torch.nn import functional as F

torch.set_num_threads(1)


def wave(count, step, size, start=0.0):
    return torch.tensor([math.sin(start + step * i) * size for i in range(count)], dtype=torch.float64).float()


def network(outputs=2):
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, outputs))
    with torch.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(wave(p.numel(), 0.7, 0.5, i).reshape(p.shape))
    return net


N = 10
x = wave(N * 3, 0.9, 1.0).reshape(N, 3)
numbers = wave(N * 2, 0.31, 2.0, 1.0).reshape(N, 2)
binary = (numbers > 0).float()
counts = torch.floor(numbers.abs() * 3)
classes = torch.tensor([0, 1, 1, 0, 1, 0, 0, 0, 1, 0])
out = open("steps.tsv", "w")


def write(name, values):
    print(name, *[f"{v:.9g}" for v in values], sep="\t", file=out)


def run(name, make, loss=lambda s: F.mse_loss(s, numbers), before=None, after=None, schedule=None, steps=(1, 7, 20)):
    net = network()
    optimizer = make(net)
    scheduler = schedule(optimizer) if schedule else None
    for step in range(1, 21):
        optimizer.zero_grad()
        loss(net(x)).backward()
        if before:
            before(net)
        optimizer.step()
        if after:
            with torch.no_grad():
                after(net)
        if scheduler:
            scheduler.step()
        if step in steps:
            weights = torch.cat([p.detach().flatten() for p in net.parameters()]).tolist()
            # Kernel, then bias, of every layer.
            write(f"optimizer.{name}.{step}", weights)


def all_of(kind, **options):
    return lambda net: kind(net.parameters(), **options)


run("sgd.plain", all_of(optim.SGD, lr=0.1))
run("sgd.default", all_of(optim.SGD))
run("sgd.momentum", all_of(optim.SGD, lr=0.05, momentum=0.9))
run("sgd.dampening", all_of(optim.SGD, lr=0.05, momentum=0.9, dampening=0.3))
run("sgd.nesterov", all_of(optim.SGD, lr=0.05, momentum=0.9, nesterov=True))
run("sgd.decay", all_of(optim.SGD, lr=0.05, momentum=0.9, weight_decay=0.1))
run("adam.default", all_of(optim.Adam))
run("adam.rate", all_of(optim.Adam, lr=0.05))
run("adam.betas", all_of(optim.Adam, lr=0.05, betas=(0.7, 0.95)))
run("adam.epsilon", all_of(optim.Adam, lr=0.05, eps=0.1))
run("adam.decay", all_of(optim.Adam, lr=0.05, weight_decay=0.3))
run("adam.amsgrad", all_of(optim.Adam, lr=0.2, amsgrad=True))
run("adamw.default", all_of(optim.AdamW))
run("adamw.decay", all_of(optim.AdamW, lr=0.05, weight_decay=0.5))
run("adamw.amsgrad", all_of(optim.AdamW, lr=0.2, amsgrad=True))
run("rmsprop.default", all_of(optim.RMSprop))
run("rmsprop.basset", all_of(optim.RMSprop, lr=0.002, alpha=0.98))
run("rmsprop.momentum", all_of(optim.RMSprop, lr=0.01, momentum=0.9))
run("rmsprop.centered", all_of(optim.RMSprop, lr=0.01, centered=True))
run("rmsprop.both", all_of(optim.RMSprop, lr=0.01, centered=True, momentum=0.5, weight_decay=0.1, eps=1e-3))
run("adadelta.default", all_of(optim.Adadelta))
run("adadelta.options", all_of(optim.Adadelta, lr=0.5, rho=0.7, eps=1e-3, weight_decay=0.1))


def spared(net):
    tall = [p for p in net.parameters() if p.dim() > 1]
    flat = [p for p in net.parameters() if p.dim() < 2]
    return optim.AdamW([{"params": tall}, {"params": flat, "weight_decay": 0.0}], lr=0.05, weight_decay=0.5)


def clip_norm(net):
    nn.utils.clip_grad_norm_(net.parameters(), 0.3)


def clip_value(net):
    nn.utils.clip_grad_value_(net.parameters(), 0.05)


def cap(net):
    for p in net.parameters():
        if p.dim() > 1:
            p.copy_(torch.renorm(p, 2, 0, 0.8))


run("limits.spared", spared)
run("limits.norm", all_of(optim.SGD, lr=0.1), before=clip_norm)
run("limits.value", all_of(optim.SGD, lr=0.1), before=clip_value)
run("limits.cap", all_of(optim.SGD, lr=0.1), after=cap)

sgd = all_of(optim.SGD, lr=0.1)
run("loss.binary", sgd, lambda s: F.binary_cross_entropy_with_logits(s, binary))
ratio = torch.tensor([2.0, 0.5])
run("loss.binary_weighted", sgd, lambda s: F.binary_cross_entropy_with_logits(s, binary, pos_weight=ratio))
run("loss.classes", sgd, lambda s: F.cross_entropy(s, classes))
run("loss.classes_weighted", sgd, lambda s: F.cross_entropy(s, classes, weight=torch.tensor([0.5, 3.0])))
each = wave(N, 0.5, 1.0).abs()
run("loss.examples_weighted", sgd, lambda s: (F.mse_loss(s, numbers, reduction="none") * each[:, None]).mean())

run("one_cycle.adam", all_of(optim.Adam, lr=0.1), schedule=lambda o: optim.lr_scheduler.OneCycleLR(o, 0.1, 20))
run(
    "one_cycle.sgd",
    all_of(optim.SGD, lr=0.1, momentum=0.9),
    schedule=lambda o: optim.lr_scheduler.OneCycleLR(o, 0.1, 20, pct_start=0.4, div_factor=10, final_div_factor=100),
)


def rates(name, make, steps):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    scheduler = make(optimizer)
    seen = []
    for step in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*([losses[step]] if name.startswith("plateau") else []))
    write(f"rates.{name}", seen)


S = optim.lr_scheduler
losses = [3, 2, 1.5, 1.4999, 1.6, 1.5, 1.4, 1.4, 1.39995, 1.5, 1.5, 1.5, 1.5, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3]
write("losses", losses)
rates("step", lambda o: S.StepLR(o, 3, 0.5), 12)
rates("cosine", lambda o: S.CosineAnnealingLR(o, 12), 12)
rates("cosine.lowest", lambda o: S.CosineAnnealingLR(o, 12, eta_min=0.03), 12)
rates("cosine.period", lambda o: S.CosineAnnealingLR(o, 5), 12)
rates("warm_up", lambda o: S.LinearLR(o, total_iters=5), 12)
rates("warm_up.cosine", lambda o: S.ChainedScheduler([S.LinearLR(o, 0.1, total_iters=4), S.CosineAnnealingLR(o, 12)]), 12)
rates("one_cycle", lambda o: S.OneCycleLR(o, 0.2, 12, cycle_momentum=False), 12)
rates("one_cycle.options", lambda o: S.OneCycleLR(o, 0.2, 30, pct_start=0.5, div_factor=5, final_div_factor=7, cycle_momentum=False), 30)
rates("plateau", lambda o: S.ReduceLROnPlateau(o, patience=2), 24)
rates("plateau.options", lambda o: S.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=2, threshold=0.05, min_lr=0.03), 24)


def loss(name, scores, value):
    scores = scores.double().requires_grad_()
    value = value(scores)
    value.backward()
    write(f"loss.{name}.value", [value.item()])
    write(f"loss.{name}.gradient", scores.grad.flatten().tolist())


scores = wave(12, 1.3, 3.0, 0.2).reshape(4, 3)
soft = (wave(12, 0.8, 0.5, 0.1) + 0.5).reshape(4, 3)
shares = soft / soft.sum(1, keepdim=True)
number = wave(12, 0.4, 4.0, 0.5).reshape(4, 3)
whole = torch.floor(number.abs() * 2)
loss("binary", scores, lambda s: F.binary_cross_entropy_with_logits(s, soft.double()))
loss("binary_large", scores * 100, lambda s: F.binary_cross_entropy_with_logits(s, (soft > 0.5).double()))
loss("classes", scores, lambda s: F.cross_entropy(s, torch.tensor([2, 0, 1, 1])))
loss("classes_large", scores * 100, lambda s: F.cross_entropy(s, torch.tensor([2, 0, 1, 1])))
loss("shares", scores, lambda s: F.cross_entropy(s, shares.double()))
loss("squared", scores, lambda s: F.mse_loss(s, number.double()))
loss("poisson", scores, lambda s: F.poisson_nll_loss(s, whole.double()))
loss("poisson_rate", scores.abs() + 0.1, lambda s: F.poisson_nll_loss(s, whole.double(), log_input=False))


def multinomial(s, groups, profile, weight):
    """As in bpnet-lite: the multinomial with its factorials, and the squared error of the logarithm of one plus the count."""
    n, length = 3, 10 // groups
    labels = torch.floor(wave(n * 10, 0.45, 6.0, 0.3).abs()).double().reshape(n, groups, length)
    logits = s[:, :10].reshape(n, groups, length)
    log_p = F.log_softmax(logits, dim=-1)
    total = labels.sum(-1)
    each = -torch.lgamma(total + 1) + torch.lgamma(labels + 1).sum(-1) - (labels * log_p).sum(-1)
    off = (s[:, 10:] - torch.log(total + 1)) ** 2
    return profile * each.mean() + weight * off.mean()


loss("multinomial.1", wave(3 * 11, 1.1, 2.0).reshape(3, 11), lambda s: multinomial(s, 1, 1.0, 1.0))
loss("multinomial.2", wave(3 * 12, 1.1, 2.0).reshape(3, 12), lambda s: multinomial(s, 2, 0.7, 3.0))
