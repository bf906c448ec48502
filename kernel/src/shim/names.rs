//! The types of the variables that a session keeps, as the compiler names them.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a placeholder for a type begins; evcxr sees only placeholders.
pub(crate) const PLACEHOLDER: &str = "__GlT_";

/// The table from placeholder to type, kept in a file of the session.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    file: PathBuf,
    types: BTreeMap<String, Kept>,
}

/// A kept type: how it is written, and the fingerprint of the definitions behind it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) kind: String,
    pub(super) behind: String,
}

impl Names {
    /// Reads the table of a session; a session that has kept nothing has none.
    pub(crate) fn read(file: &Path) -> Self {
        let line = |line: &str| {
            let mut parts = line.splitn(3, '\t').map(str::to_owned);
            let (name, behind, kind) = (parts.next()?, parts.next()?, parts.next()?);
            Some((name, Kept { kind, behind }))
        };
        let text = std::fs::read_to_string(file).unwrap_or_default();
        Self {
            file: file.to_owned(),
            types: text.lines().filter_map(line).collect(),
        }
    }

    /// The kept type behind a placeholder.
    pub(super) fn kept(&self, placeholder: &str) -> Option<&Kept> {
        self.types.get(placeholder)
    }

    /// All kept types.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.types.values().map(|kept| kept.kind.as_str())
    }

    /// Adds types and writes the table.
    pub(super) fn add(&mut self, new: impl IntoIterator<Item = (String, Kept)>) -> Result<()> {
        self.types.extend(new);
        let text: String = self
            .types
            .iter()
            .map(|(name, kept)| format!("{name}\t{}\t{}\n", kept.behind, kept.kind))
            .collect();
        // A disk that is full must not cost the table that is there.
        let draft = self.file.with_extension("new");
        std::fs::write(&draft, text)
            .and_then(|()| std::fs::rename(&draft, &self.file))
            .with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// Replaces every known placeholder in a text, for a person to read.
    pub(crate) fn spell_out(&self, text: &str) -> String {
        self.replace(text, str::to_owned)
    }

    /// Replaces every known placeholder in a page.
    pub(crate) fn spell_out_html(&self, page: &str) -> String {
        self.replace(page, |kind| {
            kind.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
        })
    }

    fn replace(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        placeholders(text)
            .iter()
            .fold(text.to_owned(), |text, placeholder| {
                match self.kept(placeholder) {
                    Some(kept) => text.replace(placeholder, &write(&kept.kind)),
                    None => text,
                }
            })
    }
}

/// The placeholders in a text, each once, in order of appearance.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (start, _) in text.match_indices(PLACEHOLDER) {
        let digits = text[start + PLACEHOLDER.len()..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let name = &text[start..start + PLACEHOLDER.len() + digits];
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}
