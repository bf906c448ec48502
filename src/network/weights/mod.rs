//! Weights in files: one door to read the tensors of any format, and mappings that say where in a network they go.
//!
//! ```text
//! file --Tensors::read--> Tensors --Mapping--> Network + WeightReport
//! ```
//!
//! Every file is hostile until it is read: nothing in it is executed, and what is read takes at most so much memory as its size allows.

mod aligned;
mod allowance;
mod archive;
mod assignment;
mod convention;
mod deepbind_text;
mod element;
mod format;
mod keras_file;
mod loaded;
mod mapping;
mod named;
mod pickle;
mod placement;
mod report;
mod role;
mod safetensors_file;
mod saved;
mod state_dict;
mod tensors;
mod torch_file;

pub use format::WeightFormat;
pub use loaded::Loaded;
pub use mapping::Mapping;
pub use report::{WeightReport, WeightRow};
pub use tensors::Tensors;
