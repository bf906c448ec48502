//! Tables, tensors and arrays of other crates.

use super::value::Show;
use crate::display::axis;
use crate::display::mime::{self, Bundle};
use crate::display::numbers::counted;
use crate::display::table::{Cell, Table};
use candle_core::{DType, Tensor};
use ndarray::{ArrayBase, Data, Dimension};
use polars::prelude::{AnyValue, DataFrame, Series};

/// Rows and values that are shown.
const ROWS: usize = 20;
const VALUES: usize = 60;

impl Show for DataFrame {
    fn evcxr_display(&self) {
        let columns = self.columns();
        let names: Vec<&str> = columns
            .iter()
            .map(|column| column.name().as_str())
            .collect();
        let row = |i: usize| {
            columns
                .iter()
                .map(|column| column.get(i).map_or_else(|_| "".into(), |v| cell(&v)))
                .collect()
        };
        let table = Table::filled(&names, (0..self.height().min(ROWS)).map(row));
        let note = format!(
            "{} and {}{}.",
            counted(self.height(), "row"),
            counted(self.width(), "column"),
            if self.height() > ROWS {
                ", the first 20 rows shown"
            } else {
                ""
            }
        );
        table.note(&note).evcxr_display();
    }
}

impl Show for Series {
    fn evcxr_display(&self) {
        self.clone().into_frame().evcxr_display();
    }
}

fn cell(value: &AnyValue<'_>) -> Cell {
    match value {
        AnyValue::Null => "".into(),
        AnyValue::Float64(v) => (*v).into(),
        AnyValue::Float32(v) => f64::from(*v).into(),
        other => other.str_value().as_ref().into(),
    }
}

impl Show for Tensor {
    fn evcxr_display(&self) {
        let head = format!(
            "Tensor {:?} {:?} {:?}",
            self.dims(),
            self.dtype(),
            self.device().location()
        );
        let start = self
            .flatten_all()
            .and_then(|flat| flat.narrow(0, 0, flat.dim(0)?.min(VALUES + 1)));
        let values = start.and_then(|values| values.to_dtype(DType::F64)?.to_vec1::<f64>());
        let text = match values {
            Ok(values) => format!("{head}\n{}", listed(values.into_iter())),
            Err(_) => head,
        };
        mime::emit(&Bundle::text(&text));
    }
}

impl<A, S, D> Show for ArrayBase<S, D>
where
    A: crate::display::Number,
    S: Data<Elem = A>,
    D: Dimension,
{
    fn evcxr_display(&self) {
        let values = listed(self.iter().take(VALUES + 1).map(|v| v.number()));
        let kind = std::any::type_name::<A>();
        mime::emit(&Bundle::text(&format!(
            "Array {:?} {kind}\n{values}",
            self.shape()
        )));
    }
}

fn listed(values: impl Iterator<Item = f64>) -> String {
    let texts: Vec<String> = values.map(axis::plain).collect();
    let more = if texts.len() > VALUES { " …" } else { "" };
    let lines: Vec<String> = texts[..texts.len().min(VALUES)]
        .chunks(10)
        .map(|line| line.join(" "))
        .collect();
    format!("[{}{more}]", lines.join("\n "))
}
