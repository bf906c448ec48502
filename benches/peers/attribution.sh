#!/usr/bin/env bash
# Explanations on the CPU and a logo of 249 positions: ours beside captum, tangermeme and logomaker, with two threads each, turn by turn.
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); every figure is a median over turns, milliseconds
# for one sequence, one logo or all 20,000 shuffles. Names as arguments run only the rows that contain one of them, as in `attribution.sh basset`.
# ATTRIBUTION_PYTHON names a Python that has PyTorch, captum, tangermeme and logomaker; without it one is set up in target/peers. TURNS (7) sets how often
# every figure is taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
python=${ATTRIBUTION_PYTHON:-$peers/attribution-venv/bin/python}
mkdir -p "$peers"
if [ -z "${ATTRIBUTION_PYTHON:-}" ] && [ ! -x "$python" ]; then
    python3 -m venv "$peers/attribution-venv"
    "$peers/attribution-venv/bin/pip" install --quiet --extra-index-url https://download.pytorch.org/whl/cpu \
        numpy torch captum==0.9.0 tangermeme==1.6.0 logomaker==0.8.7 matplotlib >&2
fi
cargo build --quiet --example attribution_bench >&2
export GENOLENS_BENCH=$PWD/target/debug/examples/attribution_bench
exec "$python" benches/peers/attribution.py "$@"
