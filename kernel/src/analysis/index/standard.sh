#!/usr/bin/env bash
# Makes standard.txt, the index of the standard library, from the sources of the toolchain (`rustup component add rust-src`).
# Run it from the root of the repository after `cargo build`; it takes half a minute.
set -euo pipefail

here=kernel/src/analysis/index
sysroot=$(rustc --print sysroot)
library=$sysroot/lib/rustlib/src/rust/library
compiled=$(rustc --print target-libdir)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# The dependencies of std by their full metadata: the shipped libraries hold only stubs of it.
dependencies=()
for file in "$compiled"/lib*.rmeta; do
    name=$(basename "$file" | sed 's/^lib//; s/-[0-9a-f]*\.rmeta$//')
    case $name in
        std | test | proc_macro | sysroot) ;;
        *) dependencies+=(--extern "$name=$file") ;;
    esac
done

json() {
    RUSTC_BOOTSTRAP=1 STD_ENV_ARCH=$(uname -m) "$sysroot/bin/rustdoc" -Z unstable-options --output-format json --edition 2024 \
        --cap-lints allow --crate-name "$1" -o "$out" "${@:2}" "$library/$1/src/lib.rs"
}
json core
json alloc
json std -Z force-unstable-if-unmarked --cfg backtrace_in_libstd --cfg 'feature="backtrace"' "${dependencies[@]}"

target/debug/genolens index --standard "$out/core.json" "$out/alloc.json" "$out/std.json" >"$here/standard.txt"
