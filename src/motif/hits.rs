//! Where motifs were found.

use crate::Result;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Tells where one motif was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Index of the sequence.
    pub sequence: usize,
    /// Index of the motif in the collection.
    pub motif: usize,
    /// First position, from 0.
    pub start: usize,
    /// Position after the last.
    pub end: usize,
    /// Whether the motif stands on the opposite strand.
    pub reverse: bool,
    /// Log-odds of the site in bits.
    pub score: f64,
    /// The chance that one window of background scores as high.
    pub p: f64,
}

/// Holds all hits of a scan, by sequence and position; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Hits {
    hits: Arc<Vec<Hit>>,
    names: Arc<[String]>,
}

impl Hits {
    pub(super) fn new(hits: Vec<Hit>, names: Vec<String>) -> Self {
        Self {
            hits: Arc::new(hits),
            names: names.into(),
        }
    }

    /// Returns how many hits there are.
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Tells whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Returns one hit.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Hits::len`].
    pub fn get(&self, index: usize) -> Hit {
        self.hits[index].clone()
    }

    /// Returns the hits in one sequence.
    pub fn of(&self, sequence: usize) -> Self {
        let own = self.in_sequence(sequence).to_vec();
        Self {
            hits: Arc::new(own),
            names: self.names.clone(),
        }
    }

    /// Returns the hits as a table with columns sequence, motif, start, end, strand, score and p.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let hits = || self.hits.iter();
        let number = |get: fn(&Hit) -> usize| -> Vec<i64> {
            self.hits.iter().map(|hit| get(hit) as i64).collect()
        };
        Ok(df!(
            "sequence" => number(|hit| hit.sequence),
            "motif" => hits().map(|hit| self.names[hit.motif].as_str()).collect::<Vec<_>>(),
            "start" => number(|hit| hit.start),
            "end" => number(|hit| hit.end),
            "strand" => hits().map(|hit| if hit.reverse { "-" } else { "+" }).collect::<Vec<_>>(),
            "score" => hits().map(|hit| hit.score).collect::<Vec<_>>(),
            "p" => hits().map(|hit| hit.p).collect::<Vec<_>>(),
        )?)
    }

    pub(crate) fn name(&self, hit: &Hit) -> &str {
        &self.names[hit.motif]
    }

    /// Returns the hits as they are.
    pub(crate) fn all(&self) -> &[Hit] {
        &self.hits
    }

    pub(crate) fn in_sequence(&self, sequence: usize) -> &[Hit] {
        let first = self.hits.partition_point(|hit| hit.sequence < sequence);
        let last = self.hits.partition_point(|hit| hit.sequence <= sequence);
        &self.hits[first..last]
    }
}

impl fmt::Debug for Hits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hits(n = {}, motifs = {})", self.len(), self.names.len())
    }
}
