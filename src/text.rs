//! Text files, plain or gzipped.

use crate::{Error, Result};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};
use std::path::Path;

/// Reads a text file whole; a file that begins with the gzip magic bytes is unpacked, whatever its name.
///
/// # Errors
///
/// [`Error::Io`] for what the disk or a broken gzip stream says, [`Error::Parse`] where the bytes are no UTF-8.
pub(crate) fn read(path: &Path) -> Result<String> {
    let mut bytes = std::fs::read(path).map_err(|error| Error::read(path, error))?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        // Block-gzipped files are many gzip members in a row.
        MultiGzDecoder::new(bytes.as_slice())
            .read_to_end(&mut unpacked)
            .map_err(|error| Error::read(path, name_gzip_fault(&error)))?;
        bytes = unpacked;
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|&byte| byte == b'\n').count();
        let bad = error.as_bytes()[good.len()];
        Error::parse(
            path.display().to_string(),
            line,
            ("UTF-8 text", format!("byte 0x{bad:02x}")),
        )
    })
}

/// Writes a text file, gzipped when its name ends in `.gz`.
///
/// # Errors
///
/// [`Error::Io`] for what the disk says.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let gzipped = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let outcome = if gzipped {
        pack(text)
    } else {
        Ok(text.as_bytes().to_vec())
    };
    outcome
        .and_then(|bytes| std::fs::write(path, bytes))
        .map_err(|error| Error::write(path, error))
}

fn pack(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

/// Says that a gzip stream ends too early, or is no such thing; what the disk says stays as it is.
pub(crate) fn name_gzip_fault(error: &io::Error) -> io::Error {
    let what = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the gzip stream is truncated".to_owned(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            format!("the gzip stream is broken ({error})")
        }
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), what)
}
