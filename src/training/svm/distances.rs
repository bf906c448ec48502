//! Words of letters at a distance: the Hamming scheme over four letters.

/// The number of subsets of `k` among `n`.
pub(super) fn binomial(n: usize, k: usize) -> f64 {
    if k > n {
        return 0.0;
    }
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

/// The Krawtchouk polynomial: the sum over all words at distance `j` of a character of weight `m`, and the other way round.
pub(super) fn krawtchouk(length: usize, j: usize, m: usize) -> f64 {
    let term = |i: usize| {
        let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * 3_f64.powi((j - i) as i32) * binomial(m, i) * binomial(length - m, j - i)
    };
    (0..=j.min(m)).map(term).sum()
}

/// Turns numbers by distance into eigenvalues by weight; doing it twice multiplies by the number of words.
pub(super) fn eigenvalues(by_distance: &[f64]) -> Vec<f64> {
    let length = by_distance.len() - 1;
    let at = |weight: usize| {
        let terms = by_distance.iter().enumerate();
        terms
            .map(|(m, value)| value * krawtchouk(length, m, weight))
            .sum()
    };
    (0..=length).map(at).collect()
}

/// In how many letters two words differ.
#[inline]
pub(super) fn distance(a: u32, b: u32) -> usize {
    weight(a ^ b)
}

/// How many letters of a word are not the first one.
#[inline]
pub(super) fn weight(word: u32) -> usize {
    ((word | (word >> 1)) & 0x5555_5555).count_ones() as usize
}

/// The word on the other strand, where the last letter pairs with the first one.
#[inline]
pub(super) fn other_strand(word: u32, length: usize) -> u32 {
    let unused = 32 - 2 * length as u32;
    let pairs = word.reverse_bits();
    let swapped = ((pairs & 0x5555_5555) << 1) | ((pairs >> 1) & 0x5555_5555);
    !swapped >> unused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_undo_each_other() {
        let by_distance = [5.0, 3.0, -2.0, 1.0, 0.5];
        let twice = eigenvalues(&eigenvalues(&by_distance));
        for (value, twice) in by_distance.iter().zip(twice) {
            assert!((twice - 256.0 * value).abs() < 1e-9);
        }
    }

    #[test]
    fn the_other_strand_is_read_backwards() {
        // AACGT: 0 0 1 2 3; the other strand reads ACGTT.
        assert_eq!(other_strand(0b00_00_01_10_11, 5), 0b00_01_10_11_11);
        for word in 0..4096 {
            assert_eq!(other_strand(other_strand(word, 6), 6), word);
            assert_eq!(other_strand(other_strand(word, 12), 12), word);
        }
        assert_eq!(distance(0b00_01_10, 0b11_01_00), 2);
    }
}
