#!/usr/bin/env bash
# Our kernel beside evcxr_jupyter 0.22 with the same library as a `:dep`, on the cells of the notebooks (those on real data where
# GENOLENS_DATA names them), and on floods of text, interrupts, progress and added crates.
#
#     benches/peers/kernel.sh                          every row
#     benches/peers/kernel.sh completion kernel_info   the rows whose names hold one of these
#     benches/peers/kernel.sh --list                   the names of the rows; --ours leaves the peer out
#
# Prints tab-separated rows: work, ours, peer, unit, ratio (how many times better ours is); `-` where the peer cannot do it at all.
# The first run compiles the peer and the library for it (about 20 minutes on two cores); the peer is kept in target/peers, and its
# session's folder in the temporary folder: evcxr works neither inside another cargo workspace nor, with its relative library paths,
# below the home folder.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=$PWD/target/peers
mkdir -p "$peers"
if [ ! -x "$peers/evcxr/bin/evcxr_jupyter" ]; then
    cargo install evcxr_jupyter --version 0.22.0 --locked --root "$peers/evcxr" >&2
fi
if [ ! -x "$peers/kernel-venv/bin/python" ]; then
    python3 -m venv "$peers/kernel-venv"
    "$peers/kernel-venv/bin/pip" install --quiet jupyter_client psutil >&2
fi
cargo build --quiet --bin genolens >&2
target/debug/genolens warm >&2
exec "$peers/kernel-venv/bin/python" benches/peers/kernel.py --binary target/debug/genolens \
    --peer "$peers/evcxr/bin/evcxr_jupyter" --peer-folder "${TMPDIR:-/tmp}/genolens-peers/evcxr-session" "$@"
