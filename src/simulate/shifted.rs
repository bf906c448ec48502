//! Examples of two places.

use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// Examples and labels of two places, and how they differ; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Shifted {
    source: Arc<Place>,
    target: Arc<Place>,
    what: Arc<str>,
}

type Place = (Array2<f32>, Array1<f32>);

impl Shifted {
    pub(super) fn new(source: Place, target: Place, what: &str) -> Self {
        Self {
            source: Arc::new(source),
            target: Arc::new(target),
            what: what.into(),
        }
    }

    /// Returns the examples of the place where a model learns, shape `(n, features)`.
    pub fn source(&self) -> &Array2<f32> {
        &self.source.0
    }

    /// Returns their labels, shape `(n)`.
    pub fn source_labels(&self) -> &Array1<f32> {
        &self.source.1
    }

    /// Returns the examples of the place where it is used, shape `(n, features)`.
    pub fn target(&self) -> &Array2<f32> {
        &self.target.0
    }

    /// Returns their labels, which nobody knows in earnest, shape `(n)`.
    pub fn target_labels(&self) -> &Array1<f32> {
        &self.target.1
    }

    /// Returns how the places differ, in words.
    pub fn truth(&self) -> &str {
        &self.what
    }
}

impl fmt::Debug for Shifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shifted({})", self.what)
    }
}

impl fmt::Display for Shifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
