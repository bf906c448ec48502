//! What goes into an image, and the key that says so.

use super::{Image, Toolchain, source};
use crate::cache;
use crate::fingerprint::hex;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Changes when an image holds something new.
const LAYOUT: &str = "4";

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

    /// Reads the recipe from the library's source folder; `say` hears when that must be fetched first.
    pub(crate) fn read(say: &dyn Fn(&str)) -> Result<Self> {
        let source = source::find(say)?;
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
        source::known().ok().flatten().unwrap_or_else(|| ".".into())
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
