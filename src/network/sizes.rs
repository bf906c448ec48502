//! How large the numbers that describe a layer may be.

use crate::{Error, Result};

/// The largest size of a layer, and the most numbers that a weight or an output of one example may have: 8 GB of them.
pub(crate) const MOST: usize = i32::MAX as usize;

/// Checks sizes that must be at least 1.
pub(crate) fn check_sizes(sizes: &[(&str, usize)]) -> Result<()> {
    for &(name, size) in sizes {
        if size == 0 {
            return Err(Error::value(name, "at least 1", 0));
        }
        check_most(name, size)?;
    }
    Ok(())
}

/// Checks a size that may be 0.
pub(crate) fn check_most(name: &str, size: usize) -> Result<()> {
    if size > MOST {
        return Err(Error::value(name, format!("at most {MOST}"), size));
    }
    Ok(())
}
