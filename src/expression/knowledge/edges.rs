//! Lists of edges as text.

use crate::{Error, Result};

/// Reads the two names of every line, parted by a tab, or by a comma or blanks where there is no tab; more columns are left alone, and so
/// are blank lines and those that begin with `#`.
pub(super) fn read(text: &str, origin: &str) -> Result<Vec<(String, String)>> {
    let mut edges = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let parts: Vec<&str> = if line.contains('\t') {
            line.split('\t').collect()
        } else if line.contains(',') {
            line.split(',').collect()
        } else {
            line.split_whitespace().collect()
        };
        match parts[..] {
            [a, b, ..] if !a.trim().is_empty() && !b.trim().is_empty() => {
                edges.push((a.trim().to_owned(), b.trim().to_owned()));
            }
            _ => {
                let got = format!("`{}`", line.chars().take(40).collect::<String>());
                return Err(Error::parse(
                    origin,
                    number + 1,
                    ("two names of genes", got),
                ));
            }
        }
    }
    Ok(edges)
}
