//! How much memory the tensors of a file may take.

use super::aligned::short;
use crate::{Error, Result};

/// Compressed weights are rarely a tenth of their size; a file that promises more than this many times its own is refused.
const TIMES: u64 = 64;

/// What a file of any size may take.
const BASE: u64 = 16 << 20;

/// More tensors than any network has.
const TENSORS: usize = 200_000;

/// What is left of the memory that the tensors of a file may take.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    origin: String,
    file: u64,
    left: u64,
    tensors: usize,
}

impl Allowance {
    pub(super) fn new(origin: &str, file: usize) -> Self {
        let file = file as u64;
        Self {
            origin: origin.into(),
            file,
            left: BASE + TIMES * file,
            tensors: TENSORS,
        }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns what to call a tensor in a message.
    pub(super) fn tensor(&self, name: &str) -> String {
        format!("{}: tensor {}", self.origin, short(name))
    }

    /// Sets room for a tensor aside; returns how many numbers it has.
    pub(super) fn take(&mut self, name: &str, shape: &[usize], size: usize) -> Result<usize> {
        let count = shape.iter().try_fold(1_usize, |a, &b| a.checked_mul(b));
        let bytes = count.and_then(|count| count.checked_mul(size));
        let fits = bytes.is_some_and(|bytes| bytes as u64 <= self.left) && self.tensors > 0;
        let (Some(count), Some(bytes), true) = (count, bytes, fits) else {
            let expected = format!(
                "one that fits a file of {} bytes, compressed {TIMES} times at most",
                self.file
            );
            return Err(Error::shape(&self.tensor(name), expected, shape));
        };
        self.left -= bytes as u64;
        self.tensors -= 1;
        Ok(count)
    }

    /// Sets room for bytes that are not a tensor aside.
    pub(super) fn take_bytes(&mut self, what: &str, bytes: u64) -> Result<()> {
        if bytes > self.left {
            let argument = format!("{}: {}", self.origin, short(what));
            let expected = format!("a size that fits a file of {} bytes", self.file);
            return Err(Error::value(&argument, expected, format!("{bytes} bytes")));
        }
        self.left -= bytes;
        Ok(())
    }
}
