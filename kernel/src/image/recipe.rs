//! What goes into an image, and the key that says so.

use super::{Image, Toolchain};
use crate::cache;
use crate::fingerprint::hex;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Changes when an image holds something new.
const LAYOUT: &str = "2";

/// The sources and the toolchain of an image.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) source: PathBuf,
    pub(crate) toolchain: Toolchain,
    key: String,
}

impl Recipe {
    /// The source of the library's support crate for cells.
    pub(crate) const CELL: &str = include_str!("cell.rs.txt");

    /// Reads the recipe from the library's source folder.
    pub(crate) fn read() -> Result<Self> {
        let source = source_folder()?;
        let toolchain = Toolchain::find(&source)?;
        let mut hash = Sha256::new();
        hash.update(LAYOUT);
        hash.update(&toolchain.version);
        hash.update(Self::CELL);
        for name in ["Cargo.toml", "Cargo.lock"] {
            add_file(&mut hash, &source.join(name))?;
        }
        add_folder(&mut hash, &source.join("src"))?;
        // The features of the library: a CUDA image is another image.
        hash.update(features().join(","));
        let key = hex(&hash.finalize()[..12]);
        Ok(Self {
            source,
            toolchain,
            key,
        })
    }

    /// The folder whose toolchain builds the image.
    pub(crate) fn home() -> PathBuf {
        source_folder().unwrap_or_else(|_| ".".into())
    }

    /// The folder that the image has or will have.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        Ok(cache::folder()?.join("images").join(&self.key))
    }

    /// The image, when it has been built.
    pub(crate) fn image(&self) -> Result<Option<Image>> {
        let folder = self.folder()?;
        Ok(folder.join("complete").exists().then(|| Image::at(folder)))
    }
}

/// The features that the library is built with, from `GENOLENS_FEATURES`.
pub(super) fn features() -> Vec<String> {
    std::env::var("GENOLENS_FEATURES")
        .unwrap_or_default()
        .split([',', ' '])
        .filter(|feature| !feature.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The source of the library: beside this package, unless `GENOLENS_SOURCE` says otherwise.
fn source_folder() -> Result<PathBuf> {
    let folder = std::env::var_os("GENOLENS_SOURCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".."),
        PathBuf::from,
    );
    if !folder.join("src/lib.rs").exists() {
        bail!(
            "the source of the library is not in {}: set GENOLENS_SOURCE to a clone of the repository",
            folder.display()
        );
    }
    Ok(folder.canonicalize()?)
}

fn add_file(hash: &mut Sha256, path: &Path) -> Result<()> {
    let content = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    hash.update((content.len() as u64).to_le_bytes());
    hash.update(content);
    Ok(())
}

fn add_folder(hash: &mut Sha256, folder: &Path) -> Result<()> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            add_folder(hash, &entry)?;
        } else {
            add_file(hash, &entry)?;
        }
    }
    Ok(())
}
