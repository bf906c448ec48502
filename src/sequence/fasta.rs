//! FASTA text in and out.

use super::{Alphabet, Sequences};
use crate::text;
use crate::{Error, Result};
use std::path::Path;

/// Letters per line of what is written.
const WIDTH: usize = 80;

/// Reads FASTA text with options, plain or gzipped.
///
/// Records may span lines; blank lines, `\r\n` and text after the name in a header are accepted and dropped.
///
/// # Examples
///
/// ```
/// use genolens::sequence::{Alphabet, Fasta};
/// # fn main() -> genolens::Result<()> {
/// let proteins = Fasta::new().alphabet(Alphabet::Protein).parse(">ubiquitin human\nMQIFVKTLTG\nKTITLEVEPS\n")?;
/// assert_eq!(proteins.name(0), "ubiquitin");
/// assert_eq!(proteins.letters(0).len(), 20);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fasta {
    alphabet: Option<Alphabet>,
    ambiguous: bool,
}

impl Fasta {
    /// Starts from the defaults: RNA where `U` and no `T` occurs, else DNA; no letters but the alphabet's and `N`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the alphabet. Protein is never guessed, since a typing error in DNA would pass for an amino acid.
    pub fn alphabet(mut self, alphabet: Alphabet) -> Self {
        self.alphabet = Some(alphabet);
        self
    }

    /// Reads ambiguity codes (`R`, `Y`, ... in nucleotides; `B`, `J`, `Z`, `U`, `O`, `*` in protein) as unknown letters.
    pub fn ambiguous(mut self, accept: bool) -> Self {
        self.ambiguous = accept;
        self
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file is absent or its gzip stream is truncated or broken; [`Error::Parse`], naming file and
    /// line, for an illegal letter, letters before the first header, a record without letters, and a file without records.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Sequences> {
        let path = path.as_ref();
        self.parse_from(&path.display().to_string(), &text::read(path)?)
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// As [`Fasta::read`], with `FASTA text` in place of the file.
    pub fn parse(&self, text: &str) -> Result<Sequences> {
        self.parse_from("FASTA text", text)
    }

    pub(super) fn parse_from(&self, origin: &str, text: &str) -> Result<Sequences> {
        let alphabet = self
            .alphabet
            .unwrap_or_else(|| guess(text.lines().filter(|line| !line.starts_with('>'))));
        let mut records: Vec<(String, Vec<u8>)> = Vec::new();
        let mut header = 0;
        for (index, line) in text.lines().enumerate() {
            let (number, line) = (index + 1, line.trim_end());
            if let Some(title) = line.strip_prefix('>') {
                finished(&records, (origin, header))?;
                let name = title.split_whitespace().next().unwrap_or_default();
                if name.is_empty() {
                    return Err(Error::parse(
                        origin,
                        number,
                        ("a name after `>`", "nothing"),
                    ));
                }
                records.push((name.into(), Vec::new()));
                header = number;
            } else if !line.trim_start().is_empty() {
                let Some((_, letters)) = records.last_mut() else {
                    let problem = (
                        "a header that begins with `>`",
                        format!("`{}`", excerpt(line)),
                    );
                    return Err(Error::parse(origin, number, problem));
                };
                self.append(alphabet, line, letters)
                    .map_err(|(letter, column)| {
                        let expected = match self.alphabet {
                            None if letter.eq_ignore_ascii_case(&'u') => {
                                "DNA or RNA, not T and U in one file".into()
                            }
                            _ => alphabet.describe(),
                        };
                        Error::parse(
                            origin,
                            number,
                            (
                                expected,
                                format!("`{}` in column {column}", letter.escape_debug()),
                            ),
                        )
                    })?;
            }
        }
        if records.is_empty() {
            let what = if text.is_empty() {
                "an empty file"
            } else {
                "no record"
            };
            return Err(Error::parse(
                origin,
                1,
                ("a header that begins with `>`", what),
            ));
        }
        finished(&records, (origin, header))?;
        Ok(Sequences::from_legal(alphabet, records))
    }

    /// Adds the letters of a line, or returns the first that is illegal with its column.
    fn append(
        &self,
        alphabet: Alphabet,
        line: &str,
        letters: &mut Vec<u8>,
    ) -> Result<(), (char, usize)> {
        for (column, letter) in line.chars().enumerate() {
            match u8::try_from(letter) {
                Ok(byte) if alphabet.accepts(byte) => letters.push(byte),
                Ok(byte) if self.ambiguous && is_ambiguous(alphabet, byte) => {
                    letters.push(alphabet.unknown());
                }
                _ if letter.is_ascii_whitespace() => {}
                _ => return Err((letter, column + 1)),
            }
        }
        Ok(())
    }
}

/// RNA where `U` and no `T` occurs, else DNA.
pub(super) fn guess<'a>(lines: impl Iterator<Item = &'a str>) -> Alphabet {
    let (mut thymine, mut uracil) = (false, false);
    for &byte in lines.flat_map(str::as_bytes) {
        thymine |= matches!(byte, b'T' | b't');
        uracil |= matches!(byte, b'U' | b'u');
    }
    if uracil && !thymine {
        Alphabet::Rna
    } else {
        Alphabet::Dna
    }
}

/// The beginning of a text, short enough for a message.
pub(super) fn excerpt(line: &str) -> String {
    let start: String = line.chars().take(20).collect();
    if start.len() < line.len() {
        format!("{start}...")
    } else {
        start
    }
}

fn finished(records: &[(String, Vec<u8>)], place: (&str, usize)) -> Result<()> {
    match records.last() {
        Some((name, letters)) if letters.is_empty() => Err(Error::parse(
            place.0,
            place.1,
            (format!("letters after the header of `{name}`"), "none"),
        )),
        _ => Ok(()),
    }
}

pub(crate) const fn is_ambiguous(alphabet: Alphabet, letter: u8) -> bool {
    let letter = letter.to_ascii_uppercase();
    match alphabet {
        Alphabet::Dna | Alphabet::Rna => matches!(
            letter,
            b'R' | b'Y' | b'S' | b'W' | b'K' | b'M' | b'B' | b'D' | b'H' | b'V' | b'X' | b'-'
        ),
        Alphabet::Protein => matches!(letter, b'B' | b'J' | b'Z' | b'U' | b'O' | b'*' | b'-'),
    }
}

impl Sequences {
    /// Returns the sequences as FASTA text, 80 letters a line.
    pub fn to_fasta(&self) -> String {
        let mut text = String::new();
        for (i, name) in self.names().iter().enumerate() {
            text.push('>');
            text.push_str(name);
            text.push('\n');
            for line in self.letters(i).chunks(WIDTH) {
                text.extend(line.iter().copied().map(char::from));
                text.push('\n');
            }
        }
        text
    }

    /// Writes the sequences to a FASTA file, gzipped when its name ends in `.gz`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        text::write(path.as_ref(), &self.to_fasta())
    }
}
