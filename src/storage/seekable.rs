//! A file that can be read from any place, plain or packed.

use crate::text::name_gzip_fault;
use crate::{Error, Result};
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes that are read at a time from the first to the last.
const BUFFER: usize = 1 << 18;

/// The most bytes that a block of a block-gzipped file has, packed or not.
const BLOCK: usize = 1 << 16;

/// A file whose bytes are read from any place, by several threads.
pub(crate) struct Seekable {
    path: PathBuf,
    file: File,
    length: u64,
    kind: Kind,
}

enum Kind {
    Plain,
    /// Where the blocks of a block-gzipped file begin, packed and unpacked; the last entry is the end.
    Blocks(Vec<(u64, u64)>),
    /// A plain copy of a gzipped file, which has no place to begin at but its start, and its size.
    Copy(File, u64),
}

impl Seekable {
    /// Opens a file; what it begins with says how it is packed, not its name.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut opened = Self::plain(path)?;
        let fail = |error| Error::read(path, error);
        let mut start = [0; 18];
        let got = opened.raw(0, &mut start).map_err(fail)?;
        if got >= 2 && start[..2] == [0x1f, 0x8b] {
            opened.kind = if block_size(&start[..got]).is_some() {
                Kind::Blocks(opened.blocks().map_err(fail)?)
            } else {
                let (copy, size) = opened.unpack().map_err(fail)?;
                Kind::Copy(copy, size)
            };
        }
        Ok(opened)
    }

    /// Opens a file whose bytes are what is read, however it begins.
    pub(crate) fn plain(path: &Path) -> Result<Self> {
        let fail = |error| Error::read(path, error);
        let file = File::open(path).map_err(fail)?;
        let about = file.metadata().map_err(fail)?;
        if about.is_dir() {
            let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
            return Err(fail(error));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            length: about.len(),
            kind: Kind::Plain,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the size of the file itself.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Returns how many bytes there are to read.
    pub(crate) fn unpacked(&self) -> u64 {
        match &self.kind {
            Kind::Plain => self.length,
            Kind::Blocks(blocks) => blocks.last().map_or(0, |&(_, end)| end),
            Kind::Copy(_, size) => *size,
        }
    }

    /// Says how the file is packed and what that costs, for people.
    pub(crate) fn cost(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Plain => None,
            Kind::Blocks(_) => Some("block-gzipped: every piece unpacks blocks of 64 KiB"),
            Kind::Copy(..) => Some("gzipped: unpacked once into a temporary file"),
        }
    }

    /// Reads the bytes from the first to the last.
    pub(crate) fn whole(&self) -> Result<Box<dyn Read>> {
        let fail = |error| Error::read(&self.path, error);
        if let Kind::Copy(copy, _) = &self.kind {
            let file = copy.try_clone().map_err(fail)?;
            let from = FromStart { file, at: 0 };
            return Ok(Box::new(BufReader::with_capacity(BUFFER, from)));
        }
        let file = File::open(&self.path).map_err(fail)?;
        let file = BufReader::with_capacity(BUFFER, file);
        Ok(match self.kind {
            Kind::Blocks(_) => Box::new(MultiGzDecoder::new(file)),
            _ => Box::new(file),
        })
    }

    /// Reads so many (unpacked) bytes from a place; fewer at the end of the file.
    pub(crate) fn read(&self, offset: u64, count: usize) -> Result<Vec<u8>> {
        self.pieces(offset, count)
            .map_err(|error| Error::read(&self.path, error))
    }

    fn pieces(&self, offset: u64, count: usize) -> io::Result<Vec<u8>> {
        let plain = |file: &File| -> io::Result<Vec<u8>> {
            let mut bytes = vec![0; count];
            let got = fill(file, offset, &mut bytes)?;
            bytes.truncate(got);
            Ok(bytes)
        };
        let blocks = match &self.kind {
            Kind::Plain => {
                if self.file.metadata()?.len() != self.length {
                    let what = "the file has changed since it was opened";
                    return Err(io::Error::other(what));
                }
                return plain(&self.file);
            }
            Kind::Copy(copy, _) => return plain(copy),
            Kind::Blocks(blocks) => blocks,
        };
        let mut bytes = Vec::with_capacity(count);
        let mut block = blocks.partition_point(|&(_, start)| start <= offset);
        block = block.saturating_sub(1);
        let mut skipped = offset.saturating_sub(blocks[block].1) as usize;
        while bytes.len() < count && block + 1 < blocks.len() {
            let some = self.block(blocks[block].0, blocks[block + 1].0)?;
            let rest = some.get(skipped..).unwrap_or_default();
            bytes.extend(&rest[..rest.len().min(count - bytes.len())]);
            skipped = 0;
            block += 1;
        }
        Ok(bytes)
    }

    /// Unpacks one block.
    fn block(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let mut packed = vec![0; (end - start) as usize];
        let got = self.raw(start, &mut packed)?;
        let head = packed
            .get(10..12)
            .map(|size| 12 + usize::from(u16::from_le_bytes([size[0], size[1]])));
        let body = head.and_then(|head| packed[..got].get(head..got.checked_sub(8)?));
        let mut bytes = Vec::new();
        let Some(body) = body.filter(|_| got == packed.len()) else {
            return Err(broken(start));
        };
        DeflateDecoder::new(body)
            .take(BLOCK as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| broken(start))?;
        let size = unpacked_size(&packed[..got]);
        let mut sum = flate2::Crc::new();
        sum.update(&bytes);
        let told = &packed[got - 8..got - 4];
        if size != Some(bytes.len()) || told != sum.sum().to_le_bytes() {
            return Err(broken(start));
        }
        Ok(bytes)
    }

    /// Walks over the heads of all blocks.
    fn blocks(&self) -> io::Result<Vec<(u64, u64)>> {
        let (mut blocks, mut at, mut unpacked) = (Vec::new(), 0, 0);
        while at < self.length {
            blocks.push((at, unpacked));
            let mut head = [0; 18];
            let got = self.raw(at, &mut head)?;
            let size = block_size(&head[..got]).ok_or_else(|| broken(at))?;
            let end = at + size;
            let mut tail = [0; 4];
            if end > self.length || self.raw(end - 4, &mut tail)? != 4 {
                let what = "the gzip stream is truncated";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
            }
            let letters = unpacked_size(&tail).filter(|&size| size <= BLOCK);
            unpacked += letters.ok_or_else(|| broken(at))? as u64;
            at = end;
        }
        blocks.push((at, unpacked));
        Ok(blocks)
    }

    /// Unpacks the whole file into a temporary one; also returns its size.
    fn unpack(&self) -> io::Result<(File, u64)> {
        let mut from = MultiGzDecoder::new(BufReader::new(File::open(&self.path)?));
        let mut copy = temporary()?;
        let size = io::copy(&mut from, &mut copy).map_err(|error| name_gzip_fault(&error))?;
        Ok((copy, size))
    }

    /// Reads bytes of the file itself, as many as there are.
    pub(crate) fn raw(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        fill(&self.file, offset, bytes)
    }
}

/// Reads a file from its start, wherever others read it.
struct FromStart {
    file: File,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let got = read_at(&self.file, bytes, self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// Makes a file without a name: it is gone when it is closed, however the process ends.
pub(crate) fn temporary() -> io::Result<File> {
    for number in 0.. {
        let name = format!("genolens-{}-{number}.txt", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, DELETE_ON_CLOSE);
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                #[cfg(unix)]
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
        }
    }
    Err(io::Error::other("no name is free for a temporary file"))
}

/// The flag of Windows for a file that the system deletes when it is closed.
#[cfg(windows)]
const DELETE_ON_CLOSE: u32 = 0x0400_0000;

/// Reads bytes from a place, as many as there are.
pub(crate) fn fill(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < bytes.len() {
        match read_at(file, &mut bytes[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

/// Returns the packed size of a block from its head, `None` where it is no block of a block-gzipped file (BGZF, SAM
/// specification 4.1): a gzip member with an extra field `BC`.
fn block_size(head: &[u8]) -> Option<u64> {
    let is_it = head.len() >= 18
        && head[..3] == [0x1f, 0x8b, 8]
        && head[3] & 4 != 0
        && head[12..16] == [b'B', b'C', 2, 0];
    let size = u64::from(u16::from_le_bytes([*head.get(16)?, *head.get(17)?])) + 1;
    (is_it && size >= 26).then_some(size)
}

/// The last four bytes of a gzip member say how long it is when it is unpacked.
fn unpacked_size(bytes: &[u8]) -> Option<usize> {
    let tail: [u8; 4] = bytes.get(bytes.len().checked_sub(4)?..)?.try_into().ok()?;
    Some(u32::from_le_bytes(tail) as usize)
}

fn broken(offset: u64) -> io::Error {
    let what = format!("the gzip stream is broken (block at byte {offset})");
    io::Error::new(io::ErrorKind::InvalidData, what)
}
