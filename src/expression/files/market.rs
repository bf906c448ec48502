//! Folders of 10x Genomics: a matrix in Matrix Market format, and names of genes and cells.

use super::lines::Lines;
use super::open::Open;
use super::runs::Runs;
use crate::expression::{Cells, Frame};
use crate::sparse::Sparse;
use crate::storage::Number;
use crate::{Error, Result};
use polars::prelude::Column;
use std::io;
use std::path::{Path, PathBuf};

/// Entries for which room is taken before they are read.
const ROOM: usize = 1 << 20;

/// Cell, gene and value.
type Entry = (u32, u32, f32);

/// What is done with entries.
type Take<'a> = &'a mut dyn FnMut(&[Entry]) -> Result<()>;

/// The first three cells of a row.
type Row = (String, Option<String>, Option<String>);

/// Reads a folder, or the folder of a matrix; names of files may have a prefix.
pub(super) fn read(path: &Path, options: &Open) -> Result<Cells> {
    let (obs, var, matrix) = names(path)?;
    let shape = (obs.len(), var.len());
    let mut values = None;
    entries(
        &matrix,
        shape,
        (usize::MAX, &mut |entries| {
            values = Some(rows_of(entries, shape)?);
            Ok(())
        }),
    )?;
    if let Some(genome) = &options.genome {
        return Err(Error::value(
            "genome",
            "none, which a folder of 10x does not tell",
            format!("`{genome}`"),
        ));
    }
    let none = Sparse::from_rows(shape.1, vec![Vec::new(); shape.0]);
    Cells::from_frames(values.map_or(none, Ok)?, obs, var)
}

/// Brings the entries of a folder, of which the file may have any order, into runs of rows in a temporary file.
pub(super) fn runs(path: &Path) -> Result<(Frame, Frame, Runs)> {
    let (obs, var, matrix) = names(path)?;
    let shape = (obs.len(), var.len());
    let mut runs = Runs::new(shape)?;
    let most = Runs::entries_of_run(shape.0);
    entries(
        &matrix,
        shape,
        (most, &mut |entries| runs.push(&rows_of(entries, shape)?, 0)),
    )?;
    Ok((obs, var, runs))
}

/// Reads what is known of cells and genes, and finds the matrix.
fn names(path: &Path) -> Result<(Frame, Frame, PathBuf)> {
    let (folder, prefix) = if path.is_dir() {
        (path, String::new())
    } else {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let prefix = name
            .split("matrix.mtx")
            .next()
            .unwrap_or_default()
            .to_owned();
        (path.parent().unwrap_or(Path::new("")), prefix)
    };
    let find = |names: &[&str]| -> Result<PathBuf> {
        let tried = names
            .iter()
            .flat_map(|name| [format!("{prefix}{name}"), format!("{prefix}{name}.gz")]);
        let tried: Vec<String> = tried.collect();
        let found = tried
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file());
        found.ok_or_else(|| {
            let what = format!("it has none of the files {}", tried.join(", "));
            Error::read(folder, io::Error::new(io::ErrorKind::NotFound, what))
        })
    };
    let (genes, cells, matrix) = (
        find(&["features.tsv", "genes.tsv"])?,
        find(&["barcodes.tsv"])?,
        find(&["matrix.mtx"])?,
    );
    let rows = columns(&genes)?;
    let (mut ids, mut names, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for (id, name, kind) in rows {
        names.push(name.unwrap_or_else(|| id.clone()));
        ids.push(id);
        kinds.push(kind);
    }
    let mut var = Frame::new(names).with(Column::new("gene_ids".into(), ids))?;
    if kinds.iter().any(Option::is_some) {
        var = var.with(Column::new("feature_types".into(), kinds))?;
    }
    let obs = Frame::new(columns(&cells)?.into_iter().map(|(id, _, _)| id));
    Ok((obs, var, matrix))
}

/// Returns up to three columns of a table without a head.
fn columns(path: &Path) -> Result<Vec<Row>> {
    let mut lines = Lines::open(path)?;
    let mut rows = Vec::new();
    while let Some(line) = lines.next()? {
        let mut cells = line.split('\t').map(str::to_owned);
        let first = cells.next().unwrap_or_default();
        rows.push((first, cells.next(), cells.next()));
    }
    Ok(rows)
}

/// Hands on cell, gene and value of all entries, at most so many at once.
fn entries(
    path: &Path,
    (cells, genes): (usize, usize),
    (most, take): (usize, Take<'_>),
) -> Result<()> {
    let mut lines = Lines::open(path)?;
    let head = lines.next()?.unwrap_or_default().to_lowercase();
    let words: Vec<&str> = head.split_whitespace().collect();
    let known = matches!(
        words[..],
        [
            "%%matrixmarket",
            "matrix",
            "coordinate",
            "integer" | "real" | "pattern",
            "general"
        ]
    );
    if !known {
        let got = head.chars().take(80).collect::<String>();
        return Err(lines.wrong(
            "%%MatrixMarket matrix coordinate integer|real|pattern general",
            format!("`{got}`"),
        ));
    }
    let pattern = words[3] == "pattern";
    let sizes = loop {
        let Some(line) = lines.next()? else {
            return Err(lines.wrong("genes, cells and entries", "the end of the file"));
        };
        if !line.starts_with('%') && !line.trim().is_empty() {
            let sizes: Option<Vec<usize>> = line
                .split_whitespace()
                .map(|word| word.parse().ok())
                .collect();
            break sizes;
        }
    };
    let Some([rows, columns, entries]) = sizes.as_deref() else {
        return Err(lines.wrong("three sizes: genes, cells and entries", "something else"));
    };
    if (*rows, *columns) != (genes, cells) {
        let expected = format!("{genes} genes and {cells} cells, as many as there are names");
        return Err(lines.wrong(expected, format!("{rows} and {columns}")));
    }
    let mut found: Vec<Entry> = Vec::with_capacity((*entries).min(ROOM));
    let mut told = 0;
    while let Some(line) = lines.next()? {
        let mut words = line.split_ascii_whitespace();
        let (Some(gene), Some(cell)) = (words.next(), words.next()) else {
            if line.trim().is_empty() {
                continue;
            }
            return Err(lines.wrong("gene, cell and value", "fewer words"));
        };
        let place = |word: &str, size: usize| {
            word.parse::<usize>()
                .ok()
                .filter(|place| (1..=size).contains(place))
        };
        let (Some(gene), Some(cell)) = (place(gene, genes), place(cell, cells)) else {
            let got = format!("{gene} and {cell}");
            return Err(lines.wrong(
                format!("a gene from 1 to {genes} and a cell from 1 to {cells}"),
                got,
            ));
        };
        let value = match words.next() {
            None if pattern => Some(1.0),
            None => None,
            Some(word) => value(word),
        };
        let Some(value) = value else {
            return Err(lines.wrong("a number that single precision holds", "something else"));
        };
        told += 1;
        if told > *entries {
            return Err(lines.wrong(format!("{entries} entries, as the head says"), "more"));
        }
        found.push((cell as u32 - 1, gene as u32 - 1, value));
        if found.len() >= most {
            take(&found)?;
            found.clear();
        }
    }
    if told != *entries {
        return Err(lines.wrong(
            format!("{entries} entries, as the head says"),
            told.to_string(),
        ));
    }
    if found.is_empty() {
        return Ok(());
    }
    take(&found)
}

/// Reads a number; whole ones must be held exactly.
pub(super) fn value(word: &str) -> Option<f32> {
    match word.parse::<i64>() {
        Ok(whole) => f32::signed(whole),
        Err(_) => word.parse::<f64>().ok().and_then(f32::double),
    }
}

/// Sorts entries into rows; the order within a row is that of the file, which [`Sparse::compressed`] puts right.
fn rows_of(entries: &[Entry], shape: (usize, usize)) -> Result<Sparse> {
    let mut offsets = vec![0; shape.0 + 1];
    for entry in entries {
        offsets[entry.0 as usize + 1] += 1;
    }
    for row in 0..shape.0 {
        offsets[row + 1] += offsets[row];
    }
    let mut next = offsets.clone();
    let (mut indices, mut values) = (vec![0; entries.len()], vec![0.0; entries.len()]);
    for &(row, column, value) in entries {
        let place = &mut next[row as usize];
        (indices[*place], values[*place]) = (column, value);
        *place += 1;
    }
    Sparse::compressed(shape, offsets, (indices, values))
}
