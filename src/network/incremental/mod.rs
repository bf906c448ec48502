//! What a network says of one example after an edit, computed only where the edit reaches: exact, for every layer.
//!
//! ```text
//! Evaluator (a network, sequences of one length) --origin--> Origin (one example, what every layer gives)
//!                                                               |--outputs(Edits)--> (edits, outputs)
//!                                                               \--advance(Edits)--> the same Origin, one edit further
//! ```
//!
//! `Kept` is an origin with edits that are asked for again and again, as one after the other is made for good.
//!
//! Positions lie apart and channels side by side. Behind every layer that looks around itself the new numbers of a stretch of positions are kept
//! for every edit; all other positions are those of the origin. A filter adds what the differences make to what it gave before. From the
//! first layer that sees everything on, such as an LSTM, whole examples pass through the layers as usual.

mod changes;
mod dense;
mod edits;
mod evaluator;
mod filters;
mod globals;
mod joins;
mod kept;
mod level;
mod origin;
mod plan;
mod pools;
mod product;
mod sight;
mod stage;
mod state;
mod trace;

pub(crate) use edits::Edits;
pub(crate) use evaluator::Evaluator;
pub(crate) use kept::Kept;
pub(crate) use origin::Origin;
