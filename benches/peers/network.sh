#!/usr/bin/env bash
# Networks on the CPU: ours beside PyTorch and beside candle's own operations, with two threads each, turn by turn. Where there is a GPU, also on
# that, beside PyTorch on it and beside ourselves on the CPU; rows called "GPU".
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); every figure is a median over turns.
# Names as arguments run only the rows that contain one of them, as in `network.sh deepbind "train basset"`. TORCH_PYTHON names a Python
# that has PyTorch; without it one is set up in target/peers. `deepbind scoring` needs GENOLENS_DATA and a C compiler, `gapped k-mer SVM` GENOLENS_DATA;
# the latter has no peer and is taken once. TURNS (7) sets how often every other figure is taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
python=${TORCH_PYTHON:-$peers/torch-venv/bin/python}
mkdir -p "$peers"
if [ -z "${TORCH_PYTHON:-}" ] && [ ! -x "$python" ]; then
    python3 -m venv "$peers/torch-venv"
    index=(--extra-index-url https://download.pytorch.org/whl/cpu)
    if nvidia-smi >/dev/null 2>&1; then index=(); fi
    "$peers/torch-venv/bin/pip" install --quiet numpy torch "${index[@]}" >&2
fi
features=() BENCH_GPU=0
if nvidia-smi >/dev/null 2>&1 && { command -v nvcc || [ -x "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" ]; } >/dev/null &&
    "$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())'; then
    features=(--features cuda) BENCH_GPU=1
fi
export BENCH_GPU
cargo build --quiet --example network_bench "${features[@]}" >&2
cc -O3 -march=native -o "$peers/deepbind_scorer" benches/peers/deepbind_scorer.c -lm
export GENOLENS_BENCH=$PWD/target/debug/examples/network_bench DEEPBIND_SCORER=$peers/deepbind_scorer
exec "$python" benches/peers/network.py "$@"
