//! What the HDF5 library reads of a file.

use super::seekable::Seekable;
use hdf5_pure::{FormatError, Source};
use std::sync::Arc;

/// The bytes of a file, read where the HDF5 library asks for them.
pub(crate) struct Pieces(pub(crate) Arc<Seekable>);

impl Source for Pieces {
    fn len(&self) -> u64 {
        self.0.length()
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), FormatError> {
        let length = bytes.len() as u64;
        let end = offset.checked_add(length);
        let end = end.ok_or(FormatError::OffsetOverflow { offset, length })?;
        if end > self.len() {
            return Err(FormatError::UnexpectedEof {
                expected: end as usize,
                available: self.len() as usize,
            });
        }
        match self.0.raw(offset, bytes) {
            Ok(got) if got == bytes.len() => Ok(()),
            Ok(_) => Err(FormatError::Source("the file has become shorter".into())),
            Err(error) => Err(FormatError::Source(error.to_string())),
        }
    }
}
