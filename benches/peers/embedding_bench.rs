//! Our side of the bench of embeddings: reads a piece of work per line, answers with its time in milliseconds, or its size.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::embedding::{Clusters, Leiden, Map, Umap, kmeans, neighbors, pca, tsne, umap};
use genolens::expression::{
    self, Cells, Flavor, HighlyVariableGenes, MarkerTest, RankGenes, Values,
};
use genolens::ndarray::{Array2, s};
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;
use std::error::Error;
use std::io::BufRead;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [what, path, features] = words[..] else {
            return Err(format!("no work {line}").into());
        };
        if what == "memory" {
            follow(&expression::open(format!("{path}.h5ad"))?)?;
            println!("{}", peak()?);
            continue;
        }
        if what == "open" {
            let begin = Instant::now();
            let found = expression::open(format!("{path}.h5ad"))?;
            let time = begin.elapsed();
            write(path, &stored(&found))?;
            println!("{}", time.as_secs_f64() * 1e3);
            continue;
        }
        let x = table(path, features.parse()?)?;
        if let "plot" | "bytes" = what {
            let (time, size) = drawn(&x)?;
            println!("{}", if what == "plot" { time } else { size });
            continue;
        }
        let begin = Instant::now();
        let (time, found): (_, Vec<[u8; 4]>) = match what {
            "umap" | "tsne" => {
                let map = if what == "umap" { umap(&x)? } else { tsne(&x)? };
                let time = begin.elapsed();
                (
                    time,
                    map.coordinates()
                        .iter()
                        .map(|value| value.to_le_bytes())
                        .collect(),
                )
            }
            "neighbors" => {
                let found = neighbors(&x)?;
                let time = begin.elapsed();
                (
                    time,
                    found
                        .indices()
                        .iter()
                        .map(|index| index.to_le_bytes())
                        .collect(),
                )
            }
            "kmeans" => {
                let found = kmeans(&x, 20)?;
                let time = begin.elapsed();
                let codes = found.labels().codes().iter();
                (time, codes.map(|code| code.to_le_bytes()).collect())
            }
            "pca" => {
                let x = Sparse::from_dense(&x)?;
                let begin = Instant::now();
                let found = pca(&x, 50)?;
                let time = begin.elapsed();
                let loadings = found.loadings().iter();
                let loadings = loadings.map(|value| (*value as f32).to_le_bytes());
                (time, loadings.collect())
            }
            "leiden" => {
                let graph = neighbors(&x)?;
                let begin = Instant::now();
                let found = Leiden::new().iterations(2).run(graph.connectivities())?;
                let time = begin.elapsed();
                let codes = found.labels().codes().iter();
                (time, codes.map(|code| code.to_le_bytes()).collect())
            }
            "markers" => {
                let groups: Vec<String> = (0..x.nrows()).map(|row| (row % 8).to_string()).collect();
                let cells = cells(&x)?.with_obs(Column::new("group".into(), groups))?;
                let begin = Instant::now();
                let test = RankGenes::new().test(MarkerTest::Wilcoxon).logged(true);
                let found = test.run(&cells, "group")?;
                let time = begin.elapsed();
                let scores = found.scores("0")?;
                let scores = scores.iter().map(|score| (*score as f32).to_le_bytes());
                (time, scores.collect())
            }
            "normalize" | "log1p" | "variable" => step(what, &x)?,
            "path" => {
                let counts = cells(&x)?;
                let begin = Instant::now();
                let found = follow(&counts)?;
                let time = begin.elapsed();
                let codes = found.labels().codes().iter();
                (time, codes.map(|code| code.to_le_bytes()).collect())
            }
            _ => return Err(format!("no work {line}").into()),
        };
        write(path, &found)?;
        println!("{}", time.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// One step from counts, and how long it took.
fn step(what: &str, x: &Array2<f32>) -> Outcome<(Duration, Vec<[u8; 4]>)> {
    let counts = cells(x)?;
    let begin = Instant::now();
    if what == "variable" {
        let way = HighlyVariableGenes::new().flavor(Flavor::SeuratV3);
        let found = way.top(1000).run(&counts)?;
        let time = begin.elapsed();
        let chosen = found.var().mask("highly_variable")?;
        let chosen = chosen.iter().map(|chosen| u32::from(*chosen).to_le_bytes());
        return Ok((time, chosen.collect()));
    }
    let normal = counts.normalize_total()?;
    if what == "normalize" {
        return Ok((begin.elapsed(), stored(&normal)));
    }
    let begin = Instant::now();
    let logged = normal.log1p()?;
    Ok((begin.elapsed(), stored(&logged)))
}

/// Keeps what was found, for the driver to compare.
fn write(path: &str, found: &[[u8; 4]]) -> Outcome<()> {
    Ok(std::fs::write(format!("{path}.ours"), found.concat())?)
}

/// The stored values, cell after cell.
fn stored(cells: &Cells) -> Vec<[u8; 4]> {
    let values = match cells.values() {
        Values::Sparse(values) => values.values(),
        Values::Dense(values) => values.as_slice().unwrap_or_default(),
    };
    values.iter().map(|value| value.to_le_bytes()).collect()
}

/// The whole path from counts to communities and a map.
fn follow(counts: &Cells) -> Outcome<Clusters> {
    let logged = counts.normalize_total()?.log1p()?;
    let variable = HighlyVariableGenes::new().top(1000).subset(true);
    let near = neighbors(&pca(&variable.run(&logged)?, 50)?)?;
    let found = Leiden::new().iterations(2).run(near.connectivities())?;
    Umap::scanpy().lay_out(&near)?;
    Ok(found)
}

/// What this process needed at most, in megabytes.
fn peak() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.ok_or("no VmHWM")?.parse::<f64>()? * 1024.0 / 1e6)
}

/// Milliseconds and kilobytes of all that a notebook gets of a map with named groups.
fn drawn(x: &Array2<f32>) -> Outcome<(f64, f64)> {
    let map = Map::new(x.slice(s![.., ..2]).to_owned(), "UMAP")?;
    let types: Vec<String> = (0..x.nrows())
        .map(|row| format!("type {}", row % 14))
        .collect();
    let begin = Instant::now();
    let picture = map.scatter().labels("type", &types).figure();
    let bundle = picture.bundle();
    let size = bundle.json().len();
    Ok((begin.elapsed().as_secs_f64() * 1e3, size as f64 / 1e3))
}

/// Makes cells of a table, which is sparse then.
fn cells(x: &Array2<f32>) -> Outcome<Cells> {
    let names = |count: usize, kind: &str| -> Vec<String> {
        (0..count).map(|i| format!("{kind} {i}")).collect()
    };
    let (cells, genes) = x.dim();
    let values = Sparse::from_dense(x)?;
    Ok(Cells::new(
        values,
        names(cells, "cell"),
        names(genes, "gene"),
    )?)
}

/// Reads a table of single numbers, row after row.
fn table(path: &str, features: usize) -> Outcome<Array2<f32>> {
    let bytes = std::fs::read(format!("{path}.f32"))?;
    let (numbers, _) = bytes.as_chunks::<4>();
    let numbers: Vec<f32> = numbers
        .iter()
        .map(|number| f32::from_le_bytes(*number))
        .collect();
    Ok(Array2::from_shape_vec(
        (numbers.len() / features, features),
        numbers,
    )?)
}
