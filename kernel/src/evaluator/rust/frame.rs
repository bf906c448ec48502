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
