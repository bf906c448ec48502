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
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "genolens_added_";

/// The name of the shared object of an addition, as a crate.
pub(super) fn name(number: usize) -> String {
    format!("{NAME}{number}")
}

/// The arguments of the linker. One of these shared objects is linked with all of the crates in it and without the list of what
/// others may see: the compiler lists no functions of C, which a generic function of a crate may call from a cell.
pub(in crate::shim) fn link_arguments(place: &Place, arguments: &[String]) -> Vec<String> {
    let is_ours = |pair: &[String]| {
        let file = pair[1].rsplit('/').next().unwrap_or_default();
        pair[0] == "-o" && file.starts_with("lib") && file[3..].starts_with(NAME)
    };
    if !arguments.windows(2).any(is_ours) {
        return arguments.to_vec();
    }
    let crates = manifest::folder(place).join("target");
    let with_all = |word: &String| {
        let path = Path::new(word);
        if path.extension().is_some_and(|ending| ending == "rlib") && path.starts_with(&crates) {
            let [begin, end] = ["-Wl,--whole-archive", "-Wl,--no-whole-archive"];
            return vec![begin.to_owned(), word.clone(), end.to_owned()];
        }
        vec![word.clone()]
    };
    arguments
        .iter()
        .filter(|word| !word.starts_with("-Wl,--version-script="))
        .flat_map(with_all)
        .collect()
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
