//! Decides which tool is played.

use super::clock::{Stage, timed};
use super::leash::Leash;
use super::{compile, dependency, reply};
use crate::place::{Place, restore};
use crate::umask;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::{Command, ExitCode};

/// The names under which this binary stands in a session's `bin` folder.
pub(crate) const FACES: [&str; 5] = ["cargo", "rustc", "rustup", "rustc-for-cargo", LINKER];

/// The face that links a cell.
pub(super) const LINKER: &str = "linker-for-rustc";

/// Plays the tool under whose name this process was started, if it was.
pub(crate) fn wear(arguments: &[String]) -> Option<ExitCode> {
    let name = Path::new(arguments.first()?).file_name()?.to_str()?;
    if !FACES.contains(&name) {
        return None;
    }
    let place = Place::from_environment()?;
    umask::keep_private();
    let rest = &arguments[1..];
    // The others are children of a cargo that is held.
    let _leash = if name == "cargo" {
        let Some(leash) = Leash::put_on(&place) else {
            complain("interrupted");
            return Some(ExitCode::FAILURE);
        };
        Some(leash)
    } else {
        None
    };
    let outcome = match (name, rest.first().map(String::as_str)) {
        ("rustup", _) => return Some(rustup(&place, rest)),
        ("rustc-for-cargo", _) => dependency::around_rustc(&place, rest),
        (LINKER, _) => link(&place, &dependency::link_arguments(&place, rest)),
        ("cargo", _) if rest.iter().any(|word| word == "build" || word == "check") => {
            compile::as_cargo(&place, rest)
        }
        (tool, _) => reply::answer(&place, tool, rest),
    };
    Some(outcome.unwrap_or_else(|error| {
        complain(&format!("{error:#}"));
        ExitCode::FAILURE
    }))
}

/// Links as rustc would without us, on the clock.
fn link(place: &Place, arguments: &[String]) -> Result<ExitCode> {
    let status = timed(place, Stage::Link, || {
        Command::new("cc").args(arguments).status()
    });
    let status = status.context("cannot run the linker `cc`; a C compiler must be installed")?;
    Ok(ExitCode::from(status.code().unwrap_or(1) as u8))
}

/// `rustup which TOOL` is how evcxr looks for its tools; everything else goes to the real one.
fn rustup(place: &Place, arguments: &[String]) -> ExitCode {
    match arguments {
        [which, tool] if which == "which" && (tool == "cargo" || tool == "rustc") => {
            say(&place.bin().join(tool))
        }
        _ => real("rustup", arguments),
    }
}

fn real(tool: &str, arguments: &[String]) -> ExitCode {
    let mut command = Command::new(tool);
    command.args(arguments);
    restore(&mut command);
    match command.status() {
        Ok(status) => ExitCode::from(status.code().unwrap_or(1) as u8),
        Err(_) => ExitCode::FAILURE,
    }
}

#[expect(clippy::print_stdout, reason = "a tool answers on standard output")]
fn say(path: &Path) -> ExitCode {
    println!("{}", path.display());
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "a tool complains on standard error")]
fn complain(message: &str) {
    eprintln!("error: {message}");
}
