"""Writes layers.tsv: what captum's methods that look at layers say about two sequences and five networks.

pip install torch==2.15.0 captum==0.9.0 tangermeme==1.6.0
python layers.py

Rows as in deep_lift.tsv, whose script builds the networks. `guided`, `deconvolution`: captum's `GuidedBackprop` and `Deconvolution`;
`guided_cam`: `GuidedGradCam` at the second layer; `epsilon`, `gamma`, `positive`: `LRP` with `EpsilonRule(0.01)`, `GammaRule(0.25)` and
`Alpha1_Beta0_Rule(set_bias_to_zero=True)`. `cam` and `rectified_cam` have one row per sequence: `LayerGradCam` at the second layer.
"""
import deep_lift
import numpy as np
import torch
from captum.attr import LRP, Deconvolution, GuidedBackprop, GuidedGradCam, LayerGradCam
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule, IdentityRule

LENGTH = deep_lift.LENGTH
NETWORKS = [
    "conv 6 5 same, relu, globalmax, dense 3",
    "conv 6 5 same, relu, max 4 4, flatten, dense 5, relu, dense 3",
    "conv 6 5 same, relu, max 4 2, conv 5 3 same, relu, globalaverage, dense 3",
    "conv 6 4 valid, relu, average 3 3, flatten, dense 4, relu, dense 3",
    "conv 6 3 same, relu, conv 5 3 same dilation 2, relu, max 3 1, flatten, dense 3",
]


def relevance(spec, x, rule):
    model = deep_lift.build(spec)
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv1d, torch.nn.Linear)):
            module.rule = rule()
        elif isinstance(module, (torch.nn.MaxPool1d, torch.nn.AvgPool1d)):
            module.rule = EpsilonRule(1e-12)
        elif isinstance(module, torch.nn.Flatten):
            module.rule = EpsilonRule(1e-12)
    return LRP(model).attribute(x.clone().requires_grad_(), target=1)


def main():
    random = np.random.default_rng(6)
    sequences = random.integers(0, 4, (2, LENGTH))
    x = torch.nn.functional.one_hot(torch.tensor(sequences), 4).permute(0, 2, 1).double()
    with open("layers.tsv", "w") as out:
        for row in sequences:
            print("sequence", "".join("ACGT"[letter] for letter in row), sep="\t", file=out)
        for spec in NETWORKS:
            print("network", spec, sep="\t", file=out)
            model = deep_lift.build(spec)
            tables = {
                "guided": GuidedBackprop(model).attribute(x.clone().requires_grad_(), target=1),
                "deconvolution": Deconvolution(model).attribute(x.clone().requires_grad_(), target=1),
                "guided_cam": GuidedGradCam(model, model[1]).attribute(x.clone().requires_grad_(), target=1),
                "epsilon": relevance(spec, x, lambda: EpsilonRule(0.01)),
                "gamma": relevance(spec, x, lambda: GammaRule(0.25)),
                "positive": relevance(spec, x, lambda: Alpha1_Beta0_Rule(set_bias_to_zero=True)),
                "cam": LayerGradCam(model, model[1]).attribute(x, target=1),
                "rectified_cam": LayerGradCam(model, model[1]).attribute(x, target=1, relu_attributions=True),
            }
            for name, table in tables.items():
                rows = table.detach().reshape(-1, table.shape[-1]).tolist()
                for row in rows:
                    print(name, *[f"{value:.7g}" for value in row], sep="\t", file=out)


if __name__ == "__main__":
    main()
