//! The compiler that builds the image and the cells.

use crate::place::{self, restore};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The real `rustc` and `cargo`, past the proxies of rustup, which cost tens of milliseconds a call.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    pub(crate) rustc: PathBuf,
    pub(crate) cargo: PathBuf,
    /// Where `libstd` lives, which cells link dynamically.
    pub(crate) library: PathBuf,
    /// What `rustc -vV` says.
    pub(crate) version: String,
}

impl Toolchain {
    /// The toolchain of the session, or else the one that `rustc` on PATH stands for in this folder.
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        if let Some(known) = place::toolchain() {
            return Ok(known);
        }
        let folders = ask(
            Path::new("rustc"),
            folder,
            &["--print", "sysroot", "--print", "target-libdir"],
        )?;
        let (sysroot, library) = folders
            .split_once('\n')
            .context("rustc did not say where it is installed")?;
        let sysroot = PathBuf::from(sysroot);
        let tool = |name: &str| {
            let path = sysroot.join("bin").join(name);
            if path.exists() { path } else { name.into() }
        };
        let rustc = tool("rustc");
        let version = ask(&rustc, folder, &["-vV"])?;
        Ok(Self {
            cargo: tool("cargo"),
            rustc,
            library: library.into(),
            version,
        })
    }
}

impl Toolchain {
    /// A call of `cargo` that compiles with this very compiler.
    ///
    /// cargo alone would run the `rustc` on PATH, in the folder of each package; if that is the proxy of rustup, a package that was
    /// published with a `rust-toolchain` file is compiled by another release than the rest.
    pub(super) fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        restore(&mut command);
        command
            .env("RUSTC", &self.rustc)
            .env("RUSTDOC", self.rustdoc());
        command
    }

    /// The platform it compiles for, such as `x86_64-unknown-linux-gnu`.
    pub(super) fn host(&self) -> Option<&str> {
        let mut lines = self.version.lines();
        lines.find_map(|line| line.strip_prefix("host: "))
    }

    /// The release, such as `1.95.0`.
    pub(crate) fn release(&self) -> &str {
        let words = self.version.split_whitespace();
        words
            .skip_while(|word| *word != "rustc")
            .nth(1)
            .unwrap_or("unknown")
    }

    /// The documentation tool of the same toolchain.
    pub(super) fn rustdoc(&self) -> PathBuf {
        match self.rustc.parent() {
            Some(folder) if folder.join("rustdoc").exists() => folder.join("rustdoc"),
            _ => "rustdoc".into(),
        }
    }
}

fn ask(rustc: &Path, folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(rustc);
    restore(&mut command);
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .context("cannot run rustc: install Rust from https://rustup.rs")?;
    if !output.status.success() {
        bail!(
            "rustc {} failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
