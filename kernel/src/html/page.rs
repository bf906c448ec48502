//! The page around the cells.

use super::escape;
use super::highlight::highlight;
use super::markdown::markdown;
use super::output::output;
use crate::headless::{Notebook, source};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

const STYLE: &str = include_str!("style.css");

/// Writes the notebook as one self-contained page.
pub(crate) fn save(notebook: &Notebook, path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    std::fs::write(path, page(notebook, &name))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn page(notebook: &Notebook, name: &str) -> String {
    let heading = notebook.cells().iter().find_map(heading);
    let title = escape(&heading.unwrap_or_else(|| name.to_owned()));
    let body: String = notebook.cells().iter().map(cell).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <meta name=\"generator\" content=\"genolens {version}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// Finds the first heading of a prose cell.
fn heading(cell: &Value) -> Option<String> {
    if cell["cell_type"] != "markdown" {
        return None;
    }
    let text = source(cell);
    let line = text.lines().find(|line| line.starts_with("# "))?;
    Some(line[2..].trim().trim_matches(['*', '`']).to_owned())
}

fn cell(cell: &Value) -> String {
    let text = source(cell);
    match cell["cell_type"].as_str() {
        Some("markdown") => {
            format!(
                "<section class=\"prose\">\n{}</section>\n",
                markdown(&text, &cell["attachments"])
            )
        }
        Some("code") if !text.trim().is_empty() => {
            let number = cell["execution_count"].as_u64();
            let number = number.map_or(String::new(), |number| number.to_string());
            let outputs: String = cell["outputs"]
                .as_array()
                .map(|outputs| outputs.iter().map(output).collect())
                .unwrap_or_default();
            format!(
                "<section class=\"cell\">\n<div class=\"number\" aria-hidden=\"true\">{number}</div>\n\
                 <pre class=\"code\"><code>{}</code></pre>\n<div class=\"outputs\">\n{outputs}</div>\n</section>\n",
                highlight(&text)
            )
        }
        Some("raw") => format!("<pre class=\"raw\">{}</pre>\n", escape(&text)),
        _ => String::new(),
    }
}
