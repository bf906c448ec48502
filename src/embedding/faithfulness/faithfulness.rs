//! What is known of how faithful a map is.

use crate::{Error, Result};
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How faithful a map is; cheap to clone.
#[derive(Clone)]
pub struct Faithfulness {
    data: Arc<Data>,
}

pub(super) struct Data {
    pub(super) ks: Vec<usize>,
    pub(super) trustworthiness: Vec<f64>,
    pub(super) continuity: Vec<f64>,
    pub(super) preservation: Vec<f64>,
    /// The place of the size of neighbourhood that captions and colours use.
    pub(super) usual: usize,
    pub(super) distortion: Array1<f32>,
    pub(super) triplets: f64,
    pub(super) spearman: f64,
    pub(super) measured: usize,
}

impl Faithfulness {
    pub(super) fn new(data: Data) -> Self {
        Self {
            data: Arc::new(data),
        }
    }

    fn place(&self, k: usize) -> Result<usize> {
        let place = self.data.ks.iter().position(|known| *known == k);
        place.ok_or_else(|| {
            let known: Vec<String> = self.data.ks.iter().map(ToString::to_string).collect();
            Error::value("k", format!("one of: {}", known.join(", ")), k)
        })
    }

    /// Returns how far neighbours on the map are neighbours indeed: 1 if all are, 0 at worst (Venna and Kaski 2001,
    /// doi:10.1007/3-540-44668-0_68).
    ///
    /// # Errors
    ///
    /// Fails when this size of neighbourhood was not measured.
    pub fn trustworthiness(&self, k: usize) -> Result<f64> {
        Ok(self.data.trustworthiness[self.place(k)?])
    }

    /// Returns how far neighbours are still neighbours on the map: 1 if all are, 0 at worst.
    ///
    /// # Errors
    ///
    /// Fails when this size of neighbourhood was not measured.
    pub fn continuity(&self, k: usize) -> Result<f64> {
        Ok(self.data.continuity[self.place(k)?])
    }

    /// Returns the mean share of the `k` nearest that are among the `k` nearest on the map.
    ///
    /// # Errors
    ///
    /// Fails when this size of neighbourhood was not measured.
    pub fn preservation(&self, k: usize) -> Result<f64> {
        Ok(self.data.preservation[self.place(k)?])
    }

    /// Returns the share of triplets drawn by chance of which the map keeps which of two points is nearer to the third; 0.5 by chance
    /// (Wang 2021, arXiv:2012.04456).
    pub fn triplet_accuracy(&self) -> f64 {
        self.data.triplets
    }

    /// Returns the Spearman correlation of distances before and on the map, over pairs drawn by chance.
    pub fn spearman(&self) -> f64 {
        self.data.spearman
    }

    /// Returns for each point the share of its neighbours that the map loses, 0 to 1, of the size nearest to 15; NaN for a point that was
    /// not measured.
    pub fn distortion(&self) -> &Array1<f32> {
        &self.data.distortion
    }

    /// Returns how many points were measured, each against all.
    pub fn measured(&self) -> usize {
        self.data.measured
    }

    /// Returns how many points there are.
    pub fn len(&self) -> usize {
        self.data.distortion.len()
    }

    /// Tells whether there are no points, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.data.distortion.is_empty()
    }

    /// Returns a table with a row for each size of neighbourhood: `k`, `trustworthiness`, `continuity`, `preservation`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let ks: Vec<u64> = self.data.ks.iter().map(|k| *k as u64).collect();
        Ok(DataFrame::new(
            ks.len(),
            vec![
                Column::new("k".into(), ks),
                Column::new("trustworthiness".into(), &self.data.trustworthiness),
                Column::new("continuity".into(), &self.data.continuity),
                Column::new("preservation".into(), &self.data.preservation),
            ],
        )?)
    }

    /// Says the most important numbers in one line, for below a map.
    pub fn caption(&self) -> String {
        let data = &self.data;
        let sample = if data.measured < self.len() {
            format!(", measured at {} points", data.measured)
        } else {
            String::new()
        };
        format!(
            "trustworthiness {:.3} and {:.0} % of neighbours kept (k = {}), triplets {:.0} %{sample}",
            data.trustworthiness[data.usual],
            data.preservation[data.usual] * 100.0,
            data.ks[data.usual],
            data.triplets * 100.0
        )
    }
}

impl fmt::Debug for Faithfulness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faithfulness({})", self.caption())
    }
}
