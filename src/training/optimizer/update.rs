//! The inner loop of all optimisers.

/// What an optimiser is given for one weight tensor at one step.
pub(crate) struct Step<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) rate: f64,
    /// The weight decay of this tensor.
    pub(super) decay: f64,
    /// What a schedule says in place of the option of the optimiser.
    pub(super) momentum: Option<f64>,
    pub(super) weight: &'a mut [f32],
    pub(super) gradient: Gradient<'a>,
    /// What the optimiser remembers: so many slices, each as long as the weights.
    pub(super) memory: &'a mut [Vec<f32>],
}

/// Slopes, and how they are clipped on the way.
#[derive(Clone, Copy)]
pub(crate) struct Gradient<'a> {
    pub(super) values: &'a [f32],
    pub(super) scale: f32,
    pub(super) most: f32,
}

impl<'a> Gradient<'a> {
    fn split_at(self, middle: usize) -> (Self, Self) {
        let (left, right) = self.values.split_at(middle);
        let part = |values: &'a [f32]| Self { values, ..self };
        (part(left), part(right))
    }
}

/// Numbers that one thread changes.
const BLOCK: usize = 1 << 15;

/// Changes weights and what is remembered of each, in place, every number on its own: the same for any number of threads.
pub(super) fn each<const SLOTS: usize>(
    weight: &mut [f32],
    gradient: Gradient<'_>,
    memory: [&mut [f32]; SLOTS],
    change: impl Fn(f32, f32, [f32; SLOTS]) -> (f32, [f32; SLOTS]) + Copy + Send + Sync,
) {
    let n = weight.len();
    if n > BLOCK {
        let middle = n / 2;
        let (left, right) = weight.split_at_mut(middle);
        let (gradient_left, gradient_right) = gradient.split_at(middle);
        let mut rest: [&mut [f32]; SLOTS] = [(); SLOTS].map(|()| &mut [][..]);
        let mut ends = rest.iter_mut();
        let first = memory.map(|slot| {
            let (first, second) = slot.split_at_mut(middle);
            if let Some(end) = ends.next() {
                *end = second;
            }
            first
        });
        rayon::join(
            || each(left, gradient_left, first, change),
            || each(right, gradient_right, rest, change),
        );
        return;
    }
    let Gradient {
        values,
        scale,
        most,
    } = gradient;
    let values = &values[..n];
    let mut memory = memory.map(|slot| &mut slot[..n]);
    for at in 0..n {
        let slope = (values[at] * scale).clamp(-most, most);
        let mut own = [0.0; SLOTS];
        for (own, slot) in own.iter_mut().zip(&memory) {
            *own = slot[at];
        }
        let (new, own) = change(weight[at], slope, own);
        weight[at] = new;
        for (own, slot) in own.iter().zip(&mut memory) {
            slot[at] = *own;
        }
    }
}
