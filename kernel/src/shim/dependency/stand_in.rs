//! Plays `rustc` for the real cargo: new crates are compiled, the library's crates are put in their place.

use super::addition::Addition;
use super::manifest;
use super::sharing::{Fate, Sharing};
use crate::image::{Kind, Unit};
use crate::place::{Place, restore};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the fates of the plan's units are written for the compiler's stand-in.
fn table(place: &Place) -> PathBuf {
    manifest::folder(place).join("fates.json")
}

/// By the unit's name on the command line.
type Table = BTreeMap<String, Entry>;

#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    source: PathBuf,
    fate: Fate,
    /// Whether the crate is the person's own, whose source changes.
    local: bool,
}

/// How a file begins that only says where a crate is.
const MARK: &str = "genolens shares ";

/// The file of the image for which this one stands.
fn behind(file: &Path) -> Option<String> {
    let size = std::fs::metadata(file).ok()?.len();
    if size > 1 << 13 {
        return None;
    }
    let words = std::fs::read_to_string(file).ok()?;
    words.strip_prefix(MARK).map(str::to_owned)
}

/// Writes the table; `false` when something that has been put in place, or compiled, now has another fate.
pub(super) fn write(place: &Place, sharing: &Sharing) -> Result<bool> {
    let mut known = read(place);
    let mut same = true;
    for (unit, fate) in sharing.units.iter().zip(&sharing.fates) {
        if unit.kind == Kind::Run {
            continue;
        }
        let entry = Entry {
            source: PathBuf::from(&unit.source),
            fate: fate.clone(),
            local: unit.is_local(),
        };
        let before = known.insert(key_of(unit), entry);
        same &= before.is_none_or(|before| before.fate == *fate);
    }
    std::fs::write(table(place), serde_json::to_string(&known)?)?;
    Ok(same)
}

/// Forgets what has been put in place.
pub(super) fn forget(place: &Place) -> Result<()> {
    Ok(std::fs::remove_file(table(place))?)
}

fn read(place: &Place) -> Table {
    let text = std::fs::read_to_string(table(place)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn key_of(unit: &Unit) -> String {
    key(
        &[&unit.package, &unit.version, &unit.name, &unit.opt_level],
        unit.features.iter().map(String::as_str).collect(),
    )
}

fn key(words: &[&str], mut features: Vec<&str>) -> String {
    features.sort_unstable();
    format!("{} {}", words.join(" "), features.join(","))
}

/// The folders of what is shared, where the compiler finds what a shared crate rests on.
pub(super) fn shared_folders<'a>(fates: impl Iterator<Item = &'a Fate>) -> BTreeSet<PathBuf> {
    let files = fates.filter_map(|fate| match fate {
        Fate::Shared(files) => Some(files),
        _ => None,
    });
    files
        .flatten()
        .filter_map(|file| Path::new(file).parent())
        .map(Path::to_owned)
        .collect()
}

/// Compiles one crate for cargo, or puts a finished one in its place.
pub(in crate::shim) fn around_rustc(place: &Place, arguments: &[String]) -> Result<ExitCode> {
    let (rustc, rest) = arguments.split_first().context("cargo named no compiler")?;
    let call = Call(rest);
    let mut table = read(place);
    let folders = shared_folders(table.values().map(|entry| &entry.fate));
    let entry = call.key().and_then(|key| {
        let entry = table.remove(&key)?;
        let package = std::env::var_os("CARGO_MANIFEST_DIR")?;
        entry.source.starts_with(package).then_some(entry)
    });
    let is_local = entry.as_ref().is_some_and(|entry| entry.local);
    let fate = entry.map(|entry| entry.fate);
    match fate {
        Some(Fate::Shared(files)) => call.put(&files)?,
        Some(Fate::Replay(words)) => call.put_script(&words)?,
        Some(Fate::Idle) => call.put_nothing()?,
        _ => {
            let mut command = Command::new(rustc);
            restore(&mut command);
            command.args(call.with_real_crates());
            for folder in &folders {
                command.arg("-L");
                command.arg(format!("dependency={}", folder.display()));
            }
            if is_local {
                // What a changed source makes of a type is another type, even if it has the same name.
                let turn = Addition::count(place) + 1;
                command.arg("-C").arg(format!("metadata=turn{turn}"));
            }
            let status = command.status().context("cannot run rustc")?;
            return Ok(ExitCode::from(status.code().unwrap_or(1) as u8));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A call of the compiler by cargo.
struct Call<'a>(&'a [String]);

impl Call<'_> {
    fn value(&self, flag: &str) -> Option<&str> {
        self.values(flag).next()
    }

    fn values(&self, flag: &str) -> impl Iterator<Item = &str> {
        let pairs = self.0.windows(2);
        pairs
            .filter(move |pair| pair[0] == flag)
            .map(|pair| pair[1].as_str())
    }

    fn codegen(&self, option: &str) -> Option<&str> {
        self.values("-C")
            .find_map(|value| value.strip_prefix(option)?.strip_prefix('='))
    }

    /// The unit's name, which [`key_of`] spells in the same way.
    fn key(&self) -> Option<String> {
        let package = std::env::var("CARGO_PKG_NAME").ok()?;
        let version = std::env::var("CARGO_PKG_VERSION").ok()?;
        let features = self.values("--cfg").filter_map(|flag| {
            flag.strip_prefix("feature=\"")
                .and_then(|rest| rest.strip_suffix('"'))
        });
        let level = self.codegen("opt-level").unwrap_or("0");
        let name = self.value("--crate-name")?;
        Some(key(&[&package, &version, name, level], features.collect()))
    }

    /// The folder and the stem of what cargo expects, without `lib` and ending.
    fn expected(&self) -> Result<(PathBuf, String)> {
        let folder = self.value("--out-dir").context("cargo named no folder")?;
        let name = self.value("--crate-name").context("cargo named no crate")?;
        let suffix = self.codegen("extra-filename").unwrap_or_default();
        Ok((folder.into(), format!("{name}{suffix}")))
    }

    /// Puts words in place of the compiler's files that say where in the image the crate is. The image's own files would be older
    /// than what cargo takes for their ingredients, and made again at every turn.
    fn put(&self, files: &[String]) -> Result<()> {
        let (folder, stem) = self.expected()?;
        let ending = |file: &str| file.rsplit('.').next().unwrap_or_default().to_owned();
        for file in files {
            let words = format!("{MARK}{file}");
            std::fs::write(folder.join(format!("lib{stem}.{}", ending(file))), &words)?;
            // What has the code also has what must be known of it.
            if files.len() == 1 && ending(file) == "rlib" {
                std::fs::write(folder.join(format!("lib{stem}.rmeta")), &words)?;
            }
        }
        self.put_dependencies()
    }

    /// The call with the image's crates in place of the words that stand for them.
    fn with_real_crates(&self) -> Vec<String> {
        let mut arguments = self.0.to_vec();
        for index in 1..arguments.len() {
            if arguments[index - 1] == "--extern"
                && let Some((name, path)) = arguments[index].split_once('=')
                && let Some(real) = behind(Path::new(path))
            {
                arguments[index] = format!("{name}={real}");
            }
        }
        arguments
    }

    /// Puts a build script in place that says what the library's said.
    fn put_script(&self, words: &str) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let (folder, stem) = self.expected()?;
        let script = folder.join(&stem);
        let _ = std::fs::remove_file(&script);
        std::fs::write(folder.join(format!("{stem}.words")), words)?;
        // The words lie beside the script, so that nothing in them needs quotes.
        std::fs::write(
            &script,
            "#!/bin/sh\nexec cat \"$(dirname \"$0\")\"/*.words\n",
        )?;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
        self.put_dependencies()
    }

    /// Puts empty files in place of what nobody reads.
    fn put_nothing(&self) -> Result<()> {
        if self
            .value("--crate-name")
            .is_some_and(|name| name.starts_with("build_script_"))
        {
            return self.put_script("");
        }
        let (folder, stem) = self.expected()?;
        let endings: &[&str] = match self.value("--crate-type") {
            Some("proc-macro") => &["so"],
            _ => &["rlib", "rmeta"],
        };
        for ending in endings {
            std::fs::write(folder.join(format!("lib{stem}.{ending}")), "")?;
        }
        self.put_dependencies()
    }

    /// The list of source files, which cargo reads; ours never change.
    fn put_dependencies(&self) -> Result<()> {
        let (folder, stem) = self.expected()?;
        let list = folder.join(format!("{stem}.d"));
        std::fs::write(&list, format!("{}:\n", list.display()))?;
        Ok(())
    }
}
