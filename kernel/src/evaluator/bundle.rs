//! One thing to show, in several representations.

use serde_json::{Map, Value};

/// Holds one output as a map from MIME type to content, as Jupyter does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bundle {
    /// MIME type to content: text, base64 text for pictures, any value for JSON types.
    pub(crate) data: Map<String, Value>,
    /// MIME type to its metadata: width, height, alternative text.
    pub(crate) metadata: Map<String, Value>,
    /// The name under which a later event may replace this output.
    pub(crate) display_id: Option<String>,
}

impl Bundle {
    /// Makes a bundle with one plain text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::default().with("text/plain", text.into())
    }

    /// Returns this bundle with one more representation.
    pub(crate) fn with(mut self, mime: &str, content: impl Into<Value>) -> Self {
        self.data.insert(mime.to_owned(), content.into());
        self
    }

    /// Returns this bundle with metadata for one representation.
    pub(crate) fn with_metadata(mut self, mime: &str, metadata: impl Into<Value>) -> Self {
        self.metadata.insert(mime.to_owned(), metadata.into());
        self
    }

    /// Returns this bundle under a name that an update can refer to.
    pub(crate) fn named(mut self, display_id: impl Into<String>) -> Self {
        self.display_id = Some(display_id.into());
        self
    }

    /// Gives about how many bytes the bundle takes.
    pub(crate) fn weight(&self) -> usize {
        let texts = self.data.values().filter_map(Value::as_str);
        texts.map(str::len).sum::<usize>() + 256
    }
}
