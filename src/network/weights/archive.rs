//! Zip archives, as far as `PyTorch` writes them; hostile until read.

use super::aligned::short;
use super::allowance::Allowance;
use super::element::whole;
use crate::{Error, Result};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;

/// Where the members of an archive lie.
#[derive(Clone, Debug)]
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    members: BTreeMap<String, Member>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    method: u16,
    encrypted: bool,
    packed: u64,
    size: u64,
    header: u64,
}

/// Reads a number, its smallest byte first, at a place that may lie outside.
fn number(bytes: &[u8], place: u64, size: u64) -> Option<u64> {
    slice(bytes, place, size).map(whole)
}

fn slice(bytes: &[u8], place: u64, size: u64) -> Option<&[u8]> {
    let end = place.checked_add(size)?;
    bytes.get(usize::try_from(place).ok()?..usize::try_from(end).ok()?)
}

impl<'a> Archive<'a> {
    pub(super) fn open(origin: &str, bytes: &'a [u8]) -> Result<Self> {
        Self::list(bytes).ok_or_else(|| {
            let got = format!("{} bytes of a damaged or truncated one", bytes.len());
            Error::value(origin, "a complete zip archive", got)
        })
    }

    fn list(bytes: &'a [u8]) -> Option<Self> {
        // The end of the list is the last thing in the file, but for a comment.
        let signature = b"PK\x05\x06";
        let from = bytes.len().saturating_sub(22 + 0xFFFF);
        let end = bytes[from..]
            .windows(4)
            .rposition(|four| four == signature)?;
        let end = (from + end) as u64;
        let comment = number(bytes, end + 20, 2)?;
        slice(bytes, end + 22, comment)?;
        let mut count = number(bytes, end + 10, 2)?;
        let mut start = number(bytes, end + 16, 4)?;
        let locator = end.saturating_sub(20);
        if end >= 20 && slice(bytes, locator, 4)? == b"PK\x06\x07" {
            let wide = number(bytes, locator + 8, 8)?;
            if slice(bytes, wide, 4)? != b"PK\x06\x06" {
                return None;
            }
            count = number(bytes, wide.checked_add(32)?, 8)?;
            start = number(bytes, wide.checked_add(48)?, 8)?;
        }
        let mut members = BTreeMap::new();
        for _ in 0..count {
            if slice(bytes, start, 4)? != b"PK\x01\x02" {
                return None;
            }
            let read = |place: u64, size| number(bytes, start.checked_add(place)?, size);
            let [name, extra, comment] = [read(28, 2)?, read(30, 2)?, read(32, 2)?];
            let mut member = Member {
                method: read(10, 2)? as u16,
                encrypted: read(8, 2)? & 1 == 1,
                packed: read(20, 4)?,
                size: read(24, 4)?,
                header: read(42, 4)?,
            };
            let names = start.checked_add(46)?;
            let text = String::from_utf8_lossy(slice(bytes, names, name)?).into_owned();
            member.widen(slice(bytes, names.checked_add(name)?, extra)?)?;
            members.insert(text, member);
            start = names + name + extra + comment;
        }
        Some(Self { bytes, members })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns a member, unpacked.
    pub(super) fn read(&self, name: &str, allowance: &mut Allowance) -> Result<Cow<'a, [u8]>> {
        let argument = format!("{}: {}", allowance.origin(), short(name));
        let Some(member) = self.members.get(name) else {
            return Err(Error::value(
                &argument,
                "a member of the archive",
                "missing",
            ));
        };
        let damaged = || Error::value(&argument, "complete", "damaged or truncated");
        let packed = member.packed(self.bytes).ok_or_else(damaged)?;
        match member.method {
            _ if member.encrypted => Err(Error::value(&argument, "readable", "encrypted")),
            0 if member.size == member.packed => Ok(Cow::Borrowed(packed)),
            8 => {
                allowance.take_bytes(name, member.size)?;
                let mut out = Vec::new();
                let inflated = flate2::read::DeflateDecoder::new(packed);
                let read = inflated.take(member.size).read_to_end(&mut out);
                if read.is_err() || out.len() as u64 != member.size {
                    return Err(damaged());
                }
                Ok(Cow::Owned(out))
            }
            0 => Err(damaged()),
            method => {
                let got = format!("compressed by method {method}");
                Err(Error::value(&argument, "stored or deflated", got))
            }
        }
    }
}

impl Member {
    /// Reads what is too large for its usual field from the extra ones.
    fn widen(&mut self, mut extra: &[u8]) -> Option<()> {
        const WIDE: u64 = 0xFFFF_FFFF;
        while extra.len() >= 4 {
            let (kind, size) = (number(extra, 0, 2)?, number(extra, 2, 2)?);
            // What pads a member to its place may end in the middle of a field.
            let Some(mut field) = slice(extra, 4, size) else {
                break;
            };
            for value in [&mut self.size, &mut self.packed, &mut self.header] {
                if kind == 1 && *value == WIDE {
                    *value = number(field, 0, 8)?;
                    field = &field[8..];
                }
            }
            extra = &extra[4 + size as usize..];
        }
        Some(())
    }

    fn packed(self, bytes: &[u8]) -> Option<&[u8]> {
        if slice(bytes, self.header, 4)? != b"PK\x03\x04" {
            return None;
        }
        let read = |place: u64| number(bytes, self.header.checked_add(place)?, 2);
        let start = (self.header.checked_add(30)?).checked_add(read(26)? + read(28)?)?;
        slice(bytes, start, self.packed)
    }
}
