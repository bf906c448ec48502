//! What the process leaves for the case that it dies: a file with its last sightings, and with the objects that it has loaded.

#![expect(
    unsafe_code,
    reason = "signal handlers write into memory that outlives the process"
)]

use super::sighting::{Sighting, Slot};
use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The folder of the trails, beside the socket of the session.
const FOLDER: &str = "trails";

/// The sightings of a trail: one of the end, and two of the time before it, written in turn.
#[repr(C)]
pub(super) struct Slots {
    pub(super) end: Slot,
    pub(super) before: [Slot; 2],
}

/// The trail as the process writes it.
pub(super) struct Trail {
    pub(super) slots: &'static Slots,
    file: File,
}

fn path(channel: &Path, process: u32) -> PathBuf {
    channel.with_file_name(FOLDER).join(process.to_string())
}

impl Trail {
    /// Makes the trail of this process.
    pub(super) fn begin(channel: &Path) -> Result<Self> {
        let path = path(channel, std::process::id());
        let mut file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        // Written and not only made long enough: a disk that is full must be met here.
        file.write_all(&[0; size_of::<Slots>()])?;
        // SAFETY: a fresh mapping of a file that is as long; every bit pattern is a valid slot, and it is never unmapped.
        let slots = unsafe {
            let start = libc::mmap(
                std::ptr::null_mut(),
                size_of::<Slots>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            );
            if start == libc::MAP_FAILED {
                return Err(std::io::Error::last_os_error()).context("cannot map a file");
            }
            &*start.cast::<Slots>()
        };
        Ok(Self { slots, file })
    }

    /// Notes where an object has been loaded, before any of its code runs.
    pub(super) fn note(&mut self, object: &OsStr, range: &Range<u64>) {
        let mut line = format!("{:x} {:x} ", range.start, range.end).into_bytes();
        line.extend(object.as_bytes());
        line.push(b'\n');
        // A note that is missing costs a line in an error message.
        let _ = self.file.write_all(&line);
    }
}

/// The trail as it is read.
#[derive(Debug, Default)]
pub(crate) struct Remains {
    /// Where the process was when it died, if it could say so.
    pub(crate) end: Option<Sighting>,
    /// Where it was seen last before.
    pub(crate) before: Option<Sighting>,
    objects: Vec<(Range<u64>, PathBuf)>,
}

impl Remains {
    /// Takes what a dead process has left beside this socket.
    pub(crate) fn take(channel: &Path, process: u32) -> Self {
        let path = path(channel, process);
        let bytes = std::fs::read(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        Self::read(&bytes).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (slots, notes) = bytes.split_at_checked(size_of::<Slots>())?;
        let mut slots = slots.chunks(size_of::<Slot>()).map(Sighting::read);
        let end = slots.next()?;
        let objects = notes.split(|byte| *byte == b'\n').filter_map(|line| {
            let mut parts = line.splitn(3, |byte| *byte == b' ');
            let mut address = || {
                let digits = str::from_utf8(parts.next()?).ok()?;
                u64::from_str_radix(digits, 16).ok()
            };
            let range = address()?..address()?;
            Some((range, OsStr::from_bytes(parts.next()?).into()))
        });
        Some(Self {
            end,
            before: slots.flatten().max_by_key(|sighting| sighting.serial),
            objects: objects.collect(),
        })
    }

    /// The object that an instruction belongs to, and its place in it.
    pub(crate) fn object(&self, instruction: u64) -> Option<(&Path, u64)> {
        let (range, path) = self
            .objects
            .iter()
            .find(|(range, _)| range.contains(&instruction))?;
        Some((path, instruction - range.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_read_once_and_what_is_damaged_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let channel = folder.path().join("channel");
        std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
        let mut trail = Trail::begin(&channel).unwrap();
        trail.note(OsStr::new("/a b/libcode_1.so"), &(0x1000..0x2000));
        trail.slots.before[1].publish(2);
        trail.slots.before[0].publish(1);
        let process = std::process::id();
        let remains = Remains::take(&channel, process);
        assert_eq!(remains.end, None);
        assert_eq!(remains.before.as_ref().map(|seen| seen.serial), Some(2));
        assert_eq!(
            remains.object(0x1800),
            Some((Path::new("/a b/libcode_1.so"), 0x800))
        );
        assert_eq!(remains.object(0x2000), None);
        assert!(Remains::take(&channel, process).before.is_none());
        assert!(Remains::read(b"too short").is_none());
    }
}
