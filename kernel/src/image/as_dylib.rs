//! Stands before the compiler while cargo builds the library, so that it becomes a dylib.
//!
//! `cargo rustc` would do that by itself, but for one package alone, with the features that this package alone asks for: what the
//! kernel and the tests have compiled would be compiled again. A dylib is linked of its dependencies, and cargo calls the compiler
//! for the library when it has only read them, so that cargo builds twice: the first time the library is only read too.

use anyhow::{Context, Result};
use serde_json::Value;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The variable that tells this program to stand before the compiler, and what to do there.
const MARK: &str = "GENOLENS_AS_DYLIB";

/// What becomes of the library in a build of cargo's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    /// It is only read, while its dependencies are compiled.
    Read,
    /// It becomes a dylib.
    Make,
}

/// Makes a build of cargo's do this with the library.
pub(super) fn ask(cargo: &mut Command, turn: Turn) -> Result<()> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let wish = if turn == Turn::Read { "read" } else { "make" };
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", program)
        .env(MARK, wish);
    Ok(())
}

/// The metadata of the library, where cargo speaks of the library; the dylib is beside it.
pub(super) fn metadata(artifact: &Value) -> Option<PathBuf> {
    let is_library = artifact["target"]["name"] == "genolens";
    let files = artifact["filenames"].as_array().filter(|_| is_library)?;
    let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.find(|file| file.extension().is_some_and(|ending| ending == "rmeta"))
}

/// Runs the compiler that cargo has asked for, if it has.
pub(crate) fn around_rustc(arguments: &[String]) -> Option<ExitCode> {
    let wish = std::env::var(MARK).ok()?;
    let [_, rustc, rest @ ..] = arguments else {
        return None;
    };
    let follow = |pair: [&str; 2]| rest.windows(2).any(|words| words == pair);
    let library = follow(["--crate-name", "genolens"]) && follow(["--crate-type", "lib"]);
    let mut command = Command::new(rustc);
    match wish.as_str() {
        "read" if library => command.args(rest.iter().map(|word| read(word))),
        "make" if library => command
            .args(rest.iter().map(|word| made(word)))
            // Cells look for it under the name that it has in the image.
            .args(["-Cprefer-dynamic", "-Clink-arg=-Wl,-soname,libgenolens.so"]),
        _ => command.args(rest),
    };
    let error = command.exec();
    complain(&format!("cannot run {rustc}: {error}"));
    Some(ExitCode::FAILURE)
}

fn read(word: &str) -> String {
    match word.strip_prefix("--emit=") {
        Some(_) => "--emit=dep-info,metadata".to_owned(),
        None => word.to_owned(),
    }
}

fn made(word: &str) -> String {
    match word.strip_suffix(".rmeta") {
        Some(dependency) => format!("{dependency}.rlib"),
        None if word == "lib" => "dylib".to_owned(),
        None => word.to_owned(),
    }
}

#[expect(clippy::print_stderr, reason = "a tool complains on standard error")]
fn complain(message: &str) {
    eprintln!("error: {message}");
}
