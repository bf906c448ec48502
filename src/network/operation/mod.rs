//! What layers compute, as candle operations with their own gradients.
//!
//! On the CPU every operation here takes single and double precision, and gives the same bytes for any number of threads: what is
//! summed is summed in an order that only shapes decide. On a GPU the same function is put together from candle's operations.

mod change;
mod channel_norm;
mod heads;
mod image_pooling;
mod largest;
mod mixing;
mod pooling;
mod position_norm;
mod pull;
mod real;
mod recurrence;
mod repeat;
mod returned;
mod silence;
mod softmax;
mod standard;
mod sums;

pub(crate) use change::change;
pub(crate) use channel_norm::{Moments, channel_norm};
pub(crate) use heads::{Part, heads};
pub(crate) use image_pooling::{ImageWindows, image_pool};
pub(crate) use largest::{largest, place_of_largest};
pub(crate) use mixing::{mix, mix_back, mix_back_returning, mix_returning};
pub(crate) use pooling::{Pool as WindowPool, Window, pool};
pub(crate) use position_norm::{PositionNorm, position_norm, ruled_position_norm};
pub(crate) use pull::pull;
pub(crate) use real::{Real, asked, by_precision, dtype, numbers, with_numbers};
pub(crate) use recurrence::recur;
pub(crate) use repeat::repeat;
pub(crate) use returned::Returned;
pub(crate) use silence::{Silence, silence};
pub(crate) use softmax::softmax;
pub(crate) use standard::{Line, Standard};
pub(crate) use sums::{add_rows, clear, sum, sum_of};
