//! A notebook file: what we need of it, and everything else untouched.

use crate::fingerprint::fingerprint;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Holds a notebook of format 4 for Rust.
#[derive(Clone, Debug)]
pub(crate) struct Notebook {
    json: Value,
}

impl Notebook {
    /// Reads a notebook and checks that this kernel can run it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        Self::parse(&text, &name.to_string())
    }

    fn parse(text: &str, name: &str) -> Result<Self> {
        let json: Value = serde_json::from_str(text)
            .with_context(|| format!("{name} is not a notebook: it is not JSON"))?;
        match json["nbformat"].as_i64() {
            Some(4) => {}
            Some(old @ ..=3) => bail!(
                "{name} has notebook format {old}, expected 4; convert it with `jupyter nbconvert --to notebook`"
            ),
            Some(new) => bail!("{name} has notebook format {new}, expected 4"),
            None => bail!("{name} is not a notebook: it has no number `nbformat`"),
        }
        let Some(cells) = json["cells"].as_array() else {
            bail!("{name} is not a notebook: it has no list `cells`");
        };
        for (index, cell) in cells.iter().enumerate() {
            if !cell["cell_type"].is_string() || lines(&cell["source"]).is_none() {
                bail!("{name}: cell {} has no type or no source", index + 1);
            }
        }
        let metadata = &json["metadata"];
        if !(metadata.is_null() || metadata.is_object()) {
            bail!("{name} is not a notebook: its `metadata` is no object");
        }
        let language = metadata["kernelspec"]["language"]
            .as_str()
            .or_else(|| metadata["language_info"]["name"].as_str());
        if let Some(language) = language
            && !language.eq_ignore_ascii_case("rust")
        {
            let kernel = metadata["kernelspec"]["display_name"].as_str();
            bail!(
                "{name} is written in {language} for the kernel {:?}, expected rust",
                kernel.unwrap_or("unknown")
            );
        }
        Ok(Self { json })
    }

    /// Gives the cells as they stand in the file.
    pub(crate) fn cells(&self) -> &[Value] {
        self.json["cells"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Gives the places of the code cells that have any code.
    pub(crate) fn code(&self) -> Vec<usize> {
        let cells = self.cells().iter().enumerate();
        cells
            .filter(|(_, cell)| cell["cell_type"] == "code" && !source(cell).trim().is_empty())
            .map(|(place, _)| place)
            .collect()
    }

    /// Tells whether a cell carries a tag.
    pub(crate) fn has_tag(&self, place: usize, tag: &str) -> bool {
        let tags = self.cells()[place]["metadata"]["tags"].as_array();
        tags.is_some_and(|tags| tags.iter().any(|known| known == tag))
    }

    /// Finds the first cell that carries a tag.
    pub(crate) fn tagged(&self, tag: &str) -> Option<usize> {
        (0..self.cells().len()).find(|&place| self.has_tag(place, tag))
    }

    /// Sets the cell of the injected parameters: in the place of an earlier one, after the cell that declares them, or first.
    pub(crate) fn inject(&mut self, source: &str) {
        let earlier = self.tagged("injected-parameters");
        let after = self.tagged("parameters").map_or(0, |place| place + 1);
        let mut cell = json!({
            "cell_type": "code",
            "execution_count": null,
            "metadata": { "tags": ["injected-parameters"] },
            "outputs": [],
            "source": split(source),
        });
        // Cells have names since format 4.5.
        if self.cells().iter().any(|cell| cell["id"].is_string()) {
            cell["id"] = json!(format!("parameters-{}", &fingerprint(source)[..8]));
        }
        if let Some(cells) = self.json["cells"].as_array_mut() {
            match earlier {
                Some(place) => cells[place] = cell,
                None => cells.insert(after, cell),
            }
        }
    }

    /// Forgets every count, and every output too unless they are to stay until the cell runs again.
    pub(crate) fn clear(&mut self, keep_outputs: bool) {
        if let Some(cells) = self.json["cells"].as_array_mut() {
            for cell in cells.iter_mut().filter(|cell| cell["cell_type"] == "code") {
                cell["execution_count"] = Value::Null;
                if !keep_outputs {
                    cell["outputs"] = json!([]);
                }
            }
        }
    }

    /// Names the code by its hash.
    pub(crate) fn fingerprint(&self) -> String {
        let code = self.code().into_iter();
        let code: Vec<_> = code
            .map(|place| {
                json!([
                    source(&self.cells()[place]),
                    self.cells()[place]["metadata"]["tags"]
                ])
            })
            .collect();
        fingerprint(&json!([env!("CARGO_PKG_VERSION"), code]).to_string())
    }

    /// Gives the mark that a finished run has left.
    pub(crate) fn mark(&self) -> Option<&str> {
        self.json["metadata"]["genolens"]["finished"].as_str()
    }

    /// Leaves or takes away the mark of a finished run.
    pub(crate) fn set_mark(&mut self, mark: Option<String>) {
        let metadata = &mut self.json["metadata"];
        match mark {
            Some(mark) => metadata["genolens"] = json!({ "finished": mark }),
            None => {
                if let Some(metadata) = metadata.as_object_mut() {
                    metadata.remove("genolens");
                }
            }
        }
    }

    /// Names the language and the kernel where the file does not, so that viewers colour the code.
    pub(crate) fn introduce(&mut self) {
        let metadata = &mut self.json["metadata"];
        if metadata["language_info"].is_null() {
            metadata["language_info"] = json!({
                "codemirror_mode": "rust",
                "file_extension": ".rs",
                "mimetype": "text/rust",
                "name": "rust",
                "pygments_lexer": "rust",
            });
        }
        if metadata["kernelspec"].is_null() {
            metadata["kernelspec"] = json!({
                "display_name": "Rust (genolens)",
                "language": "rust",
                "name": "genolens",
            });
        }
    }

    /// Sets the outputs of a cell that ran, and its count.
    pub(crate) fn set(&mut self, place: usize, outputs: Vec<Value>, number: u64) {
        let cell = &mut self.json["cells"][place];
        cell["outputs"] = Value::Array(outputs);
        cell["execution_count"] = json!(number);
    }

    /// Sets entries of a cell's metadata; null removes one.
    pub(crate) fn set_metadata(&mut self, place: usize, entries: [(&str, Value); 2]) {
        let metadata = &mut self.json["cells"][place]["metadata"];
        if metadata.is_null() {
            *metadata = json!({});
        }
        let Some(metadata) = metadata.as_object_mut() else {
            return;
        };
        for (name, value) in entries {
            match value {
                Value::Null => metadata.remove(name),
                value => metadata.insert(name.to_owned(), value),
            };
        }
    }

    /// Writes the notebook as Jupyter does: indented by one space, a line break at the end.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let mut bytes = Vec::new();
        let formatter = PrettyFormatter::with_indent(b" ");
        self.json
            .serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
        bytes.push(b'\n');
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        replace(path, &bytes).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Writes a file aside and moves it into place, so that whoever stops us leaves the old one or the new one, never half of one.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // What a link points to is replaced, not the link.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    let draft = tempfile::Builder::new()
        .prefix(".genolens-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder);
    let mut draft = match draft {
        Ok(draft) => draft,
        // The file may be ours to write where the folder is not.
        Err(_) if path.exists() => return std::fs::write(path, bytes),
        Err(error) => return Err(error),
    };
    draft.write_all(bytes)?;
    if let Ok(old) = std::fs::metadata(path) {
        std::fs::set_permissions(draft.path(), old.permissions())?;
    }
    draft.persist(path)?;
    Ok(())
}

/// Gives the source of a cell as one text.
pub(crate) fn source(cell: &Value) -> String {
    lines(&cell["source"]).unwrap_or_default()
}

/// Joins a text that may be stored as a list of lines.
pub(crate) fn lines(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => lines.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// Splits a text into the list of lines that notebooks store, which reads well in a diff.
pub(crate) fn split(text: &str) -> Value {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nonsense;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const NAMES: [&str; 18] = [
        "cells",
        "metadata",
        "nbformat",
        "cell_type",
        "code",
        "markdown",
        "source",
        "outputs",
        "tags",
        "kernelspec",
        "language",
        "rust",
        "language_info",
        "name",
        "id",
        "genolens",
        "finished",
        "parameters",
    ];

    fn used(mut notebook: Notebook) {
        notebook.introduce();
        notebook.clear(false);
        let _ = (notebook.fingerprint(), notebook.mark().is_some());
        let _ = notebook.tagged("parameters");
        notebook.inject("let x = 1;");
        for place in notebook.code() {
            let _ = notebook.has_tag(place, "code");
            notebook.set(place, vec![json!({})], 1);
            notebook.set_metadata(place, [("execution", json!(1)), ("genolens", Value::Null)]);
        }
        notebook.set_mark(Some("mark".to_owned()));
        let folder = tempfile::tempdir().unwrap();
        notebook.save(&folder.path().join("n.ipynb")).unwrap();
        crate::html::save(&notebook, &folder.path().join("n.html")).unwrap();
        // What was written is a notebook again.
        Notebook::open(&folder.path().join("n.ipynb")).unwrap();
    }

    proptest! {
        #[test]
        fn any_json_is_a_notebook_or_refused(
            json in nonsense::json(&NAMES), metadata in nonsense::json(&NAMES),
            cells in vec((nonsense::json(&NAMES), nonsense::json(&NAMES), nonsense::json(&NAMES)), 0..4),
        ) {
            if let Ok(notebook) = Notebook::parse(&json.to_string(), "n") {
                used(notebook);
            }
            let cells: Vec<Value> = cells
                .into_iter()
                .map(|(source, metadata, outputs)| json!({
                    "cell_type": "code", "source": lines(&source).unwrap_or_default(), "metadata": metadata, "outputs": outputs,
                }))
                .collect();
            for metadata in [metadata, json!({})] {
                let json = json!({ "nbformat": 4, "metadata": metadata, "cells": cells });
                if let Ok(notebook) = Notebook::parse(&json.to_string(), "n") {
                    used(notebook);
                }
            }
        }
    }
}
