//! Networks that say again what they read, through a narrow code.

use super::adage::check_shares;
use super::corruption::Corruption;
use super::covariates::Levels;
use super::discrepancy::Discrepancy;
use super::information::Information;
use super::reader::{Reader, typical_total};
use super::select::Select;
use super::sparsity::Sparsity;
use super::tied::{Tied, untied};
use super::{FittedAutoencoder, Noise};
use crate::expression::Cells;
use crate::network::{Activation, Architecture, Branches, Chain, User};
use crate::random::Seed;
use crate::training::{
    Fit, Likelihood, Loss, Mean, Reconstruction, RmsProp, Schedule, Sgd, Trained,
};
use crate::{Error, Result};

/// Denoises counts with the deep count autoencoder, with the defaults of [`Autoencoder::dca`].
///
/// # Errors
///
/// As [`Autoencoder::run`].
pub fn dca(cells: &Cells) -> Result<FittedAutoencoder> {
    Autoencoder::dca().run(cells)
}

/// A network that says again what it reads, through a code of few numbers: plain, deep, sparse or denoising.
///
/// Values are read as they are and compared by their squared difference ([`Likelihood::Gaussian`], the default), which suits
/// logarithms of normalised expression; or they are counts, of which the network reads `log1p(count / size)` and says the parameters of
/// their distribution. The size of a cell is its total over the median total. Sparse values stay sparse: only a batch is dense at a time.
///
/// Defaults: one hidden layer of 128 units on either side of the code, rectifiers, a code without activation, 50 epochs in batches of
/// 128, Adam with learning rate 0.001, one tenth of the cells held out, the best weights kept.
///
/// # Examples
///
/// A denoising one with a sparse code:
///
/// ```
/// use genolens::ndarray::Array2;
/// use genolens::{expression::Cells, generative::{Autoencoder, Noise}, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// let values = Array2::from_shape_fn((50, 6), |(cell, gene)| ((cell + gene) % 5) as f32 / 4.0);
/// let cells = Cells::new(values, (0..50).map(|c| c.to_string()), (0..6).map(|g| g.to_string()))?;
/// let model = Autoencoder::new(3)
///     .hidden(&[16])
///     .noise(Noise::Masking(0.1))
///     .sparsity(0.01)
///     .fit(Fit::new().epochs(5))
///     .run(&cells)?;
/// assert_eq!(model.reconstructed(&cells)?.shape(), (50, 6));
/// println!("{}", model.history());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Autoencoder {
    code: usize,
    hidden: Vec<usize>,
    activation: Activation,
    code_activation: Option<Activation>,
    batch_norm: bool,
    noise: Noise,
    sparsity: f64,
    information: f64,
    batches: Option<String>,
    alike: Option<f64>,
    reference: Option<String>,
    likelihood: Likelihood,
    shares: bool,
    tied: bool,
    /// A learning rate for a loss that is summed over genes.
    summed_rate: Option<f64>,
    fit: Fit,
    seed: Seed,
}

impl Autoencoder {
    /// Asks for a code of so many numbers.
    pub fn new(code: usize) -> Self {
        Self {
            code,
            hidden: vec![128],
            activation: Activation::Relu,
            code_activation: None,
            batch_norm: false,
            noise: Noise::None,
            sparsity: 0.0,
            information: 0.0,
            batches: None,
            alike: None,
            reference: None,
            likelihood: Likelihood::Gaussian,
            shares: false,
            tied: false,
            summed_rate: None,
            fit: Fit::new()
                .epochs(50)
                .batch(128)
                .learning_rate(1e-3)
                .patience(10),
            seed: Seed::default(),
        }
    }

    /// Takes the settings of the deep count autoencoder, DCA 0.3: layers of 64, 32 and 64 units, each with batch norm and rectifier,
    /// negative binomial counts whose dispersion depends on the cell, `RMSprop` with learning rate 0.001, batches of 32, at most 300
    /// epochs, slopes cut at 5, the rate divided by 10 after 10 epochs without progress, and the end after 15.
    ///
    /// Three details differ: genes are standardised by a batch norm in place of fixed numbers, the dispersion is an exponential in place of
    /// a softplus, and means and dispersions are kept from overflow, not clipped.
    ///
    /// Source: Eraslan et al. 2019, doi:10.1038/s41467-018-07931-2.
    pub fn dca() -> Self {
        let fit = Fit::new()
            .epochs(300)
            .batch(32)
            .optimizer(RmsProp::new().alpha(0.9).epsilon(1e-7))
            .learning_rate(1e-3)
            .schedule(Schedule::plateau().patience(10))
            .clip_value(5.0)
            .patience(15);
        Self {
            hidden: vec![64],
            code_activation: Some(Activation::Relu),
            batch_norm: true,
            likelihood: Likelihood::NegativeBinomial,
            fit,
            ..Self::new(32)
        }
    }

    /// Takes the settings of ADAGE: so many nodes (50 in the paper, 300 in its successor) with sigmoids, weights that lead both ways, one
    /// tenth of the input silenced, cross-entropy, gradient descent with learning rate 0.01 on its sum over genes, batches of 10, 500
    /// epochs, nothing held out. [`FittedAutoencoder::adage`] then returns an [`Adage`](super::Adage) with its signatures.
    ///
    /// Values are of 0 to 1, as [`ZeroOne`](super::ZeroOne) makes them. Nodes have no order and no sign: another seed gives others.
    ///
    /// Source: Tan et al. 2016, doi:10.1128/mSystems.00025-15.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::Cells, generative::{Autoencoder, Side, ZeroOne}, ndarray::Array2, training::{Fit, Sgd}};
    /// # fn main() -> genolens::Result<()> {
    /// let values = Array2::from_shape_fn((40, 6), |(sample, gene)| ((sample * 5 + gene * 3) % 7) as f32);
    /// let samples = Cells::new(values, (0..40).map(|s| s.to_string()), (0..6).map(|g| format!("PA{g}")))?;
    /// let samples = ZeroOne::of(&samples)?.scale(&samples)?;
    /// // Fewer epochs than the paper has: a rate for the mean over genes, in place of their sum.
    /// let fit = Fit::new().epochs(3).batch(10).optimizer(Sgd::new()).learning_rate(0.06).validation(0.0);
    /// let adage = Autoencoder::adage(2).fit(fit).run(&samples)?.adage()?;
    /// assert_eq!(adage.activities(&samples)?.dimensions(), 2);
    /// assert!(adage.signatures().get(0, Side::Positive)?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn adage(nodes: usize) -> Self {
        let fit = Fit::new()
            .epochs(500)
            .batch(10)
            .optimizer(Sgd::new())
            .validation(0.0);
        Self {
            hidden: Vec::new(),
            code_activation: Some(Activation::Sigmoid),
            noise: Noise::Masking(0.1),
            shares: true,
            tied: true,
            summed_rate: Some(0.01),
            fit,
            ..Self::new(nodes)
        }
    }

    /// Sets the sizes of the layers before the code; behind it the same come in reverse. None makes code and output linear.
    pub fn hidden(mut self, sizes: &[usize]) -> Self {
        self.hidden = sizes.into();
        self
    }

    /// Sets the activation of the hidden layers.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// Sets an activation of the code, such as [`Activation::Sigmoid`].
    pub fn code_activation(mut self, activation: Activation) -> Self {
        self.code_activation = Some(activation);
        self
    }

    /// Standardises the input and what enters every activation over the batch.
    pub fn batch_norm(mut self, norm: bool) -> Self {
        self.batch_norm = norm;
        self
    }

    /// Sets what is done to the input while learning.
    pub fn noise(mut self, noise: Noise) -> Self {
        self.noise = noise;
        self
    }

    /// Pulls the code towards zero: adds this weight times the sum of its absolute values, on average over cells, to what training makes
    /// small; the history shows the rest.
    pub fn sparsity(mut self, weight: f64) -> Self {
        self.sparsity = weight;
        self
    }

    /// Gathers the activity of the code in few units, as SAUCIE does: adds this weight times the entropy of the shares that units have in
    /// all activity. With [`Activation::Relu`] on the code, [`FittedAutoencoder::active_units`] then tells cells apart by which units are
    /// active.
    ///
    /// Source: Amodio et al. 2019, doi:10.1038/s41592-019-0576-7, from the paper; its pull of batches is [`batches`](Self::batches).
    pub fn information_dimension(mut self, weight: f64) -> Self {
        self.information = weight;
        self
    }

    /// Names the column of `obs` that says the batch of a cell, and pulls the codes of batches together, as SAUCIE does: adds
    /// [`alike`](Self::alike) times their maximum mean discrepancy, squared, to what training makes small. Every batch is compared with all
    /// other cells of a mini-batch, or with the [`reference`](Self::reference); the history shows the loss without it, and by that the best
    /// weights are kept.
    ///
    /// Only training reads the column: neither codes nor [`reconstructed`](FittedAutoencoder::reconstructed) cells need it, and what is
    /// reconstructed is what the batches have in common. Cells of a kind that only one batch has are pulled to other kinds: batches
    /// should have the same kinds, in much the same shares.
    ///
    /// The kernel is a sum of Gaussians, whose widths follow the mean squared distance of codes, so that codes cannot give in by becoming
    /// small; the estimate has no bias (Gretton et al. 2012, <https://jmlr.org/papers/v13/gretton12a.html>), and a mini-batch with
    /// fewer than two cells of a batch leaves that batch alone. Source: Amodio et al. 2019, doi:10.1038/s41592-019-0576-7, from the paper;
    /// value and slopes are checked against the formula in numpy.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::Cells, generative::Autoencoder, ndarray::Array2, polars::prelude::Column, training::Fit};
    /// # fn main() -> genolens::Result<()> {
    /// let run = |cell: usize| cell / 30;
    /// let values = Array2::from_shape_fn((60, 6), |(cell, gene)| ((cell + gene) % 5 + 2 * run(cell)) as f32);
    /// let cells = Cells::new(values, (0..60).map(|c| c.to_string()), (0..6).map(|g| g.to_string()))?;
    /// let runs: Vec<&str> = (0..60).map(|cell| ["first", "second"][run(cell)]).collect();
    /// let told = cells.with_obs(Column::new("run".into(), runs))?;
    /// let model = Autoencoder::new(2).batches("run").alike(2.0).fit(Fit::new().epochs(5).batch(20)).run(&told)?;
    /// assert_eq!(model.codes(&cells)?.dimensions(), 2);
    /// # Ok(()) }
    /// ```
    pub fn batches(mut self, column: &str) -> Self {
        self.batches = Some(column.into());
        self
    }

    /// Sets how much the discrepancy of batches weighs; 1 unless told.
    pub fn alike(mut self, weight: f64) -> Self {
        self.alike = Some(weight);
        self
    }

    /// Names the batch to which the others are compared, as SAUCIE has one; without it each is compared with all others.
    pub fn reference(mut self, batch: &str) -> Self {
        self.reference = Some(batch.into());
        self
    }

    /// Sets what values are seen as draws from.
    pub fn likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        self
    }

    /// Sees values as shares of 0 to 1, compared by cross-entropy, in place of a likelihood.
    pub fn shares(mut self, shares: bool) -> Self {
        self.shares = shares;
        self
    }

    /// Lets the weights of the code lead back, too; without hidden layers, batch norm, sparsity, information dimension and batches.
    pub fn tied(mut self, tied: bool) -> Self {
        self.tied = tied;
        self
    }

    /// Sets how the network is trained; the loss follows from the likelihood.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self.summed_rate = None;
        self
    }

    /// Sets the seed of the first weights; batches and noise have that of the fit.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains on cells, shape `(cells, genes)`.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, when values are not finite or, for counts, not whole or a cell has none, when the code is
    /// wider than the genes, when the column of batches is not there, has fewer than two labels or lacks some, and as [`Fit::run`].
    pub fn run(&self, cells: &Cells) -> Result<FittedAutoencoder> {
        self.check(cells)?;
        let genes = cells.shape().1;
        let typical = typical_total(cells, self.likelihood)?;
        let reader = Reader::new(cells, self.likelihood, typical)?;
        let (architecture, coding) = self.architecture(genes);
        let network = architecture.seed(self.seed).build()?;
        let mut fit = self.fit.clone().loss(self.loss(typical));
        if let Some(rate) = self.summed_rate {
            // The loss here is a mean over genes.
            fit = fit.learning_rate(rate * genes as f64);
        }
        let trained = if self.tied {
            let both = self
                .before(Architecture::features(genes))
                .then(User::own(Tied {
                    code: self.code,
                    activation: self.code_activation,
                }));
            let both = both.seed(self.seed).build()?;
            untied(&fit.run_from(&both, &reader)?, &network)?
        } else if let Some(column) = &self.batches {
            let levels = Levels::new("batches", cells.obs(), column)?;
            levels.complete("batches", cells.obs())?;
            let told = self
                .told(network.architecture(), (genes, coding), &levels)?
                .build()?;
            let reader = reader.with_batches(levels.one_hot("batches", cells.obs())?);
            let trained = fit.run_from(&told, &reader)?;
            // What batches are told to has no weights: those of the rest come in the same order.
            let weights = trained.network().tensors().to_vec();
            Trained::new(network.with_tensors(weights), trained.history().clone())
        } else {
            fit.run_from(&network, &reader)?
        };
        let settings = (self.likelihood, typical, self.shares);
        Ok(FittedAutoencoder::new((trained, coding), settings, cells))
    }

    /// Checks that the options make sense, for these cells and beside each other.
    fn check(&self, cells: &Cells) -> Result<()> {
        let (count, genes) = cells.shape();
        if count < 2 || genes < 2 {
            let expected = "at least 2 cells and 2 genes";
            return Err(Error::value("cells", expected, format!("{cells:?}")));
        }
        if self.code == 0 || self.code > genes {
            let expected = format!("1 to {genes}, the number of genes");
            return Err(Error::value("code", expected, self.code));
        }
        for (name, weight) in [
            ("sparsity", self.sparsity),
            ("information_dimension", self.information),
            ("alike", self.alike.unwrap_or_default()),
        ] {
            if !weight.is_finite() || weight < 0.0 {
                return Err(Error::value(name, "at least 0", weight));
            }
        }
        if self.batches.is_none() && (self.alike.is_some() || self.reference.is_some()) {
            let expected = "a column, where `alike` or `reference` is about batches";
            return Err(Error::value("batches", expected, "none"));
        }
        self.noise.check()?;
        let pulled = self.sparsity > 0.0 || self.information > 0.0 || self.batches.is_some();
        if self.tied && (!self.hidden.is_empty() || self.batch_norm || pulled) {
            let expected = "no hidden layers, batch norm, sparsity, information dimension or batches beside it";
            return Err(Error::value("tied", expected, "some"));
        }
        if self.shares && self.likelihood != Likelihood::Gaussian {
            let expected = "none beside shares, which have cross-entropy";
            return Err(Error::value("likelihood", expected, self.likelihood));
        }
        if self.shares {
            return check_shares(cells.values());
        }
        if self.likelihood == Likelihood::Categorical {
            let expected = "Gaussian or one of counts";
            return Err(Error::value("likelihood", expected, self.likelihood));
        }
        Ok(())
    }

    fn loss(&self, typical: f64) -> Loss {
        if self.shares {
            Loss::BinaryCrossEntropy
        } else if self.likelihood.is_of_counts() {
            let loss = Reconstruction::new(self.likelihood).mean(Mean::Sized(typical));
            Loss::Reconstruction(loss)
        } else {
            Loss::SquaredError
        }
    }

    /// Adds what is done to the input.
    fn before(&self, network: Architecture) -> Architecture {
        if self.noise == Noise::None {
            return network;
        }
        network.then(User::new(Corruption(self.noise)))
    }

    /// Describes the network, and how many of its layers make the code.
    fn architecture(&self, genes: usize) -> (Architecture, usize) {
        // Of values that are no counts only means are told.
        let outputs = if self.likelihood.is_of_counts() {
            self.likelihood.parameters() * genes
        } else {
            genes
        };
        let active = |network: Architecture, activation: Activation| {
            let network = if self.batch_norm {
                network.batch_norm()
            } else {
                network
            };
            network.activation(activation)
        };
        let mut network = Architecture::features(genes);
        if self.batch_norm {
            network = network.batch_norm();
        }
        network = self.before(network);
        for &size in &self.hidden {
            network = active(network.dense(size), self.activation);
        }
        network = network.dense(self.code);
        if let Some(activation) = self.code_activation {
            network = active(network, activation);
        }
        let coding = network.layers().len();
        if self.sparsity > 0.0 {
            network = network.then(User::new(Sparsity(self.sparsity)));
        }
        if self.information > 0.0 {
            network = network.then(User::new(Information(self.information)));
        }
        for &size in self.hidden.iter().rev() {
            network = active(network.dense(size), self.activation);
        }
        (network.dense(outputs), coding)
    }

    /// Describes the same network as it learns from `[genes | batches]`, which go around the layers that make the code.
    fn told(
        &self,
        network: &Architecture,
        (genes, coding): (usize, usize),
        levels: &Levels,
    ) -> Result<Architecture> {
        let known = |name: &String| {
            let place = levels.names.iter().position(|known| known == name);
            let expected = || format!("one of: {}", levels.names.join(", "));
            place.ok_or_else(|| Error::value("reference", expected(), format!("`{name}`")))
        };
        let batches = levels.names.len();
        let (coder, decoder) = network.layers().split_at(coding);
        let coder = coder.iter().cloned().fold(
            Chain::new().then(User::new(Select::new(0..genes))),
            Chain::then,
        );
        let around = User::new(Select::new(genes..genes + batches));
        let told = Architecture::features(genes + batches)
            .then(Branches::concatenate().with(coder).with(around.into()))
            .then(User::new(Discrepancy {
                dimensions: self.code,
                batches: self.code..self.code + batches,
                reference: self.reference.as_ref().map(known).transpose()?,
                weight: self.alike.unwrap_or(1.0),
            }))
            .then(User::new(Select::new(0..self.code)));
        let told = decoder.iter().cloned().fold(told, Architecture::then);
        Ok(told.seed(self.seed))
    }
}
