"""The side of scvi-tools and PyTorch of the bench of generative models: reads a piece of work per line, answers with its time in milliseconds or with a number."""

import logging
import os
import sys
import time
import warnings

import anndata
import numpy
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


def one_more(of):
    """The time that one more turn takes, in milliseconds: what comes before and after does not count."""

    def timed(turns):
        begin = time.perf_counter()
        of(turns)
        return (time.perf_counter() - begin) * 1e3

    one = timed(1)
    return (timed(4) - one) / 3


def epoch(path):
    cells = anndata.read_h5ad(path)
    return one_more(lambda epochs: train(cells, epochs))


class Library(torch.nn.Module):
    """Values that are not negative, of the same total, and their logarithms."""

    def __init__(self, total):
        super().__init__()
        self.total = total

    def forward(self, x):
        x = torch.relu(x)
        return torch.log1p(x / (x.sum(1, keepdim=True) / self.total + 1e-12))


def gan(path):
    """WGAN-GP with the layers, batches and steps of ours; the slopes of the critic are differentiated twice."""
    counts = anndata.read_h5ad(path).X.toarray()
    totals = counts.sum(1, keepdims=True)
    total = float(numpy.median(totals))
    cells = torch.from_numpy(numpy.log1p(counts / totals * total).astype("float32"))
    linear, genes, size = torch.nn.Linear, cells.shape[1], 128

    def run(turns):
        sizes = [128, 256, 512, 1024]
        layers = [[linear(a, b), torch.nn.BatchNorm1d(b), torch.nn.ReLU()] for a, b in zip(sizes, sizes[1:])]
        generator = torch.nn.Sequential(*sum(layers, []), linear(1024, genes), Library(total))
        sizes = [genes, 1024, 512, 256]
        layers = [[linear(a, b), torch.nn.LeakyReLU(0.2)] for a, b in zip(sizes, sizes[1:])]
        critic = torch.nn.Sequential(*sum(layers, []), linear(256, 1))
        of_generator = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.0, 0.9))
        of_critic = torch.optim.Adam(critic.parameters(), lr=1e-4, betas=(0.0, 0.9))
        order = torch.randperm(len(cells))
        for step in range(2 * turns):
            for turn in range(5):
                first = (step * 5 + turn) % (len(cells) // size) * size
                real = cells[order[first : first + size]]
                with torch.no_grad():
                    made = generator(torch.randn(size, 128))
                scores = critic(torch.cat([real, made]))
                between = (made + (real - made) * torch.rand(size, 1)).requires_grad_()
                (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
                penalty = ((slopes.norm(dim=1) - 1) ** 2).mean()
                loss = scores[size:].mean() - scores[:size].mean() + 10 * penalty
                of_critic.zero_grad()
                loss.backward()
                of_critic.step()
            loss = -critic(generator(torch.randn(size, 128))).mean()
            of_generator.zero_grad()
            loss.backward()
            of_generator.step()

    return one_more(run) / 10 * (len(cells) // size)


def adage(path):
    samples = torch.from_numpy(anndata.read_h5ad(path).X)
    n, genes = samples.shape
    weight = ((torch.rand(50, genes) - 0.5) * 0.1).requires_grad_()
    bias, back = torch.zeros(50, requires_grad=True), torch.zeros(genes, requires_grad=True)
    descent = torch.optim.SGD([weight, bias, back], lr=0.01)

    def run(epochs):
        for _ in range(epochs):
            for rows in torch.randperm(n).split(10):
                x = samples[rows]
                noisy = x * (torch.rand_like(x) > 0.1)
                scores = torch.sigmoid(noisy @ weight.T + bias) @ weight + back
                loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, x, reduction="sum") / len(rows)
                descent.zero_grad()
                loss.backward()
                descent.step()

    return one_more(run)


def memory(path):
    """The most memory that this process has held after an epoch, in MB."""
    train(anndata.read_h5ad(path), 1)
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))


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
    works = {
        "epoch": epoch, "gan": gan, "adage": adage, "memory": memory,
        "loss": lambda genes: loss(int(genes)), "elbo": lambda path, n: elbo(path, int(n)),
    }
    answer = works[kind](*rest)
    print(answer, file=answers, flush=True)
