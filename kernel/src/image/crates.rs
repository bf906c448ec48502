//! Keeps the compiled crates of the library, so that crates which a session adds are built on the same ones.

use super::build::link_or_copy;
use super::unit::{Kind, Unit};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of the library as an image keeps them.
#[derive(Clone, Debug)]
pub(crate) struct Crates {
    folder: PathBuf,
}

impl Crates {
    pub(super) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The compiled files.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// The versions that the library was built with.
    pub(crate) fn lock(&self) -> PathBuf {
        self.folder.join("Cargo.lock")
    }

    /// The profile sections of the library's manifest.
    pub(crate) fn profile(&self) -> String {
        std::fs::read_to_string(self.folder.join("profile.toml")).unwrap_or_default()
    }

    /// The plan by which the library was built, with its files; empty when cargo did not tell it.
    pub(crate) fn units(&self) -> Vec<Unit> {
        let text = std::fs::read_to_string(self.folder.join("units.json")).unwrap_or_default();
        let mut units: Vec<Unit> = serde_json::from_str(&text).unwrap_or_default();
        for file in units.iter_mut().flat_map(|unit| &mut unit.files) {
            *file = self.files().join(&*file).display().to_string();
        }
        units
    }

    /// Keeps what `cargo` has just reported for the same command; `source` is the folder of the library.
    pub(super) fn keep(
        &self,
        mut cargo: Command,
        artifacts: &[Value],
        source: &Path,
    ) -> Result<()> {
        std::fs::create_dir_all(self.files())?;
        std::fs::copy(source.join("Cargo.lock"), self.lock())
            .context("cannot copy Cargo.lock of the library")?;
        let manifest = std::fs::read_to_string(source.join("Cargo.toml"))?;
        std::fs::write(self.folder.join("profile.toml"), profiles(&manifest))?;
        // Nothing is compiled with the unstable option; without the plan a session still adds crates, but shares none.
        let output = cargo.env("RUSTC_BOOTSTRAP", "1").output()?;
        let plan = Unit::read(&String::from_utf8_lossy(&output.stdout)).unwrap_or_default();
        let units: Vec<Unit> = plan
            .into_iter()
            .map(|unit| self.keep_unit(unit, artifacts))
            .collect::<Result<_>>()?;
        std::fs::write(
            self.folder.join("units.json"),
            serde_json::to_string(&units)?,
        )?;
        Ok(())
    }

    fn keep_unit(&self, mut unit: Unit, artifacts: &[Value]) -> Result<Unit> {
        if unit.kind == Kind::Run {
            let script = artifacts.iter().find(|message| {
                message["reason"] == "build-script-executed"
                    && message["package_id"] == unit.id.as_str()
            });
            let folder = script.and_then(|message| message["out_dir"].as_str());
            unit.said = folder.and_then(|folder| {
                std::fs::read_to_string(Path::new(folder).parent()?.join("output")).ok()
            });
            return Ok(unit);
        }
        let artifact = artifacts.iter().find(|message| unit.is_of(message));
        let files = artifact.and_then(|artifact| artifact["filenames"].as_array());
        for file in files.into_iter().flatten().filter_map(Value::as_str) {
            let path = Path::new(file);
            let wanted = match unit.kind {
                Kind::Library => ["rlib", "rmeta"].as_slice(),
                Kind::Macro => ["so", "dylib", "dll"].as_slice(),
                _ => [].as_slice(),
            };
            let extension = path.extension().and_then(|extension| extension.to_str());
            if extension.is_some_and(|extension| wanted.contains(&extension)) {
                link_or_copy(path, &self.files())?;
                let name = path.file_name().unwrap_or_default();
                unit.files.push(name.to_string_lossy().into_owned());
            }
        }
        Ok(unit)
    }
}

/// The `[profile…]` sections of a manifest.
fn profiles(manifest: &str) -> String {
    let mut inside = false;
    let wanted = manifest.split_inclusive('\n').filter(|line| {
        if line.starts_with('[') {
            inside = line.starts_with("[profile.");
        }
        inside
    });
    wanted.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_profiles_are_taken_from_a_manifest() {
        let manifest = "[package]\nname = \"a\"\n\n[profile.dev]\nopt-level = 3\n[profile.test.package.\"*\"]\ndebug = 0\n[features]\nx = []\n";
        assert_eq!(
            super::profiles(manifest),
            "[profile.dev]\nopt-level = 3\n[profile.test.package.\"*\"]\ndebug = 0\n"
        );
    }
}
