"""Writes metrics.tsv: what captum's metrics say about explanations of the network and the sequences of make.py.

pip install torch==2.15.0 captum==0.9.0 safetensors numpy
python make.py && python metrics.py

metrics.tsv has a name in the first column. `change`: what is taken off the code of the sequences (infidelity), or added to it
(sensitivity), one row for every sample, sequence and letter. All others have one number for every sequence: `infidelity` of
captum's `InputXGradient` with the decorator `infidelity_perturb_func_decorator(True)`, `local` of `Saliency(abs=False)` with
`infidelity_perturb_func_decorator(False)`, both also normalised (`scaled`, `local_scaled`), and `sensitivity_max` of `InputXGradient`. The
second output is explained (target 1). Everything is computed in double precision.
"""
import numpy as np
import torch
from captum.attr import InputXGradient, Saliency
from captum.metrics import infidelity, infidelity_perturb_func_decorator, sensitivity_max
from safetensors.torch import load_file

TARGET = 1
SAMPLES = 3
random = np.random.default_rng(5)
weights = load_file("weights.safetensors")
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
    for parameter, name in zip(model.parameters(), ["0.convolution.kernel", "0.convolution.bias", "4.dense.weight", "4.dense.bias", "6.dense.weight", "6.dense.bias"]):
        parameter.copy_(weights[name])
model.eval()

rows = [line.rstrip("\n").split("\t") for line in open("scores.tsv")]
letters = [["ACGT".index(letter) for letter in row[1]] for row in rows if row[0] == "sequence"]
x = torch.nn.functional.one_hot(torch.tensor(letters), 4).permute(0, 2, 1).double()
changes = torch.tensor(np.round(random.normal(0, 0.2, (SAMPLES, *x.shape)), 3))
# captum repeats every sequence as often as there are samples.
repeated = changes.transpose(0, 1).reshape(-1, *x.shape[1:])


def scores(method, **options):
    def explain(x, target=TARGET):
        if isinstance(x, tuple):
            return (explain(x[0], target),)
        return method(model).attribute(x.detach().clone().requires_grad_(), target=target, **options).contiguous()

    return explain


by_input = scores(InputXGradient)
slope = scores(Saliency, abs=False)


def metric(explain, times_input, normalised):
    @infidelity_perturb_func_decorator(times_input)
    def perturb(inputs):
        return inputs - repeated

    return infidelity(model, perturb, x, explain(x), target=TARGET, n_perturb_samples=SAMPLES, normalize=normalised)


tables = {
    "infidelity": metric(by_input, True, False),
    "scaled": metric(by_input, True, True),
    "local": metric(slope, False, False),
    "local_scaled": metric(slope, False, True),
    "sensitivity": sensitivity_max(by_input, x, lambda inputs, radius: inputs + repeated, n_perturb_samples=SAMPLES, target=TARGET),
}
with open("metrics.tsv", "w") as out:
    for row in changes.reshape(-1, x.shape[2]).tolist():
        print("change", *[f"{value:.3g}" for value in row], sep="\t", file=out)
    for name, values in tables.items():
        print(name, *[f"{value:.9g}" for value in values.tolist()], sep="\t", file=out)
