//! Bytes of a stream to text, across the borders of its chunks.

/// Turns chunks of bytes into text; a character split between two chunks is put together.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    begun: Vec<u8>,
}

impl Decoder {
    /// Gives the text that is certain after `bytes`; broken bytes become U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let whole = all.len() - unfinished(&all);
        self.begun = all.split_off(whole);
        match String::from_utf8(all) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    }

    /// Gives what is left when the stream ends.
    pub(crate) fn finish(&mut self) -> String {
        let begun = std::mem::take(&mut self.begun);
        String::from_utf8_lossy(&begun).into_owned()
    }
}

/// Counts the bytes at the end that begin a character and do not finish it.
fn unfinished(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        let width = match byte {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        return if width > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::Decoder;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn any_cut_gives_the_same_text() {
        let text = "a é 漢 🧬 z";
        for cut in 0..=text.len() {
            let mut decoder = Decoder::default();
            let (left, right) = text.as_bytes().split_at(cut);
            let joined = decoder.push(left) + &decoder.push(right) + &decoder.finish();
            assert_eq!(joined, text, "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_read_as_in_one(
            pieces in vec(vec(prop_oneof![any::<u8>(), Just(0xe6), Just(0xbc), Just(0xf0), Just(0x9f)], 0..9), 0..9),
        ) {
            let mut decoder = Decoder::default();
            let mut text: String = pieces.iter().map(|piece| decoder.push(piece)).collect();
            text += &decoder.finish();
            let whole = pieces.concat();
            prop_assert_eq!(text, String::from_utf8_lossy(&whole));
        }
    }

    #[test]
    fn broken_bytes_are_replaced_and_the_rest_survives() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(b"a\xffb\xe6"), "a\u{fffd}b");
        assert_eq!(decoder.finish(), "\u{fffd}");
    }
}
