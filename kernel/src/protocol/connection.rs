//! The connection file that a front end writes before it starts a kernel.

use anyhow::{Context, Result, bail};
use jupyter_protocol::ConnectionInfo;
use std::path::Path;

/// Reads a connection file.
pub(crate) fn read(path: &Path) -> Result<ConnectionInfo> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the connection file {}", path.display()))?;
    let info: ConnectionInfo = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a connection file", path.display()))?;
    if !info.key.is_empty() && info.signature_scheme != "hmac-sha256" {
        bail!(
            "{}: signature_scheme is {:?}, expected \"hmac-sha256\"",
            path.display(),
            info.signature_scheme
        );
    }
    Ok(info)
}
