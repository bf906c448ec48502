//! Opening a motif file whose content says what it is.

use super::{Motifs, by_position, jaspar, meme};
use crate::text;
use crate::{Error, Result};
use std::path::Path;

/// Reads motifs from a MEME, JASPAR, HOMER or ENCODE file, plain or gzipped; the content decides, not the name.
///
/// # Errors
///
/// [`Error::Io`] when the file is absent or its gzip stream is truncated or broken; [`Error::Parse`], naming file and line,
/// for a file of another format and for a broken matrix.
///
/// # Examples
///
/// ```no_run
/// use genolens::motif;
/// # fn main() -> genolens::Result<()> {
/// let known = motif::open("JASPAR2024.meme")?;
/// let gabpa = known.find("GABPA")?;
/// # Ok(()) }
/// ```
pub fn open(path: impl AsRef<Path>) -> Result<Motifs> {
    open_at(path.as_ref())
}

fn open_at(path: &Path) -> Result<Motifs> {
    let content = text::read(path)?;
    let origin = path.display().to_string();
    let begin = content
        .lines()
        .enumerate()
        .find(|(_, line)| !line.trim().is_empty());
    match begin {
        Some((_, line)) if line.trim_start().starts_with("MEME version") => {
            meme::parse(&origin, &content)
        }
        Some((_, line)) if line.trim_start().starts_with('>') => {
            if by_position::is_by_position(&content) {
                by_position::parse(&origin, &content)
            } else {
                jaspar::parse(&origin, &content)
            }
        }
        Some((index, line)) => {
            let got = format!("`{}`", line.chars().take(30).collect::<String>());
            Err(Error::parse(
                origin,
                index + 1,
                ("`MEME version` or a JASPAR header `>`", got),
            ))
        }
        None => Err(Error::parse(
            origin,
            1,
            ("`MEME version` or a JASPAR header `>`", "an empty file"),
        )),
    }
}
