//! Which tensor of a file goes where.

use super::assignment::Assignment;
use super::{Loaded, Tensors, WeightReport};
use crate::Result;
use crate::network::{Model as _, Network};

/// Which tensor of a file goes where in a network, and how the file writes weights down.
///
/// Axes are put into our order by themselves: kernels of Keras from `(width, channels, filters)`, dense weights of Keras from `(inputs, outputs)`,
/// axes of one dropped, and where a dense layer reads a sequence laid out in one row, its features from positions x channels, as in Keras,
/// to channels x positions. Anything else has to be said: [`letters`](Self::letters) in another order, [`flipped`](Self::flipped) filters.
///
/// Networks with published weights have a mapping of their own, such as [`Basset::mapping`](crate::network::Basset::mapping).
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Mapping, Tensors};
/// # fn main() -> genolens::Result<()> {
/// let path = std::env::temp_dir().join("genolens_doc_mapping.safetensors");
/// let layers = Architecture::sequences(4).convolution(8, 5).relu().global_max_pool().dense(1);
/// layers.clone().seed(1).build()?.save(&path)?;
/// let tensors = Tensors::read(&path)?;
/// let loaded = layers.build()?.load_tensors(&tensors, &Mapping::in_order().letters("AGCT"))?;
/// println!("{}", loaded.report());
/// assert_eq!(loaded.report().rows()[0].what, "letters to A, C, G, T");
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) rule: Rule,
    pub(super) options: Options,
}

/// Names in a file, each with the name of its weight.
pub(super) type Pairs = Vec<(String, String)>;

#[derive(Clone, Debug)]
pub(super) enum Rule {
    ByName,
    InOrder,
    /// For every part of a network the names that its weights may have.
    Named(Vec<Vec<Pairs>>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) letters: Option<String>,
    pub(super) kernels: Option<String>,
    pub(super) flipped: bool,
    pub(super) strict: bool,
    /// What a count head reads of the controls that are left out.
    pub(super) controls: Option<f64>,
}

impl Mapping {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            options: Options::default(),
        }
    }

    /// Gives every weight the tensor of the same name, as in files that [`Network::save`] wrote.
    pub fn by_name() -> Self {
        Self::new(Rule::ByName)
    }

    /// Gives every weight the next tensor of the file that fits its shape; counters and what fits nowhere are passed over.
    ///
    /// The order of a file is that in which its layers were made. Safetensors forget it; there tensors are taken in the order of their names,
    /// numbers in them counted as numbers, the weight of a layer before its bias. Look at the report.
    pub fn in_order() -> Self {
        Self::new(Rule::InOrder)
    }

    /// Gives tensors to weights by pairs of names, in the file and in the network; every weight needs one.
    ///
    /// What stands before all names in the file, such as `model.` or `model/`, may be left out.
    pub fn pairs(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs
            .iter()
            .map(|(tensor, weight)| (tensor.to_string(), weight.to_string()));
        Self::new(Rule::Named(vec![vec![pairs.collect()]]))
    }

    /// Says in which order the file has letters, if not `ACGT`: those of the kernels that read the input are put in order.
    pub fn letters(mut self, letters: &str) -> Self {
        self.options.letters = Some(letters.into());
        self
    }

    /// Says in which order a kernel has its axes, where its shape may mean more than one: `o` filters, `i` channels, `w` width, `1` an axis of one.
    ///
    /// `oiw`, `oi1w`, `oiw1`, `o1iw` and `o1wi` are those of `PyTorch`, and of Keras with the axes of Theano; `wio`, `1wio`, `w1io`, `iw1o` and
    /// `wi1o` those of Keras. With an axis of one between filters and letters, as in `o1iw`, the letters are rows of a picture.
    pub fn kernels(mut self, order: &str) -> Self {
        self.options.kernels = Some(order.into());
        self
    }

    /// Says that filters slide flipped, as Theano does: they are turned round, and if letters are rows of a picture, their rows, too.
    pub fn flipped(mut self) -> Self {
        self.options.flipped = true;
        self
    }

    /// Refuses a file with tensors that no weight takes; counters of batches may be left over.
    pub fn strict(mut self) -> Self {
        self.options.strict = true;
        self
    }

    /// Takes inputs that the network lacks, behind those that it has, as zero: control tracks. Their weights are left out.
    pub fn zero_controls(self) -> Self {
        self.controls(0.0)
    }

    /// Leaves controls out, of which dense layers would read this number.
    pub(super) fn controls(mut self, value: f64) -> Self {
        self.options.controls = Some(value);
        self
    }

    /// Reports which tensor would go where, without refusing what is missing or does not fit.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense or a kernel could be meant in several ways.
    pub fn check(&self, network: &Network, tensors: &Tensors) -> Result<WeightReport> {
        Ok(Assignment::new(self, network, tensors)?.report)
    }
}

impl Network {
    /// Returns the network with weights from a file, and the report of which tensor went where.
    ///
    /// # Errors
    ///
    /// Fails when a tensor is missing, has the wrong shape or a number that is not finite; the message names the file and the tensor. With
    /// [`Mapping::strict`], also when a tensor is left over. [`Mapping::check`] reports all of these at once.
    pub fn load_tensors(&self, tensors: &Tensors, mapping: &Mapping) -> Result<Loaded> {
        let assignment = Assignment::new(mapping, self, tensors)?;
        if let Some(problem) = assignment.problem {
            return Err(problem);
        }
        let weights = assignment.weights.into_iter().flatten();
        let weights = weights.zip(self.tensors());
        let weights = weights.map(|(tensor, own)| {
            Ok(tensor
                .to_dtype(own.dtype())?
                .contiguous()?
                .to_device(self.device())?)
        });
        Ok(Loaded {
            network: self.with_tensors(weights.collect::<Result<_>>()?),
            report: assignment.report,
        })
    }
}
