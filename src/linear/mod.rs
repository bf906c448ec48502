//! Small systems of linear equations, for all rooms.

mod cholesky;
mod elimination;

pub(crate) use cholesky::Cholesky;
pub(crate) use elimination::solve;
