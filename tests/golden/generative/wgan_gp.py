"""Makes wgan_gp.tsv: the gradient penalty of a small critic and its gradients, by PyTorch's double backward.

Rows: name, numbers. Run with PyTorch 2: python wgan_gp.py > wgan_gp.tsv
"""

import math

import torch

SIZES = [5, 4, 3, 2]
LEAK = 0.2


def numbers(count, shift):
    """The same numbers as the test makes."""
    return torch.tensor([math.sin(1.7 * i + shift) for i in range(count)], dtype=torch.float64)


weights = []
for layer, (inputs, outputs) in enumerate(zip(SIZES, SIZES[1:])):
    weights.append(numbers(inputs * outputs, layer).reshape(outputs, inputs).requires_grad_())
    weights.append((0.1 * numbers(outputs, layer + 0.5)).requires_grad_())
x = numbers(6 * SIZES[0], 10).reshape(6, SIZES[0]).requires_grad_()
kinds = torch.eye(2, dtype=torch.float64)[[0, 1, 1, 0, 1, 0]]

h = x
for place in range(0, len(weights), 2):
    h = h @ weights[place].T + weights[place + 1]
    if place + 2 < len(weights):
        h = torch.nn.functional.leaky_relu(h, LEAK)
score = (h * kinds).sum()
(slopes,) = torch.autograd.grad(score, x, create_graph=True)
penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
penalty.backward()


def row(name, values):
    print(name, *(repr(float(v)) for v in values.detach().flatten()), sep="\t")


row("penalty", penalty)
row("slopes", slopes)
for place in range(0, len(weights), 2):
    row(f"weight {place // 2}", weights[place].grad)
    bias = weights[place + 1].grad
    assert bias is None or bias.abs().max() == 0
