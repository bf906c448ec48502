//! Layers one after the other as one candle operation.
//!
//! candle adds what comes back through an operation to zeros. Where sequences are long that takes about as long as the layer itself;
//! inside one operation gradients are handed on as they are.

use candle_core::op::BackpropOp;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Storage, Tensor, bail};
use std::mem::take;
use std::sync::Arc;

/// The operation of one or a few layers, on the CPU.
pub(crate) struct Found {
    operation: Arc<Box<dyn CustomOp3 + Send + Sync>>,
    weights: [Tensor; 2],
    /// How many layers it computes.
    pub(crate) layers: usize,
    /// How many those are with the layers inside them.
    pub(crate) parts: usize,
}

impl Found {
    pub(crate) fn new(
        operation: impl CustomOp3 + Send + Sync + 'static,
        (first, second): (&Tensor, &Tensor),
        layers: usize,
    ) -> Result<Self> {
        Ok(Self {
            operation: Arc::new(Box::new(operation)),
            weights: [first.contiguous()?, second.contiguous()?],
            layers,
            parts: layers,
        })
    }

    /// Counts the layers inside those that are computed.
    pub(crate) fn containing(self, inside: usize) -> Self {
        Self {
            parts: self.layers + inside,
            ..self
        }
    }

    pub(crate) fn apply(self, x: &Tensor) -> Result<Tensor> {
        let [first, second] = &self.weights;
        x.contiguous()?.apply_op3_arc(first, second, self.operation)
    }
}

/// Operations that have been computed and are not yet one for candle.
#[derive(Default)]
pub(crate) struct Tape {
    steps: Vec<Step>,
}

/// An operation and what it reads.
struct Step {
    x: Tensor,
    found: Found,
}

impl Tape {
    /// Computes an operation; `goes_on` tells whether another will follow.
    pub(crate) fn run(&mut self, found: Found, x: &Tensor, goes_on: bool) -> Result<Tensor> {
        let x = x.contiguous()?;
        let is_tracked = x.track_op() || found.weights.iter().any(Tensor::track_op);
        if !is_tracked || (self.steps.is_empty() && !goes_on) {
            return found.apply(&self.end(&x)?);
        }
        let step = Step { x, found };
        if !goes_on {
            self.steps.push(step);
            return self.joined();
        }
        let (out, shape) = step.forward()?;
        self.steps.push(step);
        // The operations ask whether gradients reach what they read.
        let is_variable = true;
        Ok(Tensor::from_storage(
            Storage::Cpu(out),
            shape,
            BackpropOp::none(),
            is_variable,
        ))
    }

    /// Makes one operation of those that have been computed; `x` is what the last of them gave, or anything if there are none.
    pub(crate) fn end(&mut self, x: &Tensor) -> Result<Tensor> {
        if self.steps.is_empty() {
            return Ok(x.clone());
        }
        self.joined()
    }

    fn joined(&mut self) -> Result<Tensor> {
        let steps = take(&mut self.steps);
        let Some(first) = steps.first() else {
            bail!("no operation to end");
        };
        let x = first.x.clone();
        // candle's operations have few inputs, so all weights are one of them.
        let weights = if steps.iter().any(|step| step.learned().next().is_some()) {
            packed(steps.iter().flat_map(Step::learned))?
        } else {
            Tensor::zeros(1, x.dtype(), x.device())?
        };
        x.apply_op2(&weights, Together(steps))
    }
}

impl Step {
    fn forward(&self) -> Result<(CpuStorage, Shape)> {
        let [first, second] = &self.found.weights;
        let (x, x_layout) = self.x.storage_and_layout();
        let (first, first_layout) = first.storage_and_layout();
        let (second, second_layout) = second.storage_and_layout();
        match (&*x, &*first, &*second) {
            (Storage::Cpu(x), Storage::Cpu(first), Storage::Cpu(second)) => {
                let (x, first) = ((x, x_layout), (first, first_layout));
                let operation = &self.found.operation;
                operation.cpu_fwd(x.0, x.1, first.0, first.1, second, second_layout)
            }
            _ => bail!("expected tensors on the CPU"),
        }
    }

    /// Returns the weights that gradients reach.
    fn learned(&self) -> impl DoubleEndedIterator<Item = &Tensor> {
        let weights = self.found.weights.iter();
        weights.filter(|weight| weight.track_op())
    }
}

struct Together(Vec<Step>);

impl CustomOp2 for Together {
    fn name(&self) -> &'static str {
        "layers"
    }

    /// Computes the last operation, which reads what those before it gave.
    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        match self.0.last() {
            Some(step) => step.forward(),
            None => bail!("no operation"),
        }
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (mut out, mut gradient) = (out.clone(), Some(gradient.clone()));
        // From the last weight to the first.
        let mut for_weights = Vec::new();
        for Step { x, found } in self.0.iter().rev() {
            let Some(returned) = gradient else {
                bail!("no gradient of the input of {}", found.operation.name());
            };
            let [first, second] = &found.weights;
            let (for_x, for_first, for_second) =
                found.operation.bwd(x, first, second, &out, &returned)?;
            for_weights.extend([for_second, for_first].into_iter().flatten());
            (gradient, out) = (for_x, x.clone());
        }
        for_weights.reverse();
        let for_weights = weights.track_op().then(|| packed(for_weights.iter()));
        let for_x = gradient.filter(|_| x.track_op());
        Ok((for_x, for_weights.transpose()?))
    }
}

/// Lays numbers out in one row.
fn packed<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Result<Tensor> {
    let rows = tensors.map(Tensor::flatten_all);
    Tensor::cat(&rows.collect::<Result<Vec<_>>>()?, 0)
}
