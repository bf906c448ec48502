//! The manifest by which cargo builds what a session asks for.

use crate::image::Crates;
use crate::place::Place;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The package that asks for everything; nothing of it is compiled. The compiler looks for the library in all files whose names
/// begin like the library's, so this one begins otherwise.
pub(super) const ROOT: &str = "session-additions";

/// A crate that the session asks for, as it stands in evcxr's manifest: `name = config`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    /// The name under which cells use the crate, spelled as the person did.
    pub(super) name: String,
    pub(super) config: String,
}

impl Wanted {
    /// Reads evcxr's manifest, in an order that does not change from cell to cell.
    pub(super) fn all(place: &Place) -> Vec<Self> {
        let manifest = place.manifest();
        let lines = manifest
            .split_once("[dependencies]")
            .map_or("", |(_, lines)| lines)
            .lines();
        let mut all: Vec<Self> = lines
            .filter_map(|line| {
                let (name, config) = line.split_once('=')?;
                Some(Self {
                    name: name.trim().to_owned(),
                    config: config.trim().to_owned(),
                })
            })
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    pub(super) fn line(&self) -> String {
        format!("{} = {}\n", self.name, self.config)
    }

    /// The name of the crate in the source of a cell.
    pub(super) fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The package, which may have another name than the crate.
    pub(super) fn package(&self) -> &str {
        self.value_of("package").unwrap_or(&self.name)
    }

    /// The folder of the crate, when it is one of the person's.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.value_of("path").map(Path::new)
    }

    /// The features that the person has named.
    pub(super) fn features(&self) -> Vec<&str> {
        let Some(list) = self.after_key("features") else {
            return Vec::new();
        };
        let list = list.trim_start_matches('[');
        let list = &list[..list.find(']').unwrap_or(list.len())];
        list.split('"').skip(1).step_by(2).collect()
    }

    /// The same without the crate's default features, unless the person has said which features or where the crate is.
    pub(super) fn as_the_library_has_it(&self) -> Option<Self> {
        let keys = ["features", "default-features", "path", "git", "registry"];
        if keys.iter().any(|key| self.after_key(key).is_some()) {
            return None;
        }
        let config = match self.config.strip_prefix('{') {
            Some(rest) => format!("{{ default-features = false, {}", rest.trim_start()),
            None => format!("{{ default-features = false, version = {} }}", self.config),
        };
        Some(Self {
            name: self.name.clone(),
            config,
        })
    }

    fn value_of(&self, key: &str) -> Option<&str> {
        self.after_key(key)?.strip_prefix('"')?.split('"').next()
    }

    /// What follows `key =` in an inline table.
    fn after_key(&self, key: &str) -> Option<&str> {
        let table = self.config.strip_prefix('{')?;
        table.match_indices(key).find_map(|(at, _)| {
            let before = table[..at].chars().next_back();
            let starts = before.is_none_or(|letter| letter.is_whitespace() || letter == ',');
            let rest = table[at + key.len()..].trim_start().strip_prefix('=')?;
            starts.then(|| rest.trim_start())
        })
    }
}

/// The crates that the session has added, by the names that cells know.
pub(crate) fn added_crates(place: &Place) -> Vec<String> {
    Wanted::all(place).iter().map(Wanted::crate_name).collect()
}

/// The folder in which cargo works for a session.
pub(super) fn folder(place: &Place) -> PathBuf {
    place.crate_folder().join("dependencies")
}

/// Writes the manifest; the versions are those of the library, and later those of what has been added before.
pub(super) fn write(folder: &Path, wanted: &[Wanted], crates: &Crates) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let lines: String = wanted.iter().map(Wanted::line).collect();
    let manifest = format!(
        "[package]\nname = \"{ROOT}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n\n\
         [dependencies]\n{lines}\n{}",
        crates.profile()
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    std::fs::write(folder.join("lib.rs"), "")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    fn wanted(config: &str) -> Wanted {
        Wanted {
            name: "some-crate".to_owned(),
            config: config.to_owned(),
        }
    }

    #[test]
    fn what_is_asked_for_is_understood() {
        let table = wanted(
            "{ version = \"1\", default-features = false, features = [\"a\", \"b\"], package = \"other\" }",
        );
        assert_eq!(table.features(), ["a", "b"]);
        assert_eq!(table.package(), "other");
        assert_eq!(table.as_the_library_has_it(), None);
        assert_eq!(table.folder(), None);
        assert_eq!(
            wanted("{path=\"/a\"}").folder(),
            Some(std::path::Path::new("/a"))
        );
        assert_eq!(wanted("\"1\"").package(), "some-crate");
        assert_eq!(
            wanted("{default-features = false}").features(),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn default_features_are_left_out_only_where_nothing_is_said_of_them() {
        let config = |config: &str| {
            wanted(config)
                .as_the_library_has_it()
                .map(|wanted| wanted.config)
        };
        assert_eq!(
            config("\"0.55\"").as_deref(),
            Some("{ default-features = false, version = \"0.55\" }")
        );
        assert_eq!(
            config("{ version = \"0.55\" }").as_deref(),
            Some("{ default-features = false, version = \"0.55\" }")
        );
        assert_eq!(config("{ version = \"1\", features = [] }"), None);
        assert_eq!(config("{ path = \"/x\" }"), None);
    }
}
