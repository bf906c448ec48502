//! An HDF5 file of which the HDF5 library reads no more than makes sense.

use hdf5_pure::{FormatError, Source};
use std::sync::atomic::{AtomicU64, Ordering};

/// How often the bytes of a file may be read one after the other as headers and indices, and as many bytes more.
const TURNS: u64 = 16;
const FREE: u64 = 1 << 20;

/// A file whose headers and indices are read so many times at most before there are numbers again: trees whose branches meet, of which
/// a small file can hold one with more ways than could ever be walked, end in an error.
pub(crate) struct Metered<S> {
    source: S,
    read: AtomicU64,
}

impl<S: Source> Metered<S> {
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            read: AtomicU64::new(0),
        }
    }
}

impl<S: Source> Source for Metered<S> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), FormatError> {
        self.read.store(0, Ordering::Relaxed);
        self.source.read_at(offset, bytes)
    }

    fn read_metadata_at(&self, offset: u64, count: usize) -> Result<Vec<u8>, FormatError> {
        let before = self.read.fetch_add(count as u64, Ordering::Relaxed);
        if before > self.len().saturating_mul(TURNS).saturating_add(FREE) {
            let what = "an index leads to the same places again and again";
            return Err(FormatError::Source(what.into()));
        }
        self.source.read_exact_at(offset, count)
    }
}
