//! The two stages of Deep IV: the exposure that instruments lead to, and the response of the outcome to it.

use super::standard::Standard;
use crate::network::{Activation, Architecture, Network, Predict};
use crate::random::Seed;
use crate::training::{Arrays, Batch, Fit, Loss, Source, Split, Trained};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, ArrayD, ArrayView1, Axis, concatenate};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Rows to learn from, of which some may come several times, and after them those that are held out.
pub(super) struct Rows {
    pub(super) all: Vec<usize>,
    pub(super) learned: usize,
}

impl Rows {
    /// Holds a share of the groups out, and draws the others again where `again` says so.
    pub(super) fn new(groups: &[usize], (share, again): (f64, bool), seed: Seed) -> Self {
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            if members.len() <= *group {
                members.resize(group + 1, Vec::new());
            }
            members[*group].push(row);
        }
        let mut generator = seed.named("rows").generator();
        members.shuffle(&mut generator);
        let count = (members.len() as f64 * share).round() as usize;
        let held = members.split_off(members.len() - count.clamp(1, members.len() - 1));
        let learned: Vec<usize> = if again {
            let one = |_| members[generator.random_range(0..members.len())].clone();
            (0..members.len()).flat_map(one).collect()
        } else {
            members.concat()
        };
        Self {
            learned: learned.len(),
            all: [learned, held.concat()].concat(),
        }
    }

    fn split(&self) -> Result<Split> {
        let places: Vec<usize> = (0..self.all.len()).collect();
        Split::new(&places[..self.learned], &places[self.learned..])
    }
}

/// A network with hidden layers of these sizes, on features or, layer by layer, on every draw.
fn layers(mut network: Architecture, hidden: &[usize], outputs: usize) -> Architecture {
    let on_draws = matches!(network.input(), crate::network::Shape::Sequence { .. });
    let layer = |network: Architecture, size| {
        if on_draws {
            network.convolution(size, 1)
        } else {
            network.dense(size)
        }
    };
    for size in hidden {
        network = layer(network, *size).activation(Activation::Silu);
    }
    layer(network, outputs)
}

/// The first stage: the distribution of the exposure, given instruments and covariates.
pub(super) struct FirstNetwork {
    network: Network,
    components: usize,
}

impl FirstNetwork {
    pub(super) fn fit(
        (data, rows): (&Standard, &Rows),
        (hidden, components): (&[usize], usize),
        (fit, seed): (&Fit, Seed),
    ) -> Result<Self> {
        let x = features(data, &rows.all, &rows.all)?;
        let y = data.exposure.select(Axis(0), &rows.all);
        let network = layers(Architecture::features(x.ncols()), hidden, 3 * components);
        let network = network.seed(seed.named("weights")).build()?;
        let fit = fit.clone().loss(Loss::GaussianMixture(components));
        let fit = fit.split(&rows.split()?).seed(seed.named("fit"));
        let trained = fit.run_from(&network, &Arrays::new(&x, &y)?)?;
        Ok(Self {
            network: trained.network().clone(),
            components,
        })
    }

    /// The scores of rows.
    pub(super) fn scores(&self, data: &Standard, rows: &[usize]) -> Result<Array2<f32>> {
        self.predict(&features(data, rows, rows)?)
    }

    /// By how much less likely the exposures of rows are with the instruments of other rows, on average, and its standard error.
    pub(super) fn information(&self, data: &Standard, rows: &[usize]) -> Result<(f64, f64)> {
        let mut others = rows.to_vec();
        others.rotate_left(rows.len() / 2);
        let own = self.predict(&features(data, rows, rows)?)?;
        let other = self.predict(&features(data, &others, rows)?)?;
        let loss = Loss::GaussianMixture(self.components);
        let one = |at: usize| -> Result<f64> {
            let label = Array1::from_elem(1, data.exposure[rows[at]]);
            let of = |scores: &Array2<f32>| {
                loss.value(&scores.row(at).insert_axis(Axis(0)).to_owned(), &label)
            };
            Ok(of(&other)? - of(&own)?)
        };
        let each = (0..rows.len()).map(one).collect::<Result<Vec<f64>>>()?;
        let count = each.len() as f64;
        let mean = each.iter().sum::<f64>() / count;
        let error = crate::causal::draws::deviation(&each) / count.sqrt();
        Ok((mean, error))
    }

    fn predict(&self, x: &Array2<f32>) -> Result<Array2<f32>> {
        Predict::new().batch(1024).run(&self.network, x)
    }
}

/// The instruments of some rows beside the covariates of others.
fn features(data: &Standard, instruments: &[usize], covariates: &[usize]) -> Result<Array2<f32>> {
    let z = data.instruments.select(Axis(0), instruments);
    let c = data.covariates.select(Axis(0), covariates);
    let wrong = |_| Error::shape("covariates", "one row for each instrument", c.shape());
    concatenate(Axis(1), &[z.view(), c.view()]).map_err(wrong)
}

/// Trains the second stage on draws of the first, or, without it, on the exposures that were seen.
pub(super) fn respond(
    responses: &Responses<'_>,
    (hidden, upper_bound): (&[usize], bool),
    (fit, seed): (&Fit, Seed),
) -> Result<Trained> {
    let features = 1 + responses.data.covariates.ncols();
    let network = layers(Architecture::sequences(features), hidden, 1);
    let network = network.seed(seed.named("weights")).build()?;
    let fit = fit.clone().loss(Loss::Expectation { upper_bound });
    let fit = fit.split(&responses.rows.split()?).seed(seed.named("fit"));
    fit.run_from(&network, responses)
}

/// Exposures and covariates, shape `(n, 1 + covariates, draws)`, with the outcomes; every epoch draws exposures anew.
pub(super) struct Responses<'a> {
    pub(super) data: &'a Standard,
    pub(super) rows: &'a Rows,
    /// Scores of the first stage for every row, and how many draws are taken.
    pub(super) first: Option<(&'a Array2<f32>, usize)>,
    pub(super) seed: Seed,
}

impl Source for Responses<'_> {
    fn len(&self) -> usize {
        self.rows.all.len()
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let draws = self.first.map_or(1, |first| first.1);
        let mut x = Array3::zeros((rows.len(), 1 + self.data.covariates.ncols(), draws));
        for (mut x, row) in x.outer_iter_mut().zip(rows) {
            let place = row % self.len();
            let index = self.rows.all[place];
            match self.first {
                Some((scores, _)) => {
                    let mixture = Mixture::new(&scores.row(place));
                    let mut generator = self.seed.indexed(*row).generator();
                    x.row_mut(0)
                        .mapv_inplace(|_: f32| mixture.draw(&mut generator));
                }
                None => x[[0, 0]] = self.data.exposure[index],
            }
            for (at, value) in self.data.covariates.row(index).iter().enumerate() {
                x.row_mut(1 + at).fill(*value);
            }
        }
        Batch::new(x.into_dyn(), self.labels(rows)?)
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let outcome = |row: &usize| self.data.outcome[self.rows.all[row % self.len()]];
        Ok(rows.iter().map(outcome).collect::<Array1<f32>>().into_dyn())
    }

    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        let mut generator = seed.generator();
        // Rows beyond the last are the same with other draws; those of the first round validate.
        let round = generator.random_range(1..1_usize << 20) * self.len();
        let mut rows: Vec<usize> = rows.iter().map(|row| row + round).collect();
        rows.shuffle(&mut generator);
        rows
    }
}

/// A mixture of normal distributions to draw from.
struct Mixture {
    /// The sums of shares, means and standard deviations.
    components: Vec<(f64, f64, f64)>,
}

impl Mixture {
    fn new(scores: &ArrayView1<'_, f32>) -> Self {
        let count = scores.len() / 3;
        let score = |at: usize| f64::from(scores[at]);
        let largest = (0..count).map(score).fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = (0..count).map(|at| (score(at) - largest).exp()).collect();
        let total: f64 = shares.iter().sum();
        let mut sum = 0.0;
        let component = |(at, share): (usize, &f64)| {
            sum += share / total;
            (sum, score(count + at), score(2 * count + at).exp())
        };
        Self {
            components: shares.iter().enumerate().map(component).collect(),
        }
    }

    fn draw(&self, generator: &mut ChaCha8Rng) -> f32 {
        let chance: f64 = generator.random();
        let normal: f64 = generator.sample(StandardNormal);
        let place = self.components.partition_point(|(sum, ..)| *sum < chance);
        let (_, mean, deviation) = self.components[place.min(self.components.len() - 1)];
        (mean + deviation * normal) as f32
    }
}
