//! A notebook file: what we need of it, and everything else untouched.

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};
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
        let json: Value = serde_json::from_str(&text)
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

    /// Forgets every output and every count.
    pub(crate) fn clear(&mut self) {
        if let Some(cells) = self.json["cells"].as_array_mut() {
            for cell in cells.iter_mut().filter(|cell| cell["cell_type"] == "code") {
                cell["outputs"] = json!([]);
                cell["execution_count"] = Value::Null;
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

    /// Sets the outputs of a cell, and its count where it ran.
    pub(crate) fn set(&mut self, place: usize, outputs: Vec<Value>, number: Option<u64>) {
        let cell = &mut self.json["cells"][place];
        cell["outputs"] = Value::Array(outputs);
        cell["execution_count"] = json!(number);
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
        std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }
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
