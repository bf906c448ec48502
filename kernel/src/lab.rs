//! `JupyterLab` with this kernel, found or installed, and nothing global touched.

use crate::cache;
use crate::command::Lab;
use crate::install::{self, Place};
use crate::standby::{self, Door};
use crate::terminal;
use anyhow::{Context, Result, bail};
use std::env::{join_paths, split_paths, var_os};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Becomes `JupyterLab`.
pub(crate) fn open(order: &Lab) -> Result<()> {
    if let Some(notebook) = &order.notebook
        && !notebook.is_file()
    {
        bail!("no notebook at {}", notebook.display());
    }
    let home = cache::folder()?;
    let program = match on_path("jupyter-lab") {
        Some(program) => program,
        None => of_our_own(&home.join("lab"))?,
    };
    let data = home.join("jupyter");
    install::write(&Place::data(data.clone()))?;
    let others = var_os("JUPYTER_PATH").unwrap_or_default();
    let places = std::iter::once(data).chain(split_paths(&others));
    // A server drops text beyond a megabyte a second unless told not to; the kernel itself shows only what a page can hold.
    let unlimited = "--ZMQChannelsWebsocketConnection.limit_rate=False";
    let mut lab = Command::new(&program);
    // Without one the kernels start by themselves.
    if !order.no_standby
        && let Ok(door) = keep_standby()
    {
        lab.env(standby::DOOR, door.socket());
    }
    // In our place, so that whoever ends this command ends JupyterLab and its kernels.
    let error = lab
        .args(&order.notebook)
        .arg(unlimited)
        .args(&order.options)
        .env("JUPYTER_PATH", join_paths(places)?)
        .exec();
    Err(error).with_context(|| format!("cannot run {}", program.display()))
}

/// Starts the process that keeps a session waiting for the kernels of this process, or of what it becomes.
fn keep_standby() -> Result<Door> {
    let door = Door::create()?;
    let started = Command::new(std::env::current_exe()?)
        .arg("keep-standby")
        .arg(door.folder())
        .args(["--lab", &std::process::id().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if started.is_err() {
        door.remove();
    }
    started.context("cannot keep a session waiting")?;
    Ok(door)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = var_os("PATH")?;
    split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Gives the `JupyterLab` of our own environment, installing it the first time.
fn of_our_own(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("bin").join("jupyter-lab");
    if program.is_file() {
        return Ok(program);
    }
    let Some(python) = on_path("python3") else {
        bail!(
            "found neither jupyter-lab nor python3 on PATH; install JupyterLab, or Python 3 to get it"
        );
    };
    terminal::say(&format!(
        "JupyterLab is not on PATH; installing it into {} (once, about a minute)",
        folder.display()
    ));
    let mut venv = Command::new(python);
    step(
        venv.args(["-m", "venv"]).arg(folder),
        "make a Python environment",
    )?;
    let mut pip = Command::new(folder.join("bin").join("python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "jupyterlab",
    ]);
    step(&mut pip, "install JupyterLab")?;
    Ok(program)
}

fn step(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot {what}"))?;
    if !status.success() {
        bail!("cannot {what}: {command:?} ended with {status}");
    }
    Ok(())
}
