//! What an HDF5 file has wrong.

use crate::Error;
use std::io;
use std::path::Path;

/// Says what an HDF5 file has wrong, in one line.
pub(crate) fn fault(path: &Path, error: &hdf5_pure::Error) -> Error {
    let text = error.to_string();
    let line = if text.contains("signature not found") {
        "it is no HDF5 file"
    } else {
        text.lines().next().unwrap_or_default()
    };
    Error::read(path, io::Error::new(io::ErrorKind::InvalidData, line))
}

/// Says that a file has something that is no fault, but cannot be read.
pub(crate) fn unsupported(path: &Path, what: &str) -> Error {
    Error::read(path, io::Error::new(io::ErrorKind::Unsupported, what))
}
