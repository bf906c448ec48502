"""scvi-tools' side of the bench of generative models: reads a piece of work per line, answers with its time in milliseconds or with a number."""

import logging
import os
import sys
import time
import warnings

import anndata
import scvi
import torch
from scvi.distributions import ZeroInflatedNegativeBinomial

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
answers = os.fdopen(os.dup(1), "w")
sys.stdout = sys.stderr


def train(cells, epochs):
    scvi.settings.seed = 0
    scvi.model.SCVI.setup_anndata(cells, batch_key="batch")
    model = scvi.model.SCVI(cells)
    plan = {"n_epochs_kl_warmup": max(1, round(0.3 * epochs))}
    model.train(
        max_epochs=epochs, train_size=1.0, batch_size=128, plan_kwargs=plan, accelerator="cpu",
        enable_progress_bar=False, logger=False, enable_checkpointing=False,
    )
    return model


def epoch(path):
    cells = anndata.read_h5ad(path)

    def timed(epochs):
        begin = time.perf_counter()
        train(cells, epochs)
        return (time.perf_counter() - begin) * 1e3

    one = timed(1)
    return (timed(4) - one) / 3


def loss(genes):
    number = lambda count: ((torch.arange(count) * 7919) % 1000).float() / 1000
    scores = (2 * number(128 * 3 * genes) - 1).reshape(128, 3 * genes).requires_grad_()
    counts = (8 * (number(128 * genes) - 0.8)).clamp(min=0).ceil().reshape(128, genes)
    totals = counts.sum(1, keepdim=True)
    begin = time.perf_counter()
    for _ in range(20):
        scores.grad = None
        rate, theta, logits = scores.split(genes, 1)
        mean = totals * torch.softmax(rate, -1)
        draw = ZeroInflatedNegativeBinomial(mu=mean, theta=theta.exp(), zi_logits=logits, validate_args=False)
        (-draw.log_prob(counts).sum(-1).mean()).backward()
    return (time.perf_counter() - begin) * 1e3 / 20


def elbo(path, epochs):
    cells = anndata.read_h5ad(path)
    known, held_out = (cells[cells.obs["part"] == part].copy() for part in ("train", "test"))
    model = train(known, epochs)
    module = model.module.eval()
    sums = 0.0
    with torch.no_grad():
        for batch in model._make_data_loader(adata=model._validate_anndata(held_out), batch_size=256):
            _, _, losses = module(batch)
            parts = list(losses.reconstruction_loss.values()) + list(losses.kl_local.values())
            sums += sum(float(part.sum()) for part in parts)
    return sums / held_out.n_obs


for line in sys.stdin:
    kind, *rest = line.split()
    answer = {"epoch": epoch, "loss": lambda genes: loss(int(genes)), "elbo": lambda path, n: elbo(path, int(n))}[kind](*rest)
    print(answer, file=answers, flush=True)
