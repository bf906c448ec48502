"""Writes edits.tsv: what captum and tangermeme say about edits of three sequences, for the network of weights.safetensors.

pip install torch==2.15.0 captum==0.9.0 tangermeme==1.6.0 safetensors
python make.py && python edits.py

edits.tsv has a name in the first column. `sequence`: a text of 24 letters; `flank`: 3 letters that follow it, `before`: 3 in front.
`occlusion_WIDTH_STRIDE_FILL`: captum `Occlusion` over all letters of a position, one row per sequence, for the second output.
`marginalize`, `spaced_GAP`: tangermeme `marginalize` and `space`, both outputs after less before, one row per sequence.
`deletion_SIDE_K`, `insertion_SIDE_TEXT`: tangermeme `deletion_effect` and `insertion_effect` at every position, the second output after
less before, one row per sequence; SIDE is `right` for `left=False`. `substitution`: both outputs after less before of
`substitution_effect`, letter T at position 5 + i of sequence i. Everything is computed in double precision.
"""
import numpy as np
import torch
from captum.attr import Occlusion
from safetensors.torch import load_file
from tangermeme.marginalize import marginalize
from tangermeme.space import space
from tangermeme.utils import one_hot_encode
from tangermeme.variant_effect import deletion_effect, insertion_effect, substitution_effect

TARGET = 1
LENGTH, MOST = 24, 3
random = np.random.default_rng(19)
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
    weights = load_file("weights.safetensors")
    for name, parameter in model.named_parameters():
        layer, kind = name.split(".")
        own = f"{layer}.convolution." if layer == "0" else f"{layer}.dense."
        parameter.copy_(weights[own + ("kernel" if layer == "0" and kind == "weight" else kind)])
model.eval()


def draw(length):
    return ["".join(random.choice(list("ACGT"), length)) for _ in range(3)]


def code(texts):
    return torch.stack([one_hot_encode(text) for text in texts]).double()


sequences, flanks, befores = draw(LENGTH), draw(MOST), draw(MOST)
x = code(sequences)
options = dict(device="cpu", dtype=torch.float64)
tables = {}

fills = {"uniform": torch.full_like(x, 0.25), "zeros": torch.zeros_like(x), "composition": x.mean(dim=2, keepdim=True).expand_as(x)}
for width, stride, fill in [(5, 1, "uniform"), (4, 3, "zeros"), (7, 5, "composition"), (2, 2, "uniform")]:
    occlusion = Occlusion(model).attribute(
        x, sliding_window_shapes=(4, width), strides=(4, stride), baselines=fills[fill], target=TARGET
    )
    assert torch.equal(occlusion.min(dim=1).values, occlusion.max(dim=1).values)
    tables[f"occlusion_{width}_{stride}_{fill}"] = occlusion[:, 0]


def change(result):
    before, after = result
    return after - before


tables["marginalize"] = change(marginalize(model, x, "TGANTCA", **options))
gaps = [0, 2, 5]
before, after = space(model, x, ["TGAC", "GGAAG"], [[gap] for gap in gaps], **options)
for place, gap in enumerate(gaps):
    tables[f"spaced_{gap}"] = after[:, place] - before

for left, side in [(False, "right"), (True, "left")]:
    longer = [b + s if left else s + f for b, s, f in zip(befores, sequences, flanks)]
    shift = MOST if left else 0
    for k in [1, 3]:
        # As many letters more than the model reads as are deleted, on the side that gives.
        cut = [text[MOST - k:] if left else text[: LENGTH + k] for text in longer]
        rows = []
        for position in range(LENGTH - k + 1):
            first = position + (k if left else 0)
            deletions = torch.tensor([[i, first + j] for i in range(3) for j in range(k)])
            found = change(deletion_effect(model, code(cut), deletions, left=left, **options))
            rows.append(found[:, TARGET])
        tables[f"deletion_{side}_{k}"] = torch.stack(rows, dim=1)
    for text in ["G", "CAT"]:
        rows = []
        for position in range(LENGTH):
            # Rows at one position go in in reverse.
            insertions = torch.tensor([[i, position, "ACGT".index(letter)] for i in range(3) for letter in reversed(text)])
            found = change(insertion_effect(model, x, insertions, left=left, **options))
            rows.append(found[:, TARGET])
        tables[f"insertion_{side}_{text}"] = torch.stack(rows, dim=1)

substitutions = torch.tensor([[i, 5 + i, 3] for i in range(3)])
tables["substitution"] = change(substitution_effect(model, x, substitutions, **options))

with open("edits.tsv", "w") as out:
    for name, texts in [("sequence", sequences), ("flank", flanks), ("before", befores)]:
        for text in texts:
            print(name, text, sep="\t", file=out)
    for name, table in tables.items():
        assert table.abs().max() > 1e-2, name
        for row in table.detach().tolist():
            print(name, *[f"{value:.9g}" for value in row], sep="\t", file=out)
