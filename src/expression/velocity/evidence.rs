//! What a test of velocities found.

use crate::Result;
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// How far genes agree on a direction; cheap to clone.
#[derive(Clone)]
pub struct VelocityEvidence {
    data: Arc<Data>,
}

struct Data {
    coherence: f64,
    null: Array1<f64>,
    reversal: f64,
    genes: Vec<String>,
    agreements: Vec<f64>,
}

impl VelocityEvidence {
    pub(super) fn new(
        agreements: Vec<(String, f64)>,
        coherence: f64,
        null: Array1<f64>,
        reversal: f64,
    ) -> Self {
        let (genes, agreements) = agreements.into_iter().unzip();
        Self {
            data: Arc::new(Data {
                coherence,
                null,
                reversal,
                genes,
                agreements,
            }),
        }
    }

    /// Returns the mean inner product of the flows of two genes: 0 where they have nothing in common, 1 where they are the same.
    pub fn coherence(&self) -> f64 {
        self.data.coherence
    }

    /// Returns the coherence of every draw of cells at rest.
    pub fn null(&self) -> &Array1<f64> {
        &self.data.null
    }

    /// Returns the share of draws of cells at rest that are as coherent; see [`VelocityTest`](super::VelocityTest) on why it is no p-value.
    pub fn beyond(&self) -> f64 {
        let null = &self.data.null;
        let beyond = null.iter().filter(|null| **null >= self.data.coherence);
        beyond.count() as f64 / null.len() as f64
    }

    /// Returns the share of draws of genes by which arrows would point the other way round.
    pub fn reversal(&self) -> f64 {
        self.data.reversal
    }

    /// Returns the share of genes whose flow is against that of all others.
    pub fn against(&self) -> f64 {
        let against = self
            .data
            .agreements
            .iter()
            .filter(|agreement| **agreement < 0.0);
        against.count() as f64 / self.data.agreements.len() as f64
    }

    /// Returns a table with one row a gene: `gene`, and `agreement`, the correlation of its flow with that of all others, -1 to 1.
    ///
    /// # Errors
    ///
    /// Fails only when the table cannot be built.
    pub fn table(&self) -> Result<DataFrame> {
        Ok(df!["gene" => &self.data.genes, "agreement" => &self.data.agreements]?)
    }

    /// Says in one line what was found, as a caption.
    pub fn caption(&self) -> String {
        let most = self.data.null.iter().copied().fold(0.0, f64::max);
        format!(
            "coherence of {} genes {:.3} (of cells at rest at most {most:.3}), {:.0} % of genes against, chance of reversal {:.3}",
            self.data.genes.len(),
            self.coherence(),
            100.0 * self.against(),
            self.reversal()
        )
    }
}

impl fmt::Debug for VelocityEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VelocityEvidence({})", self.caption())
    }
}
