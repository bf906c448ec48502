//! Another program in the place of our session, for instance stock evcxr.

use crate::image::{self, Recipe};
use crate::place::{FOREIGN, Place};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::process::Command;

/// Runs a program where a session would run, with the image and the tools of one.
pub(crate) fn inside(program: &[OsString]) -> Result<()> {
    let place = Place::enter()?;
    let image = image::build(&Recipe::read(&|_| {})?, &|_| {})?;
    place.begin(&image)?;
    let (name, arguments) = program.split_first().context("no program is named")?;
    let status = Command::new(name)
        .args(arguments)
        .env(FOREIGN, "1")
        .env("LD_LIBRARY_PATH", place.library_path(&image))
        .status()
        .with_context(|| format!("cannot run {}", name.display()))?;
    if !status.success() {
        bail!("{} failed: {status}", name.display());
    }
    Ok(())
}
