//! Two networks that compete: one makes cells, the other tells them from real ones.
//!
//! ```text
//! Cells --Gan--> FittedGan --sample, sample_of--> Cells
//!                    \--history--> GanHistory (distance, penalty)
//! ```

mod critic;
mod fitted;
#[expect(
    clippy::module_inception,
    reason = "the type `Gan` lives in a file named after it"
)]
mod gan;
mod history;
mod library;
mod noise;
mod objective;
mod side;
mod training;

pub use fitted::FittedGan;
pub use gan::{Gan, wgan};
pub use history::GanHistory;
