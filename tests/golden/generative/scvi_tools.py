"""Forward pass and loss of scvi-tools 1.4.2 with random weights: writes scvi_tools.safetensors (the weights under our names) and scvi_tools.tsv.

Run as: python scvi_tools.py (torch 2.15, scvi-tools 1.4.2). Positions are their means; dropout is off; running moments are random, too.
"""

import json
import struct

import numpy
import torch
from scvi.module import VAE

CELLS, GENES, BATCHES, HIDDEN, LATENT = 7, 12, 2, 8, 3
torch.manual_seed(0)
module = VAE(GENES, n_batch=BATCHES, n_hidden=HIDDEN, n_latent=LATENT, n_layers=1, gene_likelihood="zinb")
module.eval()
with torch.no_grad():
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            noise = torch.randn(value.shape) * 0.5
            value.copy_(noise.abs() + 0.5 if "running_var" in name else noise)
state = {name: value.numpy() for name, value in module.state_dict().items()}
NAMES = {
    "0.branches.0.1.dense": "z_encoder.encoder.fc_layers.Layer 0.0",
    "0.branches.0.2.batch_norm": "z_encoder.encoder.fc_layers.Layer 0.1",
    "0.branches.0.5.branches.0.0.dense": "z_encoder.mean_encoder",
    "0.branches.0.5.branches.1.0.dense": "z_encoder.var_encoder",
    "2.branches.0.1.dense": "decoder.px_decoder.fc_layers.Layer 0.0",
    "2.branches.0.2.batch_norm": "decoder.px_decoder.fc_layers.Layer 0.1",
    "2.branches.0.4.branches.0.0.dense": "decoder.px_scale_decoder.0",
    "2.branches.0.4.branches.2.0.dense": "decoder.px_dropout_decoder",
}
KINDS = {
    "dense": {"weight": "weight", "bias": "bias"},
    "batch_norm": {"scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"},
}
weights = {"2.branches.0.4.branches.1.0.per_gene.value": state["px_r"]}
for ours, theirs in NAMES.items():
    for own, other in KINDS[ours.rsplit(".", 1)[1]].items():
        weights[f"{ours}.{own}"] = state[f"{theirs}.{other}"]
header, offset = {}, 0
for name, value in weights.items():
    end = offset + value.size * 4
    header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, end]}
    offset = end
header = json.dumps(header).encode()
header += b" " * (-len(header) % 8)
with open("scvi_tools.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header)
    for value in weights.values():
        file.write(numpy.ascontiguousarray(value, dtype="<f4").tobytes())

counts = numpy.random.default_rng(0).negative_binomial(1, 0.3, (CELLS, GENES)).astype("float32")
counts[:, 3] = 0
batch = (numpy.arange(CELLS) % BATCHES)[:, None]
with torch.no_grad():
    x, index = torch.tensor(counts), torch.tensor(batch)
    inferred = module.inference(x, batch_index=index)
    z, library = inferred["qz"].loc, inferred["library"]
    said = module.generative(z, library, index)
    reconstruction = -said["px"].log_prob(x).sum(-1)
    divergence = torch.distributions.kl_divergence(inferred["qz"], said["pz"]).sum(-1)
with open("scvi_tools.tsv", "w") as file:
    for name, table in [
        ("counts", counts),
        ("mean", z),
        ("variance", inferred["qz"].variance),
        ("rate", said["px"].mu),
        ("reconstruction", reconstruction[:, None]),
        ("divergence", divergence[:, None]),
    ]:
        for row in numpy.asarray(table, dtype="float64"):
            print(name, *(f"{value:.9g}" for value in row), sep="\t", file=file)
