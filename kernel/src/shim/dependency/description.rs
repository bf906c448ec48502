//! What added crates offer, for completion: rustdoc describes them beside the session, as it does the crates of the image.

use super::addition::Addition;
use super::cargo::Built;
use super::joining::Joining;
use super::manifest;
use super::sharing::{Fate, Sharing};
use crate::analysis::index::{Item, write};
use crate::aside::aside;
use crate::image::{Kind, Rustdoc, Toolchain};
use crate::place::{self, Place};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// The file of an addition that says how its crates are described: name, folder and version of a crate and the compiler's arguments,
/// a line each, and a blank line between crates.
pub(super) const ORDERS: &str = "describe";

/// The folder of an addition that holds the descriptions, a file for each crate.
const FOLDER: &str = "index";

/// The most crates of an addition that are described.
const MOST: usize = 16;

/// Says how the crates are described that have been compiled, those first that the person has named; `folders` tells the compiler
/// where it finds crates.
pub(super) fn orders(folders: &[String], sharing: &Sharing, built: &Built) -> String {
    let mut places: Vec<usize> = sharing.direct().into_iter().map(|(_, at)| at).collect();
    places.extend(sharing.compiled());
    let mut seen = BTreeSet::new();
    let is_new = |at: &usize| {
        sharing.fates[*at] == Fate::Compile
            && sharing.units[*at].kind == Kind::Library
            && seen.insert(*at)
    };
    let places = places.into_iter().filter(is_new).take(MOST);
    let orders = places.filter_map(|at| order(at, folders, (sharing, built)));
    orders.collect::<Vec<_>>().join("\n\n")
}

fn order(at: usize, folders: &[String], (sharing, built): (&Sharing, &Built)) -> Option<String> {
    let unit = &sharing.units[at];
    let mut above = Path::new(&unit.source).ancestors();
    let folder = above.find(|folder| folder.join("Cargo.toml").exists())?;
    let mut lines = vec![
        unit.name.clone(),
        folder.display().to_string(),
        unit.version.clone(),
        format!("--edition={}", unit.edition),
    ];
    lines.extend_from_slice(folders);
    for feature in &unit.features {
        lines.push(format!("--cfg=feature=\"{feature}\""));
    }
    for (name, need) in &unit.needs {
        if let Some(file) = Joining::file(sharing, built, *need) {
            lines.push(format!("--extern={name}={}", file.display()));
        }
        let said = built.said[*need].iter().flat_map(|words| words.lines());
        let settings = said.filter_map(|line| line.split_once("rustc-cfg="));
        lines.extend(settings.map(|(_, setting)| format!("--cfg={setting}")));
    }
    lines.push(unit.source.clone());
    Some(lines.join("\n"))
}

fn folders(place: &Place) -> impl Iterator<Item = PathBuf> {
    let folder = manifest::folder(place);
    (1..=Addition::count(place)).map(move |number| folder.join(number.to_string()))
}

/// The descriptions of the crates that the session has added.
pub(crate) fn descriptions(place: &Place) -> Vec<PathBuf> {
    let entries = folders(place).filter_map(|folder| std::fs::read_dir(folder.join(FOLDER)).ok());
    let files = entries.flatten().flatten().map(|entry| entry.path());
    files.filter(|file| file.extension().is_none()).collect()
}

/// Starts a process that describes what has been added since `described` additions.
pub(crate) fn describe_beside(place: &Place, described: &mut usize) -> Option<Child> {
    let count = Addition::count(place);
    if !place.has_dependencies() || count <= *described {
        return None;
    }
    *described = count;
    aside(Command::new(std::env::current_exe().ok()?).args(["index", "--added"]))
}

/// Describes all that the session of this process has added.
pub(crate) fn describe() -> Result<()> {
    let place = Place::from_environment().context("this process belongs to no session")?;
    let toolchain = place::toolchain().context("the session has no toolchain")?;
    let draft = tempfile::tempdir_in(place.folder())?;
    for folder in folders(&place) {
        let orders = std::fs::read_to_string(folder.join(ORDERS)).unwrap_or_default();
        for order in orders.split("\n\n").filter(|order| !order.is_empty()) {
            let name = order.lines().next().unwrap_or_default();
            let file = folder.join(FOLDER).join(name);
            if file.exists() {
                continue;
            }
            // What cannot be described is not tried again.
            let items = items(order, &toolchain, draft.path()).unwrap_or_default();
            std::fs::create_dir_all(folder.join(FOLDER))?;
            let new = file.with_extension(std::process::id().to_string());
            std::fs::write(&new, write(&items))?;
            std::fs::rename(new, file)?;
        }
    }
    Ok(())
}

fn items(order: &str, toolchain: &Toolchain, draft: &Path) -> Result<Vec<Item>> {
    let mut lines = order.lines();
    let mut line = || lines.next().context("an order that is not whole");
    let (name, folder, version) = (line()?, line()?, line()?);
    let mut rustdoc = Rustdoc::new(toolchain, name, (Path::new(folder), version));
    rustdoc.told(lines);
    rustdoc.items(draft, false)
}
