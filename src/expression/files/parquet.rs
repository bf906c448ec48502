//! Tables in Parquet files: one column with names, numbers in the others.

use super::footer;
use super::open::Open;
use super::table::cells_of;
use crate::expression::Cells;
use crate::sparse::Sparse;
use crate::storage::{Number, unsupported};
use crate::{Error, Result, progress};
use parquet::basic::{Compression, ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::error;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What every Parquet file begins with.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// Rows that are read at a time.
const ROWS: usize = 1 << 14;

/// No file has more rows, bytes of names or numbers other than zero for each of its bytes: no packing shrinks texts further, and so small a
/// file must not fill the memory.
const MOST: u64 = 1024;

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Texts,
    Signed,
    Unsigned,
    Real,
    Other,
}

/// Reads a table; columns that hold neither the names nor numbers are left out.
pub(super) fn read(path: &Path, options: &Open) -> Result<Cells> {
    // A broken file must not end the process, which the reader does not promise.
    catch_unwind(AssertUnwindSafe(|| table(path, options)))
        .unwrap_or_else(|_| Err(broken(path, "it is broken")))
}

fn broken(path: &Path, why: impl Into<Box<dyn error::Error + Send + Sync>>) -> Error {
    Error::read(path, io::Error::new(io::ErrorKind::InvalidData, why))
}

fn table(path: &Path, options: &Open) -> Result<Cells> {
    let fail = |error: ParquetError| broken(path, error);
    let read = |error| Error::read(path, error);
    let mut file = File::open(path).map_err(read)?;
    if !footer::is_sound(&mut file).map_err(read)? {
        return Err(broken(path, "its end does not say what its columns are"));
    }
    let most = file.metadata().map_err(read)?.len().saturating_mul(MOST);
    let reader = SerializedFileReader::new(file).map_err(fail)?;
    let about = reader.metadata();
    let columns = about.file_metadata().schema_descr().columns();
    let packed = about
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns);
    for packed in packed.map(ColumnChunkMetaData::compression) {
        if matches!(packed, Compression::ZSTD(_) | Compression::BROTLI(_)) {
            let what = format!(
                "it is packed with {packed}, which is not known; `df.to_parquet(path, compression=\"snappy\")` in Python makes one that is"
            );
            return Err(unsupported(path, &what));
        }
    }
    let rows = u64::try_from(about.file_metadata().num_rows()).unwrap_or(u64::MAX);
    if rows > most {
        return Err(broken(path, format!("it is too short for {rows} rows")));
    }
    let rows = rows as usize;
    let kinds: Vec<Kind> = columns.iter().map(|column| kind(column)).collect();
    let texts_at = |name: &str| {
        let found = columns.iter().position(|column| column.name() == name);
        found.filter(|at| kinds[*at] == Kind::Texts)
    };
    // pandas writes the names of rows last and says so.
    let index = about
        .file_metadata()
        .key_value_metadata()
        .and_then(|pairs| index(pairs));
    let named = index.as_deref().and_then(texts_at);
    let Some(named) = named.or_else(|| kinds.iter().position(|kind| *kind == Kind::Texts)) else {
        let argument = format!("columns of {}", path.display());
        return Err(Error::value(&argument, "one with texts, the names", "none"));
    };
    let mut names = Vec::new();
    // How much the numbers and the names may still take.
    let (mut room, mut room_of_names) = (most, most);
    let (mut known, mut numbers, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (place, (column, kind)) in columns.iter().zip(&kinds).enumerate() {
        progress::check("reading columns", place, columns.len())?;
        if place == named {
            for group in 0..reader.num_row_groups() {
                let group = reader.get_row_group(group).map_err(fail)?;
                let found = group.get_column_reader(place).map_err(fail)?;
                if let ColumnReader::ByteArrayColumnReader(found) = found {
                    let left = (rows - names.len(), &mut room_of_names);
                    names.extend(texts(found, column.max_def_level(), left).map_err(fail)?);
                }
            }
        } else if [Kind::Texts, Kind::Other].contains(kind) {
            left_out.push(format!("{}: it holds no numbers", column.name()));
        } else {
            known.push(column.name().to_owned());
            numbers.push(Vec::new());
            let Some(out) = numbers.last_mut() else {
                continue;
            };
            let mut row = 0;
            for group in 0..reader.num_row_groups() {
                let group = reader.get_row_group(group).map_err(fail)?;
                let found = group.get_column_reader(place).map_err(fail)?;
                let what = (*kind, column.max_def_level());
                let wrong = entries(found, what, (&mut row, rows, &mut room, out));
                if let Some(row) = wrong.map_err(fail)? {
                    let argument =
                        format!("row {row}, column {} of {}", column.name(), path.display());
                    let expected = "a number that single precision holds";
                    return Err(Error::value(&argument, expected, "another one"));
                }
            }
            if row != rows {
                let why = format!("column {} has {row} rows", column.name());
                return Err(broken(path, why));
            }
        }
    }
    if names.len() != rows {
        return Err(broken(
            path,
            format!("{} of {rows} rows have names", names.len()),
        ));
    }
    let table = Sparse::from_rows(rows, numbers)?;
    let cells = cells_of(&table.transposed(), (names, known), options)?;
    Ok(cells.changed(|data| data.left_out = left_out))
}

/// Returns the column of the index that pandas has noted as JSON.
fn index(pairs: &[KeyValue]) -> Option<String> {
    let noted = pairs
        .iter()
        .find(|pair| pair.key == "pandas")?
        .value
        .as_ref()?;
    let (_, rest) = noted.split_once("\"index_columns\": [\"")?;
    rest.split_once('"').map(|(name, _)| name.to_owned())
}

fn kind(column: &ColumnDescriptor) -> Kind {
    if column.max_rep_level() > 0 || column.max_def_level() > 1 {
        return Kind::Other;
    }
    let logical = column.logical_type_ref();
    let whole = matches!(logical, None | Some(LogicalType::Integer { .. }));
    let unsigned = matches!(
        column.converted_type(),
        ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64
    );
    let plain = matches!(
        column.converted_type(),
        ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
    );
    match column.physical_type() {
        Type::BYTE_ARRAY if column.converted_type() == ConvertedType::UTF8 => Kind::Texts,
        Type::BYTE_ARRAY if matches!(logical, Some(LogicalType::String)) => Kind::Texts,
        Type::INT32 | Type::INT64 if whole && unsigned => Kind::Unsigned,
        Type::INT32 | Type::INT64 if whole && plain => Kind::Signed,
        Type::FLOAT | Type::DOUBLE => Kind::Real,
        _ => Kind::Other,
    }
}

/// Reads at most so many texts, and bytes of them; where one is missing it is empty.
fn texts(
    reader: ColumnReaderImpl<parquet::data_type::ByteArrayType>,
    levels: i16,
    (rows, room): (usize, &mut u64),
) -> Result<Vec<String>, ParquetError> {
    let mut texts = Vec::new();
    each(reader, (levels, rows), |text: Option<&ByteArray>| {
        let text = text.map_or(Ok(""), |text| std::str::from_utf8(text.data()));
        let text = text.map_err(|_| general("its names are no UTF-8 text"))?;
        *room = take(*room, text.len() as u64)?;
        texts.push(text.to_owned());
        Ok(())
    })?;
    Ok(texts)
}

fn general(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}

fn take(room: u64, size: u64) -> Result<u64, ParquetError> {
    let left = room.checked_sub(size);
    left.ok_or_else(|| general("it holds more than so short a file can"))
}

/// Adds the numbers that are not zero, a missing one as NaN; returns the row of the first one that cannot be held.
fn entries(
    reader: ColumnReader,
    (kind, levels): (Kind, i16),
    (row, rows, room, out): (&mut usize, usize, &mut u64, &mut Vec<(u32, f32)>),
) -> Result<Option<usize>, ParquetError> {
    let mut wrong = None;
    let what = (levels, rows - *row);
    let mut add = |number: Option<f32>| {
        match number {
            Some(number) if number != 0.0 => {
                *room = take(*room, 1)?;
                out.push((*row as u32, number));
            }
            Some(_) => {}
            None => wrong = wrong.or(Some(*row)),
        }
        *row += 1;
        Ok(())
    };
    let unsigned = kind == Kind::Unsigned;
    match reader {
        ColumnReader::Int32ColumnReader(reader) => each(reader, what, |number: Option<&i32>| {
            add(number.map_or(Some(f32::NAN), |number| {
                if unsigned {
                    f32::unsigned(u64::from(number.cast_unsigned()))
                } else {
                    f32::signed(i64::from(*number))
                }
            }))
        }),
        ColumnReader::Int64ColumnReader(reader) => each(reader, what, |number: Option<&i64>| {
            add(number.map_or(Some(f32::NAN), |number| {
                if unsigned {
                    f32::unsigned(number.cast_unsigned())
                } else {
                    f32::signed(*number)
                }
            }))
        }),
        ColumnReader::FloatColumnReader(reader) => each(reader, what, |number: Option<&f32>| {
            add(Some(number.copied().unwrap_or(f32::NAN)))
        }),
        ColumnReader::DoubleColumnReader(reader) => each(reader, what, |number: Option<&f64>| {
            add(number.map_or(Some(f32::NAN), |number| f32::double(*number)))
        }),
        _ => Err(general("a column changes its type")),
    }?;
    Ok(wrong)
}

/// Hands on what every row has, of at most so many rows.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    (levels, mut rows): (i16, usize),
    mut take: impl FnMut(Option<&T::T>) -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    let (mut values, mut there) = (Vec::new(), Vec::new());
    loop {
        values.clear();
        there.clear();
        let (records, ..) = reader.read_records(ROWS, Some(&mut there), None, &mut values)?;
        if records == 0 {
            return Ok(());
        }
        if levels == 0 {
            there.resize(values.len(), 0);
        }
        let left = rows.checked_sub(there.len());
        rows = left.ok_or_else(|| general("a column has more rows than the file"))?;
        let mut values = values.iter();
        for level in &there {
            take(if *level == levels {
                values.next()
            } else {
                None
            })?;
        }
    }
}
