//! Files that are gone after a test, and letters to put into them.

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use genolens::training::Source;
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes a folder; `name` is that of the test.
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("genolens_{name}_{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Takes the folder out of a message.
    pub(super) fn told(&self, error: &genolens::Error) -> String {
        let folder = format!("{}{}", self.0.display(), std::path::MAIN_SEPARATOR);
        let text = error.to_string();
        assert!(!text.contains('\n'), "{text}");
        text.replace(&folder, "")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Letters that look random.
pub(super) fn letters(count: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"ACGT"[(state >> 24) as usize % 4]
    };
    (0..count).map(|_| next()).collect()
}

/// Writes FASTA text with so many letters on a line.
pub(super) fn fasta_text(records: &[(&str, &[u8])], width: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for (header, letters) in records {
        text.extend(format!(">{header}\n").bytes());
        for line in letters.chunks(width) {
            text.extend(line);
            text.push(b'\n');
        }
    }
    text
}

pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Packs text as `bgzip` does, in blocks of so many bytes, with the empty block at the end.
pub(super) fn bgzip(text: &[u8], block: usize) -> Vec<u8> {
    let mut packed = Vec::new();
    for some in text.chunks(block).chain([&[][..]]) {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(some).unwrap();
        let body = encoder.finish().unwrap();
        let size = (body.len() + 26 - 1) as u16;
        packed.extend([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, b'B', b'C', 2, 0]);
        packed.extend(size.to_le_bytes());
        packed.extend(body);
        let mut check = flate2::Crc::new();
        check.update(some);
        packed.extend(check.sum().to_le_bytes());
        packed.extend((some.len() as u32).to_le_bytes());
    }
    packed
}

/// Returns the letters of one example of a source, `N` where all rows are equal.
pub(super) fn text(source: &dyn Source, row: usize) -> String {
    let batch = source.read(&[row]).unwrap();
    let x = batch.x();
    (0..x.shape()[2])
        .map(|position| {
            let column: Vec<f32> = (0..4).map(|letter| x[[0, letter, position]]).collect();
            match column.iter().position(|&value| value == 1.0) {
                Some(letter) => char::from(b"ACGT"[letter]),
                None => 'N',
            }
        })
        .collect()
}

pub(super) fn golden(name: &str) -> PathBuf {
    Path::new("tests/golden/stream").join(name)
}
