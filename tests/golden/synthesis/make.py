"""Writes synthesis.tsv: adversarial examples by captum, and paths of gradient ascent by PyTorch.

pip install torch==2.15.0 captum==0.9.0
python make.py

The network reads rows of six numbers and has three outputs: tanh(x A) B with A[i, j] = sin(1 + 7 i + 3 j) and B[i, j] = cos(2 + 5 i + j), i and j
from 0, A of shape (6, 8). The four rows are x[i, j] = sin(4 i + j) / 2, their classes those with the largest outputs.

synthesis.tsv has a name in the first column. `fgsm`: FGSM of captum away from the classes, epsilon .1. `pgd`: 7 steps of .05 within .2, between -.4
and .4. `targeted`: the same towards class 2. All with the cross-entropy. `adam`: output 1 less .1 times the sum of squares, raised for 25 steps of Adam
with learning rate .05: the rows after the last step, and in `adam values` the values at every step, a row for each. `rmsprop`: the logarithm of the
sigmoid of output 0 less .009 times the sum of squares, 25 steps of RMSprop with learning rate .05.
"""
import csv

import torch
from captum.robust import FGSM, PGD

i, j = torch.meshgrid(torch.arange(6.0), torch.arange(8.0), indexing="ij")
a = torch.sin(1 + 7 * i + 3 * j).double()
i, j = torch.meshgrid(torch.arange(8.0), torch.arange(3.0), indexing="ij")
b = torch.cos(2 + 5 * i + j).double()
i, j = torch.meshgrid(torch.arange(4.0), torch.arange(6.0), indexing="ij")
x = (torch.sin(4 * i + j) / 2).double()


def network(rows):
    return torch.tanh(rows @ a) @ b


def ascend(make, score):
    rows = x.clone().requires_grad_(True)
    optimizer = make([rows])
    values = []
    for _ in range(25):
        optimizer.zero_grad()
        value = score(rows)
        values.append(value.detach())
        (-value.sum()).backward()
        optimizer.step()
    values.append(score(rows).detach())
    return rows.detach(), torch.stack(values, 1)


classes = network(x).argmax(1)
loss = torch.nn.CrossEntropyLoss(reduction="none")
found = {"classes": classes[None].double()}
found["fgsm"] = FGSM(network, loss).perturb(x, 0.1, classes)
pgd = PGD(network, loss, -0.4, 0.4)
inside = x.clamp(-0.4, 0.4)
found["pgd"] = pgd.perturb(inside, 0.2, 0.05, 7, classes)
found["targeted"] = pgd.perturb(inside, 0.2, 0.05, 7, torch.full((4,), 2), targeted=True)
found["adam"], found["adam values"] = ascend(
    lambda rows: torch.optim.Adam(rows, lr=0.05),
    lambda rows: network(rows)[:, 1] - 0.1 * rows.square().sum(1),
)
found["rmsprop"], found["rmsprop values"] = ascend(
    lambda rows: torch.optim.RMSprop(rows, lr=0.05),
    lambda rows: torch.nn.functional.logsigmoid(network(rows)[:, 0]) - 0.009 * rows.square().sum(1),
)

with open("synthesis.tsv", "w") as file:
    writer = csv.writer(file, delimiter="\t", lineterminator="\n")
    for name, rows in found.items():
        for row in rows.tolist():
            writer.writerow([name, *(f"{number:.8g}" for number in row)])
