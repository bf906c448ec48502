//! Tables: their columns, and files that hold them.

use crate::{Error, Result, text};
use polars::prelude::{Column, DataFrame, DataType};
use std::path::Path;

/// Reads a file of comma-separated or tab-separated values, plain or gzipped, whose first line names the columns.
///
/// Fields may stand in double quotes, doubled inside. A column is one of numbers when all its fields are (empty ones and `NA` are missing),
/// otherwise one of texts.
///
/// # Errors
///
/// Fails when the file cannot be read, a quote is not closed, or a row has more or fewer fields than the first line.
pub fn read_table(path: impl AsRef<Path>) -> Result<DataFrame> {
    let path = path.as_ref();
    parse(&text::read(path)?, &path.display().to_string())
}

pub(super) fn parse(content: &str, origin: &str) -> Result<DataFrame> {
    let content = content.trim_start_matches('\u{feff}');
    let first = content.lines().next().unwrap_or_default();
    let separator = if first.contains('\t') { '\t' } else { ',' };
    let mut header: Vec<String> = Vec::new();
    let mut columns: Vec<Vec<String>> = Vec::new();
    let mut line = 0;
    let mut rest = content;
    while !rest.is_empty() {
        line += 1;
        let (fields, next, lines) = record(rest, separator).ok_or_else(|| {
            Error::parse(origin, line, ("a closing quote", "the end of the file"))
        })?;
        rest = next;
        let start = line;
        line += lines;
        if fields.len() == 1 && fields[0].is_empty() {
            continue;
        }
        if header.is_empty() {
            columns = vec![Vec::new(); fields.len()];
            header = fields;
            continue;
        }
        if fields.len() != header.len() {
            let expected = format!("{} fields", header.len());
            let got = fields.len().to_string();
            return Err(Error::parse(origin, start, (expected, got)));
        }
        for (column, field) in columns.iter_mut().zip(fields) {
            column.push(field);
        }
    }
    if header.is_empty() {
        return Err(Error::parse(origin, 1, ("names of columns", "nothing")));
    }
    let columns = header.iter().zip(&columns);
    let columns = columns.map(|(name, fields)| column(name, fields)).collect();
    Ok(DataFrame::new_infer_height(columns)?)
}

/// Takes one row from the start of a text; also says how many lines its quoted fields have beyond the first. Nothing if a quote stays open.
fn record(text: &str, separator: char) -> Option<(Vec<String>, &str, usize)> {
    let (mut fields, mut field, mut lines) = (Vec::new(), String::new(), 0);
    let mut letters = text.char_indices().peekable();
    let mut quoted = false;
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' if quoted && letters.peek().is_some_and(|next| next.1 == '"') => {
                field.push('"');
                letters.next();
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                fields.push(finished(&field));
                return Some((fields, &text[at + 1..], lines));
            }
            _ if letter == separator && !quoted => {
                fields.push(finished(&field));
                field.clear();
            }
            _ => {
                lines += usize::from(letter == '\n');
                field.push(letter);
            }
        }
    }
    fields.push(finished(&field));
    (!quoted).then_some((fields, "", lines))
}

fn finished(field: &str) -> String {
    field.trim().to_owned()
}

fn column(name: &str, fields: &[String]) -> Column {
    let number = |field: &String| match field.as_str() {
        "" | "NA" => Ok(None),
        other => other.parse::<f64>().map(Some),
    };
    let numbers: Result<Vec<Option<f64>>, _> = fields.iter().map(number).collect();
    match numbers {
        Ok(numbers) if numbers.iter().any(Option::is_some) => Column::new(name.into(), numbers),
        _ => Column::new(name.into(), fields),
    }
}

/// Returns a column of numbers, all of them present.
pub(super) fn numbers(table: &DataFrame, name: &str) -> Result<Vec<f64>> {
    let numbers = optional_numbers(table, name)?;
    if let Some(row) = numbers.iter().position(|number| number.is_nan()) {
        let got = format!("nothing in row {}", row + 1);
        return Err(Error::value(&format!("column {name}"), "no gaps", got));
    }
    Ok(numbers)
}

/// Returns a column of numbers, NaN where one is missing.
pub(super) fn optional_numbers(table: &DataFrame, name: &str) -> Result<Vec<f64>> {
    let column = found(table, name)?;
    let kind = column.dtype();
    if !kind.is_primitive_numeric() {
        let argument = format!("column {name}");
        return Err(Error::value(&argument, "numbers", format!("of {kind}")));
    }
    let numbers = column.cast(&DataType::Float64)?;
    let numbers = numbers.f64()?.iter();
    Ok(numbers.map(|number| number.unwrap_or(f64::NAN)).collect())
}

/// Returns a column as texts, empty where there is none.
pub(super) fn texts(table: &DataFrame, name: &str) -> Result<Vec<String>> {
    let column = found(table, name)?.cast(&DataType::String)?;
    let texts = column.str()?.iter();
    Ok(texts
        .map(|text| text.unwrap_or_default().to_owned())
        .collect())
}

fn found<'a>(table: &'a DataFrame, name: &str) -> Result<&'a Column> {
    table.column(name).map_err(|_| {
        let names = table.get_column_names();
        let known: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let expected = format!("one of: {}", known.join(", "));
        Error::value("column", expected, format!("`{name}`"))
    })
}
