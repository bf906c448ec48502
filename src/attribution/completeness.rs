//! What every layer of a network hands on, and what is lost.

use crate::Result;
use crate::network::{Entry, Part};
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What every layer of a network adds to or takes from the scores of an explanation; cheap to clone.
///
/// At every layer the multipliers of its output, times what sets an example apart there, add up to a number, and so do those of its
/// input. The difference of the two is what the layer lost. Of a layer that holds others, it is what the layer itself lost.
#[derive(Clone)]
pub struct Completeness {
    lines: Arc<[Line]>,
    pairs: usize,
    total: f64,
    largest: f64,
}

#[derive(Clone)]
struct Line {
    number: String,
    layer: String,
    /// The largest loss of a pair, and the mean size of the losses.
    largest: f64,
    mean: f64,
}

impl Completeness {
    /// Adds up what was noted for batches of pairs, beside what sets the outputs of the pairs apart.
    pub(super) fn new(parts: &[Part], sheets: Vec<(Vec<Entry>, Array1<f64>)>) -> Self {
        let mut losses: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
        let (mut pairs, mut total, mut largest) = (0, 0.0_f64, 0.0_f64);
        for (entries, apart) in sheets {
            pairs += apart.len();
            let lost = lost(parts, &entries);
            let mut sums = vec![0.0; apart.len()];
            for (layers, lost) in lost {
                // The first row is the example itself.
                for (sum, lost) in sums.iter_mut().zip(&lost[1..]) {
                    *sum += lost;
                }
                losses.entry(layers).or_default().extend(&lost[1..]);
            }
            for (sum, apart) in sums.iter().zip(&apart) {
                total = total.max(sum.abs());
                largest = largest.max(apart.abs());
            }
        }
        let lines = losses.into_iter().map(|((first, last), lost)| {
            let part = |place: usize| &parts[place];
            let names: Vec<String> = (first..=last)
                .map(|at| part(at).layer.to_string())
                .collect();
            Line {
                number: if first == last {
                    part(first).number.clone()
                } else {
                    format!("{} to {}", part(first).number, part(last).number)
                },
                layer: names.join(", "),
                largest: lost.iter().fold(0.0, |most, lost| most.max(lost.abs())),
                mean: lost.iter().map(|lost| lost.abs()).sum::<f64>() / lost.len().max(1) as f64,
            }
        });
        Self {
            lines: lines.collect(),
            pairs,
            total,
            largest,
        }
    }

    /// Returns the number of layers, or groups of layers that have a rule together.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Tells whether nothing was compared.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns how many pairs of a sequence and a reference were looked at.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// Returns the largest part of an output that all layers together lost, of all pairs, in units of the output.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Returns the largest loss as a share of what sets the outputs of a pair apart, at most.
    pub fn relative(&self) -> f64 {
        if self.largest > 0.0 {
            self.total / self.largest
        } else {
            self.total
        }
    }

    /// Returns the number and the description of the layer that lost most, with how much of an output that was at most.
    pub fn worst(&self) -> Option<(String, String, f64)> {
        let most = |a: &&Line, b: &&Line| a.largest.total_cmp(&b.largest);
        let line = self.lines.iter().max_by(most)?;
        Some((line.number.clone(), line.layer.clone(), line.largest))
    }

    /// Returns number, description and largest loss of every layer.
    pub(crate) fn lines(&self) -> Vec<(&str, &str, f64)> {
        let lines = self.lines.iter();
        lines
            .map(|line| (line.number.as_str(), line.layer.as_str(), line.largest))
            .collect()
    }

    /// Returns the table: `number` and `layer`, `largest_loss` of a pair and `mean_loss`, in units of the output.
    ///
    /// # Errors
    ///
    /// Fails when the table does not fit into memory.
    pub fn table(&self) -> Result<DataFrame> {
        let text = |of: fn(&Line) -> &str| self.lines.iter().map(of).collect::<Vec<&str>>();
        let number = |of: fn(&Line) -> f64| self.lines.iter().map(of).collect::<Vec<f64>>();
        Ok(df!(
            "number" => text(|line| &line.number),
            "layer" => text(|line| &line.layer),
            "largest_loss" => number(|line| line.largest),
            "mean_loss" => number(|line| line.mean),
        )?)
    }
}

/// Returns what layers lost, for every row.
fn lost(parts: &[Part], entries: &[Entry]) -> BTreeMap<(usize, usize), Vec<f64>> {
    let mut whole: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for entry in entries {
        let sums = whole
            .entry(entry.layers)
            .or_insert_with(|| vec![0.0; entry.sums.len()]);
        let sign = if entry.is_input { -1.0 } else { 1.0 };
        for (sum, more) in sums.iter_mut().zip(&entry.sums) {
            *sum += sign * more;
        }
    }
    // What layers inside lost is not lost by the layer around them.
    let mut own = whole.clone();
    for (&(first, _), inside) in &whole {
        let depth = parts[first].depth;
        let around = (0..first).rev().find(|&place| parts[place].depth < depth);
        let Some(around) = around else { continue };
        if let Some(sums) = own.get_mut(&(around, around)) {
            for (sum, inside) in sums.iter_mut().zip(inside) {
                *sum -= inside;
            }
        }
    }
    own
}

impl fmt::Display for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} pairs; largest loss {:.1e}, {:.1e} of the largest difference",
            self.pairs,
            self.total,
            self.relative()
        )?;
        for line in self.lines.iter() {
            writeln!(
                f,
                "{:>8}  {:.1e}  {}",
                line.number, line.largest, line.layer
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Completeness({} pairs, largest loss {:.1e})",
            self.pairs, self.total
        )
    }
}
