//! Our side of the bench of embeddings: reads a piece of work per line, answers with its time in milliseconds.
#![expect(clippy::print_stdout, reason = "the driver reads what is printed")]

use genolens::embedding::{Leiden, Umap, kmeans, neighbors, pca, tsne, umap};
use genolens::expression::{Cells, HighlyVariableGenes, MarkerTest, RankGenes};
use genolens::ndarray::Array2;
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;
use std::error::Error;
use std::io::BufRead;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [what, path, features] = words[..] else {
            return Err(format!("no work {line}").into());
        };
        let x = table(path, features.parse()?)?;
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
            "path" => {
                let counts = cells(&x)?;
                let begin = Instant::now();
                let logged = counts.normalize_total()?.log1p()?;
                let variable = HighlyVariableGenes::new().top(1000).subset(true);
                let near = neighbors(&pca(&variable.run(&logged)?, 50)?)?;
                let found = Leiden::new().iterations(2).run(near.connectivities())?;
                Umap::scanpy().lay_out(&near)?;
                let time = begin.elapsed();
                let codes = found.labels().codes().iter();
                (time, codes.map(|code| code.to_le_bytes()).collect())
            }
            _ => return Err(format!("no work {line}").into()),
        };
        std::fs::write(format!("{path}.ours"), found.concat())?;
        println!("{}", time.as_secs_f64() * 1e3);
    }
    Ok(())
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
