//! How points are moved until their neighbourhoods on the map resemble those of the examples.

use super::tree::{LANES, Lanes, Push, Tree};
use crate::progress::Task;
use crate::sparse::Sparse;
use crate::{Error, Result};
use rayon::prelude::*;

/// Points that one thread moves before it takes others.
const CHUNK: usize = 16 * LANES;

/// By how much the step of a coordinate grows when it turned back, shrinks when it did not, and how small it gets (Jacobs 1988,
/// doi:10.1016/0893-6080(88)90003-2).
const GROW: f64 = 0.2;
const SHRINK: f64 = 0.8;
const SMALLEST: f64 = 0.01;

/// What moves points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Descent {
    pub(super) iterations: usize,
    /// So many of them, first, pull stronger by a factor.
    pub(super) early: (usize, f64),
    pub(super) learning_rate: f64,
    pub(super) theta: f64,
}

/// Forces on one point.
#[derive(Clone, Copy)]
struct Forces<const D: usize> {
    pull: [f64; D],
    push: [f64; D],
    sum: f64,
}

impl Descent {
    /// Moves points from where they are to where they belong by a symmetric graph of joint probabilities.
    pub(super) fn run<const D: usize>(
        &self,
        graph: &Sparse,
        mut places: Vec<[f64; D]>,
    ) -> Result<Vec<[f64; D]>> {
        let n = places.len();
        let mut tree = Tree::new(n);
        let mut forces = Vec::new();
        let (mut steps, mut gains) = (vec![[0.0; D]; n], vec![[1.0; D]; n]);
        let mut task = Task::new("t-SNE", self.iterations);
        for iteration in 0..self.iterations {
            let is_early = iteration < self.early.0;
            if iteration == self.early.0 {
                steps.fill([0.0; D]);
                gains.fill([1.0; D]);
            }
            let (factor, momentum) = if is_early {
                (self.early.1, 0.5)
            } else {
                (1.0, 0.8)
            };
            tree.build(&places, self.theta);
            let sum = all_forces(&tree, (graph, &places), &mut forces);
            for (&point, forces) in tree.order.iter().zip(&forces) {
                let point = point as usize;
                let gradient = gradient(forces, (factor, sum));
                let (step, gain) = (&mut steps[point], &mut gains[point]);
                for d in 0..D {
                    gain[d] = if step[d] * gradient[d] < 0.0 {
                        gain[d] + GROW
                    } else {
                        (gain[d] * SHRINK).max(SMALLEST)
                    };
                    step[d] = momentum * step[d] - self.learning_rate * gain[d] * gradient[d];
                    places[point][d] += step[d];
                }
            }
            if !sum.is_finite() {
                return Err(Error::Diverged {
                    what: "t-SNE".into(),
                    detail: format!("places are not finite after {} iterations", iteration + 1),
                });
            }
            task.step("")?;
        }
        Ok(places)
    }

    /// The Kullback-Leibler divergence of what is near on the map from what is near in truth, in nats.
    pub(super) fn divergence<const D: usize>(&self, graph: &Sparse, places: &[[f64; D]]) -> f64 {
        let mut tree = Tree::new(places.len());
        tree.build(places, self.theta);
        let mut forces = Vec::new();
        let sum = all_forces(&tree, (graph, places), &mut forces);
        let of_point = |point: usize| -> f64 {
            let (others, weights) = graph.row(point);
            let edges = others.iter().zip(weights);
            edges
                .map(|(&other, &weight)| {
                    let square = square_apart(&places[point], &places[other as usize]);
                    let weight = f64::from(weight);
                    weight * (weight * (1.0 + square) * sum).ln()
                })
                .sum()
        };
        let parts: Vec<f64> = (0..places.len()).into_par_iter().map(of_point).collect();
        parts.iter().sum()
    }
}

/// Computes the forces on all points, in the order of the tree; returns the sum of `1 / (1 + distance²)` over all pairs.
fn all_forces<const D: usize>(
    tree: &Tree<D>,
    (graph, places): (&Sparse, &[[f64; D]]),
    out: &mut Vec<Forces<D>>,
) -> f64 {
    let nothing = Forces {
        pull: [0.0; D],
        push: [0.0; D],
        sum: 0.0,
    };
    out.resize(places.len(), nothing);
    out.par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, out)| {
            for (group, out) in out.chunks_mut(LANES).enumerate() {
                let first = chunk * CHUNK + group * LANES;
                let own = &tree.places[first..first + out.len()];
                let lanes: [Lanes; D] = std::array::from_fn(|d| {
                    std::array::from_fn(|lane| own.get(lane).unwrap_or(&own[0])[d])
                });
                let Push { force, sum } = tree.push(&lanes);
                for (lane, out) in out.iter_mut().enumerate() {
                    out.pull = pull((graph, places), tree.order[first + lane] as usize);
                    out.push = std::array::from_fn(|d| force[d][lane]);
                    // The point itself does not count.
                    out.sum = sum[lane] - 1.0;
                }
            }
        });
    out.iter().map(|forces| forces.sum).sum()
}

fn gradient<const D: usize>(forces: &Forces<D>, (factor, sum): (f64, f64)) -> [f64; D] {
    std::array::from_fn(|d| 4.0 * (factor * forces.pull[d] - forces.push[d] / sum))
}

/// `Σ p q (own - other)` along the edges of a point.
fn pull<const D: usize>((graph, places): (&Sparse, &[[f64; D]]), point: usize) -> [f64; D] {
    let own = places[point];
    let (others, weights) = graph.row(point);
    let mut sums = [[0.0; LANES]; D];
    for (others, weights) in others.chunks(LANES).zip(weights.chunks(LANES)) {
        let (mut apart, mut strength) = ([[0.0; LANES]; D], [0.0; LANES]);
        for (lane, (&other, &weight)) in others.iter().zip(weights).enumerate() {
            strength[lane] = f64::from(weight);
            for d in 0..D {
                apart[d][lane] = own[d] - places[other as usize][d];
            }
        }
        let mut square = [1.0; LANES];
        for apart in &apart {
            for lane in 0..LANES {
                square[lane] += apart[lane] * apart[lane];
            }
        }
        for lane in 0..LANES {
            let strength = strength[lane] / square[lane];
            for d in 0..D {
                sums[d][lane] += strength * apart[d][lane];
            }
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

fn square_apart<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    (0..D).map(|d| (a[d] - b[d]) * (a[d] - b[d])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use rand::RngExt;

    /// A map with groups, two points in one place, and a graph.
    fn map<const D: usize>(n: usize) -> Result<(Vec<[f64; D]>, Sparse)> {
        let mut random = Seed::new(3).generator();
        let mut places: Vec<[f64; D]> = (0..n)
            .map(|i| std::array::from_fn(|_| (i % 5) as f64 * 9.0 + random.random_range(-3.0..3.0)))
            .collect();
        places[1] = places[0];
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n];
        for i in 0..n {
            for step in 1..=5 {
                let j = (i + step * step) % n;
                let weight = random.random_range(0.1..1.0) / (10 * n) as f32;
                rows[i].push((j as u32, weight));
                rows[j].push((i as u32, weight));
            }
        }
        for row in &mut rows {
            row.sort_by_key(|entry| entry.0);
            row.dedup_by_key(|entry| entry.0);
        }
        Ok((places, Sparse::from_rows(n, rows)?))
    }

    fn gradients<const D: usize>(places: &[[f64; D]], graph: &Sparse, theta: f64) -> Vec<[f64; D]> {
        let mut tree = Tree::new(places.len());
        tree.build(places, theta);
        let mut forces = Vec::new();
        let sum = all_forces(&tree, (graph, places), &mut forces);
        let mut out = vec![[0.0; D]; places.len()];
        for (&point, forces) in tree.order.iter().zip(&forces) {
            out[point as usize] = gradient(forces, (12.0, sum));
        }
        out
    }

    /// The gradient by its definition, over all pairs.
    fn exact<const D: usize>(places: &[[f64; D]], graph: &Sparse) -> Vec<[f64; D]> {
        let n = places.len();
        let near = |i: usize, j: usize| 1.0 / (1.0 + square_apart(&places[i], &places[j]));
        let pairs = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
        let sum: f64 = pairs.filter(|(i, j)| i != j).map(|(i, j)| near(i, j)).sum();
        let mut out = vec![[0.0; D]; n];
        for (i, out) in out.iter_mut().enumerate() {
            for j in (0..n).filter(|j| *j != i) {
                let p = 12.0 * f64::from(graph.get(i, j));
                let factor = 4.0 * (p - near(i, j) / sum) * near(i, j);
                for d in 0..D {
                    out[d] += factor * (places[i][d] - places[j][d]);
                }
            }
        }
        out
    }

    fn error<const D: usize>(found: &[[f64; D]], exact: &[[f64; D]]) -> f64 {
        let square = |pairs: &mut dyn Iterator<Item = f64>| pairs.map(|x| x * x).sum::<f64>();
        let both = found.as_flattened().iter().zip(exact.as_flattened());
        let off = square(&mut both.map(|(a, b)| a - b));
        (off / square(&mut exact.as_flattened().iter().copied())).sqrt()
    }

    fn check<const D: usize>(n: usize) -> Result<()> {
        let (places, graph) = map::<D>(n)?;
        let exact = exact(&places, &graph);
        let whole = error(&gradients(&places, &graph, 0.0), &exact);
        assert!(whole < 1e-12, "{whole}");
        let near = error(&gradients(&places, &graph, 0.5), &exact);
        assert!(near > 0.0 && near < 0.01, "{near}");
        let far = error(&gradients(&places, &graph, 1.0), &exact);
        assert!(far > near && far < 0.05, "{far}");
        Ok(())
    }

    #[test]
    fn gradients_are_those_over_all_pairs() -> Result<()> {
        check::<1>(203)?;
        check::<2>(907)?;
        check::<3>(601)
    }
}
