//! Trees that divide examples by random planes (Dasgupta and Freund 2008, doi:10.1145/1374376.1374452): neighbours often share a leaf.

use super::Points;
use crate::random::Seed;
use rand::RngExt;

/// Examples in a leaf.
const LEAF: usize = 128;

/// Divides all examples into leaves.
pub(super) fn leaves(points: &Points, seed: Seed) -> Vec<Vec<u32>> {
    divided(points, (0..points.len() as u32).collect(), seed)
}

/// Divides by the plane between two examples, moved so that both sides are equally large.
fn divided(points: &Points, mut members: Vec<u32>, seed: Seed) -> Vec<Vec<u32>> {
    if members.len() <= LEAF {
        return vec![members];
    }
    let mut generator = seed.generator();
    let first = generator.random_range(0..members.len());
    let second = (first + generator.random_range(1..members.len())) % members.len();
    let plane = (members[first] as usize, members[second] as usize);
    let sides = points.sides(&members, plane);
    let mut order: Vec<(f32, u32)> = sides.into_iter().zip(members.iter().copied()).collect();
    let middle = order.len() / 2;
    order.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    members.clear();
    let mut near: Vec<u32> = order[..middle].iter().map(|side| side.1).collect();
    let mut far: Vec<u32> = order[middle..].iter().map(|side| side.1).collect();
    // What a selection leaves behind depends on nothing but its input, yet sorted members are read from memory in order.
    near.sort_unstable();
    far.sort_unstable();
    let (mut leaves, others) = rayon::join(
        || divided(points, near, seed.indexed(0)),
        || divided(points, far, seed.indexed(1)),
    );
    leaves.extend(others);
    leaves
}
