//! The Jupyter kernel of genolens: compiled Rust cells on a prebuilt image.

mod evaluator;

fn main() {}
