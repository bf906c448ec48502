//! What papermill needs in order to set parameters of Rust notebooks: one module and the entry point by which it is found.

use crate::terminal;
use anyhow::{Context, Result, bail};
use std::env::var_os;
use std::path::{Path, PathBuf};
use std::process::Command;

const MODULE: &str = include_str!("../python/genolens_papermill.py");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Is a Python with packages of its own.
#[derive(Debug)]
pub(crate) struct Python {
    program: PathBuf,
    /// Which of the folders that Python knows takes packages.
    folder: &'static str,
}

impl Python {
    /// Takes the Python of an installation prefix.
    pub(crate) fn under(prefix: &Path) -> Self {
        Self {
            program: prefix.join("bin").join("python"),
            folder: "import sysconfig; print(sysconfig.get_path('purelib'))",
        }
    }

    /// Takes the Python of the active environment, or the first one on PATH.
    pub(crate) fn of_environment() -> Self {
        let prefix = var_os("VIRTUAL_ENV").or_else(|| var_os("CONDA_PREFIX"));
        Self::under(Path::new(&prefix.unwrap_or_default()))
    }

    /// Takes the packages of this user.
    pub(crate) fn of_user() -> Self {
        Self {
            program: "python3".into(),
            folder: "import site; print(site.getusersitepackages())",
        }
    }

    /// Writes the module and its description where this Python looks for packages.
    pub(crate) fn install(&self) -> Result<()> {
        let program = self.program.display();
        let output = Command::new(&self.program)
            .args(["-c", self.folder])
            .output()
            .with_context(|| format!("cannot run {program} to find its packages"))?;
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || folder.is_empty() {
            bail!("{program} does not say where its packages are");
        }
        let folder = Path::new(&folder);
        let name = format!("genolens_papermill-{VERSION}.dist-info");
        let about = folder.join(&name);
        let metadata = format!(
            "Metadata-Version: 2.1\nName: genolens-papermill\nVersion: {VERSION}\nSummary: Rust parameters for papermill\n"
        );
        // With a list of its files, pip can remove it.
        let record = format!(
            "genolens_papermill.py,,\n{name}/METADATA,,\n{name}/INSTALLER,,\n{name}/entry_points.txt,,\n{name}/RECORD,,\n"
        );
        let entry = "[papermill.engine]\ngenolens = genolens_papermill:GenolensEngine\n";
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&about)?;
            for other in std::fs::read_dir(folder)?.flatten() {
                // An earlier version would be found too.
                let found = other.file_name().to_string_lossy().into_owned();
                if found.starts_with("genolens_papermill-") && found != name {
                    std::fs::remove_dir_all(other.path())?;
                }
            }
            std::fs::write(folder.join("genolens_papermill.py"), MODULE)?;
            std::fs::write(about.join("METADATA"), metadata)?;
            std::fs::write(about.join("INSTALLER"), "genolens\n")?;
            std::fs::write(about.join("entry_points.txt"), entry)?;
            std::fs::write(about.join("RECORD"), record)
        };
        write().with_context(|| format!("cannot write to {}", folder.display()))?;
        terminal::say(&format!(
            "papermill finds the translator for Rust in {}",
            folder.display()
        ));
        Ok(())
    }
}
