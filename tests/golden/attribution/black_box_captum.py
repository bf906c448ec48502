"""Writes black_box_captum.tsv: Shapley values and LIME by captum, for the network of make.py and for one of captum's own tests.

pip install torch==2.15.0 captum==0.9.0 scikit-learn==1.9.1 safetensors
python black_box_captum.py

black_box_captum.tsv has a name in the first column. `zeros` and `uniform`: `ShapleyValues` of the second output of the network in
weights.safetensors, for the three sequences of scores.tsv in six stretches of four positions, with zeros and with equal shares
standing in. The others are of four rectified sums of three numbers, captum's `BasicModel_MultiLayer`, at (20, 50, 30): `each`, `grouped`
(the first two together) and `baseline` (with 10, 20, 10 standing in) of `ShapleyValues`, and `lasso` of `LimeBase` with all eight
coalitions, the exponential kernel of width 1 over their cosine distances, and `Lasso(0.01)`.
"""
import csv
import itertools

import torch
from captum._utils.models.linear_model import SkLearnLasso
from captum.attr import LimeBase, ShapleyValues
from safetensors.torch import load_file

network = torch.nn.Sequential(
    torch.nn.Conv1d(4, 6, 5, padding=2),
    torch.nn.ReLU(),
    torch.nn.MaxPool1d(4),
    torch.nn.Flatten(),
    torch.nn.Linear(36, 5),
    torch.nn.ReLU(),
    torch.nn.Linear(5, 2),
).double()
names = ["0.convolution.kernel", "0.convolution.bias", "4.dense.weight", "4.dense.bias", "6.dense.weight", "6.dense.bias"]
weights = load_file("weights.safetensors")
with torch.no_grad():
    for parameter, name in zip(network.parameters(), names):
        parameter.copy_(weights[name])
network.eval()

with open("scores.tsv") as file:
    texts = [row[1] for row in csv.reader(file, delimiter="\t") if row[0] == "sequence"]
letters = torch.tensor([["ACGT".index(letter) for letter in text] for text in texts])
x = torch.nn.functional.one_hot(letters, 4).permute(0, 2, 1).double()
stretches = (torch.arange(24) // 4).repeat(1, 4, 1)


def shapley(baseline):
    with torch.no_grad():
        found = ShapleyValues(network).attribute(x, baseline, target=1, feature_mask=stretches, perturbations_per_eval=16)
    # Every number of a stretch has the score of the stretch.
    return found[:, 0, ::4]


def sums(rows):
    total = rows.sum(1, keepdim=True)
    hidden = torch.relu(total + torch.tensor([-10.0, 1.0, 1.0, 1.0], dtype=rows.dtype))
    return hidden.sum(1) - 1


three = torch.tensor([[20.0, 50.0, 30.0]], dtype=torch.double)
coalitions = list(itertools.product([1.0, 0.0], repeat=3))


def perturb(original, **_):
    for coalition in coalitions:
        yield torch.tensor([coalition], dtype=torch.double)


def similarity(_, __, coalition, **___):
    distance = 1 - (coalition.sum() / 3).sqrt()
    return torch.exp(-(distance**2) / 2)


lasso = LimeBase(
    sums,
    SkLearnLasso(alpha=0.01),
    similarity_func=similarity,
    perturb_func=perturb,
    perturb_interpretable_space=True,
    from_interp_rep_transform=lambda coalition, original, **_: coalition * original,
    to_interp_rep_transform=None,
).attribute(three, n_samples=len(coalitions))

values = ShapleyValues(sums)
tables = {
    "zeros": shapley(0),
    "uniform": shapley(0.25),
    "each": values.attribute(three),
    "grouped": values.attribute(three, feature_mask=torch.tensor([[0, 0, 1]]))[:, 1:],
    "baseline": values.attribute(three, torch.tensor([[10.0, 20.0, 10.0]], dtype=torch.double)),
    "lasso": lasso,
}
with open("black_box_captum.tsv", "w") as out:
    for name, table in tables.items():
        for row in table.detach().tolist():
            print(name, *[f"{value:.12g}" for value in row], sep="\t", file=out)
