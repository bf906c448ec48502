//! ADAGE: a published denoising autoencoder of one hidden layer, and the genes that its nodes are made of.

#[expect(
    clippy::module_inception,
    reason = "the type `Adage` lives in a file named after it"
)]
mod adage;
mod file;
mod signature;
mod zero_one;

pub use adage::Adage;
pub(super) use adage::check_shares;
pub use signature::{Side, Signature, Signatures};
pub use zero_one::ZeroOne;
