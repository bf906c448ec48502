//! What a comparison found.

use crate::Result;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Tells how well one motif of a collection fits a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Place in the collection.
    pub index: usize,
    /// Name of the motif.
    pub name: String,
    /// Second name of the motif, empty when it has none.
    pub alternate: String,
    /// Similarity: 1 for identity, about 0 for an unrelated motif.
    pub score: f64,
    /// Position of the motif's first column in the query; negative when it begins before.
    pub offset: isize,
    /// Columns that overlap.
    pub overlap: usize,
    /// Whether the motif was turned to the opposite strand.
    pub reverse: bool,
}

/// Holds the matches of one query, best first; never empty; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Matches {
    query: Arc<str>,
    found: Arc<Vec<Match>>,
}

impl Matches {
    pub(super) fn new(query: &str, mut found: Vec<Match>) -> Self {
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
        Self {
            query: query.into(),
            found: Arc::new(found),
        }
    }

    /// Returns the name of the query.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Returns how many matches there are, one for each motif of the collection.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Tells whether there is no match, which no comparison gives.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the best match.
    pub fn best(&self) -> Match {
        self.get(0)
    }

    /// Returns the match with this rank, counted from 0.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `rank` is not below [`Matches::len`].
    pub fn get(&self, rank: usize) -> Match {
        self.found[rank].clone()
    }

    /// Returns the first `count` matches, at least one.
    pub fn top(&self, count: usize) -> Self {
        let count = count.clamp(1, self.len().max(1));
        let found = self.found.iter().take(count).cloned().collect();
        Self {
            query: self.query.clone(),
            found: Arc::new(found),
        }
    }

    /// Returns the matches as a table with columns name, alternate, score, offset, overlap and strand.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let column = |get: fn(&Match) -> &str| self.found.iter().map(get).collect::<Vec<_>>();
        Ok(df!(
            "name" => column(|found| &found.name),
            "alternate" => column(|found| &found.alternate),
            "score" => self.found.iter().map(|found| found.score).collect::<Vec<_>>(),
            "offset" => self.found.iter().map(|found| found.offset as i64).collect::<Vec<_>>(),
            "overlap" => self.found.iter().map(|found| found.overlap as i64).collect::<Vec<_>>(),
            "strand" => column(|found| if found.reverse { "-" } else { "+" }),
        )?)
    }
}

impl fmt::Debug for Matches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = self.best();
        write!(
            f,
            "Matches({}, n = {}, best = {} at {:.3})",
            self.query,
            self.len(),
            best.name,
            best.score
        )
    }
}
