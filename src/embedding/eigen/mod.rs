//! Eigenvalues and eigenvectors of symmetric matrices and operators.
//!
//! ```text
//! small matrix          -> symmetric -> all values and vectors
//! operator on n numbers -> Largest   -> a few of the largest values and their vectors
//! ```

mod blocks;
mod largest;
mod symmetric;
#[cfg(test)]
mod tests;

pub(crate) use blocks::product;
pub(crate) use largest::Largest;
pub(crate) use symmetric::symmetric;
