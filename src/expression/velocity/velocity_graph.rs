//! Cosines between velocities and the ways to other cells.

use crate::Result;
use crate::embedding::Neighbors;
use crate::progress::Task;
use crate::sparse::Sparse;
use ndarray::Array2;
use rayon::prelude::*;

/// How many cells are done between two looks at whether to stop.
const PIECE: usize = 512;

/// Numbers that are added up side by side.
const LANES: usize = 16;

/// Returns the cosines above and below zero, each shape `(n, n)`, between the velocities `v` and the ways to neighbours and theirs.
///
/// With `roots`, signed square roots of both are taken first.
pub(super) fn cosines(
    (x, v): (&Array2<f32>, &Array2<f32>),
    neighbors: &Neighbors,
    roots: bool,
) -> Result<(Sparse, Sparse)> {
    let (n, genes) = x.dim();
    let near = neighbors.indices();
    let mut directions = v.clone();
    for mut row in directions.rows_mut() {
        if roots {
            row.mapv_inplace(root);
        }
        let mean = row.iter().map(|value| f64::from(*value)).sum::<f64>() / genes as f64;
        row.mapv_inplace(|value| value - mean as f32);
    }
    let positions = x.as_slice().unwrap_or_default();
    let directions = directions.as_slice().unwrap_or_default();
    let of = |rows, cell| part(rows, cell, genes);
    let mut rows = (Vec::with_capacity(n), Vec::with_capacity(n));
    let mut task = Task::new("velocity graph", n.div_ceil(PIECE));
    for first in (0..n).step_by(PIECE) {
        let piece: Vec<(Row, Row)> = (first..n.min(first + PIECE))
            .into_par_iter()
            .map_init(
                || vec![false; n],
                |seen, cell| {
                    let direction = of(directions, cell);
                    let length = direction
                        .iter()
                        .map(|v| f64::from(*v).powi(2))
                        .sum::<f64>()
                        .sqrt();
                    let (mut above, mut below) = (Row::new(), Row::new());
                    if length == 0.0 {
                        return (above, below);
                    }
                    for other in reached(near, cell, seen) {
                        let cosine = cosine(
                            (of(positions, cell), of(positions, other as usize)),
                            (direction, length),
                            roots,
                        );
                        if cosine > 0.0 {
                            above.push((other, cosine.min(1.0)));
                        } else if cosine < 0.0 {
                            below.push((other, cosine.max(-1.0)));
                        }
                    }
                    (above, below)
                },
            )
            .collect();
        for (above, below) in piece {
            rows.0.push(above);
            rows.1.push(below);
        }
        task.step("")?;
    }
    Ok((Sparse::from_rows(n, rows.0)?, Sparse::from_rows(n, rows.1)?))
}

/// Returns the row of a cell.
fn part(rows: &[f32], cell: usize, genes: usize) -> &[f32] {
    &rows[cell * genes..(cell + 1) * genes]
}

type Row = Vec<(u32, f32)>;

/// Returns the neighbours of a cell and theirs in order, without the cell; `seen` is false everywhere before and after.
fn reached(near: &Array2<u32>, cell: usize, seen: &mut [bool]) -> Vec<u32> {
    let mut found = Vec::new();
    seen[cell] = true;
    let direct = near.row(cell);
    let indirect = direct
        .iter()
        .flat_map(|other| near.row(*other as usize).into_iter());
    for &other in direct.iter().chain(indirect) {
        if !std::mem::replace(&mut seen[other as usize], true) {
            found.push(other);
        }
    }
    seen[cell] = false;
    for &other in &found {
        seen[other as usize] = false;
    }
    found.sort_unstable();
    found
}

fn root(value: f32) -> f32 {
    value.abs().sqrt().copysign(value)
}

/// Returns the cosine between the centred way from one cell to another and a direction that is centred.
fn cosine((from, to): (&[f32], &[f32]), (direction, length): (&[f32], f64), roots: bool) -> f32 {
    let sums = if roots {
        sums(from, to, direction, root)
    } else {
        sums(from, to, direction, |way| way)
    };
    let [along, total, squares] = sums;
    let spread = squares - total * total / from.len() as f64;
    let cosine = along / (spread.sqrt() * length);
    if cosine.is_finite() {
        cosine as f32
    } else {
        0.0
    }
}

/// Returns the sums of way times direction, of the way, and of its square.
#[inline]
fn sums(from: &[f32], to: &[f32], direction: &[f32], change: impl Fn(f32) -> f32) -> [f64; 3] {
    let mut lanes = [[0.0_f32; LANES]; 3];
    let pieces = from
        .chunks_exact(LANES)
        .zip(to.chunks_exact(LANES))
        .zip(direction.chunks_exact(LANES));
    for ((from, to), direction) in pieces {
        for lane in 0..LANES {
            let way = change(to[lane] - from[lane]);
            lanes[0][lane] += way * direction[lane];
            lanes[1][lane] += way;
            lanes[2][lane] += way * way;
        }
    }
    let done = from.len() / LANES * LANES;
    for place in done..from.len() {
        let way = change(to[place] - from[place]);
        lanes[0][place - done] += way * direction[place];
        lanes[1][place - done] += way;
        lanes[2][place - done] += way * way;
    }
    lanes.map(|lane| lane.iter().map(|sum| f64::from(*sum)).sum())
}
