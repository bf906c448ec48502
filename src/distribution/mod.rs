//! Chances and quantiles of the distributions that tests compare with, also far out in their tails.

pub(crate) mod normal;
pub(crate) mod student;
