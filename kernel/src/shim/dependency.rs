//! The crates that a session adds with `:dep`, which the real cargo builds.

use super::compile;
use crate::fingerprint::fingerprint;
use crate::place::{Place, restore};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Tells whether the session names crates that have not been built.
pub(super) fn are_missing(place: &Place) -> bool {
    place.has_dependencies() && recorded_arguments(place).is_none()
}

/// The libraries of the crates that the session has added, for a compiler's command line.
pub(super) fn libraries(place: &Place) -> Vec<OsString> {
    recorded_arguments(place).unwrap_or_default()
}

/// Where the real cargo's arguments for the crates of this very manifest are kept.
fn record(place: &Place) -> PathBuf {
    let key = fingerprint(&place.manifest());
    place.crate_folder().join(format!("libraries-{key}"))
}

/// What the real cargo told the compiler about the crates that the session has added.
fn recorded_arguments(place: &Place) -> Option<Vec<OsString>> {
    let text = std::fs::read_to_string(record(place)).ok()?;
    Some(text.lines().map(OsString::from).collect())
}

/// Lets the real cargo build the crates that the session has just added, and the cell with them.
pub(super) fn add(place: &Place, arguments: &[String]) -> Result<ExitCode> {
    let mut command = Command::new(place.cargo());
    command.args(arguments);
    restore(&mut command);
    command
        .env("RUSTC", place.rustc())
        .env("RUSTC_WRAPPER", place.bin().join("rustc-for-cargo"));
    let status = command.status().context("cannot run cargo")?;
    if status.success() && arguments.iter().any(|word| word == "build") {
        if recorded_arguments(place).is_none() {
            bail!("cargo did not say where it put the crates that the session has added");
        }
        // Cargo has compiled the new crates and said where they are; the cell is compiled here like any other.
        return compile::as_cargo(place, arguments);
    }
    Ok(ExitCode::from(status.code().unwrap_or(1) as u8))
}

/// Plays `rustc` for the real cargo: dependencies pass through; of the cell only the arguments are kept.
pub(super) fn around_rustc(place: &Place, arguments: &[String]) -> Result<ExitCode> {
    let (rustc, rest) = arguments.split_first().context("cargo named no compiler")?;
    if rest.windows(2).any(|pair| pair == ["--crate-name", "ctx"]) {
        let wanted = ["--extern", "-L"];
        let kept: String = rest
            .windows(2)
            .filter(|pair| wanted.contains(&pair[0].as_str()))
            .map(|pair| format!("{}\n{}\n", pair[0], pair[1]))
            .collect();
        std::fs::write(record(place), kept)?;
        // Cargo only needs to see a crate.
        let empty = place.crate_folder().join("src/lib.rs");
        let written = std::fs::read(&empty)?;
        std::fs::write(&empty, "")?;
        let mut command = Command::new(rustc);
        restore(&mut command);
        let status = command.args(rest).status();
        std::fs::write(&empty, written)?;
        return Ok(ExitCode::from(
            status.context("cannot run rustc")?.code().unwrap_or(1) as u8,
        ));
    }
    let mut command = Command::new(rustc);
    restore(&mut command);
    let status = command.args(rest).status().context("cannot run rustc")?;
    Ok(ExitCode::from(status.code().unwrap_or(1) as u8))
}
