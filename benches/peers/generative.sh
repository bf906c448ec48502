#!/usr/bin/env bash
# Generative models on the CPU: ours beside those of scvi-tools and PyTorch, with two threads each, turn by turn, after one round that nobody counts.
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); every figure is a median over turns. `vae epoch` is one more
# epoch of scVI's model (5,000 simulated cells, 2,000 genes, 2 batches, batches of 128): a third of what four epochs take more than one.
# `zinb loss` is value and gradient of the loss of 128 cells and 2,000 genes, from the scores of a decoder.
# `gan epoch` is a Wasserstein GAN with gradient penalty on the logarithms of the same cells: as long as 39 steps of the critic, batches of 128,
# and 7.8 of the generator take. `adage` is an epoch of 950 samples of 5,549 genes, 50 nodes, batches of 10. `vae 100k memory` is the most
# memory that a process holds that reads 100,000 sparse cells of 2,000 genes and learns for an epoch; as a dense matrix they are 800 MB.
# The other row is the negative ELBO of 1,000 cells that were held out after as many epochs on both sides; ours being worse by more than 1 %
# stops the bench.
# Names as arguments run only the rows that contain one of them. GENERATIVE_PYTHON names a Python that has the peers; without it one is set up in
# target/peers. TURNS (3) sets how often every figure is taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
python=${GENERATIVE_PYTHON:-$peers/generative-venv/bin/python}
mkdir -p "$peers/generative"
if [ -z "${GENERATIVE_PYTHON:-}" ] && [ ! -x "$python" ]; then
    python3 -m venv "$peers/generative-venv"
    "$peers/generative-venv/bin/pip" install --quiet --extra-index-url https://download.pytorch.org/whl/cpu torch scvi-tools==1.4.2 >&2
fi
cargo build --quiet --example generative_bench >&2
export GENOLENS_BENCH=$PWD/target/debug/examples/generative_bench
export GENOLENS_TABLES=$peers/generative
export TURNS=${TURNS:-3}
exec "$python" benches/peers/generative.py "$@"
