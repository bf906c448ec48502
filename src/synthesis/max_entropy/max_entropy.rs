//! Sampling all sequences that a model takes for the same.

use super::chain::{Chain, Rules, Sampled};
use super::energy::{Energy, Measure};
use super::samples::{MaxEntropySamples, Parts};
use super::source::{Source, run_incremental, run_together};
use crate::network::{Evaluator, Head, Model, in_batches};
use crate::progress::{self, Task};
use crate::random::Seed;
use crate::sequence::{Alphabet, Explainable, Sequences, code};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, Array4, ArrayView2, Axis};

const METHOD: &str = "maximum-entropy sampling";

/// Letters that a result may hold.
const MOST: usize = 1 << 30;

/// The strongest field: beyond, the rarer letters are too rare to tell from none.
const STRONGEST: f64 = 30.0;

/// Samples sequences that the network takes for the same as the input, with the published settings.
///
/// # Errors
///
/// Fails when the model is not a [`Network`](crate::network::Network) whose last layer is dense, or `x` has a shape that it cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, synthesis::{self, MaxEntropy}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let model = network::deepbind(4);
/// // `synthesis::max_entropy(&model, &peaks)?` takes 50 chains of 10,000 steps.
/// let samples = MaxEntropy::new().chains(4).steps(500).run(&model, &peaks)?;
/// assert_eq!(samples.energies().dim(), (1, 4, 5));
/// assert_eq!(samples.frequencies().dim(), (1, 10, 4));
/// # Ok(()) }
/// ```
pub fn max_entropy(model: &dyn Model, x: &dyn Explainable) -> Result<MaxEntropySamples> {
    MaxEntropy::new().run(model, x)
}

/// Samples sequences that a model takes for the same as the input, with options.
///
/// Of all distributions over sequences whose mean distance to the input, as the model sees it, is the same, the samples follow the one of
/// largest entropy: `p(x)` is proportional to `exp(-beta E(x) + mu N(x))`, with the [`Energy`] `E`, and `N` the number of letters G and C. What the
/// samples agree on is what the model looks at; everything else is free.
///
/// Every chain begins at the input. A step proposes one of the other letters at one of the positions, all equally likely, and accepts it with
/// probability `min(1, exp(-beta dE + mu dN))` (Metropolis). Unknown letters stay as they are, and so do positions that are held.
///
/// Of a [`Network`](crate::network::Network) on the CPU only what a proposal reaches is computed; everything is computed anew after 256 accepted ones,
/// so that rounding does not add up. Of other models, and on a GPU, whole sequences are computed, those of all chains at once.
///
/// # References
///
/// Finnegan and Song 2017, doi:10.1371/journal.pcbi.1005836. Checked against the exact distribution over all sequences of four letters.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxEntropy {
    target: usize,
    against: Option<usize>,
    energy: Energy,
    beta: f64,
    field: f64,
    steps: usize,
    every: usize,
    burn_in: usize,
    chains: usize,
    held: Vec<usize>,
    seed: Seed,
    batch: usize,
    incremental: bool,
}

impl MaxEntropy {
    /// Takes the published settings: the penultimate layer and the first output, beta 400, no field, 50 chains of 10,000 steps, a sample every 100
    /// steps and no burn-in.
    pub fn new() -> Self {
        Self {
            target: 0,
            against: None,
            energy: Energy::default(),
            beta: 400.0,
            field: 0.0,
            steps: 10_000,
            every: 100,
            burn_in: 0,
            chains: 50,
            held: Vec::new(),
            seed: Seed::default(),
            batch: 64,
            incremental: true,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets an output that the target is compared with: their difference is explained.
    pub fn against(mut self, other: usize) -> Self {
        self.against = Some(other);
        self
    }

    /// Sets what of the model the samples keep.
    pub fn energy(mut self, energy: Energy) -> Self {
        self.energy = energy;
        self
    }

    /// Sets how closely it is kept: 0 leaves all sequences free, 50 is loose, 400 is close.
    ///
    /// The energy has the unit of the output, so that a network of larger outputs needs a smaller beta; the mean energy is then about the number of
    /// features over beta, or less.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    /// Sets the field mu that draws the samples to G and C, from -30 to 30: without a constraint the odds of G and C are `exp(mu)`.
    pub fn field(mut self, mu: f64) -> Self {
        self.field = mu;
        self
    }

    /// Sets the field from the share of G and C that sequences have without a constraint: `mu = ln(share / (1 - share))`.
    pub fn gc(self, share: f64) -> Self {
        self.field((share / (1.0 - share)).ln())
    }

    /// Sets the number of steps of a chain, without those of the burn-in.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Sets after how many steps a sample is taken, again and again.
    pub fn every(mut self, steps: usize) -> Self {
        self.every = steps;
        self
    }

    /// Sets how many steps are done first without taking samples, so that the chains forget where they began.
    pub fn burn_in(mut self, steps: usize) -> Self {
        self.burn_in = steps;
        self
    }

    /// Sets the number of chains of every sequence.
    pub fn chains(mut self, chains: usize) -> Self {
        self.chains = chains;
        self
    }

    /// Holds positions, counted from 0, at the letters of the input.
    pub fn hold(mut self, positions: impl IntoIterator<Item = usize>) -> Self {
        self.held = positions.into_iter().take(MOST).collect();
        self
    }

    /// Sets the seed; every chain has a stream of its own.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of chains that are computed at once where whole sequences are computed.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets whether only what a proposal reaches is computed where that is possible, as it is by default.
    pub fn incremental(mut self, incremental: bool) -> Self {
        self.incremental = incremental;
        self
    }

    /// Draws the samples.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read or no position that may change, there is no such output or position, an option makes no
    /// sense, the energy needs another model, the model says something that is no number, the result would hold more than a thousand million
    /// letters, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<MaxEntropySamples> {
        let code = code(x)?;
        let inputs = x.sequences()?;
        self.check(&inputs, code.dim())?;
        let head = match self.energy {
            Energy::Penultimate => Some(head(model)?),
            Energy::Target | Energy::Outputs => None,
        };
        let asked: &dyn Model = match &head {
            Some(head) => &head.body,
            None => model,
        };
        let evaluator = match asked.network() {
            Some(network) if self.incremental => Evaluator::new(network, code.dim())?,
            _ => None,
        };
        let source = evaluator.map_or(Source::Whole(asked), Source::Incremental);
        let starts = code.outer_iter().enumerate().map(|(index, x)| {
            let rules = self.rules(&inputs, index)?;
            let measure = self.measure(head.as_ref(), &source.says(&x)?)?;
            let letters = inputs.letters(index).iter();
            let place = |&letter: &u8| inputs.alphabet().code(letter).unwrap_or_default() as u8;
            Ok((x, rules, measure, letters.map(place).collect::<Vec<u8>>()))
        });
        let starts = starts.collect::<Result<Vec<Start<'_>>>>()?;
        let sampled = self.sampled((model, &source), &starts);
        let sampled = sampled.inspect_err(|_| progress::clear_interrupt())?;
        Ok(self.result(inputs, &sampled))
    }

    /// Runs all chains, sequence by sequence.
    fn sampled(
        &self,
        (model, source): (&dyn Model, &Source<'_>),
        starts: &[Start<'_>],
    ) -> Result<Vec<Sampled>> {
        let chain = |index: usize, chain: usize| {
            let (_, rules, _, letters) = &starts[index];
            let seed = self.seed.indexed(index).indexed(chain);
            Chain::new(rules, letters, seed.generator())
        };
        match source {
            Source::Incremental(evaluator) => {
                let chains = (starts.len() * self.chains, 1, model.device());
                in_batches(METHOD, chains, |rows| {
                    let index = rows.start / self.chains;
                    let (x, _, measure, _) = &starts[index];
                    let chain = chain(index, rows.start % self.chains);
                    run_incremental((METHOD, evaluator), (x, measure), chain)
                })
            }
            Source::Whole(asked) => {
                let groups = self.chains.div_ceil(self.batch);
                let steps = (self.burn_in + self.steps) * groups * starts.len();
                let mut task = Task::new(METHOD, steps);
                let mut all = Vec::with_capacity(starts.len() * self.chains);
                for (index, (x, _, measure, _)) in starts.iter().enumerate() {
                    for first in (0..self.chains).step_by(self.batch) {
                        let some = first..self.chains.min(first + self.batch);
                        let chains = some.map(|number| chain(index, number)).collect();
                        all.extend(run_together((&mut task, *asked), (x, measure), chains)?);
                    }
                }
                Ok(all)
            }
        }
    }

    fn check(&self, inputs: &Sequences, (n, _, length): (usize, usize, usize)) -> Result<()> {
        for (name, value) in [
            ("steps", self.steps),
            ("every", self.every),
            ("chains", self.chains),
            ("batch", self.batch),
        ] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        if self.every > self.steps {
            let expected = format!("at most {}, the number of steps", self.steps);
            return Err(Error::value("every", expected, self.every));
        }
        if !self.beta.is_finite() || self.beta < 0.0 {
            return Err(Error::value("beta", "0 or more", self.beta));
        }
        // A share of G and C of 0 or 1, or none at all, ends here too.
        if self.field.is_nan() || self.field.abs() > STRONGEST {
            let expected =
                format!("from -{STRONGEST} to {STRONGEST}, a share of G and C between 0 and 1");
            return Err(Error::value("field", expected, self.field));
        }
        if self.field != 0.0 && inputs.alphabet() == Alphabet::Protein {
            let expected = "0 for protein, which has no G and C";
            return Err(Error::value("field", expected, self.field));
        }
        if let Some(position) = self.held.iter().find(|&&position| position >= length) {
            let expected = format!("below {length}, the length of the sequences");
            return Err(Error::value("hold", expected, position));
        }
        let steps = self.burn_in.checked_add(self.steps);
        if steps.is_none_or(|steps| steps.checked_mul(n).is_none()) {
            return Err(Error::value("burn_in", "fewer steps", self.burn_in));
        }
        let sizes = [self.chains, self.steps / self.every, length];
        let letters = sizes.iter().try_fold(n, |all, &size| all.checked_mul(size));
        if letters.is_none_or(|letters| letters > MOST) {
            let expected = format!("so few that all samples have at most {MOST} letters");
            return Err(Error::value("chains", expected, self.chains));
        }
        Ok(())
    }

    fn rules(&self, inputs: &Sequences, index: usize) -> Result<Rules> {
        let alphabet = inputs.alphabet();
        let letters = inputs.letters(index).iter().enumerate();
        let free = letters.filter(|(position, letter)| {
            alphabet.index(**letter).is_some() && !self.held.contains(position)
        });
        let free: Vec<usize> = free.map(|(position, _)| position).collect();
        if free.is_empty() {
            let expected = "sequences with a known letter at a position that is not held";
            let got = format!("{}, which has none", inputs.name(index));
            return Err(Error::value("x", expected, got));
        }
        Ok(Rules {
            beta: self.beta,
            field: self.field,
            is_strong: strong(alphabet),
            free,
            burn_in: self.burn_in,
            steps: self.steps,
            every: self.every,
        })
    }

    /// Makes the energy, given what the model says of the input.
    fn measure(&self, head: Option<&Head>, said: &[f32]) -> Result<Measure> {
        let outputs = head.map_or(said.len(), |head| head.weight.nrows());
        let both = [("target", Some(self.target)), ("against", self.against)];
        for (name, output) in both {
            if let Some(output) = output.filter(|&output| output >= outputs) {
                let expected = format!("below {outputs}, the number of outputs");
                return Err(Error::value(name, expected, output));
            }
        }
        let measure = match (self.energy, head) {
            (Energy::Penultimate, Some(head)) => {
                let mut weights = head.weight.row(self.target).mapv(f64::from);
                if let Some(against) = self.against {
                    weights -= &head.weight.row(against).mapv(f64::from);
                }
                Measure::features(weights.to_vec(), said)
            }
            (Energy::Outputs, _) => Measure::features(vec![1.0; outputs], said),
            _ => Measure::target((self.target, self.against), said),
        };
        // That of the input is 0, unless something is no number.
        measure.energy(said)?;
        Ok(measure)
    }

    fn result(&self, inputs: Sequences, sampled: &[Sampled]) -> MaxEntropySamples {
        let (n, length) = (inputs.len(), inputs.letters(0).len());
        let sizes = (n, self.chains, self.steps / self.every);
        let mut letters = Array4::<u8>::zeros((sizes.0, sizes.1, sizes.2, length));
        let mut energies = Array3::<f64>::zeros(sizes);
        let mut acceptance = Array2::<f64>::zeros((n, self.chains));
        for (number, one) in sampled.iter().enumerate() {
            let (index, chain) = (number / self.chains, number % self.chains);
            let mut own = letters.index_axis_mut(Axis(0), index);
            let mut own = own.index_axis_mut(Axis(0), chain);
            own.iter_mut().zip(&one.letters).for_each(|(a, &b)| *a = b);
            let mut own = energies.index_axis_mut(Axis(0), index);
            let mut own = own.row_mut(chain);
            own.iter_mut().zip(&one.energies).for_each(|(a, &b)| *a = b);
            acceptance[[index, chain]] = one.acceptance;
        }
        let weights = strong(inputs.alphabet()).into_iter();
        let weights = weights.map(|is_strong| if is_strong { self.field.exp() } else { 1.0 });
        let background: Array1<f64> = weights.collect();
        MaxEntropySamples::new(Parts {
            background: &background / background.sum(),
            held: Array1::from_iter((0..length).map(|position| self.held.contains(&position))),
            steps: (self.burn_in, self.every),
            inputs,
            letters,
            energies,
            acceptance,
        })
    }
}

impl Default for MaxEntropy {
    fn default() -> Self {
        Self::new()
    }
}

/// A sequence `(letters, length)`, how its chains move, and their energy, and the places of its letters in the alphabet.
type Start<'a> = (ArrayView2<'a, f32>, Rules, Measure, Vec<u8>);

/// Cuts the network behind a model in front of its last layer.
fn head(model: &dyn Model) -> Result<Head> {
    match model.network() {
        Some(network) => Head::of(network),
        None => Err(Error::value(
            "model",
            "a network of the library whose last layer is dense, or an energy of outputs",
            "another model",
        )),
    }
}

/// Tells for every letter whether it is G or C.
fn strong(alphabet: Alphabet) -> Vec<bool> {
    let is_strong = |letter: &u8| matches!(letter, b'G' | b'C') && alphabet.has_complement();
    alphabet.letters().iter().map(is_strong).collect()
}
