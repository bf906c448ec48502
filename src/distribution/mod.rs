//! Chances, quantiles and medians: of the distributions that tests compare with, also far out in their tails, and of numbers at hand.
//! Exponentials and logarithms of many numbers.

pub(crate) mod chance;
pub(crate) mod chi_squared;
pub(crate) mod elementary;
pub(crate) mod gamma;
pub(crate) mod kolmogorov;
pub(crate) mod normal;
pub(crate) mod order;
pub(crate) mod student;
