//! Lines of a BED file.

use super::lines::each_line;
use crate::{Error, Result};
use std::path::Path;

/// One interval, positions counted from 0, the end excluded.
pub(super) struct Interval<'a> {
    pub(super) chromosome: &'a str,
    pub(super) start: u32,
    pub(super) end: u32,
    /// All columns.
    pub(super) cells: Vec<&'a str>,
}

impl Interval<'_> {
    /// Tells whether the sixth column says that the interval is on the reverse strand; `None` where it says neither.
    pub(super) fn is_reverse(&self) -> Option<bool> {
        match *self.cells.get(5)? {
            "+" => Some(false),
            "-" => Some(true),
            _ => None,
        }
    }
}

/// Gives every interval and the number of its line; comments and the lines `track` and `browser` are passed over.
pub(super) fn each_interval(
    path: &Path,
    one: &mut dyn FnMut(usize, &Interval<'_>) -> Result<()>,
) -> Result<()> {
    each_line(path, &mut |number, line| {
        let is_said = |word: &str| line.split_whitespace().next() == Some(word);
        if line.trim().is_empty() || line.starts_with('#') || is_said("track") || is_said("browser")
        {
            return Ok(());
        }
        one(number, &interval(path, number, line)?)
    })
}

fn interval<'a>(path: &Path, number: usize, line: &'a str) -> Result<Interval<'a>> {
    let fail = |expected: &str, got: String| {
        Error::parse(path.display().to_string(), number, (expected, got))
    };
    let cells: Vec<&str> = if line.contains('\t') {
        line.split('\t').map(str::trim).collect()
    } else {
        line.split_whitespace().collect()
    };
    let [chromosome, start, end, ..] = cells[..] else {
        let expected = "a chromosome, a start and an end";
        return Err(fail(expected, format!("{} columns", cells.len())));
    };
    let position = |what: &str, text: &str| {
        let expected = format!("{what}, 0 to {}", u32::MAX);
        let number = text.parse::<u32>();
        number.map_err(|_| fail(&expected, format!("`{}`", text.escape_debug())))
    };
    let (start, end) = (position("a start", start)?, position("an end", end)?);
    if start >= end {
        let expected = "an end after the start";
        return Err(fail(expected, format!("{start} and {end}")));
    }
    if chromosome.is_empty() {
        return Err(fail("the name of a chromosome", "nothing".into()));
    }
    Ok(Interval {
        chromosome,
        start,
        end,
        cells,
    })
}
