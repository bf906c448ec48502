//! One message of the runtime: a letter for its kind, the length of the text in four bytes, the text.

use std::io::{ErrorKind, Read, Result, Write, copy, sink};

/// The longest text that is kept; a front end can do nothing with a longer one.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// Holds one message.
#[derive(Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    /// The length that the sender announced.
    pub(super) length: usize,
    /// The text, or nothing where it is longer than [`LONGEST`].
    pub(super) payload: Option<Vec<u8>>,
}

impl Frame {
    /// Makes a frame.
    pub(super) fn new(kind: u8, text: String) -> Self {
        Self {
            kind,
            length: text.len(),
            payload: Some(text.into_bytes()),
        }
    }

    /// Writes the frame.
    pub(super) fn write(&self, stream: &mut impl Write) -> Result<()> {
        let text = self.payload.as_deref().unwrap_or_default();
        let length = (text.len() as u32).to_le_bytes();
        stream.write_all(&[&[self.kind], &length[..], text].concat())
    }

    /// Reads a frame; a text that is too long is read past.
    pub(super) fn read(stream: &mut impl Read) -> Result<Self> {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_le_bytes(length) as usize;
        let mut text = stream.take(length as u64);
        // Memory grows with what comes, not with what was announced.
        let mut payload = Vec::new();
        let count = if length > LONGEST {
            copy(&mut text, &mut sink())? as usize
        } else {
            text.read_to_end(&mut payload)?
        };
        if count < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(Self {
            kind,
            length,
            payload: (length <= LONGEST).then_some(payload),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Counts what is asked of it and gives ever the same byte.
    struct Endless(usize);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            let count = buffer.len().min(self.0);
            buffer[..count].fill(b'x');
            self.0 -= count;
            Ok(count)
        }
    }

    fn header(length: u32) -> impl Read {
        std::io::Cursor::new([&b"D"[..], &length.to_le_bytes()].concat())
    }

    #[test]
    fn what_is_too_long_is_read_past_and_what_is_only_announced_takes_no_memory() {
        let length = LONGEST as u32 + 1;
        let mut stream = header(length)
            .chain(Endless(length as usize))
            .chain(&b"V\x01\0\0\0y"[..]);
        let long = Frame::read(&mut stream).unwrap();
        assert_eq!(
            (long.kind, long.length, long.payload),
            (b'D', LONGEST + 1, None)
        );
        assert_eq!(
            Frame::read(&mut stream).unwrap(),
            Frame::new(b'V', "y".to_owned())
        );
        for length in [LONGEST as u32, u32::MAX] {
            let mut stream = header(length).chain(Endless(1000));
            assert!(Frame::read(&mut stream).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in vec(any::<u8>(), 0..64)) {
            let mut stream = &bytes[..];
            while let Ok(frame) = Frame::read(&mut stream) {
                prop_assert_eq!(frame.payload.map(|text| text.len()), Some(frame.length));
            }
        }

        #[test]
        fn a_frame_that_was_written_is_read_and_one_that_was_cut_is_not(
            kind: u8, text: String, cut in 0.0..1.0,
        ) {
            let frame = Frame::new(kind, text);
            let mut written = Vec::new();
            frame.write(&mut written).unwrap();
            prop_assert_eq!(&Frame::read(&mut &written[..]).unwrap(), &frame);
            let cut = (cut * written.len() as f64) as usize;
            prop_assert!(Frame::read(&mut &written[..cut]).is_err());
        }
    }
}
