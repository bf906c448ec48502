//! Several sources as one.

use super::merge::{at_random, evenly};
use crate::random::Seed;
use crate::training::{Batch, Source};
use crate::{Error, Result};
use ndarray::{ArrayD, Axis, IxDyn};
use std::fmt;
use std::sync::Arc;

/// Several sources one after the other, as one; cheap to clone.
///
/// Every example is learned once in an epoch, in an order in which the parts are mixed at random. With [`shares`](Self::shares), every
/// batch has the same share of each part instead: a part that is too small for its share comes again, one that is too large gives
/// others of its examples in every epoch.
///
/// # Examples
///
/// One positive for three of many negatives, in every batch:
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::network::Architecture;
/// use genolens::stream::Joined;
/// use genolens::training::{Arrays, Fit};
/// # fn main() -> genolens::Result<()> {
/// let positives = Arrays::new(&Array2::from_elem((10, 2), 0.9), &Array1::ones(10))?;
/// let negatives = Arrays::new(&Array2::from_elem((500, 2), 0.1), &Array1::zeros(500))?;
/// let data = Joined::new(positives)?.and(negatives)?.shares(&[0.25, 0.75])?;
/// let network = Architecture::features(2).dense(1).build()?;
/// let trained = Fit::new().epochs(1).batch(32).run_from(&network, &data)?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Joined {
    parts: Vec<Part>,
    shares: Option<Vec<f64>>,
}

#[derive(Clone)]
struct Part {
    source: Arc<dyn Source>,
    /// Shapes of an example and of its labels.
    shapes: (Vec<usize>, Vec<usize>),
}

impl Joined {
    /// Takes the first source.
    ///
    /// # Errors
    ///
    /// Fails when the source cannot be read.
    pub fn new(source: impl Source + 'static) -> Result<Self> {
        Ok(Self {
            parts: vec![Part::new(Arc::new(source))?],
            shares: None,
        })
    }

    /// Puts another source after those there are.
    ///
    /// # Errors
    ///
    /// Fails when the source cannot be read, or its examples or labels have another shape than those of the first.
    pub fn and(mut self, source: impl Source + 'static) -> Result<Self> {
        let part = Part::new(Arc::new(source))?;
        let first = &self.parts[0].shapes;
        for (name, known, got) in [
            ("x", &first.0, &part.shapes.0),
            ("labels", &first.1, &part.shapes.1),
        ] {
            if known != got {
                let argument = format!("{name} of source {}", self.parts.len() + 1);
                let shape = [vec![part.source.len()], got.clone()].concat();
                let sizes: String = known.iter().map(|size| format!(", {size}")).collect();
                let expected = format!("(n{sizes}) as those of the first");
                return Err(Error::shape(&argument, expected, &shape));
            }
        }
        self.parts.push(part);
        self.shares = None;
        Ok(self)
    }

    /// Sets the share that each source has of every batch that is learned from; validation sees all examples that are held out.
    ///
    /// Only the ratio of the numbers counts. An epoch has as many examples as there are, whatever the shares.
    ///
    /// # Errors
    ///
    /// Fails when there is not one number above 0 for each source.
    pub fn shares(mut self, shares: &[f64]) -> Result<Self> {
        let right = shares.iter().all(|&share| share.is_finite() && share > 0.0);
        if shares.len() != self.parts.len() || !right {
            let expected = format!("{} numbers above 0, one per source", self.parts.len());
            return Err(Error::value("shares", expected, format!("{shares:?}")));
        }
        self.shares = Some(shares.to_vec());
        Ok(self)
    }

    /// Returns the number of the part of a row and its number there, with the draw that a part may have put on top.
    fn place(&self, row: usize) -> (usize, usize) {
        let all = self.len();
        let (draw, mut row) = (row / all, row % all);
        for (number, part) in self.parts.iter().enumerate() {
            let n = part.source.len();
            if row < n {
                return (number, row + draw * n);
            }
            row -= n;
        }
        (0, 0)
    }

    /// Sorts rows by part: their places in the list, and their numbers in the part.
    fn sorted(&self, rows: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut sorted = vec![(Vec::new(), Vec::new()); self.parts.len()];
        for (at, &row) in rows.iter().enumerate() {
            let (part, row) = self.place(row);
            sorted[part].0.push(at);
            sorted[part].1.push(row);
        }
        sorted
    }

    /// Returns how many of so many rows each part gives.
    fn counts(shares: &[f64], sizes: &[usize]) -> Vec<usize> {
        let total: usize = sizes.iter().sum();
        let share = |part: usize| if sizes[part] > 0 { shares[part] } else { 0.0 };
        let all: f64 = (0..sizes.len()).map(share).sum();
        let due: Vec<f64> = (0..sizes.len())
            .map(|part| share(part) / all * total as f64)
            .collect();
        let mut counts: Vec<usize> = due.iter().map(|due| *due as usize).collect();
        let mut order: Vec<usize> = (0..sizes.len()).filter(|&part| sizes[part] > 0).collect();
        order.sort_by(|&a, &b| due[b].fract().total_cmp(&due[a].fract()).then(a.cmp(&b)));
        let missing = total - counts.iter().sum::<usize>().min(total);
        for &part in order.iter().cycle().take(missing) {
            counts[part] += 1;
        }
        counts
    }
}

impl Part {
    fn new(source: Arc<dyn Source>) -> Result<Self> {
        if source.is_empty() {
            let expected = "one with at least 1 example";
            return Err(Error::value("source", expected, "one without"));
        }
        let probe = source.read(&[0])?;
        let shapes = (
            probe.x().shape()[1..].to_vec(),
            probe.labels().shape()[1..].to_vec(),
        );
        Ok(Self { source, shapes })
    }

    /// Gives so many rows, shuffled, over again when they are too few.
    fn drawn(&self, rows: &[usize], (count, seed): (usize, Seed)) -> Vec<usize> {
        let mut drawn = Vec::with_capacity(count);
        let mut turn = 0;
        while drawn.len() < count && !rows.is_empty() {
            let mut some = self.source.order(rows, seed.indexed(turn));
            some.truncate(count - drawn.len());
            drawn.extend(some);
            turn += 1;
        }
        drawn
    }
}

impl Source for Joined {
    fn len(&self) -> usize {
        self.parts.iter().map(|part| part.source.len()).sum()
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let (x, labels) = &self.parts[0].shapes;
        let whole = |shape: &[usize]| IxDyn(&[&[rows.len()], shape].concat());
        let (mut all_x, mut all_labels) = (ArrayD::zeros(whole(x)), ArrayD::zeros(whole(labels)));
        let mut all_weights: Option<ArrayD<f32>> = None;
        for (part, (places, rows)) in self.parts.iter().zip(self.sorted(rows)) {
            if rows.is_empty() {
                continue;
            }
            let batch = part.source.read(&rows)?;
            put(batch.x(), &places, &mut all_x)?;
            put(batch.labels(), &places, &mut all_labels)?;
            if let Some(weights) = batch.weights() {
                let mut weights = weights.clone();
                while weights.ndim() < all_labels.ndim() {
                    let last = Axis(weights.ndim());
                    weights = weights.insert_axis(last);
                }
                let shape = batch.labels().raw_dim();
                let expanded = weights.broadcast(shape).map(|view| view.to_owned());
                let weights = expanded.unwrap_or(weights);
                let all = all_weights.get_or_insert_with(|| ArrayD::ones(whole(labels)));
                put(&weights, &places, all)?;
            }
        }
        let mut batch = Batch::new(all_x, all_labels)?;
        batch.set_weights(all_weights);
        Ok(batch)
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let shape = [&[rows.len()], &self.parts[0].shapes.1[..]].concat();
        let mut labels = ArrayD::zeros(IxDyn(&shape));
        for (part, (places, rows)) in self.parts.iter().zip(self.sorted(rows)) {
            if !rows.is_empty() {
                put(&part.source.labels(&rows)?, &places, &mut labels)?;
            }
        }
        Ok(labels)
    }

    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        let all = self.len();
        let sorted = self.sorted(rows);
        let sizes: Vec<usize> = sorted.iter().map(|(_, rows)| rows.len()).collect();
        let counts = match &self.shares {
            Some(shares) => Self::counts(shares, &sizes),
            None => sizes,
        };
        let (mut orders, mut before) = (Vec::new(), 0);
        for (number, (part, (_, rows))) in self.parts.iter().zip(&sorted).enumerate() {
            let n = part.source.len();
            let how = (counts[number], seed.named("part").indexed(number));
            let mut order = part.drawn(rows, how);
            for row in &mut order {
                // What the part has put on top stays on top.
                *row = *row % n + before + *row / n * all;
            }
            orders.push(order);
            before += n;
        }
        if self.shares.is_some() {
            evenly(&orders)
        } else {
            at_random(&orders, seed)
        }
    }

    fn groups(&self) -> Option<Vec<String>> {
        let mut all = Vec::with_capacity(self.len());
        for part in &self.parts {
            all.extend(part.source.groups()?);
        }
        Some(all)
    }
}

/// Copies rows to their places.
fn put(from: &ArrayD<f32>, places: &[usize], to: &mut ArrayD<f32>) -> Result<()> {
    let fits = from.ndim() == to.ndim() && from.shape()[1..] == to.shape()[1..];
    if !fits || from.shape()[0] != places.len() {
        let expected = format!(
            "{:?} for each of {} examples",
            &to.shape()[1..],
            places.len()
        );
        return Err(Error::shape("batch of a source", expected, from.shape()));
    }
    for (row, &place) in from.outer_iter().zip(places) {
        to.index_axis_mut(Axis(0), place).assign(&row);
    }
    Ok(())
}

impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Joined({self})")
    }
}

impl fmt::Display for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self
            .parts
            .iter()
            .map(|part| part.source.len().to_string())
            .collect();
        write!(
            f,
            "{} sources of {} examples",
            sizes.len(),
            sizes.join(", ")
        )?;
        match &self.shares {
            Some(shares) => write!(f, ", in shares {shares:?}"),
            None => Ok(()),
        }
    }
}
