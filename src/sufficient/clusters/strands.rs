//! Texts and their opposite strands.

use crate::sequence::Alphabet;

/// Returns the reverse complement of letters and gaps.
pub(super) fn opposite(text: &str, alphabet: Alphabet) -> String {
    let letters = text.bytes().rev();
    letters
        .map(|letter| char::from(alphabet.complement(letter)))
        .collect()
}
