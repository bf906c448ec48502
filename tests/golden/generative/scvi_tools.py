"""Forward pass and loss of scvi-tools 1.4.2 with random weights: writes scvi_tools.safetensors (the weights under our names) and scvi_tools.tsv,
and the same with library sizes that are learned, scvi_library.*.

Run as: python scvi_tools.py (torch 2.15, scvi-tools 1.4.2). Positions are their means; dropout is off; running moments are random, too.
"""

import json
import struct

import numpy
import torch
from scvi.module import VAE

CELLS, GENES, BATCHES, HIDDEN, LATENT = 7, 12, 2, 8, 3
KINDS = {
    "dense": {"weight": "weight", "bias": "bias"},
    "batch_norm": {"scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"},
}
counts = numpy.random.default_rng(0).negative_binomial(1, 0.3, (CELLS, GENES)).astype("float32")
counts[:, 3] = 0
batch = (numpy.arange(CELLS) % BATCHES)[:, None]


def names(learned):
    """Our names of layers for theirs."""
    encoders = {"0.branches.0": "z_encoder"} | ({"0.branches.1": "l_encoder"} if learned else {})
    found = {}
    for ours, theirs in encoders.items():
        found |= {
            f"{ours}.1.dense": f"{theirs}.encoder.fc_layers.Layer 0.0",
            f"{ours}.2.batch_norm": f"{theirs}.encoder.fc_layers.Layer 0.1",
            f"{ours}.5.branches.0.0.dense": f"{theirs}.mean_encoder",
            f"{ours}.5.branches.1.0.dense": f"{theirs}.var_encoder",
        }
    decoder = "3.branches.0.0.branches.0" if learned else "2.branches.0"
    found |= {
        f"{decoder}.1.dense": "decoder.px_decoder.fc_layers.Layer 0.0",
        f"{decoder}.2.batch_norm": "decoder.px_decoder.fc_layers.Layer 0.1",
        f"{decoder}.4.branches.0.0.dense": "decoder.px_scale_decoder.0",
        f"{decoder}.4.branches.2.0.dense": "decoder.px_dropout_decoder",
    }
    return found, f"{decoder}.4.branches.1.0.per_gene.value"


def write_weights(path, state, learned):
    layers, dispersion = names(learned)
    weights = {dispersion: state["px_r"]}
    for ours, theirs in layers.items():
        for own, other in KINDS[ours.rsplit(".", 1)[1]].items():
            weights[f"{ours}.{own}"] = state[f"{theirs}.{other}"]
    header, offset = {}, 0
    for name, value in weights.items():
        end = offset + value.size * 4
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, end]}
        offset = end
    header = json.dumps(header).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for value in weights.values():
            file.write(numpy.ascontiguousarray(value, dtype="<f4").tobytes())


def write(stem, learned):
    options = {}
    if learned:
        # The prior of library sizes by batch, as scvi-tools takes it from the cells.
        logs = [numpy.log(counts[batch[:, 0] == b].sum(1)) for b in range(BATCHES)]
        options = {
            "use_observed_lib_size": False,
            "library_log_means": numpy.array([[log.mean() for log in logs]]),
            "library_log_vars": numpy.array([[log.var() for log in logs]]),
        }
    torch.manual_seed(0)
    module = VAE(
        GENES, n_batch=BATCHES, n_hidden=HIDDEN, n_latent=LATENT, n_layers=1, gene_likelihood="zinb", **options
    )
    module.eval()
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if value.is_floating_point() and not name.startswith("library_log"):
                noise = torch.randn(value.shape) * 0.5
                value.copy_(noise.abs() + 0.5 if "running_var" in name else noise)
        write_weights(f"{stem}.safetensors", {name: value.numpy() for name, value in module.state_dict().items()}, learned)
        x, index = torch.tensor(counts), torch.tensor(batch)
        inferred = module.inference(x, batch_index=index)
        z, library = inferred["qz"].loc, inferred["library"]
        tables = {"counts": counts, "mean": z, "variance": inferred["qz"].variance}
        if learned:
            library = inferred["ql"].loc
            tables |= {"library": library}
        said = module.generative(z, library, index)
        divergence = torch.distributions.kl_divergence(inferred["qz"], said["pz"]).sum(-1)
        if learned:
            divergence = divergence + torch.distributions.kl_divergence(inferred["ql"], said["pl"]).sum(-1)
        reconstruction = -said["px"].log_prob(x).sum(-1)
    tables |= {"rate": said["px"].mu, "reconstruction": reconstruction[:, None], "divergence": divergence[:, None]}
    with open(f"{stem}.tsv", "w") as file:
        for name, table in tables.items():
            for row in numpy.asarray(table, dtype="float64"):
                print(name, *(f"{value:.9g}" for value in row), sep="\t", file=file)


write("scvi_tools", False)
write("scvi_library", True)
