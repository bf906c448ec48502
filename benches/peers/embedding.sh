#!/usr/bin/env bash
# Neighbours, maps, components, communities, centres, markers and the whole path from counts on the CPU: ours beside umap-learn (seeded), scikit-learn and scanpy, with two threads each, turn by turn, after one round that compiles.
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); every figure is a median over turns. Below each map, on
# standard error, the trustworthiness (15 neighbours) of both, and below neighbours the share of the true ones that both found, of 5,000 examples
# drawn by chance. A map that is less trustworthy than the peer's by more than .005 stops the bench.
# The version of numba matters: compiled by numba 0.68.1, umap-learn 0.5.7 finds infinite widths and makes another, worse graph.
# `normalize`, `log1p`, `variable genes` (seurat_v3) and `open h5ad` are steps of scanpy and anndata; the first two of scanpy change values in
# place, ours make new cells.
# `memory path 20k` is the most that a fresh process needs, from a file of counts; `plot 100k bytes` weighs all that a notebook gets of a map (ours with
# a page to explore, the peer without), and `plot 100k` times it.
# `umap pbmc68k` needs GENOLENS_DATA with h5ad/pbmc68k_reduced.h5ad. Names as arguments run only the rows that contain one of them.
# EMBEDDING_PYTHON names a Python that has the peers; without it one is set up in target/peers. TURNS (3) sets how often every figure is taken.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
python=${EMBEDDING_PYTHON:-$peers/embedding-venv/bin/python}
mkdir -p "$peers/embedding"
if [ -z "${EMBEDDING_PYTHON:-}" ] && [ ! -x "$python" ]; then
    python3 -m venv "$peers/embedding-venv"
    "$peers/embedding-venv/bin/pip" install --quiet scanpy==1.11.5 igraph leidenalg umap-learn==0.5.7 numba==0.61.2 pynndescent==0.5.13 scipy==1.14.1 \
        scikit-learn==1.6.1 'numpy<2.3' scikit-misc==0.5.3 >&2
fi
cargo build --quiet --example embedding_bench >&2
export GENOLENS_BENCH=$PWD/target/debug/examples/embedding_bench
export GENOLENS_TABLES=$peers/embedding
export TURNS=${TURNS:-3}
exec "$python" benches/peers/embedding.py "$@"
