//! Defaults of other programs.

/// A set of defaults that steps can take from scanpy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// The defaults of scanpy 1.
    #[default]
    ScanpyV1,
    /// The defaults that scanpy announces for version 2.
    ScanpyV2Preview,
}
