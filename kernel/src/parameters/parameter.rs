//! One value for one name.

use super::Value;
use anyhow::{Result, bail};
use std::fmt;
use std::str::FromStr;

/// Holds a parameter as it was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(super) name: String,
    pub(super) value: Value,
    /// What stood on the command line, which is what a text parameter gets: a version `1.10` is no number.
    pub(super) raw: Option<String>,
}

impl FromStr for Parameter {
    type Err = anyhow::Error;

    /// Reads `name=value`; a value that is nothing else is a text.
    fn from_str(text: &str) -> Result<Self> {
        let Some((name, raw)) = text.split_once('=') else {
            bail!("expected name=value, got {text:?}");
        };
        let name = name.trim();
        if name.is_empty() {
            bail!("expected name=value, got {text:?}");
        }
        let quoted = raw.trim_start().starts_with(['"', '\'']);
        let value = match Value::parse(raw) {
            Ok(Value::Text(text)) if quoted => Value::Text(text),
            // White space around a text belongs to it.
            Ok(Value::Text(_)) | Err(_) => Value::Text(raw.to_owned()),
            Ok(value) => value,
        };
        Ok(Self {
            name: name.to_owned(),
            value,
            raw: Some(raw.to_owned()),
        })
    }
}

impl fmt::Display for Parameter {
    /// Writes it as the command line has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}={}",
            self.name,
            self.raw.as_deref().unwrap_or_default()
        )
    }
}
