//! Which positions layers see.

use super::stage::{Kind, Stage};
use std::ops::Range;

/// All positions of any sequence.
const ALL: Range<isize> = isize::MIN / 2..isize::MAX / 2;

/// Returns which positions of the input some positions of the output depend on.
pub(super) fn seen(stages: &[Stage], output: &Range<isize>) -> Range<isize> {
    let step = |range: Range<isize>, stage: &Stage| seen_by(stage, &range);
    stages.iter().rev().fold(output.clone(), step)
}

fn seen_by(stage: &Stage, output: &Range<isize>) -> Range<isize> {
    match &stage.kind {
        Kind::Filters(filters) => filters.seen(output),
        Kind::Pools(pools) => pools.seen(output),
        Kind::Crop(left, _) => {
            let left = *left as isize;
            output.start + left..output.end + left
        }
        Kind::Residual(layer) if layer.is_cropped() => ALL,
        Kind::Residual(_) | Kind::Branches(_) => {
            let chains = stage.inner.iter().map(|chain| seen(chain, output));
            let both = |a: Range<isize>, b: Range<isize>| a.start.min(b.start)..a.end.max(b.end);
            chains.reduce(both).unwrap_or_else(|| output.clone())
        }
        Kind::Activation(_)
        | Kind::Lines(_)
        | Kind::Added(_)
        | Kind::EachPosition
        | Kind::Nothing => output.clone(),
        _ => ALL,
    }
}

/// Tells whether stretches of positions stay stretches behind a layer.
pub(super) fn is_local(stage: &Stage) -> bool {
    let is_here = !matches!(
        stage.kind,
        Kind::Global(_) | Kind::Flatten | Kind::Positions(_) | Kind::Mixed(_) | Kind::Everything
    );
    is_here && stage.inner.iter().flatten().all(is_local)
}
