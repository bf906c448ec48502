//! What became of every cell, as JSON for continuous integration.

use super::trouble::{TIMEOUT, Trouble};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

/// Writes a report on these notebooks.
pub(super) fn save(notebooks: &[Value], seconds: f64, path: &Path) -> Result<()> {
    let ok = |notebook: &Value| notebook["status"] != "failed";
    let status = if notebooks.iter().all(ok) {
        "ok"
    } else {
        "failed"
    };
    let report = json!({
        "genolens": env!("CARGO_PKG_VERSION"),
        "status": status,
        "seconds": seconds,
        "notebooks": notebooks,
    });
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(&report)? + "\n";
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Reads the notebooks of a report.
pub(super) fn read(path: &Path) -> Option<Vec<Value>> {
    let report: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    report["notebooks"].as_array().cloned()
}

/// Reports on a notebook that never came to a cell.
pub(super) fn unread(path: &Path, complaint: &str) -> Value {
    json!({
        "path": path,
        "status": "failed",
        "error": { "name": "error", "value": complaint },
        "cells": [],
    })
}

/// Reports on a notebook that was skipped because an earlier run finished it.
pub(super) fn skipped(path: &Path, output: &Path) -> Value {
    json!({ "path": path, "output": output, "status": "skipped", "cells": [] })
}

/// Says how a cell ended.
pub(super) fn status(trouble: Option<&Trouble>, expected: bool) -> &'static str {
    match trouble {
        None => "ok",
        Some(_) if expected => "expected error",
        Some(trouble) if trouble.name == TIMEOUT => "timeout",
        Some(_) => "error",
    }
}
