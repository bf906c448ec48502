//! What the filter "LZF" of h5py has packed.

/// Unpacks at most so many bytes; `None` where the bytes are no LZF stream or hold more.
///
/// A byte below 32 begins a run of that many bytes and one more; any other is a copy of what was unpacked before: three bits of length,
/// where 7 takes another byte, and thirteen bits of distance.
pub(super) fn unpacked(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(most.min(bytes.len().saturating_mul(8)));
    let mut rest = bytes.iter();
    while let Some(&control) = rest.next() {
        let control = usize::from(control);
        if control < 32 {
            let run = rest.as_slice().get(..=control)?;
            out.extend_from_slice(run);
            rest = rest.as_slice()[run.len()..].iter();
        } else {
            let mut length = (control >> 5) + 2;
            if control >> 5 == 7 {
                length += usize::from(*rest.next()?);
            }
            let distance = ((control & 31) << 8 | usize::from(*rest.next()?)) + 1;
            let mut from = out.len().checked_sub(distance)?;
            if out.len() + length > most {
                return None;
            }
            // The copy may run into what it is writing.
            while length > 0 {
                let count = length.min(out.len() - from);
                out.extend_from_within(from..from + count);
                from += count;
                length -= count;
            }
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::unpacked;

    #[test]
    fn runs_and_copies_are_told_apart() {
        // "abc", then nine bytes from three back, then one byte.
        let packed = [2, b'a', b'b', b'c', 7 << 5, 0, 2, 0, b'!'];
        assert_eq!(
            unpacked(&packed, 13).as_deref(),
            Some(&b"abcabcabcabc!"[..])
        );
        assert_eq!(unpacked(&packed, 12), None);
        assert_eq!(unpacked(&[1 << 5, 0], 99), None);
        assert_eq!(unpacked(&[5, b'a'], 99), None);
        assert_eq!(unpacked(&[], 0), Some(Vec::new()));
    }
}
