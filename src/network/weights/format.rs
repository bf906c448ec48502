//! Which format a file has, told from its content.

use crate::{Error, Result};
use std::fmt;

/// The format of a file of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WeightFormat {
    /// Safetensors.
    SafeTensors,
    /// What `torch.save` writes since `PyTorch` 1.6: pickles in a zip archive.
    PyTorch,
    /// What `torch.save` wrote before: pickles one after the other.
    LegacyPyTorch,
    /// HDF5, as Keras 1, 2 and 3 write with `save_weights` and `save`.
    Hdf5,
    /// A parameter file of DeepBind.
    DeepBind,
}

/// The pickled number that an old file of `PyTorch` begins with.
pub(super) const LEGACY: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

/// How to write what can be read.
pub(super) const SAVE: &str = "`torch.save(model.state_dict(), \"weights.pth\")` in Python";

impl WeightFormat {
    pub(super) fn of(origin: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.starts_with(b"PK\x03\x04") {
            return Ok(Self::PyTorch);
        }
        if bytes.starts_with(LEGACY) {
            return Ok(Self::LegacyPyTorch);
        }
        if bytes.starts_with(b"# deepbind") {
            return Ok(Self::DeepBind);
        }
        // A block of the user's own may stand before the signature, 512 bytes long or a power of two times that.
        let places = std::iter::successors(Some(0_usize), |&at| Some((at * 2).max(512)));
        let mut places = places.take_while(|&at| at + HDF5.len() <= bytes.len());
        if places.any(|at| bytes[at..].starts_with(HDF5)) {
            return Ok(Self::Hdf5);
        }
        if bytes.get(8) == Some(&b'{') {
            return Ok(Self::SafeTensors);
        }
        Err(unknown(origin, bytes))
    }
}

/// Says what a file is that holds no weights that can be read.
fn unknown(origin: &str, bytes: &[u8]) -> Error {
    let start: Vec<u8> = bytes.iter().take(64).map(u8::to_ascii_lowercase).collect();
    let begins = |what: &str| start.trim_ascii_start().starts_with(what.as_bytes());
    let (expected, got) = if bytes.is_empty() {
        ("a file of weights".into(), "empty".into())
    } else if begins("version https://git-lfs") {
        let got = "a pointer of Git LFS: the weights themselves were not downloaded";
        (
            "a file of weights (`git lfs pull` fetches it)".into(),
            got.into(),
        )
    } else if begins("<!doctype") || begins("<html") || begins("<?xml") {
        let got = "a web page, perhaps saved in place of the file behind it";
        ("a file of weights".into(), got.into())
    } else if bytes.starts_with(b"\x1f\x8b") {
        (
            "a file of weights".into(),
            "compressed by gzip: unpack it first".into(),
        )
    } else if bytes.starts_with(b"\x93NUMPY") {
        let expected = "named tensors (`safetensors.numpy.save_file` in Python writes them)";
        (expected.into(), "an array of numpy without a name".into())
    } else if matches!(bytes, [0x80, 2..=5, ..]) {
        (
            format!("a state dict, written by {SAVE}"),
            "a pickle of Python objects".into(),
        )
    } else {
        let expected = "safetensors, a state dict of PyTorch (.pth, .pt), HDF5 of Keras (.h5) or a DeepBind parameter file";
        let first: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let got = format!("{} bytes that begin with {}", bytes.len(), first.join(" "));
        (expected.to_string(), got)
    };
    Error::value(origin, expected, got)
}

impl fmt::Display for WeightFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SafeTensors => "safetensors",
            Self::PyTorch => "PyTorch",
            Self::LegacyPyTorch => "PyTorch before 1.6",
            Self::Hdf5 => "HDF5",
            Self::DeepBind => "DeepBind parameters",
        })
    }
}
