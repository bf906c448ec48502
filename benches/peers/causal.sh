#!/usr/bin/env bash
# Causal estimators on 28 variants, on the CPU: ours beside vectorised numpy and scipy, two threads each, turn by turn.
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); every figure is a median over turns. Before a row is
# measured both sides must give the same estimate and standard error: within 1e-9, for drawn medians 1e-6 and 5 %, for drawn modes, which the
# peer looks for on 512 points and we exactly, 10 %. The peer of `robust egger` takes all pairs of variants in one array, as we take them all.
# `deep mr 2000x12` is robust MR-Egger near 2,000 sequences for each of 12 pairs of outputs, and the pooling of each: ours whole, on both threads,
# the peer's from one pair on every hundredth sequence, times 1,200; both agree within 1e-6 and 1e-5.
# Names as arguments run only the rows that contain one of them. CAUSAL_PYTHON names a Python that has numpy and scipy; without it one is set up
# in target/peers. TURNS (7) sets how often every figure is taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
python=${CAUSAL_PYTHON:-$peers/causal-venv/bin/python}
mkdir -p "$peers"
if [ -z "${CAUSAL_PYTHON:-}" ] && [ ! -x "$python" ]; then
    python3 -m venv "$peers/causal-venv"
    "$peers/causal-venv/bin/pip" install --quiet numpy scipy >&2
fi
if [ -z "${GENOLENS_BENCH:-}" ]; then
    cargo build --quiet --example causal_bench >&2
    export GENOLENS_BENCH=$PWD/target/debug/examples/causal_bench
fi
exec "$python" benches/peers/causal.py "$@"
