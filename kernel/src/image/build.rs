//! Builds an image.

use super::as_dylib::{self, Turn};
use super::index::words;
use super::stopping::{Builder, was_stopped};
use super::{Image, Recipe, generated, inventory, published, recipe};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Returns the image of this recipe, building it first when it is not there; `say` hears what is going on.
pub(crate) fn build(recipe: &Recipe, say: &dyn Fn(&str)) -> Result<Image> {
    Builder::begin();
    let folder = recipe.folder()?;
    if let Some(image) = recipe.image()? {
        let Some(damage) = inventory::damage(&folder) else {
            image.note_use();
            return Ok(image);
        };
        say(&format!(
            "the notebook image is damaged ({damage}), so it is built again"
        ));
        set_aside(&folder).with_context(|| {
            format!(
                "the notebook image {} is damaged ({damage}) and cannot be replaced: remove it, or {WRITABLE}",
                folder.display()
            )
        })?;
    }
    let images = folder.parent().context("the cache has no parent folder")?;
    std::fs::create_dir_all(images).with_context(|| unwritable(images))?;
    // Built aside and moved into place, so that nobody ever sees half an image.
    let draft = tempfile::Builder::new()
        .prefix("draft-")
        .tempdir_in(images)
        .with_context(|| unwritable(images))?;
    say("building the notebook image: the library and its dependencies, once");
    let artifacts = compile_library(recipe, say)?;
    collect(&artifacts, draft.path())?;
    let mut plan = library_command(recipe, Turn::Make)?;
    plan.args(["-Z", "unstable-options", "--unit-graph"]);
    let image = Image::at(draft.path());
    image.crates().keep(plan, &artifacts, &recipe.source)?;
    let said: String = artifacts
        .iter()
        .map(|message| format!("{message}\n"))
        .collect();
    std::fs::write(image.artifacts(), said)?;
    generated::keep(&artifacts, &image)?;
    compile_cell_support(recipe, draft.path())?;
    for folder in ["replies", "cells"] {
        std::fs::create_dir(draft.path().join(folder))?;
    }
    inventory::write(draft.path())?;
    std::fs::write(draft.path().join("complete"), &recipe.toolchain.version)?;
    if let Err(error) = std::fs::rename(draft.path(), &folder) {
        // Another kernel may have been faster.
        if recipe.image()?.is_none() {
            return Err(error).with_context(|| format!("cannot create {}", folder.display()));
        }
    }
    remove_unused(images, &folder);
    if published::is_fetched(&recipe.source) {
        // More than a gigabyte that no test needs again.
        let _ = std::fs::remove_dir_all(recipe.source.join("target"));
    }
    say("the notebook image is ready");
    Ok(Image::at(folder))
}

/// Tells whether the image of this recipe is there and whole.
pub(crate) fn is_ready(recipe: &Recipe) -> Result<bool> {
    Ok(recipe.image()?.is_some() && inventory::damage(&recipe.folder()?).is_none())
}

const WRITABLE: &str = "set GENOLENS_CACHE to a folder that can be written";

fn unwritable(images: &Path) -> String {
    format!(
        "the notebook image must be built first, and {} cannot be written: {WRITABLE}",
        images.display()
    )
}

/// Takes a damaged image out of the way; sessions that have loaded it go on.
fn set_aside(folder: &Path) -> std::io::Result<()> {
    let aside = folder.with_extension(format!("damaged-{}", std::process::id()));
    std::fs::rename(folder, &aside)?;
    let _ = std::fs::remove_dir_all(aside);
    Ok(())
}

/// Removes images that nobody has used for days: every change of the library makes a new one of some 60 MB.
fn remove_unused(images: &Path, current: &Path) {
    const KEPT_FOR: Duration = Duration::from_hours(72);
    const DRAFT_KEPT_FOR: Duration = Duration::from_hours(24);
    let Ok(entries) = std::fs::read_dir(images) else {
        return;
    };
    for folder in entries.flatten().map(|entry| entry.path()) {
        let age = |path: &Path| {
            let changed = std::fs::metadata(path).and_then(|file| file.modified());
            changed.ok().and_then(|changed| changed.elapsed().ok())
        };
        let unused = age(&folder.join("complete")).is_some_and(|age| age > KEPT_FOR);
        // A kernel that was killed has left its draft.
        let left = folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("draft-"))
            && age(&folder).is_some_and(|age| age > DRAFT_KEPT_FOR);
        if folder != current && (unused || left) {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

/// The command that builds the library as one dylib, up to what it shall say.
fn library_command(recipe: &Recipe, turn: Turn) -> Result<Command> {
    let mut command = recipe.toolchain.cargo();
    command.current_dir(&recipe.source).args(["build", "--lib"]);
    as_dylib::ask(&mut command, turn)?;
    let features = recipe::features();
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    Ok(command)
}

/// Compiles the library as one dylib, in the workspace's own target folder and with the features of the whole workspace: what the
/// kernel and the tests have compiled is not compiled again.
fn compile_library(recipe: &Recipe, say: &dyn Fn(&str)) -> Result<Vec<Value>> {
    for artifact in run_cargo(recipe, Turn::Read, say)? {
        if let Some(metadata) = as_dylib::metadata(&artifact) {
            // cargo does again what is missing.
            let _ = std::fs::remove_file(metadata);
        }
    }
    let mut artifacts = run_cargo(recipe, Turn::Make, say)?;
    for artifact in &mut artifacts {
        if let Some(metadata) = as_dylib::metadata(artifact) {
            artifact["filenames"] = serde_json::json!([metadata.with_extension("so")]);
        }
    }
    Ok(artifacts)
}

fn run_cargo(recipe: &Recipe, turn: Turn, say: &dyn Fn(&str)) -> Result<Vec<Value>> {
    let mut command = library_command(recipe, turn)?;
    command
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Builder::spawn(&mut command)
        .context("cannot run cargo: install Rust from https://rustup.rs")?;
    let stderr = child.stderr.take().context("cargo has no stderr")?;
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = BufReader::new(stderr).read_to_string(&mut text);
        text
    });
    let mut artifacts = Vec::new();
    for line in BufReader::new(child.stdout.take().context("cargo has no stdout")?).lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        if message["reason"] == "compiler-artifact" {
            let name = message["target"]["name"].as_str().unwrap_or_default();
            if message["fresh"] == false && (name != "genolens" || turn == Turn::Make) {
                say(&format!("compiled {name}"));
            }
            artifacts.push(message);
        } else if message["reason"] == "build-script-executed" {
            artifacts.push(message);
        }
    }
    let status = child.wait()?;
    let complaints = complaints.join().unwrap_or_default();
    if was_stopped() {
        bail!("stopped while the notebook image was built; run the cell again to go on");
    }
    if complaints.contains("No space left on device") {
        bail!(
            "the disk is full, so the notebook image cannot be built: make room in {} or on the disk of the cache",
            recipe.source.display()
        );
    }
    if !status.success() {
        bail!("the library does not compile:\n{complaints}");
    }
    Ok(artifacts)
}

/// Puts the dylib and the metadata of its dependencies into the image.
fn collect(artifacts: &[Value], image: &Path) -> Result<()> {
    let dependencies = image.join("deps");
    std::fs::create_dir(&dependencies)?;
    let mut library = None;
    for artifact in artifacts {
        let is_macro = words(&artifact["target"]["kind"]).any(|kind| kind == "proc-macro");
        let is_library = artifact["target"]["name"] == "genolens";
        for file in artifact["filenames"].as_array().into_iter().flatten() {
            let path = PathBuf::from(file.as_str().unwrap_or_default());
            let extension = path.extension().and_then(|extension| extension.to_str());
            if is_library && extension == Some("so") {
                library = Some(path);
            } else if !is_library && (extension == Some("rmeta") || is_macro) {
                link_or_copy(&path, &dependencies)?;
            }
        }
    }
    let library = library.context("cargo did not say where the library is")?;
    std::fs::copy(&library, image.join("libgenolens.so"))
        .with_context(|| format!("cannot copy {}", library.display()))?;
    Ok(())
}

/// Metadata is never rewritten in place by rustc (it renames a finished file), so that a link is as safe as a copy.
pub(super) fn link_or_copy(file: &Path, folder: &Path) -> Result<()> {
    let target = folder.join(file.file_name().unwrap_or_default());
    if target.exists() || std::fs::hard_link(file, &target).is_ok() {
        return Ok(());
    }
    std::fs::copy(file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}

fn compile_cell_support(recipe: &Recipe, image: &Path) -> Result<()> {
    let source = image.join("cell.rs");
    std::fs::write(&source, Recipe::CELL)?;
    let output = Command::new(&recipe.toolchain.rustc)
        .args([
            "--crate-name",
            "genolens_cell",
            "--edition",
            "2024",
            "--crate-type",
            "dylib",
        ])
        .args(["-C", "prefer-dynamic", "-C", "opt-level=2"])
        .arg("--out-dir")
        .arg(image)
        .arg(&source)
        .output()
        .context("cannot run rustc")?;
    if !output.status.success() {
        bail!(
            "the support crate of the cells does not compile:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
