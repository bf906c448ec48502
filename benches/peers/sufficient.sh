#!/usr/bin/env bash
# Methods that ask a network thousands of times, on the CPU: ours beside the naive batched form in PyTorch on the same weights, with two threads each,
# turn by turn.
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); every figure is a median over turns, milliseconds for one
# sequence. Before a row of subsets is measured, PyTorch takes our order step by step and stops the bench unless every step is one that the published
# algorithm could take on its own scores, ties within 1e-5 of the largest. The peer of `subset basset-600` would take many minutes for all 600 steps:
# it takes the first three, each of which asks for about 600 scores, and its time is scaled to the 180,300 scores of all.
# The peer of `max-entropy chain` takes 300 of the 10,000 steps of its 50 chains, which are one batch, and is scaled too; before, both sides must accept
# the same share of 25,000 proposals on the same weights, within 0.02.
# Names as arguments run only the rows that contain one of them. SUFFICIENT_PYTHON names a Python that has PyTorch; without it one is set up in
# target/peers. TURNS (7) sets how often every figure is taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
python=${SUFFICIENT_PYTHON:-$peers/sufficient-venv/bin/python}
mkdir -p "$peers"
if [ -z "${SUFFICIENT_PYTHON:-}" ] && [ ! -x "$python" ]; then
    python3 -m venv "$peers/sufficient-venv"
    "$peers/sufficient-venv/bin/pip" install --quiet --extra-index-url https://download.pytorch.org/whl/cpu numpy torch >&2
fi
cargo build --quiet --example sufficient_bench >&2
export GENOLENS_BENCH=$PWD/target/debug/examples/sufficient_bench
export GENOLENS_WEIGHTS=$peers/sufficient-weights
exec "$python" benches/peers/sufficient.py "$@"
