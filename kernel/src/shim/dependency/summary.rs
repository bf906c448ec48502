//! What a person is told about an addition.

use super::cargo::Built;
use super::sharing::{Fate, Mode, Sharing};
use super::{copies, features, manifest};
use crate::image::Unit;
use crate::place::Place;
use anyhow::Result;
use std::path::PathBuf;

/// The crates that were added, and what is to be known of them.
#[derive(Debug)]
pub(super) struct Summary {
    labels: Vec<String>,
    remarks: Vec<String>,
}

impl Summary {
    pub(super) fn of(sharing: &Sharing, library: &[Unit], mode: Mode) -> Self {
        let mut labels = Vec::new();
        let mut remarks = copies::describe(sharing, library, mode);
        for (_, index) in sharing.direct() {
            let unit = &sharing.units[index];
            let is_own = |files| library.iter().any(|own| &own.files == files);
            if matches!(&sharing.fates[index], Fate::Shared(files) if is_own(files)) {
                labels.push(format!("{} (the library's own)", unit.label()));
                remarks.extend(features::missing(unit, library));
            } else {
                labels.push(unit.label());
            }
        }
        remarks.extend(sharing.lacking.iter().map(|(label, names)| {
            format!(
                "{label} is the library's own, which lacks {}.",
                features::list(names)
            )
        }));
        Self { labels, remarks }
    }

    /// Reads what was written with an addition.
    pub(super) fn read(place: &Place, number: usize) -> Self {
        let folder = manifest::folder(place).join(number.to_string());
        let lines = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        };
        Self {
            labels: lines("labels"),
            remarks: lines("remarks"),
        }
    }

    /// Writes it down with an addition.
    pub(super) fn write(&self, place: &Place, number: usize) -> Result<()> {
        let folder = manifest::folder(place).join(number.to_string());
        std::fs::write(folder.join("labels"), self.labels.join("\n"))?;
        std::fs::write(folder.join("remarks"), self.remarks.join("\n"))?;
        Ok(())
    }

    /// Leaves out what this session has been told before.
    pub(super) fn forget_what_was_said(&mut self, place: &Place) {
        let said = std::fs::read_to_string(said(place)).unwrap_or_default();
        let is_new = |line: &String| !said.lines().any(|known| known == line);
        self.labels.retain(is_new);
        self.remarks.retain(is_new);
    }

    /// Remembers that this session has been told.
    pub(super) fn remember(&self, place: &Place) -> Result<()> {
        let before = std::fs::read_to_string(said(place)).unwrap_or_default();
        let lines = [self.labels.as_slice(), &self.remarks].concat();
        Ok(std::fs::write(
            said(place),
            format!("{before}{}\n", lines.join("\n")),
        )?)
    }

    /// Writes it for the person; `again` are crates that have been there before.
    pub(super) fn text(&self, again: &str, seconds: f64, cost: &str) -> String {
        let first = if self.labels.is_empty() {
            format!("built {again} again in {seconds:.1} s; {cost}")
        } else {
            format!("added {} in {seconds:.1} s; {cost}", self.labels.join(", "))
        };
        let lines: Vec<String> = std::iter::once(first).chain(self.remarks.clone()).collect();
        lines.join("\n")
    }
}

/// Says how much was compiled.
pub(super) fn cost(sharing: &Sharing, built: &Built, library: &[Unit]) -> String {
    let own = built.compiled.iter().filter(|index| {
        let unit = &sharing.units[**index];
        let mut copies = library.iter();
        copies.any(|own| own.id == unit.id && own.opt_level == unit.opt_level)
    });
    match built.compiled.len() {
        0 => "nothing to compile".to_owned(),
        1 => format!("1 crate compiled, {} of the library's", own.count()),
        count => format!("{count} crates compiled, {} of the library's", own.count()),
    }
}

fn said(place: &Place) -> PathBuf {
    manifest::folder(place).join("said")
}
