//! The smoothest functions on a graph as coordinates (Belkin and Niyogi 2003, doi:10.1162/089976603321780317).

use crate::embedding::Pca;
use crate::embedding::eigen::Largest;
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Input, Result};
use ndarray::{Array1, Array2, Axis, s};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// Half the width of the square in which points are spread.
const HALF: f64 = 10.0;

/// As umap-learn asks for.
const TOLERANCE: f64 = 1e-4;

/// Spreads points without regard to anything.
pub(super) fn random(n: usize, dimensions: usize, seed: Seed) -> Array2<f64> {
    let mut generator = seed.named("start").generator();
    Array2::from_shape_simple_fn((n, dimensions), || generator.random_range(-HALF..HALF))
}

/// Fits coordinates into the square and moves each a little, so that no two points are in one place.
pub(super) fn jittered(mut places: Array2<f64>, seed: Seed) -> Array2<f64> {
    const LITTLE: f64 = 1e-4;
    fit(&mut places, HALF);
    let mut generator = seed.named("jitter").generator();
    for value in &mut places {
        let noise: f64 = StandardNormal.sample(&mut generator);
        *value += LITTLE * noise;
    }
    places
}

fn fit(places: &mut Array2<f64>, half: f64) {
    let largest = places.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    if largest > 0.0 {
        *places *= half / largest;
    }
}

/// Lays out a symmetric graph, its parts that are not connected beside each other.
///
/// Few parts go where umap-learn puts them. Many parts go where their means are, as far as examples are known.
pub(super) fn spectral(
    (graph, x): (&Sparse, Option<&dyn Input>),
    dimensions: usize,
    seed: Seed,
) -> Result<Array2<f64>> {
    let parts = parts(graph);
    if let [_] = &parts[..] {
        return eigenvectors(graph, dimensions, seed);
    }
    let centres = match x {
        Some(x) if parts.len() > 2 * dimensions => of_means(x, &parts, dimensions)?,
        _ => centres(parts.len(), dimensions),
    };
    let mut places = Array2::zeros((graph.nrows(), dimensions));
    for (index, members) in parts.iter().enumerate() {
        let centre = centres.row(index);
        let apart = centres.axis_iter(Axis(0)).enumerate();
        let apart = apart.filter(|(other, _)| *other != index);
        let apart = apart.map(|(_, other)| (&other - &centre).mapv(|d| d * d).sum());
        // Parts whose means look alike from here lie over each other at first.
        let least = 0.5 / (parts.len() as f64).sqrt();
        let room = (apart.fold(f64::INFINITY, f64::min).sqrt() / 2.0).max(least);
        let part = graph.select_rows(members)?.select_columns(members)?;
        let mut inside = eigenvectors(&part, dimensions, seed.indexed(index))?;
        fit(&mut inside, room);
        for (&member, row) in members.iter().zip(inside.rows()) {
            places.row_mut(member).assign(&(&row + &centre));
        }
    }
    Ok(places)
}

/// Finds the members of each connected part, in the order of their first members.
pub(super) fn parts(graph: &Sparse) -> Vec<Vec<usize>> {
    let mut seen = vec![false; graph.nrows()];
    let mut parts = Vec::new();
    for first in 0..graph.nrows() {
        if seen[first] {
            continue;
        }
        seen[first] = true;
        let mut members = vec![first];
        let mut next = 0;
        while let Some(&point) = members.get(next) {
            next += 1;
            for &other in graph.row(point).0 {
                if !std::mem::replace(&mut seen[other as usize], true) {
                    members.push(other as usize);
                }
            }
        }
        members.sort_unstable();
        parts.push(members);
    }
    parts
}

/// Where parts go by the means of their examples, along the directions in which these differ most.
fn of_means(x: &dyn Input, parts: &[Vec<usize>], dimensions: usize) -> Result<Array2<f64>> {
    let mut means = Array2::<f32>::zeros((parts.len(), features(x)?));
    let dense = match x.sparse() {
        Some(_) => None,
        None => Some(x.array()?),
    };
    for (mut mean, members) in means.rows_mut().into_iter().zip(parts) {
        let share = 1.0 / members.len() as f32;
        for &member in members {
            if let Some(sparse) = x.sparse() {
                let (columns, values) = sparse.row(member);
                for (&column, value) in columns.iter().zip(values) {
                    mean[column as usize] += share * value;
                }
            } else if let Some(dense) = &dense {
                let values = dense.index_axis(Axis(0), member);
                for (mean, value) in mean.iter_mut().zip(values) {
                    *mean += share * value;
                }
            }
        }
    }
    let axes = dimensions.min(means.ncols());
    let found = Pca::new(axes).run(&means)?;
    let mut centres = Array2::zeros((parts.len(), dimensions));
    centres
        .slice_mut(s![.., ..axes])
        .assign(found.coordinates());
    fit(&mut centres, 1.0);
    Ok(centres)
}

/// How many features examples have.
pub(super) fn features(x: &dyn Input) -> Result<usize> {
    match x.sparse() {
        Some(sparse) => Ok(sparse.ncols()),
        None => Ok(x.array()?.shape().last().copied().unwrap_or(0)),
    }
}

/// Where parts that are not connected go: along the axes, to both sides, and more of them on a spiral.
fn centres(count: usize, dimensions: usize) -> Array2<f64> {
    /// The angle of the golden section: nobody on the spiral is near another.
    const GOLDEN: f64 = 2.399_963_229_728_653;
    let mut centres = Array2::zeros((count, dimensions));
    if count <= 2 * dimensions {
        let half = count.div_ceil(2);
        for index in 0..count {
            let sign = if index < half { 1.0 } else { -1.0 };
            centres[[index, index % half]] = sign;
        }
        return centres;
    }
    for index in 0..count {
        let radius = ((index as f64 + 0.5) / count as f64).sqrt();
        let angle = index as f64 * GOLDEN;
        centres[[index, 0]] = radius * angle.cos();
        if dimensions > 1 {
            centres[[index, 1]] = radius * angle.sin();
        }
    }
    centres
}

/// Eigenvectors of the normalised Laplacian of a connected graph, without the first, which says nothing.
fn eigenvectors(graph: &Sparse, dimensions: usize, seed: Seed) -> Result<Array2<f64>> {
    let n = graph.nrows();
    if n < 2 * dimensions || n <= dimensions + 1 {
        return Ok(random(n, dimensions, seed));
    }
    let scale: Array1<f64> = graph.row_sums().mapv(|degree| 1.0 / degree.sqrt());
    let column = scale.insert_axis(Axis(1));
    // The largest of 2 - L = 1 + D^-1/2 A D^-1/2 belong to the smallest of L.
    let (_, vectors) = Largest::new("spectral layout", dimensions + 1)
        .tolerance(TOLERANCE)
        .run(n, &|block| {
            let image = graph.dot(&(block * &column).view())?;
            Ok(image * &column + block)
        })?;
    Ok(vectors.slice(s![.., 1..]).to_owned())
}
