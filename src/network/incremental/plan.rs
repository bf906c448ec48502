//! Where in a network what it gives for edits is kept.

use super::sight::is_local;
use super::stage::{Kind, Stage};
use crate::network::Pooling;
use std::ops::Range;

/// Numbers that are kept of all edits at most: 128 MB.
const ROOM: usize = 1 << 25;

/// Layers one after the other, in parts behind which something is kept.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) parts: Vec<Part>,
    /// The first layer behind all parts.
    pub(super) rest: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) stages: Range<usize>,
    pub(super) end: End,
}

/// What is kept behind a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The new numbers of a stretch of positions.
    Stretches,
    /// Their largest numbers, for a pool over the whole sequence, which is this stage.
    Largest(usize),
    /// What a dense layer over all positions, which is this stage, makes of them.
    Product(usize),
}

impl Plan {
    /// Looks for layers before which keeping pays: behind them nothing is seen of most edits, and they are expensive.
    pub(super) fn new(stages: &[Stage], edits: usize) -> Self {
        let local = stages.iter().take_while(|stage| is_local(stage)).count();
        let (mut parts, mut begin, mut room) = (Vec::new(), 0, ROOM);
        for stage in 1..local {
            let numbers = stages[stage - 1].room.saturating_mul(edits);
            if is_expensive(&stages[stage]) && numbers <= room {
                room -= numbers;
                parts.push(Part {
                    stages: begin..stage,
                    end: End::Stretches,
                });
                begin = stage;
            }
        }
        let (end, rest) = match stages.get(local).map(|stage| &stage.kind) {
            Some(Kind::Global(Pooling::Max)) => (Some(End::Largest(local)), local + 1),
            Some(Kind::Flatten) => {
                let behind = stages[local + 1..].iter();
                let next = behind.take_while(|stage| matches!(stage.kind, Kind::Nothing));
                let next = local + 1 + next.count();
                match stages.get(next).map(|stage| &stage.kind) {
                    Some(Kind::Positions(_)) => (Some(End::Product(next)), next + 1),
                    _ => (None, begin),
                }
            }
            _ => (None, begin),
        };
        match end {
            Some(end)
                if stages
                    .get(rest - 1)
                    .is_some_and(|stage| stage.room.saturating_mul(edits) <= room) =>
            {
                parts.push(Part {
                    stages: begin..local,
                    end,
                });
                Self { parts, rest }
            }
            _ => Self { parts, rest: begin },
        }
    }
}

/// Tells whether passing a layer costs much more than keeping what comes.
fn is_expensive(stage: &Stage) -> bool {
    match &stage.kind {
        Kind::Filters(filters) => !filters.is_sparse(),
        Kind::Residual(_) | Kind::Branches(_) | Kind::BothStrands(_) => true,
        _ => false,
    }
}
