//! Makes the index of what an image offers, which completion and inspection read. Sessions work without it and say less.

use super::{Image, Recipe, Rustdoc};
use crate::analysis::index::{Item, is_current, write};
use crate::aside::aside;
use crate::place::restore;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The crates that users meet through the library, and those that define what these pass on.
pub(super) const CRATES: [&str; 17] = [
    "genolens",
    "candle_core",
    "candle_nn",
    "ndarray",
    "plotters",
    "plotters_backend",
    "polars",
    "polars_core",
    "polars_error",
    "polars_schema",
    "polars_utils",
    "polars_lazy",
    "polars_plan",
    "polars_io",
    "polars_ops",
    "polars_time",
    "polars_dtype",
];

/// How often sessions try to describe a crate that could not be described: what hindered it may have passed, as when rustdoc was killed
/// or memory was short.
const ATTEMPTS: usize = 3;

fn has(image: &Image, name: &str) -> bool {
    let mut start = [0; 32];
    let file = File::open(image.index().join(name));
    let read = file.and_then(|mut file| file.read(&mut start));
    read.is_ok_and(|length| is_current(&start[..length]))
}

/// The file that tells how often a crate could not be described, and why.
fn refusal(image: &Image, name: &str) -> PathBuf {
    image.index().join(format!("{name}.refused"))
}

fn refusals(image: &Image, name: &str) -> usize {
    let text = std::fs::read_to_string(refusal(image, name)).unwrap_or_default();
    let first = text.lines().next();
    first.and_then(|line| line.parse().ok()).unwrap_or(0)
}

/// How the folder of an unfinished index is called.
const DRAFT: &str = "index-";

/// Completes the index of this recipe's image, crate by crate. Whoever waits is there for it alone: then another process that is at it is
/// waited for, and what could not be described is tried again however often it failed.
pub(crate) fn index(recipe: &Recipe, wait: bool) -> Result<()> {
    let Some(image) = recipe.image()? else {
        bail!("there is no image: `genolens warm` makes one");
    };
    let attempts = if wait { usize::MAX } else { ATTEMPTS };
    if missing(&image, attempts).is_empty() {
        return Ok(());
    }
    let lock = File::create(image.folder().join("index.lock"))?;
    if wait {
        lock.lock()?;
    } else if lock.try_lock().is_err() {
        return Ok(());
    }
    remove_drafts(&image);
    std::fs::create_dir_all(image.index())?;
    let draft = tempfile::Builder::new()
        .prefix(DRAFT)
        .tempdir_in(image.folder())?;
    let library = Library::read(recipe, &image)?;
    let mut complaints = Vec::new();
    for name in missing(&image, attempts) {
        // Moved into place, so that nobody reads half a file.
        let file = draft.path().join(name);
        match library.items(name, draft.path()) {
            Ok(items) => {
                std::fs::write(&file, write(&items))?;
                std::fs::rename(file, image.index().join(name))?;
                let _ = std::fs::remove_file(refusal(&image, name));
            }
            Err(error) => {
                let complaint = format!("{name}: {error:#}");
                let times = refusals(&image, name).saturating_add(1);
                std::fs::write(&file, format!("{times}\n{complaint}\n"))?;
                std::fs::rename(file, refusal(&image, name))?;
                complaints.push(complaint);
            }
        }
        if is_orphan() {
            return Ok(());
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    bail!("not everything could be indexed: {}", complaints.join("; "))
}

/// Starts a process that makes the index while the image is in use, with as little disturbance as possible; `None` when there is
/// nothing to do.
pub(crate) fn index_beside(image: &Image) -> Option<Child> {
    if missing(image, ATTEMPTS).is_empty() {
        return None;
    }
    let mut command = Command::new(std::env::current_exe().ok()?);
    restore(&mut command);
    aside(command.arg("index").env_remove("GENOLENS_SESSION"))
}

/// Removes what an earlier attempt has left that was killed.
fn remove_drafts(image: &Image) {
    let entries = std::fs::read_dir(image.folder());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(DRAFT) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The crates of an image that have not been indexed, and were refused fewer times than this. An image that does not say how it was made
/// has none.
fn missing(image: &Image, attempts: usize) -> Vec<&'static str> {
    let Ok(artifacts) = std::fs::read_to_string(image.artifacts()) else {
        return Vec::new();
    };
    CRATES
        .into_iter()
        .filter(|name| artifacts.contains(&format!("\"name\":\"{name}\"")))
        .filter(|name| !has(image, name) && refusals(image, name) < attempts)
        .collect()
}

/// What is known of the compiled crates.
struct Library<'a> {
    recipe: &'a Recipe,
    image: &'a Image,
    /// What cargo said about each compiled crate, by package.
    artifacts: HashMap<String, Value>,
    /// What build scripts said, by package.
    scripts: HashMap<String, Value>,
    /// What `cargo metadata` says about each package's dependencies.
    nodes: HashMap<String, Value>,
}

impl<'a> Library<'a> {
    fn read(recipe: &'a Recipe, image: &'a Image) -> Result<Self> {
        let text = std::fs::read_to_string(image.artifacts())?;
        let text = as_built_here(text, &recipe.source);
        let (mut artifacts, mut scripts) = (HashMap::new(), HashMap::new());
        for line in text.lines() {
            let message: Value = serde_json::from_str(line)?;
            let package = message["package_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let of_script = words(&message["target"]["kind"]).any(|kind| kind == "custom-build");
            if message["reason"] == "build-script-executed" {
                scripts.insert(package, message);
            } else if !of_script {
                artifacts.insert(package, message);
            }
        }
        Ok(Self {
            recipe,
            image,
            artifacts,
            scripts,
            nodes: nodes(recipe)?,
        })
    }

    /// Harvests one crate.
    fn items(&self, name: &str, draft: &Path) -> Result<Vec<Item>> {
        let (package, artifact) = self
            .artifacts
            .iter()
            .find(|(_, artifact)| artifact["target"]["name"] == name)
            .context("the library is built without it")?;
        let manifest = Path::new(artifact["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().context("a package has no folder")?;
        let version = package.rsplit(['#', '@']).next().unwrap_or_default();
        let mut rustdoc = Rustdoc::new(&self.recipe.toolchain, name, (folder, version));
        let edition = artifact["target"]["edition"].as_str();
        rustdoc.told(["--edition", edition.unwrap_or("2021")]);
        let dependencies = self.image.dependencies();
        rustdoc.told([format!("-Ldependency={}", dependencies.display())]);
        for feature in words(&artifact["features"]) {
            rustdoc.told(["--cfg", &format!("feature=\"{feature}\"")]);
        }
        self.tell_script(&mut rustdoc, (package, name));
        let node = self
            .nodes
            .get(package)
            .context("cargo knows no such package in this folder")?;
        for dependency in node["deps"].as_array().into_iter().flatten() {
            if let Some(file) = self.metadata(dependency["pkg"].as_str().unwrap_or_default()) {
                let name = dependency["name"].as_str().unwrap_or_default();
                rustdoc.told(["--extern", &format!("{name}={}", file.display())]);
            }
        }
        rustdoc.told([artifact["target"]["src_path"].as_str().unwrap_or_default()]);
        let items = rustdoc.items(draft, name == "genolens")?;
        if items.is_empty() {
            bail!("rustdoc tells of nothing public");
        }
        Ok(items)
    }

    /// Says what the build script has said.
    fn tell_script(&self, rustdoc: &mut Rustdoc, (package, name): (&str, &str)) {
        let Some(script) = self.scripts.get(package) else {
            return;
        };
        for setting in words(&script["cfgs"]) {
            rustdoc.told(["--cfg", setting]);
        }
        for pair in script["env"].as_array().into_iter().flatten() {
            if let (Some(name), Some(value)) = (pair[0].as_str(), pair[1].as_str()) {
                rustdoc.set(name, value);
            }
        }
        let written = self.image.generated().join(name);
        rustdoc.set("OUT_DIR", &written.to_string_lossy());
    }

    /// The metadata of a dependency in the image.
    fn metadata(&self, package: &str) -> Option<PathBuf> {
        let mut files = words(&self.artifacts.get(package)?["filenames"]);
        let kept = |file: &str| {
            let file = self.image.dependencies().join(Path::new(file).file_name()?);
            file.exists().then_some(file)
        };
        files.find_map(kept)
    }
}

/// Which package depends on which, and by what name.
fn nodes(recipe: &Recipe) -> Result<HashMap<String, Value>> {
    let mut command = recipe.toolchain.cargo();
    command
        .args(["metadata", "--offline", "--format-version", "1"])
        .current_dir(&recipe.source)
        .stdin(Stdio::null());
    if let Some(host) = recipe.toolchain.host() {
        command.args(["--filter-platform", host]);
    }
    let output = command.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let mut metadata: Value = serde_json::from_slice(&output.stdout)?;
    let Value::Array(nodes) = metadata["resolve"]["nodes"].take() else {
        bail!("cargo metadata names no packages");
    };
    let named = |node: Value| Some((node["id"].as_str()?.to_owned(), node));
    Ok(nodes.into_iter().filter_map(named).collect())
}

/// Names this source where the image was built from another clone of the same.
fn as_built_here(artifacts: String, source: &Path) -> String {
    let built = artifacts.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let manifest = Path::new(message["manifest_path"].as_str()?);
        let folder = manifest.parent()?.display().to_string();
        (message["target"]["name"] == "genolens").then_some(folder)
    });
    match built {
        Some(folder) if Path::new(&folder) != source => {
            artifacts.replace(&folder, &source.display().to_string())
        }
        _ => artifacts,
    }
}

pub(super) fn words(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Tells whether the session that wanted the index is gone, and with it the reason to go on.
fn is_orphan() -> bool {
    std::os::unix::process::parent_id() == 1
}
