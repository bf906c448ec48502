//! Layers that do not fit together, and where.

use super::Shape;
use crate::Error;
use std::fmt;

/// What a layer cannot do, told from the inside of nested layers outwards.
///
/// A layer says in words which input it expected (`"(n, features)".into()`); the layers around it add where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Misfit {
    what: &'static str,
    expected: String,
    got: Option<String>,
    /// The layer as it is written in the layer table: its number and its description.
    at: Option<(String, String)>,
}

impl Misfit {
    /// Reports layers inside another one whose outputs cannot be joined.
    pub(crate) fn inside(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            what: "output inside",
            expected: expected.into(),
            got: Some(got.into()),
            at: None,
        }
    }

    /// Adds which layer it was and what it was given, or, if that is known, in which one that layer stands.
    pub(crate) fn at(mut self, index: usize, layer: &dyn fmt::Display, given: Shape) -> Self {
        self.got.get_or_insert_with(|| given.to_string());
        self.at = match self.at {
            None => Some((index.to_string(), layer.to_string())),
            Some((number, layer)) => Some((format!("{index}.{number}"), layer)),
        };
        self
    }

    /// Adds in which part of a layer the layer stands.
    pub(crate) fn within(mut self, part: &str) -> Self {
        self.at = self
            .at
            .map(|(number, layer)| (format!("{part}.{number}"), layer));
        self
    }

    /// Returns the layer at fault in words.
    fn layer(&self) -> String {
        match &self.at {
            Some((number, layer)) => format!("layer {number} ({layer})"),
            None => "the layers".into(),
        }
    }

    /// Adds how long a sequence the whole network needs, where the layer at fault did not say just that.
    pub(crate) fn with_shortest(mut self, shortest: usize) -> Self {
        if !self.expected.ends_with(&format!(" at least {shortest}")) {
            self.expected += &format!("; the network reads sequences from length {shortest}");
        }
        self
    }
}

impl From<String> for Misfit {
    fn from(expected: String) -> Self {
        Self {
            what: "input of",
            expected,
            got: None,
            at: None,
        }
    }
}

impl From<&str> for Misfit {
    fn from(expected: &str) -> Self {
        expected.to_string().into()
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        Self::Shape {
            argument: format!("{} {}", misfit.what, misfit.layer()),
            expected: misfit.expected,
            got: misfit.got.unwrap_or_default(),
        }
    }
}
