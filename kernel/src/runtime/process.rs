//! The loop of the process.

use super::library::{Libraries, redirect, run_cell, take_input};
use super::memory;
use super::surroundings::Surroundings;
use super::trail::Trail;
use super::witness;
use crate::shim::FUNCTION;
use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::FromRawFd;
use std::path::Path;
use std::process::ExitCode;

/// The variable by which evcxr tells a process what it is for.
pub(crate) const PURPOSE: &str = "EVCXR_IS_RUNTIME";

/// Serves evcxr until it closes the input.
pub(crate) fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<()> {
    crate::umask::restore();
    let channel = std::env::var_os("GENOLENS_CHANNEL").context("GENOLENS_CHANNEL is not set")?;
    let pipe = |extension: &str| {
        let path = Path::new(&channel).with_extension(extension);
        let pipe = File::options().write(true).open(path);
        pipe.context("cannot reach the kernel")
    };
    let instructions = take_input(&Path::new(&channel).with_extension("in"))?;
    let protocol = redirect(&pipe("out")?, &pipe("err")?)?;
    // SAFETY: `redirect` has just made this descriptor, and nothing else owns it.
    #[expect(unsafe_code, reason = "a raw descriptor becomes a file")]
    let mut lines_out = unsafe { File::from_raw_fd(protocol) };
    let libraries = Libraries::load(protocol)?;
    forget_internals();
    memory::keep();
    // Without room for a trail an error says less, and cells run all the same.
    let mut trail = Trail::begin(Path::new(&channel)).ok();
    if let Some(trail) = &trail {
        witness::watch(trail);
    }
    let given = Path::new(&channel).with_extension(Surroundings::EXTENSION);
    let mut moved = false;
    let mut variables = std::ptr::null_mut();
    for line in BufReader::new(instructions).lines() {
        let line = line?;
        // The shim gives the function of every cell the same name; evcxr's own follows here.
        let (object, _function) = line
            .strip_prefix("LOAD_AND_RUN ")
            .and_then(|rest| rest.rsplit_once(' '))
            .with_context(|| format!("not an instruction: {line}"))?;
        // A session that was prepared for nobody in particular is given away before its user's first cell.
        if !moved && given.exists() {
            Surroundings::read(&given)?.enter()?;
            moved = true;
        }
        variables = run_cell((OsStr::new(object), FUNCTION), variables, trail.as_mut())?;
        witness::end_cell();
        libraries.end_cell();
        lines_out.write_all(b"EVCXR_EXECUTION_COMPLETE\n")?;
        memory::give_back();
    }
    Ok(())
}

/// Leaves cells, and the programs that they start, the environment that the user has given them.
fn forget_internals() {
    for name in crate::environment::INTERNAL {
        // SAFETY: no cell has run, so the process has no second thread.
        #[expect(unsafe_code, reason = "the environment belongs to the process")]
        unsafe {
            std::env::remove_var(name);
        }
    }
}

#[expect(clippy::print_stderr, reason = "the runtime has nobody else to tell")]
fn complain(error: &anyhow::Error) {
    eprintln!("the process that runs the cells failed: {error:#}");
}
