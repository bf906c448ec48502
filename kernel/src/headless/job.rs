//! What is read and what is written for one notebook.

use crate::command::Run;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Holds the files of one notebook, as whole paths.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) path: PathBuf,
    pub(super) out: PathBuf,
    pub(super) page: Option<PathBuf>,
}

impl Job {
    /// Lists the notebooks that the command names; a folder stands for those directly in it.
    pub(super) fn all(order: &Run) -> Result<Vec<Self>> {
        let home = std::env::current_dir().context("cannot find out the current folder")?;
        let paths = notebooks(&order.notebooks)?;
        let single = paths.len() == 1;
        if !single && matches!(order.html, Some(Some(_))) {
            bail!(
                "--html=FILE names one page, but there are {} notebooks",
                paths.len()
            );
        }
        if !single && order.output.as_deref().is_some_and(is_notebook) {
            bail!(
                "--output names one notebook, but there are {} to run: name a folder",
                paths.len()
            );
        }
        let mut jobs: Vec<Self> = Vec::new();
        for path in paths {
            let path = home.join(path);
            let out = if order.inplace {
                path.clone()
            } else {
                home.join(out(&path, order.output.as_deref()))
            };
            if let Some(other) = jobs.iter().find(|job| job.out == out) {
                bail!(
                    "{} and {} would both be written to {}: run them apart, or use --inplace",
                    other.path.display(),
                    path.display(),
                    out.display()
                );
            }
            let page = order.html.as_ref().map(|file| match file {
                None => out.with_extension("html"),
                Some(file) => home.join(file),
            });
            jobs.push(Self { path, out, page });
        }
        Ok(jobs)
    }
}

fn is_notebook(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "ipynb")
}

fn notebooks(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| is_notebook(file))
            .collect();
        if inside.is_empty() {
            bail!("no notebook in the folder {}", path.display());
        }
        inside.sort();
        all.append(&mut inside);
    }
    Ok(all)
}

fn out(path: &Path, wish: Option<&Path>) -> PathBuf {
    let name = path.file_name().unwrap_or(path.as_os_str());
    match wish {
        Some(file) if is_notebook(file) => file.to_owned(),
        Some(folder) => folder.join(name),
        None => Path::new("target").join("genolens").join(name),
    }
}
