//! The extension of `JupyterLab` and Notebook by which a selection on a picture finds its way to the kernel.

use anyhow::{Context, Result};
use serde_json::json;
use std::path::Path;

/// Is loaded as it stands: it needs no other module, so there is nothing to bundle.
const SCRIPT: &str = include_str!("extension.js");
const NAME: &str = "genolens";

/// Writes the extension into a `jupyter` data directory, where front ends find it by themselves.
pub(crate) fn write(data: &Path) -> Result<()> {
    let folder = data.join("labextensions").join(NAME);
    let script = "static/remoteEntry.js";
    let about = json!({
        "name": NAME,
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Sends selections on pictures of genolens to the kernel",
        "license": env!("CARGO_PKG_LICENSE"),
        "jupyterlab": { "extension": true, "_build": { "load": script, "extension": "./extension" } },
    });
    let about = serde_json::to_string_pretty(&about)? + "\n";
    std::fs::create_dir_all(folder.join("static"))
        .and_then(|()| std::fs::write(folder.join(script), SCRIPT))
        .and_then(|()| std::fs::write(folder.join("package.json"), about))
        .with_context(|| format!("cannot write the extension to {}", folder.display()))
}
