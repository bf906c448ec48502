//! What the texts of frames say.

use crate::evaluator::{Bar, Bundle, Progress};
use serde_json::Value;

/// Reads a bundle.
pub(super) fn bundle(text: &str) -> Option<Bundle> {
    taken(serde_json::from_str(text).ok()?)
}

/// Reads how far a task is.
pub(super) fn progress(text: &str) -> Option<Progress> {
    let mut message: Value = serde_json::from_str(text).ok()?;
    Some(Progress {
        id: message["id"].as_u64()?,
        bars: message["bars"].as_array()?.iter().map(bar).collect(),
        curve: message["curve"].as_str().map(str::to_owned),
        picture: message
            .get_mut("picture")
            .and_then(|picture| taken(picture.take())),
        over: message["over"].as_bool()?,
    })
}

fn bar(bar: &Value) -> Bar {
    Bar {
        task: bar["task"].as_str().unwrap_or_default().to_owned(),
        done: bar["done"].as_u64().unwrap_or_default(),
        total: bar["total"].as_u64(),
        detail: bar["detail"].as_str().unwrap_or_default().to_owned(),
        elapsed_s: bar["elapsed_s"].as_f64().unwrap_or_default(),
        stopped: bar["stopped"].as_bool().unwrap_or_default(),
    }
}

fn taken(message: Value) -> Option<Bundle> {
    let Value::Object(mut message) = message else {
        return None;
    };
    let mut part = |name: &str| match message.remove(name) {
        Some(Value::Object(part)) => Some(part),
        _ => None,
    };
    let (data, metadata) = (part("data")?, part("metadata").unwrap_or_default());
    let display_id = message.get("display_id").and_then(Value::as_str);
    Some(Bundle {
        data,
        metadata,
        display_id: display_id.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nonsense::json;
    use proptest::prelude::*;

    const NAMES: [&str; 9] = [
        "id",
        "over",
        "bars",
        "task",
        "picture",
        "curve",
        "data",
        "metadata",
        "display_id",
    ];

    proptest! {
        #[test]
        fn any_json_is_understood_or_ignored(value in json(&NAMES), text: String) {
            for text in [value.to_string(), text] {
                let _ = bundle(&text);
                if let Some(progress) = progress(&text) {
                    let _ = (progress.line(), progress.bundle(), progress.closed().bundle());
                }
            }
        }
    }

    #[test]
    fn what_is_nested_beyond_reason_is_ignored() {
        let deep = format!(
            "{{\"data\":{}{}}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert_eq!(bundle(&deep), None);
    }
}
