//! An HDF5 file of which the HDF5 library reads no more than makes sense.

use super::seekable::Seekable;
use hdf5_pure::{FormatError, Source};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often the bytes of a file may be read one after the other as headers and indices, and as many bytes more.
const TURNS: u64 = 16;
const FREE: u64 = 1 << 20;

/// A file whose headers and indices are read so many times at most before there are numbers again: trees whose branches meet, of which
/// a small file can hold one with more ways than could ever be walked, end in an error.
pub(super) struct Metered {
    file: Arc<Seekable>,
    read: AtomicU64,
}

impl Metered {
    pub(super) fn new(file: &Arc<Seekable>) -> Self {
        Self {
            file: file.clone(),
            read: AtomicU64::new(0),
        }
    }

    /// Checks that the file has these bytes.
    fn check(&self, offset: u64, count: usize) -> Result<(), FormatError> {
        let length = count as u64;
        let end = offset.checked_add(length);
        let end = end.ok_or(FormatError::OffsetOverflow { offset, length })?;
        if end <= self.len() {
            return Ok(());
        }
        Err(FormatError::UnexpectedEof {
            expected: end as usize,
            available: self.len() as usize,
        })
    }

    fn fill(&self, offset: u64, bytes: &mut [u8]) -> Result<(), FormatError> {
        match self.file.raw(offset, bytes) {
            Ok(got) if got == bytes.len() => Ok(()),
            Ok(_) => Err(FormatError::Source("the file has become shorter".into())),
            Err(error) => Err(FormatError::Source(error.to_string())),
        }
    }
}

impl Source for Metered {
    fn len(&self) -> u64 {
        self.file.length()
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), FormatError> {
        self.read.store(0, Ordering::Relaxed);
        self.check(offset, bytes.len())?;
        self.fill(offset, bytes)
    }

    fn read_metadata_at(&self, offset: u64, count: usize) -> Result<Vec<u8>, FormatError> {
        let before = self.read.fetch_add(count as u64, Ordering::Relaxed);
        if before > self.len().saturating_mul(TURNS).saturating_add(FREE) {
            let what = "an index leads to the same places again and again";
            return Err(FormatError::Source(what.into()));
        }
        self.check(offset, count)?;
        let mut bytes = vec![0; count];
        self.fill(offset, &mut bytes)?;
        Ok(bytes)
    }
}
