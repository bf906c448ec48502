//! One-hot input, recognised.

use crate::network::operation::Real;

/// Rows of a one-hot code that is recognised: DNA and RNA.
pub(crate) const LETTERS: usize = 4;

/// No letter: a column of zeros, as padding has.
pub(crate) const NONE: u8 = 4;

/// Any letter: a column of equal shares.
const ANY: u8 = 5;

/// What a column can be.
pub(crate) const KINDS: usize = 6;

/// The letters of one example, if every column of it is exactly a letter, zeros, or equal shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Codes(Vec<u8>);

impl Codes {
    /// Reads `(letters, length)`; `None` when one column is anything else, however near it comes.
    pub(crate) fn read<T: Real>(x: &[T]) -> Option<Self> {
        let length = x.len() / LETTERS;
        if length == 0 || x.len() != LETTERS * length {
            return None;
        }
        let mut codes = vec![0; length];
        let (a, rest) = x.split_at(length);
        let (c, rest) = rest.split_at(length);
        let (g, t) = rest.split_at(length);
        for (position, code) in codes.iter_mut().enumerate() {
            let column = [a[position], c[position], g[position], t[position]];
            *code = kind(column)?;
        }
        Some(Self(codes))
    }

    /// Returns the kind of every column.
    pub(crate) fn kinds(&self) -> &[u8] {
        &self.0
    }
}

fn kind<T: Real>([a, c, g, t]: [T; LETTERS]) -> Option<u8> {
    let (zero, one) = (T::zero(), T::one());
    let bit = |value: T| value == one;
    let bits = [bit(a), bit(c), bit(g), bit(t)].map(u8::from);
    let clean = |value: T| value == one || value == zero;
    if clean(a) && clean(c) && clean(g) && clean(t) {
        return match bits[0] + bits[1] + bits[2] + bits[3] {
            0 => Some(NONE),
            1 => Some(bits[1] + 2 * bits[2] + 3 * bits[3]),
            _ => None,
        };
    }
    let share = T::from_f64(0.25);
    [a, c, g, t]
        .iter()
        .all(|&value| value == share)
        .then_some(ANY)
}

/// Returns what a filter adds for a column of this kind, given its numbers for the four letters.
pub(crate) fn worth<T: Real>(kind: usize, letters: [T; LETTERS]) -> T {
    match kind {
        0..LETTERS => letters[kind],
        4 => T::zero(),
        _ => {
            let [a, c, g, t] = letters;
            ((a + c) + (g + t)) * T::from_f64(0.25)
        }
    }
}
