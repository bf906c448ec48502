//! Lines of a text file, one at a time, plain or gzipped.

use crate::text::name_gzip_fault;
use crate::{Error, Result, progress};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// The longest line that is read.
const LINE: u64 = 1 << 20;

/// Lines between two looks at whether the user wants to stop.
const LOOK: usize = 1 << 16;

/// Gives every line, without its end, and its number.
pub(super) fn each_line(path: &Path, one: &mut dyn FnMut(usize, &str) -> Result<()>) -> Result<()> {
    let fail = |error| Error::read(path, error);
    let mut file = File::open(path).map_err(fail)?;
    let mut start = [0; 2];
    let got = file.read(&mut start).map_err(fail)?;
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    let mut reader: Box<dyn BufRead> = if got == 2 && start == [0x1f, 0x8b] {
        Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file))))
    } else {
        Box::new(BufReader::new(file))
    };
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let got = (&mut reader)
            .take(LINE)
            .read_until(b'\n', &mut line)
            .map_err(|error| fail(name_gzip_fault(&error)))?;
        if got == 0 {
            return Ok(());
        }
        number += 1;
        let origin = || path.display().to_string();
        if got as u64 == LINE {
            let expected = format!("lines of at most {LINE} bytes");
            return Err(Error::parse(origin(), number, (expected, "a longer one")));
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            let problem = ("UTF-8 text", "other bytes");
            return Err(Error::parse(origin(), number, problem));
        };
        if number.is_multiple_of(LOOK) {
            progress::check("lines of a file", number, number + 1)?;
        }
        one(number, text.trim_end_matches(['\n', '\r']))?;
    }
}
