//! The published library, fetched by cargo and kept in the cache as if it were a checkout.

use super::stopping::Builder;
use super::{Toolchain, folders, source};
use crate::cache;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The library has the version of the kernel.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The library in the cache, if it has been fetched.
pub(super) fn fetched() -> Result<Option<PathBuf>> {
    let folder = folder()?;
    Ok(folder.is_dir().then_some(folder))
}

/// Tells whether this source is one that was fetched, so that what is compiled from it is needed only once.
pub(super) fn is_fetched(source: &Path) -> bool {
    folder().is_ok_and(|folder| folder == source)
}

fn folder() -> Result<PathBuf> {
    let name = format!("genolens-{VERSION}");
    Ok(cache::folder()?.join("source").join(name))
}

/// Fetches the library through a crate that depends on nothing else.
pub(super) fn fetch(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let folder = folder()?;
    let above = folder.parent().context("the cache has no parent folder")?;
    std::fs::create_dir_all(above).with_context(|| {
        format!(
            "cannot create {}: set GENOLENS_CACHE to a folder that can be written",
            above.display()
        )
    })?;
    // Made aside and moved into place, so that nobody ever sees half of it.
    let draft = tempfile::Builder::new()
        .prefix("draft-")
        .tempdir_in(above)
        .with_context(|| format!("cannot write in {}", above.display()))?;
    say(&format!(
        "fetching genolens {VERSION} and what it depends on, once"
    ));
    let toolchain = Toolchain::find(Path::new("."))?;
    let found = resolve(&toolchain, draft.path())?;
    let library = draft.path().join("library");
    folders::copy(&found, &library).with_context(|| format!("cannot copy {}", found.display()))?;
    stand_alone(&library)?;
    if !library.join("Cargo.lock").is_file() {
        let lock = draft.path().join("Cargo.lock");
        std::fs::copy(&lock, library.join("Cargo.lock"))
            .with_context(|| format!("cannot copy {}", lock.display()))?;
    }
    if let Err(error) = std::fs::rename(&library, &folder)
        // Another kernel may have been faster.
        && !folder.is_dir()
    {
        return Err(error).with_context(|| format!("cannot create {}", folder.display()));
    }
    Ok(folder)
}

/// Asks cargo where it has put the library, which makes it download it.
fn resolve(toolchain: &Toolchain, draft: &Path) -> Result<PathBuf> {
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n\
         [dependencies]\ngenolens = \"={VERSION}\"\n\n[workspace]\n"
    );
    std::fs::write(draft.join("Cargo.toml"), manifest)?;
    std::fs::write(draft.join("lib.rs"), "")?;
    let mut command = toolchain.cargo();
    command
        .args(["metadata", "--format-version", "1"])
        .current_dir(draft)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(draft.join("complaints"))?);
    if let Some(host) = toolchain.host() {
        command.args(["--filter-platform", host]);
    }
    let mut child = Builder::spawn(&mut command)
        .context("cannot run cargo: install Rust from https://rustup.rs")?;
    let mut answer = Vec::new();
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_end(&mut answer)?;
    }
    if !child.wait()?.success() {
        let complaint = std::fs::read_to_string(draft.join("complaints")).unwrap_or_default();
        bail!(
            "the source of the library is not in {}, and cargo cannot fetch genolens {VERSION}: set GENOLENS_SOURCE to a clone of the repository.\n{}",
            source::beside().display(),
            complaint.trim()
        );
    }
    let answer: Value = serde_json::from_slice(&answer).context("cargo gave no JSON")?;
    let packages = answer["packages"].as_array().into_iter().flatten();
    let library = packages
        .filter(|package| package["name"] == "genolens")
        .find_map(|package| package["manifest_path"].as_str())
        .and_then(|manifest| Path::new(manifest).parent())
        .context("cargo did not say where genolens is")?;
    Ok(library.to_owned())
}

/// Keeps cargo from looking for a workspace above the cache.
fn stand_alone(library: &Path) -> Result<()> {
    let path = library.join("Cargo.toml");
    let mut manifest = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    if !manifest.lines().any(|line| line.trim() == "[workspace]") {
        manifest.push_str("\n[workspace]\n");
    }
    std::fs::write(&path, manifest).with_context(|| format!("cannot write {}", path.display()))
}
