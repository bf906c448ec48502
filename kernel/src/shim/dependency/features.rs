//! The features of crates that are the library's own.

use super::sharing::is_spoken;
use crate::image::Unit;
use std::path::Path;

/// Writes features down for a person.
pub(super) fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Says with which features the library has this crate, when it does without the crate's default ones.
pub(super) fn missing(unit: &Unit, library: &[Unit]) -> Option<String> {
    let is_own = |own: &&Unit| own.id == unit.id && own.name == unit.name && own.kind == unit.kind;
    let own = library.iter().find(is_own)?;
    if !is_spoken(&unit.package) || own.features.iter().any(|name| name == "default") {
        return None;
    }
    let default = defaults(Path::new(&unit.source))?;
    let missing: Vec<String> = default
        .into_iter()
        .filter(|name| !own.features.contains(name))
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "{} is built without its default {}: a list `features = […]` gets a copy of your own, with types of its own.",
            unit.label(),
            list(&missing)
        )
    })
}

/// The default features of a crate, from the manifest that cargo has put beside its source.
fn defaults(source: &Path) -> Option<Vec<String>> {
    let manifest = source
        .ancestors()
        .find_map(|folder| std::fs::read_to_string(folder.join("Cargo.toml")).ok())?;
    let (_, rest) = manifest.split_once("\ndefault = [")?;
    let list = &rest[..rest.find(']')?];
    Some(
        list.split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect(),
    )
}
