//! A linear surrogate near the example.

use super::Surrogate;
use super::explain::{Explainer, Solved};
use super::lime_coalitions::Drawn;
use super::options::{Options, doors};
use super::surrogate::Sums;
use crate::attribution::Attribution;
use crate::network::Model;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Result};

/// The most coalitions, and the most features of a surrogate: their square is kept.
pub(super) const MOST: usize = 1_000_000;
pub(super) const MOST_FEATURES: usize = 2_000;

/// Explains the first output near every sequence by a linear surrogate of which positions are present.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::lime(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Ribeiro, Singh and Guestrin 2016, doi:10.1145/2939672.2939778. Checked against lime's `LimeBase` and captum's `LimeBase`.
pub fn lime(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    Lime::new().run(model, x)
}

/// How far a coalition is from all features, where `p` of `m` features are present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Distance {
    /// One less the cosine: `1 - sqrt(p / m)`.
    #[default]
    Cosine,
    /// The root of the number of absent features: `sqrt(m - p)`.
    Euclidean,
}

/// How coalitions are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Draw {
    /// Every feature is present with chance one half, as in lime's images and in captum.
    #[default]
    Half,
    /// First how many are absent, from one to all, then which: as in lime's texts.
    AnyNumber,
}

/// Fits a linear surrogate to the scores of coalitions near the example, with options.
///
/// The contribution of a feature is its coefficient. A coalition at distance `d` weighs `exp(-d^2 / (2 width^2))`, which is lime's
/// `sqrt(exp(-d^2 / width^2))` and captum's kernel alike; distances are those of the coalitions, as in lime, while captum measures
/// them in the input. Where there are no more coalitions than samples, each is asked once and nothing is drawn. lime's own tables
/// replace columns by noise; here a column is absent or not.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::Lime, ndarray::{Array1, ArrayView2, array}};
/// # fn main() -> genolens::Result<()> {
/// let sum = |x: ArrayView2<f32>| -> Array1<f64> {
///     x.rows().into_iter().map(|row| f64::from(row[0] + 2.0 * row[1])).collect()
/// };
/// let found = Lime::new().rows(&sum, &array![[5.0_f32, 3.0]])?;
/// assert!((found.values()[[0, 1]] - 6.0).abs() < 0.1);
/// assert!(found.fits().unwrap()[0] > 0.99);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Lime {
    options: Options,
    samples: usize,
    draw: Draw,
    distance: Distance,
    width: f64,
    surrogate: Surrogate,
    select: Option<usize>,
}

impl Lime {
    /// Takes the defaults: the first output, 5000 coalitions, cosine distances with width 0.25, ridge regression with penalty 1, no
    /// selection of features, zeros for absent ones, batches of 64.
    pub fn new() -> Self {
        Self {
            options: Options::new(),
            samples: 5_000,
            draw: Draw::Half,
            distance: Distance::Cosine,
            width: 0.25,
            surrogate: Surrogate::Ridge(1.0),
            select: None,
        }
    }

    /// Sets the number of coalitions that are drawn for every example, that of all features included.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Sets how coalitions are drawn.
    pub fn draw(mut self, draw: Draw) -> Self {
        self.draw = draw;
        self
    }

    /// Sets how distances are measured.
    pub fn distance(mut self, distance: Distance) -> Self {
        self.distance = distance;
        self
    }

    /// Sets the distance over which weights fall, as that of a normal distribution falls over its standard deviation.
    pub fn width(mut self, width: f64) -> Self {
        self.width = width;
        self
    }

    /// Sets what keeps coefficients small; captum's default is `Lasso(0.01)`.
    pub fn surrogate(mut self, surrogate: Surrogate) -> Self {
        self.surrogate = surrogate;
        self
    }

    /// Keeps only so many features; others contribute 0.
    ///
    /// As lime's `auto`: up to 6 are taken one by one, each time the one that explains most; more are those with the largest
    /// coefficients.
    pub fn select(mut self, features: usize) -> Self {
        self.select = Some(features);
        self
    }

    /// Sets the seed of the coalitions; default 0. Those of an example follow from it and from the example.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.options.seed = seed.into();
        self
    }

    /// Returns what a coalition weighs.
    fn weight(&self, present: usize, features: usize) -> f64 {
        let distance = match self.distance {
            Distance::Cosine => 1.0 - (present as f64 / features as f64).sqrt(),
            Distance::Euclidean => ((features - present) as f64).sqrt(),
        };
        (-0.5 * (distance / self.width).powi(2)).exp()
    }

    /// Chooses the features of the surrogate.
    fn selected(&self, sums: &Sums, features: usize) -> Result<Vec<usize>> {
        const ONE_BY_ONE: usize = 6;
        let all: Vec<usize> = (0..features).collect();
        let count = match self.select {
            Some(count) if count < features => count,
            _ => return Ok(all),
        };
        if count > ONE_BY_ONE {
            let sizes = sums.fit(Surrogate::Ridge(0.01), &all)?;
            let sizes = sizes.map_or(vec![0.0; features], |fitted| fitted.coefficients);
            let mut order = all;
            order.sort_by(|&a, &b| sizes[b].abs().total_cmp(&sizes[a].abs()));
            order.truncate(count);
            return Ok(order);
        }
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < count {
            let others = all.iter().filter(|feature| !chosen.contains(feature));
            let tried = others.filter_map(|&feature| {
                let some = [&chosen[..], &[feature]].concat();
                Some((feature, sums.explained(&some)?))
            });
            // The first of equals.
            let best = tried.reduce(|best, next| if next.1 > best.1 { next } else { best });
            let Some((feature, _)) = best else { break };
            chosen.push(feature);
        }
        Ok(chosen)
    }
}

doors!(Lime);

impl Explainer for Lime {
    type Coalitions = Drawn;
    const NAME: &'static str = "LIME";
    const ADDS_UP: bool = false;
    const ALL_TAKE_PART: bool = true;

    fn options(&self) -> &Options {
        &self.options
    }

    fn check(&self) -> Result<()> {
        if !(2..=MOST).contains(&self.samples) {
            let expected = format!("2 to {MOST}");
            return Err(Error::value("samples", expected, self.samples));
        }
        if !(self.width > 0.0 && self.width.is_finite()) {
            return Err(Error::value("width", "a number above 0", self.width));
        }
        let penalty = self.surrogate.penalty();
        if !(penalty >= 0.0 && penalty.is_finite()) {
            return Err(Error::value("surrogate", "a penalty of 0 or more", penalty));
        }
        if self.select == Some(0) {
            return Err(Error::value("select", "at least 1", 0));
        }
        Ok(())
    }

    fn coalitions(&self, features: usize, seed: Seed) -> Result<Drawn> {
        if features > MOST_FEATURES {
            let expected = format!("at most {MOST_FEATURES}: make groups");
            return Err(Error::value("features", expected, features));
        }
        if features < 30 && 1 << features <= self.samples {
            return Ok(Drawn::all(features, self.samples, self.draw));
        }
        Drawn::some(features, self.samples, (self.draw, seed))
    }

    fn solve(&self, drawn: &Drawn, scores: &[f64]) -> Result<Solved> {
        let (kept, features) = (&drawn.kept, drawn.kept.features());
        let weigh = |(index, count): (usize, &f64)| {
            let present = (0..features).filter(|&at| kept.has(index, at)).count();
            count * self.weight(present, features)
        };
        let weights: Vec<f64> = drawn.counts.iter().enumerate().map(weigh).collect();
        // Else only the example itself would have a say.
        if weights[1..].iter().sum::<f64>() < 1e-9 * weights[0] {
            let expected =
                "so large that coalitions other than that of all features weigh something";
            return Err(Error::value("width", expected, self.width));
        }
        let sums = Sums::new(kept, scores, &weights)?;
        let Some(fitted) = sums.fit(self.surrogate, &self.selected(&sums, features)?)? else {
            let expected = format!(
                "at least {}, or a larger penalty, to tell {features} features apart",
                2 * features
            );
            return Err(Error::value("samples", expected, self.samples));
        };
        let share = sums.share(&fitted, kept, (scores, &weights));
        Ok(Solved {
            fit: Some((fitted.intercept, share)),
            values: fitted.coefficients,
            errors: None,
        })
    }
}
