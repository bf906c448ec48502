//! Examples beside the references that they are compared with: passes that hand back multipliers instead of gradients.
//!
//! A batch stands in [`Groups`] of one example and its references. What an operation hands back to the row of a reference are
//! multipliers: their products with what sets the example apart from the reference add up to what sets the outputs apart, exactly,
//! for every operation. [`Contrast`] is the rule for all layers, [`Ledger`] notes where something is lost all the same.

#[expect(
    clippy::module_inception,
    reason = "the type `Contrast` lives in a file named after it"
)]
mod contrast;
mod doubles;
mod groups;
mod largest;
mod ledger;
mod log_sum_exp;
mod normalised;
mod rescale;
mod reveal_cancel;
mod secant;
mod strongest;

pub(crate) use contrast::{Contrast, Lift};
pub(crate) use doubles::doubles;
pub(crate) use groups::Groups;
pub(crate) use ledger::{Entry, Ledger};
