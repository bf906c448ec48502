//! The innermost loops of layers on the CPU, in both precisions.
//!
//! ```text
//! Frame   one example with the zeros around it, so that every tap of a filter is an offset
//! ImageFrame   the same of an image
//! Slide   filters over a frame: forward, and the gradient of the input (register tiles, nothing is unrolled in memory)
//! Correlate   the gradient of filters (sums over positions stay in registers)
//! Codes, Lookup   filters over one-hot input: adds columns of a table instead of multiplying
//! ```

mod codes;
mod correlate;
mod frame;
mod image_frame;
mod lanes;
mod lookup;
mod slide;

pub(crate) use codes::{Codes, LETTERS};
pub(crate) use correlate::{Correlate, ROWS as CORRELATED};
pub(crate) use frame::{Frame, Sizes};
pub(crate) use image_frame::{ImageFrame, ImageSizes};
#[cfg(not(target_arch = "x86_64"))]
pub(crate) use lanes::Plain;
pub(crate) use lanes::{Lanes, Work, run};
pub(crate) use lookup::{Lookup, Sink, Tables};
pub(crate) use slide::{Filters, ROWS as SLID, Slide, reach};
