//! Files that are read whole, plain or gzipped, up to a size.

use crate::text::name_gzip_fault;
use crate::{Error, Result};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Reads a file, unpacked; one that begins with the gzip magic bytes is gzipped, whatever its name.
///
/// # Errors
///
/// [`Error::Io`] for what the disk or a broken gzip stream says, [`Error::Value`] for a file of more than `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let fail = |error| Error::read(path, error);
    let mut file = File::open(path).map_err(fail)?;
    let mut start = [0; 2];
    let got = file.read(&mut start).map_err(fail)?;
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    let reader = BufReader::new(file);
    let mut bytes = Vec::new();
    // One byte more than there may be shows that there are too many.
    if got == 2 && start == [0x1f, 0x8b] {
        let mut unpacked = MultiGzDecoder::new(reader).take(most + 1);
        unpacked
            .read_to_end(&mut bytes)
            .map_err(|error| fail(name_gzip_fault(&error)))?;
    } else {
        reader
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
    }
    if bytes.len() as u64 > most {
        let origin = path.display().to_string();
        let got = "longer, or unpacks to more";
        return Err(Error::value(&origin, format!("at most {most} bytes"), got));
    }
    Ok(bytes)
}
