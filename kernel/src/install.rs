//! The kernelspec, by which Jupyter finds this kernel, and beside it the extension of its front ends.

use crate::extension;
use crate::protocol;
use crate::terminal;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::env::{current_exe, var, var_os};
use std::path::{Path, PathBuf};

const LOGO: &str = include_str!("logo.svg");

/// Is a `jupyter` data directory.
#[derive(Debug)]
pub(crate) struct Place(PathBuf);

impl Place {
    /// Takes the data directory of an installation prefix.
    pub(crate) fn under(prefix: &Path) -> Self {
        Self(prefix.join("share").join("jupyter"))
    }

    /// Takes a data directory itself.
    pub(crate) fn data(directory: PathBuf) -> Self {
        Self(directory)
    }

    /// Finds the data directory of this user, as `jupyter --data-dir` does.
    pub(crate) fn of_user() -> Result<Self> {
        if let Some(directory) = var_os("JUPYTER_DATA_DIR").filter(|value| !value.is_empty()) {
            return Ok(Self(directory.into()));
        }
        let home = var_os("HOME").map(PathBuf::from);
        let place = match (var_os("XDG_DATA_HOME"), home) {
            (_, Some(home)) if cfg!(target_os = "macos") => home.join("Library/Jupyter"),
            (Some(data), _) => Path::new(&data).join("jupyter"),
            (None, Some(home)) => home.join(".local/share/jupyter"),
            (None, None) => bail!("neither JUPYTER_DATA_DIR nor HOME is set; say --prefix"),
        };
        Ok(Self(place))
    }

    /// Finds the active virtual or conda environment.
    pub(crate) fn of_environment() -> Result<Self> {
        let prefix = var_os("VIRTUAL_ENV").or_else(|| var_os("CONDA_PREFIX"));
        let prefix = prefix.context("no virtual or conda environment is active; say --prefix")?;
        Ok(Self::under(Path::new(&prefix)))
    }
}

/// Writes the kernelspec and the extension, and says where.
pub(crate) fn install(place: &Place) -> Result<()> {
    let folder = write(place)?;
    terminal::say(&format!("installed the kernel in {}", folder.display()));
    Ok(())
}

/// Writes both and gives the folder of the kernelspec; the features that the library is to be built with now are those of its kernels.
pub(crate) fn write(place: &Place) -> Result<PathBuf> {
    let folder = place.0.join("kernels").join("genolens");
    let program = current_exe().context("cannot find out where this program is")?;
    let mut spec = json!({
        "argv": [program, "serve", "--connection", "{connection_file}"],
        "display_name": "Rust (genolens)",
        "language": "rust",
        "interrupt_mode": "message",
        "kernel_protocol_version": protocol::VERSION,
        "metadata": { "debugger": false },
    });
    // Jupyter may be started where this is not set, from a menu for instance.
    if let Ok(features) = var("GENOLENS_FEATURES")
        && !features.is_empty()
    {
        spec["env"] = json!({ "GENOLENS_FEATURES": features });
    }
    let spec = serde_json::to_string_pretty(&spec)? + "\n";
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("kernel.json"), spec))
        .and_then(|()| std::fs::write(folder.join("logo-svg.svg"), LOGO))
        .with_context(|| format!("cannot write the kernel to {}", folder.display()))?;
    extension::write(&place.0)?;
    Ok(folder)
}
