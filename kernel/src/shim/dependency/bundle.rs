//! Links new crates into one shared object.
//!
//! A crate that is linked into each cell has its statics once in each cell: a logger set up in one is not there in the next, and
//! a runtime is not found. So the crates of an addition go into a shared object of their own, on top of the library's and of
//! earlier ones.

use super::manifest;
use crate::fingerprint::fingerprint;
use crate::place::{Place, restore};
use crate::shim::face::LINKER;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

const NAME: &str = "genolens_added_";

/// The name of the shared object of an addition, as a crate.
pub(super) fn name(number: usize) -> String {
    format!("{NAME}{number}")
}

/// The arguments of the linker; for one of these shared objects without the list of what others may see of it. The compiler does
/// not list functions of C, which a generic function of the crate may call from a cell.
pub(in crate::shim) fn link_arguments(arguments: &[String]) -> Vec<String> {
    let is_ours = |pair: &[String]| {
        let file = pair[1].rsplit('/').next().unwrap_or_default();
        pair[0] == "-o" && file.starts_with("lib") && file[3..].starts_with(NAME)
    };
    let is_bundle = arguments.windows(2).any(is_ours);
    let is_kept = |word: &&String| !is_bundle || !word.starts_with("-Wl,--version-script=");
    arguments.iter().filter(is_kept).cloned().collect()
}

/// Where the shared object of an addition is.
pub(super) fn file(place: &Place, number: usize) -> PathBuf {
    let folder = manifest::folder(place).join(number.to_string());
    folder.join(format!("lib{}.so", name(number)))
}

/// Links the crates that `arguments` names into the shared object of an addition; `None` when they cannot be, as with a native
/// library that must not be shared. Then every cell links them.
pub(super) fn link(
    place: &Place,
    number: usize,
    crates: &[String],
    arguments: &[String],
) -> Result<Option<PathBuf>> {
    let folder = manifest::folder(place).join(number.to_string());
    let image = place.image().context("the session has no image")?;
    let mut source = String::from("extern crate genolens as _;\n");
    for name in crates {
        source.push_str(&format!("extern crate {name} as _;\n"));
    }
    std::fs::write(folder.join("lib.rs"), &source)?;
    let mut command = Command::new(place.rustc());
    restore(&mut command);
    let output = command
        .current_dir(&folder)
        .args(["--crate-name", &name(number), "--edition", "2024"])
        .args(["--crate-type", "dylib", "-C", "prefer-dynamic"])
        .args(["-C", "strip=debuginfo", "--cap-lints", "allow"])
        .arg("-C")
        .arg(format!("linker={}", place.bin().join(LINKER).display()))
        .arg("-C")
        .arg(format!("metadata={}", fingerprint(&arguments.join("\n"))))
        .arg("-L")
        .arg(format!("dependency={}", image.dependencies().display()))
        .arg("--extern")
        .arg(format!("genolens={}", image.library().display()))
        .args(arguments)
        .arg("lib.rs")
        .output()
        .context("cannot run rustc")?;
    if !output.status.success() {
        std::fs::write(folder.join("failure"), &output.stderr)?;
        return Ok(None);
    }
    Ok(Some(file(place, number)))
}
