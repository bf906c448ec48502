//! Outputs of a cell, each in its best representation that a page can hold.

use super::ansi::{colored, settled};
use super::sanitize::sanitize;
use super::{escape, markdown::markdown};
use crate::headless::lines;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Renders one output of the notebook format.
pub(crate) fn output(output: &Value) -> String {
    match output["output_type"].as_str() {
        Some("stream") => {
            let name = if output["name"] == "stderr" {
                "stderr"
            } else {
                "stdout"
            };
            let text = settled(&lines(&output["text"]).unwrap_or_default());
            format!("<pre class=\"{name}\">{}</pre>\n", colored(&text))
        }
        Some("error") => error(output),
        Some("display_data" | "execute_result") => {
            let shown = shown(&output["data"], &output["metadata"]);
            format!("<div class=\"shown\">{shown}</div>\n")
        }
        _ => String::new(),
    }
}

fn error(output: &Value) -> String {
    let lines: Vec<&str> = output["traceback"]
        .as_array()
        .map(|lines| lines.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let text = if lines.is_empty() {
        let part = |name: &str| output[name].as_str().unwrap_or_default();
        format!("{}: {}", part("ename"), part("evalue"))
    } else {
        lines.join("\n")
    };
    format!(
        "<pre class=\"error\" role=\"alert\">{}</pre>\n",
        colored(&text)
    )
}

/// Chooses the richest representation: a picture before markup, markup before text.
fn shown(data: &Value, metadata: &Value) -> String {
    let content = |mime: &str| lines(&data[mime]);
    let plain = content("text/plain").unwrap_or_default();
    if let Some(svg) = content("image/svg+xml") {
        let encoded = STANDARD.encode(svg);
        return picture(
            ("image/svg+xml", &encoded),
            &metadata["image/svg+xml"],
            &plain,
        );
    }
    for mime in ["image/png", "image/jpeg", "image/gif"] {
        if let Some(encoded) = content(mime) {
            let encoded: String = encoded.split_whitespace().collect();
            return picture((mime, &encoded), &metadata[mime], &plain);
        }
    }
    if let Some(html) = content("text/html") {
        return sanitize(&html);
    }
    if let Some(prose) = content("text/markdown") {
        return markdown(&prose, &Value::Null);
    }
    format!("<pre>{}</pre>", colored(&plain))
}

fn picture((mime, encoded): (&str, &str), metadata: &Value, plain: &str) -> String {
    let alt = metadata["alt"].as_str().unwrap_or(plain);
    let size = |name: &str| match metadata[name].as_f64() {
        Some(size) if size > 0.0 => format!(" {name}=\"{size:.0}\""),
        _ => String::new(),
    };
    format!(
        "<img src=\"data:{mime};base64,{}\" alt=\"{}\"{}{}>",
        escape(encoded),
        escape(alt),
        size("width"),
        size("height")
    )
}
