//! What build scripts have written for the crates that are described. The description is made after the image, by whoever uses it: the
//! target folder of the library can be gone by then, or that of another clone.

use super::index::{CRATES, words};
use super::{Image, folders};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// Keeps it in the image.
pub(super) fn keep(artifacts: &[Value], image: &Image) -> Result<()> {
    std::fs::create_dir(image.generated())?;
    let scripts = artifacts
        .iter()
        .filter(|message| message["reason"] == "build-script-executed");
    for script in scripts {
        let of_package = |artifact: &&Value| {
            artifact["package_id"] == script["package_id"]
                && artifact["reason"] == "compiler-artifact"
                && !words(&artifact["target"]["kind"]).any(|kind| kind == "custom-build")
        };
        let library = artifacts.iter().find(of_package);
        let name = library.and_then(|library| library["target"]["name"].as_str());
        let Some(name) = name.filter(|name| CRATES.contains(name)) else {
            continue;
        };
        let written = Path::new(script["out_dir"].as_str().unwrap_or_default());
        folders::copy(written, &image.generated().join(name))
            .with_context(|| format!("cannot copy {}", written.display()))?;
    }
    Ok(())
}
