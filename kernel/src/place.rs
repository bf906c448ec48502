//! The folder of a session.

pub(crate) use crate::environment::restore;
use crate::image::{Image, Recipe, Toolchain};
use crate::runtime::Surroundings;
use crate::shim::FACES;
use crate::{environment, tenancy, umask};
use anyhow::{Context, Result, bail};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const SESSION: &str = "GENOLENS_SESSION";
pub(crate) const RUSTC: &str = "GENOLENS_RUSTC";
pub(crate) const CARGO: &str = "GENOLENS_CARGO";
pub(crate) const LIBRARY: &str = "GENOLENS_RUST_LIBRARY";
pub(crate) const VERSION: &str = "GENOLENS_RUST_VERSION";

/// The folder of one session: its crate, its tools, its sockets. Private to the user and gone with the session.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    rustc: PathBuf,
    cargo: PathBuf,
    library: PathBuf,
}

impl Place {
    /// Makes a place for this process to live in and starts this program again inside it.
    ///
    /// evcxr looks for its tools through the environment of its own process, and a process should not change its environment
    /// once it has threads. Returns at once in the second incarnation.
    pub(crate) fn enter() -> Result<Self> {
        if let Some(place) = Self::from_environment() {
            tenancy::stay();
            return Ok(place);
        }
        // Cells are compiled by the toolchain that compiles the library, whatever the notebook's folder asks for.
        let toolchain = Toolchain::find(&Recipe::home())?;
        let version = toolchain.version.clone();
        let (place, mask) = umask::privately(|| Self::create(toolchain));
        let place = place?;
        let lock = tenancy::move_in(&place.folder)?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(std::env::args_os().skip(1))
            .env_clear()
            .envs(environment::inside(&place, std::env::vars_os().collect()))
            .env(tenancy::LOCK, lock)
            .env(umask::KEPT, mask)
            .env(VERSION, version);
        Err(command.exec()).context("cannot start in the session's folder")
    }

    /// The place that this process or its parent has entered.
    pub(crate) fn from_environment() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os(SESSION)?);
        folder.exists().then_some(Self {
            folder,
            rustc: std::env::var_os(RUSTC)?.into(),
            cargo: std::env::var_os(CARGO)?.into(),
            library: std::env::var_os(LIBRARY)?.into(),
        })
    }

    fn create(toolchain: Toolchain) -> Result<Self> {
        let name = format!("{PREFIX}{}-", std::process::id());
        let folder = tempfile::Builder::new()
            .prefix(&name)
            .tempdir()
            .context("cannot create a folder for the session")?
            .keep();
        let place = Self {
            folder,
            rustc: toolchain.rustc,
            cargo: toolchain.cargo,
            library: toolchain.library,
        };
        if place.channel().as_os_str().len() > LONGEST {
            place.remove();
            bail!(
                "{} is too long a name for the sockets of a session: set TMPDIR to a folder with a shorter one",
                std::env::temp_dir().display()
            );
        }
        for folder in ["bin", "settings"] {
            std::fs::create_dir(place.folder.join(folder))?;
        }
        let program = std::env::current_exe()?;
        for face in FACES {
            symlink(&program, place.bin().join(face))?;
        }
        place.write_standard_library()?;
        Ok(place)
    }

    /// Writes a standard library without content for rust-analyzer, which would otherwise read and index the real one (two
    /// seconds, 200 MB) in order to infer types that the compiler infers here.
    fn write_standard_library(&self) -> Result<()> {
        for name in ["core", "alloc", "std", "proc_macro", "test"] {
            let source = self.folder.join("std").join(name).join("src");
            std::fs::create_dir_all(&source)?;
            std::fs::write(source.join("lib.rs"), "")?;
        }
        Ok(())
    }

    /// Makes room for a session that reads this image; what an earlier one of this process has left goes.
    pub(crate) fn begin(&self, image: &Image) -> Result<()> {
        self.empty();
        for folder in SESSION_FOLDERS {
            std::fs::create_dir(self.folder.join(folder))
                .with_context(|| format!("cannot write in {}", self.folder.display()))?;
        }
        std::fs::write(self.starting(), "")?;
        symlink(image.folder(), self.folder.join("image")).context("cannot link the image")
    }

    /// Removes what the session has written.
    pub(crate) fn empty(&self) {
        for folder in SESSION_FOLDERS {
            let _ = std::fs::remove_dir_all(self.folder.join(folder));
        }
        for file in [
            self.starting(),
            self.channel(),
            self.channel().with_extension("in"),
            self.channel().with_extension("out"),
            self.channel().with_extension("err"),
            self.channel().with_extension(Surroundings::EXTENSION),
            self.names(),
            self.folder.join("stop"),
            self.folder.join("image"),
        ] {
            let _ = std::fs::remove_file(file);
        }
    }

    /// The image that the session reads.
    pub(crate) fn image(&self) -> Option<Image> {
        std::fs::canonicalize(self.folder.join("image"))
            .ok()
            .map(Image::at)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// The crate that evcxr writes.
    pub(crate) fn crate_folder(&self) -> PathBuf {
        self.folder.join("crate")
    }

    /// The table of type names.
    pub(crate) fn names(&self) -> PathBuf {
        self.folder.join("types.tsv")
    }

    /// The socket on which the kernel hears the runtime.
    pub(crate) fn channel(&self) -> PathBuf {
        self.folder.join("channel")
    }

    /// The sources of compiled cells.
    pub(crate) fn sources(&self) -> PathBuf {
        self.folder.join("source")
    }

    fn starting(&self) -> PathBuf {
        self.folder.join("starting")
    }

    /// Tells whether the session still runs its own first cells.
    pub(crate) fn is_starting(&self) -> bool {
        self.starting().exists()
    }

    pub(crate) fn started(&self) {
        let _ = std::fs::remove_file(self.starting());
    }

    /// Where the runtime finds the image and the standard library of the toolchain.
    pub(crate) fn library_path(&self, image: &Image) -> std::ffi::OsString {
        let mut path = image.folder().as_os_str().to_owned();
        path.push(":");
        path.push(&self.library);
        path
    }

    pub(crate) fn rustc(&self) -> &Path {
        &self.rustc
    }

    pub(crate) fn cargo(&self) -> &Path {
        &self.cargo
    }

    /// Where `libstd` lives.
    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    /// The manifest that evcxr wrote.
    pub(crate) fn manifest(&self) -> String {
        std::fs::read_to_string(self.crate_folder().join("Cargo.toml")).unwrap_or_default()
    }

    /// Tells whether the session has added crates with `:dep`.
    pub(crate) fn has_dependencies(&self) -> bool {
        self.manifest()
            .split_once("[dependencies]")
            .is_some_and(|(_, crates)| !crates.trim().is_empty())
    }

    /// The optimisation that the session has asked for with `:opt`.
    pub(crate) fn opt_level(&self) -> String {
        self.manifest()
            .lines()
            .find_map(|line| line.strip_prefix("opt-level = "))
            .unwrap_or("0")
            .trim_matches('"')
            .to_owned()
    }

    pub(crate) fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The release of Rust that the session's cells are written for; outside a session, the least that genolens needs.
pub(crate) fn rust_version() -> String {
    toolchain().map_or_else(
        || env!("CARGO_PKG_RUST_VERSION").to_owned(),
        |toolchain| toolchain.release().to_owned(),
    )
}

/// The toolchain of the session that this process belongs to.
pub(crate) fn toolchain() -> Option<Toolchain> {
    let place = Place::from_environment()?;
    Some(Toolchain {
        rustc: place.rustc,
        cargo: place.cargo,
        library: place.library,
        version: std::env::var(VERSION).ok()?,
    })
}

/// Says that the cells of this session are run by another runtime than ours, which calls each by evcxr's number.
pub(crate) const FOREIGN: &str = "GENOLENS_FOREIGN_RUNTIME";

/// Tells whether a runtime that is not ours runs the cells.
pub(crate) fn is_foreign() -> bool {
    std::env::var_os(FOREIGN).is_some()
}

/// How the folders of this program begin.
pub(crate) const PREFIX: &str = "genolens-";

/// What a session writes.
const SESSION_FOLDERS: [&str; 6] = ["crate", "source", "check", "types", "trails", "lines"];

/// The system takes 107 bytes for the name of a socket.
const LONGEST: usize = 100;

/// Removes the folders of sessions whose process died without doing so.
pub(crate) fn clean_up() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if named && tenancy::is_abandoned(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
