//! Says which crates are not the library's own, and why, before the compiler finds two types of one name.

use super::sharing::{Fate, Mode, Sharing, is_spoken};
use crate::image::Unit;
use std::collections::BTreeSet;

/// The packages of which there is a second copy now, though the library speaks their types.
pub(super) fn names(sharing: &Sharing) -> Vec<String> {
    let packages = sharing.compiled().map(|index| &sharing.units[index]);
    let labels: BTreeSet<String> = packages
        .filter(|unit| is_spoken(&unit.package))
        .map(Unit::label)
        .collect();
    labels.into_iter().collect()
}

/// One sentence for each package whose types the library speaks and of which there is a second copy now.
pub(super) fn describe(sharing: &Sharing, image: &[Unit], mode: Mode) -> Vec<String> {
    let copies: Vec<usize> = sharing
        .compiled()
        .filter(|index| is_spoken(&sharing.units[*index].package))
        .collect();
    let packages: BTreeSet<&str> = copies
        .iter()
        .map(|index| sharing.units[*index].package.as_str())
        .collect();
    let mut sentences = BTreeSet::new();
    for index in copies {
        let unit = &sharing.units[index];
        // The parts of polars need no sentence of their own beside polars.
        if unit.package.starts_with("polars-") && packages.contains("polars") {
            continue;
        }
        sentences.insert(format!(
            "{} is a separate copy{}: {}. Its types are not the library's, so that values cannot pass between the two.",
            unit.label(),
            users(sharing, index),
            reason(sharing, unit, image, mode)
        ));
    }
    sentences.into_iter().collect()
}

fn users(sharing: &Sharing, index: usize) -> String {
    let users: BTreeSet<&str> = sharing
        .units
        .iter()
        .zip(&sharing.fates)
        .filter(|(_, fate)| **fate == Fate::Compile)
        .filter(|(unit, _)| unit.needs.iter().any(|(_, need)| *need == index))
        .map(|(unit, _)| unit.package.as_str())
        .filter(|user| !is_spoken(user))
        .collect();
    if users.is_empty() {
        return String::new();
    }
    let users: Vec<&str> = users.into_iter().collect();
    format!(" for {}", users.join(", "))
}

fn reason(sharing: &Sharing, unit: &Unit, image: &[Unit], mode: Mode) -> String {
    let own: Vec<&Unit> = image
        .iter()
        .filter(|other| other.package == unit.package && other.name == unit.name)
        .collect();
    let Some(other) = own.iter().find(|other| other.id == unit.id) else {
        return match own.first() {
            Some(other) => format!("the library is built with {}", other.label()),
            None => "the library does not use it".to_owned(),
        };
    };
    let missing: Vec<String> = unit
        .features
        .iter()
        .filter(|name| *name != "default" && !other.features.contains(name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !missing.is_empty() {
        let (shown, rest) = missing.split_at(missing.len().min(6));
        let more = if rest.is_empty() {
            String::new()
        } else {
            format!(" and {} more", rest.len())
        };
        return format!("the library's has no {}{more}", shown.join(", "));
    }
    let changed: Vec<String> = unit
        .needs
        .iter()
        .map(|(_, need)| *need)
        .filter(|need| sharing.fates[*need] == Fate::Compile)
        .map(|need| sharing.units[need].label())
        .collect();
    if mode == Mode::Strict && changed.is_empty() {
        return "another crate does not compile with the library's".to_owned();
    }
    format!(
        "it needs {}, which differs from the library's",
        changed.join(", ")
    )
}
