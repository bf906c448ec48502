//! Variational autoencoders of expression.

use super::classifier::Classifier;
use super::clusters::Clusters;
use super::draw::Draw;
use super::library::{LogRates, LogSize, Prior, Standardised};
use super::neighbourhoods::Neighbourhoods;
use super::per_gene::PerGene;
use super::plan::Plan;
use super::variance::Variance;
use super::{Dispersion, FittedVae};
use crate::embedding::KMeans;
use crate::expression::Cells;
use crate::generative::covariates::Levels;
use crate::generative::discrepancy::Discrepancy;
use crate::generative::reader::{checked_totals, typical_total};
use crate::generative::select::Select;
use crate::network::{Architecture, BatchNorm, Branches, Chain, Model, User};
use crate::random::Seed;
use crate::training::{Adam, Fit, History, Likelihood, Loss, Reconstruction, Trained};
use crate::{Error, Result};
use candle_core::Tensor;
use std::path::Path;

/// Learns positions of cells from their counts, with the defaults of [`Vae::scvi`].
///
/// # Errors
///
/// As [`Vae::run`].
pub fn vae(cells: &Cells) -> Result<FittedVae> {
    Vae::scvi().run(cells)
}

/// A variational autoencoder: every cell gets a position with an uncertainty, from which a decoder says how likely its values are.
///
/// Training makes the evidence lower bound (ELBO) large: how well drawn positions explain the values, less `beta` times how far
/// positions are from the standard normal. Counts are read as `log1p`; the decoder says shares of genes (a softmax), which times the
/// total of the cell are the means of its counts. Sparse values stay sparse: only a mini-batch is dense at a time.
///
/// The total of a cell is that of its counts as they are. A ZINB that loses counts to dropout then draws fewer in all, as in scVI, unless
/// the total is [learned](Self::learned_library), too; where few zeros are lost, [`Likelihood::NegativeBinomial`] is the better choice.
///
/// | option | makes it |
/// |---|---|
/// | [`beta`](Self::beta) below or above 1 | a beta-VAE: truer counts, or simpler positions |
/// | [`batches`](Self::batches), [`alike`](Self::alike) | free of batches: the decoder is told them, and they are made to lie alike (SAUCIE) |
/// | [`linear`](Self::linear) | LDVAE: every dimension has loadings of genes |
/// | `Vae::new(2)` and [`tsne`](Self::tsne) | a map, as scvis |
/// | [`labels`](Self::labels) | semi-supervised: a classifier on positions, cells without a label allowed |
/// | [`clusters`](Self::clusters) | clustering as DESC: positions gather around centres |
///
/// Defaults: one hidden layer of 128 units with batch norm and rectifier on either side, dropout 0.1 in the encoder, ZINB counts with one
/// inverse dispersion for each gene, beta 1 after a warm-up over the first 3 tenths of the training, Adam with learning rate 0.001,
/// batches of 128, `8,000,000 / cells` epochs and at most 400, one tenth of the cells held out, the best weights kept.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::Array2;
/// use genolens::{expression::Cells, generative::Vae, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// let counts = Array2::from_shape_fn((80, 6), |(cell, gene)| ((cell + gene) % 5) as f32);
/// let cells = Cells::new(counts, (0..80).map(|c| c.to_string()), (0..6).map(|g| g.to_string()))?;
/// let model = Vae::new(2).hidden(&[16]).fit(Fit::new().epochs(5).batch(32)).run(&cells)?;
/// assert_eq!(model.latent(&cells)?.dimensions(), 2);
/// println!("{}", model.evidence(&cells)?);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Kingma and Welling 2014, <https://arxiv.org/abs/1312.6114>; Lopez et al. 2018 (scVI), doi:10.1038/s41592-018-0229-2; Higgins et al. 2017
/// (beta), <https://openreview.net/forum?id=Sy2fzU9gl>; Ding et al. 2018 (scvis), doi:10.1038/s41467-018-04368-5; Svensson et al. 2020
/// (LDVAE), doi:10.1093/bioinformatics/btaa169. Decoder, losses and their parts, also of learned library sizes, are checked against
/// scvi-tools 1.4.2 with the same weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Vae {
    dimensions: usize,
    encoder: Vec<usize>,
    decoder: Option<Vec<usize>>,
    dropout: f64,
    norm: Option<BatchNorm>,
    likelihood: Likelihood,
    dispersion: Dispersion,
    beta: f64,
    warm_up: f64,
    batches: Option<String>,
    learned_library: bool,
    tsne: f64,
    perplexity: f64,
    alike: f64,
    labels: Option<String>,
    label_weight: f64,
    clusters: usize,
    cluster_weight: f64,
    fit: Option<Fit>,
    seed: Seed,
}

impl Vae {
    /// Asks for positions of so many dimensions.
    pub fn new(dimensions: usize) -> Self {
        Self {
            dimensions,
            encoder: vec![128],
            decoder: None,
            dropout: 0.1,
            norm: Some(BatchNorm::new().epsilon(1e-3)),
            likelihood: Likelihood::Zinb,
            dispersion: Dispersion::Gene,
            beta: 1.0,
            warm_up: 0.3,
            batches: None,
            learned_library: false,
            tsne: 0.0,
            perplexity: 10.0,
            alike: 0.0,
            labels: None,
            label_weight: 50.0,
            clusters: 0,
            cluster_weight: 1.0,
            fit: None,
            seed: Seed::default(),
        }
    }

    /// Takes the settings of scVI (scvi-tools 1.4): 10 dimensions, ZINB, running moments of the batch norm that move by 0.01, Adam with
    /// epsilon 0.01 and weight decay 1e-6.
    ///
    /// Two details differ: the warm-up is a share of the training, so that it ends for any number of cells (there it takes 400 epochs,
    /// which more than 20,000 cells never reach), and the best epoch is kept.
    pub fn scvi() -> Self {
        Self {
            norm: Some(BatchNorm::new().epsilon(1e-3).momentum(0.01)),
            ..Self::new(10)
        }
    }

    /// Sets the number of dimensions, such as that of a preset.
    pub fn dimensions(mut self, dimensions: usize) -> Self {
        self.dimensions = dimensions;
        self
    }

    /// Sets the sizes of the hidden layers of the encoder; the decoder has the same in reverse.
    pub fn hidden(mut self, sizes: &[usize]) -> Self {
        self.encoder = sizes.into();
        self
    }

    /// Sets the sizes of the hidden layers of the decoder.
    pub fn decoder(mut self, sizes: &[usize]) -> Self {
        self.decoder = Some(sizes.into());
        self
    }

    /// Makes the decoder linear: scores of genes are a weighted sum over the dimensions, [`FittedVae::loadings`].
    pub fn linear(self) -> Self {
        self.decoder(&[])
    }

    /// Sets how often a hidden unit of the encoder is silenced while training, 0 to below 1.
    pub fn dropout(mut self, rate: f64) -> Self {
        self.dropout = rate;
        self
    }

    /// Standardises what enters every rectifier over the batch, or leaves it.
    pub fn batch_norm(mut self, norm: bool) -> Self {
        self.norm = norm.then(|| self.norm.unwrap_or_default());
        self
    }

    /// Sets what values are seen as draws from.
    pub fn likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        self
    }

    /// Sets what the inverse dispersion depends on, for Gaussian values the standard deviation.
    pub fn dispersion(mut self, dispersion: Dispersion) -> Self {
        self.dispersion = dispersion;
        self
    }

    /// Sets how much the divergence of positions from the standard normal weighs; with 1 training follows the ELBO.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    /// Sets over which share of the training that weight rises from 0.
    pub fn warm_up(mut self, share: f64) -> Self {
        self.warm_up = share;
        self
    }

    /// Names the column that says the batch of every cell; every layer of the decoder is told it, so that positions need not say it.
    pub fn batches(mut self, column: &str) -> Self {
        self.batches = Some(column.into());
        self
    }

    /// Learns the library size of a cell as one more number that is drawn, in place of the total that was counted: an encoder of its own
    /// reads the counts, and the prior is log-normal with the moments of the totals of the batch (scVI with observed sizes switched off).
    ///
    /// A total that was counted is what dropout left: where ZINB models lose many counts, their means are too low without this. The
    /// divergence of the size from its prior weighs like that of positions, with `beta` and the warm-up.
    pub fn learned_library(mut self, learned: bool) -> Self {
        self.learned_library = learned;
        self
    }

    /// Also lets positions keep the neighbours that cells have by what the encoder reads, as scvis does: this weight times the cost of
    /// t-SNE among the cells of a batch of training, in nats a cell. scvis takes the number of genes.
    pub fn tsne(mut self, weight: f64) -> Self {
        self.tsne = weight;
        self
    }

    /// Sets how many neighbours count there, roughly; 10 unless told, as in scvis.
    pub fn perplexity(mut self, perplexity: f64) -> Self {
        self.perplexity = perplexity;
        self
    }

    /// Also pulls the positions of batches together: this weight times their maximum mean discrepancy, squared.
    pub fn alike(mut self, weight: f64) -> Self {
        self.alike = weight;
        self
    }

    /// Names the column that says the kind of a cell, null where it is unknown; a classifier learns to tell it from positions.
    pub fn labels(mut self, column: &str) -> Self {
        self.labels = Some(column.into());
        self
    }

    /// Sets how much the cross-entropy of labels weighs; 50 unless told, as in scANVI.
    pub fn label_weight(mut self, weight: f64) -> Self {
        self.label_weight = weight;
        self
    }

    /// Lets positions gather around so many centres, in a second training that begins with k-means on the positions of the first.
    pub fn clusters(mut self, count: usize) -> Self {
        self.clusters = count;
        self
    }

    /// Sets how much gathering weighs; 1 unless told.
    pub fn cluster_weight(mut self, weight: f64) -> Self {
        self.cluster_weight = weight;
        self
    }

    /// Sets how the network is trained; the loss follows from the other options.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = Some(fit);
        self
    }

    /// Sets the seed of the first weights; batches, dropout and draws have that of the fit.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains on cells, shape `(cells, genes)`.
    ///
    /// The history shows the negative ELBO (with `beta`), not what labels, batches, clusters and neighbours add to it.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, when values are not finite or, for counts, not whole or a cell has none, when there are
    /// more dimensions than genes, when a column is not there, has fewer than two labels or, for batches, lacks some, and as [`Fit::run`].
    pub fn run(&self, cells: &Cells) -> Result<FittedVae> {
        let (count, _) = cells.shape();
        let plan = self.plan(cells)?;
        let source = plan.read_labelled(cells)?;
        let network = self.architecture(&plan, 0.0)?.build()?;
        let epochs = (8_000_000 / count).clamp(1, 400);
        let fit = self.fit.clone().unwrap_or_else(|| {
            let adam = Adam::new().epsilon(0.01).weight_decay(1e-6);
            let fit = Fit::new().epochs(epochs).batch(128).optimizer(adam);
            fit.learning_rate(1e-3).patience(45)
        });
        let fit = fit.loss(Loss::Reconstruction(self.loss(&plan)));
        let trained = fit.run_from(&network, &source)?;
        if self.clusters == 0 {
            return FittedVae::new(trained, plan);
        }
        let first = FittedVae::new(trained, plan.clone())?;
        let found = KMeans::new(self.clusters)
            .seed(self.seed.named("clusters"))
            .run(&first.latent(cells)?)?;
        let centres = found.centres();
        let shape = (self.clusters, self.dimensions);
        let centres: Vec<f32> = centres.iter().map(|&v| v as f32).collect();
        let centres = Tensor::from_vec(centres, shape, first.network().device())?;
        let network = self.architecture(&plan, self.cluster_weight)?.build()?;
        let mut weights = first.network().tensors().to_vec();
        let names = network.weight_names();
        for (weight, name) in weights.iter_mut().zip(names) {
            if name.ends_with(".clusters.centres") {
                *weight = centres.clone();
            }
        }
        let trained = fit.run_from(&network.with_tensors(weights), &source)?;
        FittedVae::new(trained, plan)
    }

    /// Reads weights that [`FittedVae::save`] wrote into a model with these options, for cells as it was trained on: with the same genes,
    /// the same labels of batches and kinds and, where library sizes are learned, the same totals.
    ///
    /// # Errors
    ///
    /// Fails as [`run`](Self::run) for options and cells, and as [`Network::load`](crate::network::Network::load) for the file.
    pub fn load(&self, path: impl AsRef<Path>, cells: &Cells) -> Result<FittedVae> {
        let plan = self.plan(cells)?;
        let weight = self.cluster_weight;
        let network = self.architecture(&plan, weight)?.build()?.load(path)?;
        FittedVae::new(Trained::new(network, History::default()), plan)
    }

    fn plan(&self, cells: &Cells) -> Result<Plan> {
        if self.likelihood == Likelihood::Categorical {
            let expected = "Gaussian or one of counts";
            return Err(Error::value("likelihood", expected, self.likelihood));
        }
        let (count, genes) = cells.shape();
        if count < 2 || genes < 2 {
            let expected = "at least 2 cells and 2 genes";
            return Err(Error::value("cells", expected, format!("{cells:?}")));
        }
        if self.dimensions == 0 || self.dimensions > genes {
            let expected = format!("1 to {genes}, the number of genes");
            return Err(Error::value("dimensions", expected, self.dimensions));
        }
        for (name, weight) in [
            ("alike", self.alike),
            ("tsne", self.tsne),
            ("label_weight", self.label_weight),
            ("cluster_weight", self.cluster_weight),
        ] {
            if !weight.is_finite() || weight < 0.0 {
                return Err(Error::value(name, "at least 0", weight));
            }
        }
        if !self.perplexity.is_finite() || self.perplexity <= 1.0 {
            return Err(Error::value("perplexity", "above 1", self.perplexity));
        }
        let lacks = self.batches.is_none();
        if lacks && (self.alike > 0.0 || self.dispersion == Dispersion::GeneBatch) {
            let expected = "a column, where `alike` or the dispersion is about batches";
            return Err(Error::value("batches", expected, "none"));
        }
        if self.clusters == 1 || self.clusters > count {
            let expected = format!("0, or 2 to {count}, the number of cells");
            return Err(Error::value("clusters", expected, self.clusters));
        }
        let levels = |what: &str, column: &Option<String>| match column {
            Some(column) => Levels::new(what, cells.obs(), column).map(Some),
            None => Ok(None),
        };
        let batches = levels("batches", &self.batches)?;
        Ok(Plan {
            genes: cells.genes().into(),
            dimensions: self.dimensions,
            likelihood: self.likelihood,
            library: self.prior(cells, batches.as_ref())?,
            batches,
            labels: levels("labels", &self.labels)?,
            linear: self.decoding_sizes().is_empty(),
            typical: typical_total(cells, self.likelihood)?,
        })
    }

    fn loss(&self, plan: &Plan) -> Reconstruction {
        Reconstruction::new(self.likelihood)
            .mean(plan.mean())
            .latent(plan.drawn(), self.beta)
            .warm_up(self.warm_up)
    }

    /// Looks at the totals of cells, where library sizes are learned.
    fn prior(&self, cells: &Cells, batches: Option<&Levels>) -> Result<Option<Prior>> {
        if !self.learned_library {
            return Ok(None);
        }
        if !self.likelihood.is_of_counts() {
            let expected = "one of counts, where library sizes are learned";
            return Err(Error::value("likelihood", expected, self.likelihood));
        }
        let totals = checked_totals(cells, self.likelihood)?;
        let (places, count) = match batches {
            Some(levels) => (levels.complete("batches", cells.obs())?, levels.names.len()),
            None => (vec![0; totals.len()], 1),
        };
        Prior::new(&totals, &places, count).map(Some)
    }

    /// Adds a hidden layer.
    fn layer(&self, chain: Chain, size: usize, dropout: f64) -> Chain {
        let mut chain = chain.dense(size);
        if let Some(norm) = self.norm {
            chain = chain.then(norm);
        }
        chain = chain.relu();
        if dropout > 0.0 {
            chain = chain.dropout(dropout);
        }
        chain
    }

    /// Describes the network: an encoder, a draw, pulls, and a decoder beside which the moments of the position are handed on.
    fn architecture(&self, plan: &Plan, cluster_weight: f64) -> Result<Architecture> {
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(Error::value("dropout", "0 to below 1", self.dropout));
        }
        let (genes, dimensions) = (plan.genes.len(), self.dimensions);
        let (batches, labels) = plan.levels();
        let more = batches + labels;
        let encoder = |sizes: &[usize], outputs: usize| {
            let mut chain = Chain::new();
            if more > 0 {
                chain = chain.then(User::new(Select::new(0..genes)));
            }
            for &size in sizes {
                chain = self.layer(chain, size, self.dropout);
            }
            let variance = Chain::new().dense(outputs).then(User::new(Variance));
            let mean = Chain::new().dense(outputs);
            chain.then(Branches::concatenate().with(mean).with(variance))
        };
        let mut places = encoder(&self.encoder, dimensions);
        if self.tsne > 0.0 {
            let read = User::new(Select::new(0..genes));
            let both = Branches::concatenate().with(places).with(read.into());
            let kept = Neighbourhoods {
                dimensions,
                perplexity: self.perplexity,
                weight: self.tsne,
            };
            places = Chain::new().then(both).then(User::new(kept));
        }
        let mut both = Branches::concatenate().with(places);
        if plan.library.is_some() {
            let first = self.encoder.len().min(1);
            both = both.with(encoder(&self.encoder[..first], 1));
        }
        if more > 0 {
            both = both.with(User::new(Select::new(genes..genes + more)).into());
        }
        let mut network = Architecture::features(genes + more).then(both);
        if let Some(prior) = &plan.library {
            let prior = prior.clone();
            network = network.then(User::new(Standardised { dimensions, prior }));
        }
        network = network.then(User::new(Draw(plan.drawn())));
        if self.alike > 0.0 {
            network = network.then(User::new(Discrepancy {
                dimensions,
                batches: plan.batch_places(),
                reference: None,
                weight: self.alike,
            }));
        }
        if labels > 0 {
            network = network.then(User::new(Classifier {
                dimensions,
                labels: plan.label_places(),
                weight: self.label_weight,
            }));
        }
        if self.clusters > 0 {
            network = network.then(User::new(Clusters {
                dimensions,
                means: plan.drawn(),
                count: self.clusters,
                weight: cluster_weight,
            }));
        }
        let moments = User::new(Select::new(plan.drawn()..3 * plan.drawn()));
        let mut decoding = self.decoding(plan);
        if let Some(prior) = &plan.library {
            let size = LogSize {
                places: (dimensions, plan.batch_places().start),
                prior: prior.clone(),
            };
            let size = Chain::new().then(User::new(size));
            let both = Branches::concatenate().with(decoding).with(size);
            decoding = Chain::new().then(both).then(User::new(LogRates(genes)));
        }
        let both = Branches::concatenate().with(decoding).with(moments.into());
        Ok(network.then(both).seed(self.seed))
    }

    /// The sizes of the hidden layers of the decoder.
    fn decoding_sizes(&self) -> Vec<usize> {
        let reversed = || self.encoder.iter().rev().copied().collect();
        self.decoder.clone().unwrap_or_else(reversed)
    }

    /// Describes the decoder.
    fn decoding(&self, plan: &Plan) -> Chain {
        let (genes, batches) = (plan.genes.len(), plan.levels().0);
        let batch = || Chain::new().then(User::new(Select::new(plan.batch_places())));
        let mut places = Select::new(0..self.dimensions);
        if batches > 0 {
            places = places.and(plan.batch_places());
        }
        let mut hidden = Chain::new().then(User::new(places));
        let mut width = self.dimensions + batches;
        for (at, size) in self.decoding_sizes().into_iter().enumerate() {
            if at > 0 && batches > 0 {
                let both = Branches::concatenate().with(hidden).with(batch());
                hidden = Chain::new().then(both);
            }
            hidden = self.layer(hidden, size, 0.0);
            width = size;
        }
        let by_batch = self.dispersion == Dispersion::GeneBatch;
        let begin = move |chain: Chain| {
            if by_batch {
                chain.then(User::new(Select::new(0..width)))
            } else {
                chain
            }
        };
        if by_batch {
            let both = Branches::concatenate().with(hidden).with(batch());
            hidden = Chain::new().then(both);
        }
        let mut heads = Branches::concatenate().with(begin(Chain::new()).dense(genes));
        if self.likelihood.parameters() > 1 {
            heads = heads.with(match self.dispersion {
                Dispersion::Gene => Chain::new().then(User::new(PerGene(genes))),
                Dispersion::GeneBatch => Chain::new()
                    .then(User::new(Select::new(width..width + batches)))
                    .dense(genes),
                Dispersion::GeneCell => Chain::new().dense(genes),
            });
        }
        if self.likelihood == Likelihood::Zinb {
            heads = heads.with(begin(Chain::new()).dense(genes));
        }
        hidden.then(heads)
    }
}
