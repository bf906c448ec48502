//! How much memory the tensors of a file may take.

use super::aligned::short;
use crate::{Error, Result};

/// Compressed weights are rarely a tenth of their size; a file that promises more than this many times its own is refused.
const TIMES: u64 = 64;

/// What a file of any size may take.
const BASE: u64 = 16 << 20;

/// More tensors than any network has.
pub(super) const TENSORS: usize = 200_000;

/// More axes than any tensor has.
pub(super) const AXES: usize = 64;

/// What is left of the memory that the tensors of a file may take.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    origin: String,
    file: u64,
    left: u64,
    tensors: usize,
    entries: usize,
}

impl Allowance {
    pub(super) fn new(origin: &str, file: usize) -> Self {
        let file = file as u64;
        Self {
            origin: origin.into(),
            file,
            left: BASE + TIMES * file,
            tensors: TENSORS,
            entries: TENSORS,
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
        if short(name) != name {
            let expected = "names of at most 120 letters";
            let got = format!("`{}...`", short(name));
            return Err(Error::value(&self.origin, expected, got));
        }
        if shape.len() > AXES {
            let expected = format!("one of at most {AXES} axes");
            let got = format!("one of {}", shape.len());
            return Err(Error::value(&self.tensor(name), expected, got));
        }
        // Sizes are multiplied to strides even where one of them is 0 and there are no numbers.
        let mut sizes = shape.iter().map(|&size| size.max(1));
        let most = sizes.try_fold(size, usize::checked_mul);
        let most = most.filter(|&most| isize::try_from(most).is_ok());
        let bytes = most.map(|most| if shape.contains(&0) { 0 } else { most });
        let fits = bytes.is_some_and(|bytes| bytes as u64 <= self.left) && self.tensors > 0;
        let (Some(bytes), true) = (bytes, fits) else {
            let expected = format!(
                "one that fits a file of {} bytes, compressed {TIMES} times at most",
                self.file
            );
            return Err(Error::shape(&self.tensor(name), expected, shape));
        };
        self.left -= bytes as u64;
        self.tensors -= 1;
        Ok(bytes / size)
    }

    /// Takes note of a group of tensors and of what is in it: files can let groups lie in each other without end.
    pub(super) fn look(&mut self, entries: usize) -> Result<()> {
        let left = self.entries.checked_sub(entries);
        self.entries = left.ok_or_else(|| {
            let expected = format!("at most {TENSORS} groups and arrays");
            Error::value(
                &self.origin,
                expected,
                "more, or some of them in each other",
            )
        })?;
        Ok(())
    }

    /// Checks that the chunks of a tensor that room was set aside for fit, too: they may reach far beyond it.
    pub(super) fn check_chunks(
        &self,
        name: &str,
        (shape, chunk): (&[usize], &[u64]),
        size: usize,
    ) -> Result<()> {
        let mut axes = shape.iter().zip(chunk);
        let bytes = axes.try_fold(size as u64, |bytes, (&length, &chunk)| {
            let chunks = (length as u64).div_ceil(chunk.max(1));
            bytes.checked_mul(chunks.checked_mul(chunk)?.max(1))
        });
        let own = shape.iter().product::<usize>() * size;
        if bytes.is_some_and(|bytes| bytes <= self.left + own as u64) {
            return Ok(());
        }
        let expected = format!("chunks that fit a file of {} bytes", self.file);
        Err(Error::value(&self.tensor(name), expected, "larger ones"))
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
