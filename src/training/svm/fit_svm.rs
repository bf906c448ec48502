//! Training a support vector machine.

use super::gapped_kmer_svm::{Data, GappedKmerSvm};
use super::gapped_kmers::GappedKmers;
use super::hinge::Hinge;
use super::kernel_product::KernelProduct;
use super::letters::with_examples;
use super::quadratic::Quadratic;
use crate::progress::Task;
use crate::training::Labels;
use crate::{Error, Input, Result};

/// Trains a support vector machine over gapped k-mers, with the defaults of [`FitSvm`].
///
/// # Errors
///
/// As [`FitSvm::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array1, network, sequence::Sequences, training};
/// # fn main() -> genolens::Result<()> {
/// let texts = ["TTACGGAAGTGATC", "GCCCGGAAGTACAA", "TTACTTCCGGTACA", "ACCCTTATTGAGAC", "GTTGACGTATCAAC", "CATGCATTTAACGT"];
/// let labels = Array1::from(vec![1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
/// let x = Sequences::dna(texts)?;
/// let svm = training::gapped_kmer_svm(&x, &labels)?;
/// let scores = network::predict(&svm, &Sequences::dna(["AAACCGGAAGTTTT", "AAACGTCATGTTTT"])?)?;
/// assert!(scores[[0, 0]] > scores[[1, 0]]);
/// # Ok(()) }
/// ```
pub fn gapped_kmer_svm(x: &dyn Input, labels: &dyn Labels) -> Result<GappedKmerSvm> {
    FitSvm::new().run(x, labels)
}

/// Trains a support vector machine over gapped k-mers, with options.
///
/// Minimises half the squared length of the weights plus `cost` times the sum of the hinge losses, with a bias that costs nothing: the
/// problem of LIBSVM and LS-GKM. Defaults: [`GappedKmers::new`], cost 1, until no condition of the optimum is violated by more than
/// 0.001. Nothing is random, and the result is the same to the last bit for any number of threads.
///
/// The kernel matrix is never made: a product with it takes two Walsh-Hadamard transforms over all words, whose time hardly depends on
/// the number of sequences.
#[derive(Clone, Debug, PartialEq)]
pub struct FitSvm {
    kernel: GappedKmers,
    cost: f64,
    positive: f64,
    tolerance: f64,
    turns: usize,
}

impl FitSvm {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            kernel: GappedKmers::new(),
            cost: 1.0,
            positive: 1.0,
            tolerance: 1e-3,
            turns: 10_000,
        }
    }

    /// Sets how sequences are compared.
    pub fn kernel(mut self, kernel: &GappedKmers) -> Self {
        self.kernel = kernel.clone();
        self
    }

    /// Sets how much a loss costs beside long weights.
    pub fn cost(mut self, cost: f64) -> Self {
        self.cost = cost;
        self
    }

    /// Lets losses of examples with label 1 cost so many times as much, for classes of unequal size.
    pub fn positive_cost(mut self, factor: f64) -> Self {
        self.positive = factor;
        self
    }

    /// Sets by how much a condition of the optimum may be violated, where scores at the margin are 1 and -1.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets the number of turns after which training ends without an optimum.
    pub fn turns(mut self, turns: usize) -> Self {
        self.turns = turns;
        self
    }

    /// Trains on sequences `(n, 4, length)` and labels `(n)`, 0 or 1.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, shapes do not fit, a label is neither 0 nor 1, a class is absent, no sequence has a word, or
    /// the user interrupts.
    pub fn run(&self, x: &dyn Input, labels: &dyn Labels) -> Result<GappedKmerSvm> {
        self.check()?;
        let mut product = with_examples(("x", x), self.kernel.length, |x| {
            KernelProduct::new(&self.kernel, x)
        })?;
        let signs = signs(labels, product.len())?;
        if product.is_blank() {
            let expected = format!("a stretch of {} letters somewhere", self.kernel.length);
            return Err(Error::value("x", expected, "none"));
        }
        let cap = |sign: &f64| self.cost * if *sign > 0.0 { self.positive } else { 1.0 };
        let caps: Vec<f64> = signs.iter().map(cap).collect();
        let mut problem = Quadratic::new(signs.clone(), caps.clone());
        let mut task = Task::with_total("gapped k-mer SVM", None);
        let mut turns = 0;
        let violation = loop {
            let direction = problem.direction();
            let along = product.multiply(&direction);
            problem.advance(&direction, &along);
            problem.settle();
            turns += 1;
            let violation = problem.violation();
            task.record("violation", "", violation);
            if violation <= self.tolerance || turns >= self.turns {
                // Sums of many turns have worn.
                let scores = product.multiply(problem.numbers());
                problem.set_scores(scores);
                let violation = problem.violation();
                if violation <= self.tolerance || turns >= self.turns {
                    break violation;
                }
            }
            task.step(&format!("violation {violation:.2e}"))?;
        };
        task.finish(&format!("violation {violation:.2e}"));
        let found = Hinge::new((problem.numbers(), problem.scores()), &signs, &caps);
        let numbers = problem.numbers().to_vec();
        Ok(GappedKmerSvm::new(Data {
            kernel: self.kernel.clone(),
            by_distance: self.kernel.by_distance().to_vec(),
            words: product.scores(&numbers),
            numbers: numbers.into(),
            bias: found.bias,
            values: (found.primal, found.dual),
            violation,
            converged: violation <= self.tolerance,
            turns,
        }))
    }

    fn check(&self) -> Result<()> {
        self.kernel.check()?;
        for (name, value) in [
            ("cost", self.cost),
            ("positive_cost", self.positive),
            ("tolerance", self.tolerance),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::value(name, "above 0", value));
            }
        }
        if (self.cost * self.positive).is_infinite() {
            let expected = format!("a factor that leaves a cost of {:e} finite", self.cost);
            let got = format!("{:e}", self.positive);
            return Err(Error::value("positive_cost", expected, got));
        }
        if self.turns == 0 {
            return Err(Error::value("turns", "at least 1", 0));
        }
        Ok(())
    }
}

impl Default for FitSvm {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads labels 0 and 1 as -1 and 1.
fn signs(labels: &dyn Labels, n: usize) -> Result<Vec<f64>> {
    let labels = labels.labels()?;
    if labels.shape() != [n] && labels.shape() != [n, 1] {
        let expected = format!("({n}), one label per example of `x`");
        return Err(Error::shape("labels", expected, labels.shape()));
    }
    if let Some(label) = labels.iter().find(|&&label| label != 0.0 && label != 1.0) {
        return Err(Error::value("labels", "only 0 and 1", label));
    }
    let ones = labels.iter().filter(|&&label| label == 1.0).count();
    if ones == 0 || ones == n {
        let got = format!("{ones} ones, {} zeros", n - ones);
        return Err(Error::value("labels", "both 0 and 1", got));
    }
    let sign = |label: &f32| if *label == 1.0 { 1.0 } else { -1.0 };
    Ok(labels.iter().map(sign).collect())
}
