//! Tables of text: names in the first row and the first column, numbers between.

use super::lines::Lines;
use super::market::value;
use super::open::Open;
use super::table::cells_of;
use crate::expression::Cells;
use crate::sparse::Sparse;
use crate::{Error, Result};
use std::path::Path;

/// Reads a table; tabs, commas, semicolons or blanks part its cells, whichever the first line has.
pub(super) fn read(path: &Path, options: &Open) -> Result<Cells> {
    let mut lines = Lines::open(path)?;
    let Some(head) = lines.next()?.map(str::to_owned) else {
        return Err(Error::value(
            &path.display().to_string(),
            "a table with a head",
            "empty",
        ));
    };
    let Some(delimiter) = ['\t', ',', ';', ' ']
        .into_iter()
        .find(|&delimiter| head.contains(delimiter))
    else {
        return Err(lines.wrong(
            "names parted by tabs, commas, semicolons or blanks",
            "a line without any",
        ));
    };
    let mut columns = parted(&head, delimiter);
    let (mut names, mut rows, mut width) = (Vec::new(), Vec::new(), None);
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            continue;
        }
        let cells = parted(line, delimiter);
        // The head of the names may be missing, as R writes it.
        let known = *width.get_or_insert_with(|| {
            if columns.len() + 1 != cells.len() {
                columns.remove(0);
            }
            columns.len()
        });
        if cells.len() != known + 1 {
            let expected = format!("a name and {known} numbers");
            return Err(lines.wrong(expected, format!("{} cells", cells.len())));
        }
        let mut row = Vec::new();
        for (column, cell) in cells[1..].iter().enumerate() {
            let number = match cell.trim() {
                "" | "NA" | "NaN" | "nan" => Some(f32::NAN),
                cell => value(cell),
            };
            match number {
                Some(0.0) => {}
                Some(number) => row.push((column as u32, number)),
                None => {
                    let got = format!(
                        "`{}` at {}",
                        cell.chars().take(40).collect::<String>(),
                        columns[column]
                    );
                    return Err(lines.wrong("numbers that single precision holds", got));
                }
            }
        }
        names.push(cells[0].clone());
        rows.push(row);
    }
    let table = Sparse::from_rows(columns.len(), rows)?;
    cells_of(&table, (names, columns), options)
}

/// Parts a line; a cell in quotes may hold what parts others, and a quote twice.
fn parted(line: &str, delimiter: char) -> Vec<String> {
    if !line.contains('"') {
        return line.split(delimiter).map(str::to_owned).collect();
    }
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            letter if letter == delimiter && !quoted => cells.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}
