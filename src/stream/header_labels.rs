//! Labels that stand in the headers of a FASTA file.

use super::number::label;
use crate::{Error, Result};

/// How labels are read from the headers of a FASTA file.
///
/// # Examples
///
/// ```
/// use genolens::stream::HeaderLabels;
/// // `>peak_7 chr1 0.5 1`: the third and the fourth field, counted from 1.
/// let numbers = HeaderLabels::fields(&[3, 4]);
/// // `>peak_7|1`
/// let behind = HeaderLabels::fields(&[2]).separator('|');
/// // 0 where the header has this word, else 1.
/// let words = HeaderLabels::word("shuffled", 0.0).otherwise(1.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderLabels {
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Fields(Vec<usize>, Option<char>),
    Word(String, f32, f32),
}

impl HeaderLabels {
    /// Reads numbers from fields that blanks separate, counted from 1, the name; `.`, `NA` and `nan` are missing labels.
    pub fn fields(fields: &[usize]) -> Self {
        Self {
            rule: Rule::Fields(fields.to_vec(), None),
        }
    }

    /// Gives headers with these letters in them, in this case, a label; others get 0 unless [`otherwise`](Self::otherwise) says so.
    pub fn word(word: &str, label: f32) -> Self {
        Self {
            rule: Rule::Word(word.to_owned(), label, 0.0),
        }
    }

    /// Sets what separates fields, in place of blanks.
    pub fn separator(mut self, separator: char) -> Self {
        if let Rule::Fields(_, known) = &mut self.rule {
            *known = Some(separator);
        }
        self
    }

    /// Sets the label of headers without the word.
    pub fn otherwise(mut self, label: f32) -> Self {
        if let Rule::Word(_, _, other) = &mut self.rule {
            *other = label;
        }
        self
    }

    /// Returns how many labels a header gives.
    pub(super) fn width(&self) -> usize {
        match &self.rule {
            Rule::Fields(fields, _) => fields.len(),
            Rule::Word(..) => 1,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        match &self.rule {
            Rule::Fields(fields, _) if fields.is_empty() || fields.contains(&0) => {
                let expected = "at least one, counted from 1";
                Err(Error::value("fields", expected, format!("{fields:?}")))
            }
            Rule::Word(word, ..) if word.is_empty() => Err(Error::value("word", "letters", "none")),
            Rule::Word(_, one, other) if !one.is_finite() || !other.is_finite() => Err(
                Error::value("label", "finite", format!("{one} and {other}")),
            ),
            _ => Ok(()),
        }
    }

    /// Reads the labels of one header.
    pub(super) fn read(
        &self,
        header: &str,
        (origin, line): (&str, usize),
        labels: &mut Vec<f32>,
    ) -> Result<()> {
        match &self.rule {
            Rule::Word(word, one, other) => {
                labels.push(if header.contains(word) { *one } else { *other });
            }
            Rule::Fields(wanted, separator) => {
                let fields: Vec<&str> = match separator {
                    Some(separator) => header.split(*separator).map(str::trim).collect(),
                    None => header.split_whitespace().collect(),
                };
                for &field in wanted {
                    let found = fields.get(field - 1).copied();
                    let number = found.and_then(label);
                    labels.push(number.ok_or_else(|| {
                        let expected = format!("a number in field {field} of the header");
                        let got = match found {
                            Some(text) => format!("`{}`", text.escape_debug()),
                            None => format!("{} fields", fields.len()),
                        };
                        Error::parse(origin, line, (expected, got))
                    })?);
                }
            }
        }
        Ok(())
    }
}
