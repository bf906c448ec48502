//! Small systems of linear equations, and vectors at right angles, for all rooms.

mod basis;
mod cholesky;
mod elimination;

pub(crate) use basis::Basis;
pub(crate) use cholesky::Cholesky;
pub(crate) use elimination::solve;
