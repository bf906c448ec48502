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

fn taken(mut message: Value) -> Option<Bundle> {
    Some(Bundle {
        data: message["data"].as_object_mut().map(std::mem::take)?,
        metadata: message["metadata"]
            .as_object_mut()
            .map(std::mem::take)
            .unwrap_or_default(),
        display_id: message["display_id"].as_str().map(str::to_owned),
    })
}
