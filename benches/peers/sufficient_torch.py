"""Subsets by the published algorithm, all masks of a step in one batch: reads a piece of work per line, answers with its time in milliseconds."""

import os
import sys
import time

import numpy
import torch
from network_torch import basset, deepbind

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_grad_enabled(False)
# A model, how long its sequence is, and how many steps are taken; all, and subset after subset, where there is no number.
MODELS = {"deepbind-128": (lambda: deepbind(128), 101, None), "basset-600": (basset, 600, 3)}
# What stands in for a position, and how much rounding may decide between two of them.
MASK, TIE = 0.25, 1e-5
ready = {}


def letters(length):
    """The letters of our side."""
    state, found = 1, []
    for _ in range(length):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        found.append(state >> 30)
    return torch.tensor(found)


def load(name, path):
    """Gives the model of this name our weights, layer by layer."""
    build, length, _ = MODELS[name]
    model, numbers, at = build().eval(), numpy.fromfile(path, dtype="<f4"), 0
    for layer in model:
        buffers = [layer.running_mean, layer.running_var] if isinstance(layer, torch.nn.BatchNorm1d) else []
        for tensor in [*layer.parameters(), *buffers]:
            tensor.copy_(torch.from_numpy(numbers[at : at + tensor.numel()].copy()).reshape(tensor.shape))
            at += tensor.numel()
    assert at == len(numbers)
    x = torch.nn.functional.one_hot(letters(length), 4).T.float().contiguous()
    ready[name] = model, x
    return "ready"


def score(model, batch, most=256):
    return torch.cat([model(part)[:, 0] for part in batch.split(most)])


def candidates(model, x, open_):
    """The scores of x with each of these positions masked, too."""
    batch = x.repeat(len(open_), 1, 1)
    batch[torch.arange(len(open_)), :, torch.tensor(open_)] = MASK
    return score(model, batch)


def threshold(model, x):
    """Half way between nothing and everything, or everything where that is less."""
    whole, nothing = score(model, torch.stack([x, torch.full_like(x, MASK)])).tolist()
    return (whole + min(nothing, whole)) / 2


def back_select(model, x, open_, steps):
    x, open_, order, values = x.clone(), list(open_), [], []
    while open_ and (steps is None or len(order) < steps):
        scores = candidates(model, x, open_)
        best = int(scores.argmax())
        order.append(open_.pop(best))
        values.append(float(scores[best]))
        x[:, order[-1]] = MASK
    return order, values


def collection(model, x, tau):
    x, left, found = x.clone(), list(range(x.shape[1])), []
    while left and float(score(model, x[None])[0]) >= tau:
        order, values = back_select(model, x, left, None)
        reached = [step for step, value in enumerate(values) if value >= tau]
        subset = order[reached[-1] + 1 :] if reached else order
        found.append(subset)
        if not subset:
            break
        x[:, subset] = MASK
        left = [position for position in left if position not in subset]
    return found


def measure(name):
    model, x = ready[name]
    steps, length = MODELS[name][2], x.shape[1]
    tau = threshold(model, x)
    begin = time.perf_counter()
    if steps is None:
        collection(model, x, tau)
        return (time.perf_counter() - begin) * 1e3
    back_select(model, x, range(length), steps)
    asked = sum(length - step for step in range(steps))
    return (time.perf_counter() - begin) * 1e3 * (length * (length + 1) // 2) / asked


def verify(name, told):
    """Takes our steps and says whether each could have been taken here."""
    model, x = ready[name]
    x, open_ = x.clone(), list(range(x.shape[1]))
    for step, position in enumerate(int(cell) for cell in told.split(",")):
        if MODELS[name][2] is not None and step >= 2 * MODELS[name][2]:
            break
        scores = candidates(model, x, open_)
        own, best = float(scores[open_.index(position)]), float(scores.max())
        if own < best - TIE * float(scores.abs().max()):
            return f"step {step}: {own} at position {position}, {best} at {open_[int(scores.argmax())]}"
        open_.remove(position)
        x[:, position] = MASK
    return "fine"


def sample(name, steps, chains=50, beta=50.0):
    """Metropolis with all chains in one batch; returns the share of proposals that were accepted."""
    model, start = ready[name]
    body, weight = model[:-1], model[-1].weight[0]
    x, letter = start.repeat(chains, 1, 1), start.argmax(0).repeat(chains, 1)
    said, energy, all_ = body(start[None]), torch.zeros(chains), torch.arange(chains)
    accepted = 0
    for _ in range(steps):
        position = torch.randint(x.shape[2], (chains,))
        new = (letter[all_, position] + torch.randint(1, 4, (chains,))) % 4
        proposed = x.clone()
        proposed[all_, :, position] = torch.nn.functional.one_hot(new, 4).float()
        after = ((body(proposed) - said) * weight).square().sum(1).sqrt()
        accept = torch.exp(-beta * (after - energy)) > torch.rand(chains)
        x[accept], energy[accept] = proposed[accept], after[accept]
        letter[all_[accept], position[accept]] = new[accept]
        accepted += int(accept.sum())
    return accepted / steps / chains


def chain(name, steps=300, published=10_000):
    begin = time.perf_counter()
    sample(name, steps)
    return (time.perf_counter() - begin) * 1e3 * published / steps


for line in sys.stdin:
    kind, name, *rest = line.split()
    if kind == "weights":
        answer = load(name, rest[0])
    elif kind == "verify":
        answer = verify(name, rest[0])
    elif kind == "acceptance":
        answer = sample(name, 500)
    elif kind == "chain":
        answer = chain(name)
    else:
        answer = measure(name)
    print(answer, flush=True)
