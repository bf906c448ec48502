//! Lets rustdoc say what a crate offers.

use super::Toolchain;
use crate::analysis::index::{Item, harvest};
use crate::place::restore;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A call of rustdoc about one crate.
#[derive(Debug)]
pub(crate) struct Rustdoc {
    command: Command,
    name: String,
}

impl Rustdoc {
    /// Begins a call for a crate whose package, of this version, lies in this folder.
    pub(crate) fn new(toolchain: &Toolchain, name: &str, (folder, version): (&Path, &str)) -> Self {
        let mut command = Command::new(toolchain.rustdoc());
        restore(&mut command);
        command
            // The JSON is unstable; what it says of its form is checked when it is read.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Z", "unstable-options", "--output-format", "json"])
            .args(["--cap-lints", "allow", "--crate-name", name])
            .env("CARGO_MANIFEST_DIR", folder)
            .env("CARGO_PKG_NAME", folder.file_name().unwrap_or_default())
            .env("CARGO_PKG_VERSION", version)
            .current_dir(folder)
            .stdin(Stdio::null());
        let mut numbers = version.split(['.', '-', '+']);
        for part in ["MAJOR", "MINOR", "PATCH"] {
            let number = numbers.next().unwrap_or("0");
            command.env(format!("CARGO_PKG_VERSION_{part}"), number);
        }
        Self {
            command,
            name: name.to_owned(),
        }
    }

    /// Says what the compiler was told.
    pub(crate) fn told(&mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) {
        self.command.args(arguments);
    }

    /// Sets a variable of the environment.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.command.env(name, value);
    }

    /// Reads the crate, by way of a folder for drafts; `whole` keeps all of the documentation.
    pub(crate) fn items(mut self, draft: &Path, whole: bool) -> Result<Vec<Item>> {
        let output = self.command.arg("-o").arg(draft).output();
        let output = output.context("cannot run rustdoc")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        let json = std::fs::read_to_string(draft.join(format!("{}.json", self.name)))?;
        harvest(&json, whole)
    }
}
