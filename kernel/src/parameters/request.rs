//! The questions of papermill, which come as JSON on standard input.

use super::{Parameter, Value, declarations, inject};
use anyhow::{Result, bail};
use serde_json::json;

/// Reads `{"cell": SOURCE or null, "parameters": {NAME: VALUE}, "comment": TEXT}` and gives the cell that sets the parameters.
pub(crate) fn translate(request: &str) -> Result<String> {
    let request = Request::read(request)?;
    let Some(Value::Table(values)) = request.field("parameters") else {
        bail!("expected a table with `cell` and `parameters`");
    };
    let parameters: Vec<Parameter> = values
        .iter()
        .map(|(name, value)| Parameter {
            name: name.clone(),
            value: value.clone(),
            raw: None,
        })
        .collect();
    let source = inject(&parameters, request.text("cell"))?;
    // A comment ends with its line.
    let comment = request.text("comment").unwrap_or_default();
    let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(match comment.as_str() {
        "" => source,
        comment => source.replacen("Parameters", comment, 1),
    })
}

/// Reads `{"cell": SOURCE}` and lists what the cell declares.
pub(crate) fn list(request: &str) -> Result<String> {
    let request = Request::read(request)?;
    let declared = declarations(request.text("cell").unwrap_or_default())?;
    let declared: Vec<_> = declared
        .iter()
        .map(|one| {
            json!({
                "name": one.name, "type": one.spell(), "default": one.default, "help": one.help,
            })
        })
        .collect();
    Ok(serde_json::to_string(&declared)?)
}

struct Request(Vec<(String, Value)>);

impl Request {
    fn read(text: &str) -> Result<Self> {
        match Value::parse(text)? {
            Value::Table(fields) => Ok(Self(fields)),
            other => bail!("expected a table, got {}", other.describe()),
        }
    }

    fn field(&self, wanted: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value)
    }

    fn text(&self, wanted: &str) -> Option<&str> {
        match self.field(wanted) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}
