//! Columns of polars frames as labels.

use super::Labels;
use crate::{Error, Result};
use ndarray::{Array1, Array2, CowArray, IxDyn};
use polars::prelude::{Column, DataFrame, DataType, Series};

/// Reads numbers or truth values, NaN where there is null.
fn numbers(column: &Column) -> Result<Vec<f32>> {
    let kind = column.dtype();
    if !kind.is_primitive_numeric() && !kind.is_bool() {
        let argument = format!("column {}", column.name());
        let expected = "numbers or truth values";
        return Err(Error::value(&argument, expected, format!("of {kind}")));
    }
    let numbers = column.cast(&DataType::Float32)?;
    let numbers = numbers.f32()?.iter();
    Ok(numbers.map(|number| number.unwrap_or(f32::NAN)).collect())
}

impl Labels for Column {
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(Array1::from(numbers(self)?).into_dyn().into())
    }
}

impl Labels for Series {
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        let numbers = numbers(&Column::from(self.clone()))?;
        Ok(Array1::from(numbers).into_dyn().into())
    }
}

/// One task for each column.
impl Labels for DataFrame {
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        let mut labels = Array2::zeros((self.height(), self.width()));
        for (mut task, column) in labels.columns_mut().into_iter().zip(self.columns()) {
            task.assign(&Array1::from(numbers(column)?));
        }
        Ok(labels.into_dyn().into())
    }
}
