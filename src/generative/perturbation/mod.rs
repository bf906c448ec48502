//! What a treatment does to cells that nobody treated: arithmetic in the space of a model, beside simpler ways.

mod arithmetic;
mod energy;
mod knock_down;
mod knocked;
#[expect(
    clippy::module_inception,
    reason = "the type `Perturbation` lives in a file named after it"
)]
mod perturbation;
mod response;
mod scale;
mod scores;

pub use energy::{EnergyDistance, e_distance};
pub use knock_down::KnockDown;
pub use knocked::KnockedDown;
pub use perturbation::Perturbation;
pub use response::Response;
