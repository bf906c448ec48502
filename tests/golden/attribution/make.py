"""Writes weights.safetensors and scores.tsv: a small network, and what captum and tangermeme say about three sequences.

pip install torch==2.15.0 captum==0.9.0 tangermeme==1.6.0 safetensors
python make.py

scores.tsv has a name in the first column. `sequence`: a text. `output`: the two outputs of a sequence. All others are tables of
shape (sequence, letter, position), one row per sequence and letter, for the second output (target 1): captum `Saliency` with
and without `abs`, captum `InputXGradient`, tangermeme `saturation_mutagenesis`: the raw outputs after a replacement, and the
attributions with and without `hypothetical`. Everything is computed in double precision.
"""
import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, Saliency
from safetensors.torch import save_file
from tangermeme.saturation_mutagenesis import saturation_mutagenesis

TARGET = 1
random = np.random.default_rng(7)


def draw(*shape):
    # Few digits, so that single and double precision hold nearly the same number.
    return torch.tensor(np.round(random.normal(0, 0.5, shape), 3), dtype=torch.float32)


weights = {
    "0.convolution.kernel": draw(6, 4, 5),
    "0.convolution.bias": draw(6),
    "4.dense.weight": draw(5, 36),
    "4.dense.bias": draw(5),
    "6.dense.weight": draw(2, 5),
    "6.dense.bias": draw(2),
}
save_file(weights, "weights.safetensors")

model = torch.nn.Sequential(
    torch.nn.Conv1d(4, 6, 5, padding=2),
    torch.nn.ReLU(),
    torch.nn.MaxPool1d(4),
    torch.nn.Flatten(),
    torch.nn.Linear(36, 5),
    torch.nn.ReLU(),
    torch.nn.Linear(5, 2),
).double()
with torch.no_grad():
    for parameter, weight in zip(model.parameters(), weights.values()):
        parameter.copy_(weight)
model.eval()

letters = random.integers(0, 4, (3, 24))
x = torch.nn.functional.one_hot(torch.tensor(letters), 4).permute(0, 2, 1).double()

# Where a rectifier or a maximum has a kink, the gradient is a matter of taste: stay away from both.
before = model[0](x)
after = torch.relu(before).reshape(3, 6, 6, 4).sort(dim=3).values
ties = (after[..., 3] - after[..., 2])[after[..., 3] > 0]
hidden = model[:5](x)
assert before.abs().min() > 1e-4 and ties.min() > 1e-4 and hidden.abs().min() > 1e-2
assert (hidden > 0).any(dim=1).all(), "a sequence without a gradient shows nothing"

def integrated(rule, steps, baseline):
    return IntegratedGradients(model).attribute(
        x, baseline, target=TARGET, n_steps=steps, method=rule, return_convergence_delta=True
    )


# captum's own trapezoid has weights that do not sum to one; its other rules give the right one.
zeros = torch.zeros_like(x)
rules = {rule: integrated(rule, 9, zeros)[0] for rule in ["gausslegendre", "riemann_left", "riemann_right", "riemann_middle"]}
eight = integrated("riemann_left", 8, zeros)[0], integrated("riemann_right", 8, zeros)[0]
rules["trapezoid"] = (eight[0] + eight[1]) / 2
references = random.integers(0, 4, (3, 24))
several = []
for row in references:
    one = torch.nn.functional.one_hot(torch.tensor(row), 4).T.double()
    several.append(integrated("gausslegendre", 20, one.expand_as(x)))

mutagenesis = dict(device="cpu", fast=False)
raw = saturation_mutagenesis(model, x, raw_outputs=True, **mutagenesis)
tables = {
    "saliency": Saliency(model).attribute(x.clone().requires_grad_(), target=TARGET, abs=True),
    "gradient": Saliency(model).attribute(x.clone().requires_grad_(), target=TARGET, abs=False),
    "input_x_gradient": InputXGradient(model).attribute(x.clone().requires_grad_(), target=TARGET),
    **rules,
    "several": sum(scores for scores, _ in several) / 3,
    "replaced": raw.y_hat[..., TARGET],
    "hypothetical": saturation_mutagenesis(model, x, target=TARGET, hypothetical=True, **mutagenesis),
    "projected": saturation_mutagenesis(model, x, target=TARGET, **mutagenesis),
}
with open("scores.tsv", "w") as out:
    for row in letters:
        print("sequence", "".join("ACGT"[letter] for letter in row), sep="\t", file=out)
    for row in references:
        print("reference", "".join("ACGT"[letter] for letter in row), sep="\t", file=out)
    for one in sum(delta for _, delta in several).tolist():
        print("delta", f"{one / 3:.9g}", sep="\t", file=out)
    for row in raw.y0:
        print("output", *[f"{value:.9g}" for value in row.tolist()], sep="\t", file=out)
    for name, table in tables.items():
        for row in table.detach().reshape(12, 24).tolist():
            print(name, *[f"{value:.9g}" for value in row], sep="\t", file=out)
