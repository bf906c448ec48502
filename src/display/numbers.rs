//! What can be plotted: rows of numbers, matrices and labels.

use ndarray::{Array2, ArrayBase, Data, Ix1, Ix2};
use polars::prelude::{Column, DataType, Series};

/// Writes how many there are of a thing: `1 row`, `2 rows`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A number that can be plotted.
pub trait Number: Copy {
    /// Returns the number in double precision.
    fn number(self) -> f64;
}

macro_rules! number {
    ($($type:ty),*) => {
        $(impl Number for $type {
            #[expect(clippy::allow_attributes_without_reason, clippy::allow_attributes, reason = "some types need a cast, some do not")]
            #[allow(clippy::cast_lossless)]
            fn number(self) -> f64 {
                self as f64
            }
        })*
    };
}

number!(f32, f64, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl Number for bool {
    fn number(self) -> f64 {
        f64::from(u8::from(self))
    }
}

/// A row of numbers: a slice, a vector, an array with one axis, a column of a table.
pub trait Numbers {
    /// Returns the numbers; what is missing is NaN.
    fn numbers(&self) -> Vec<f64>;
}

impl<T: Number> Numbers for [T] {
    fn numbers(&self) -> Vec<f64> {
        self.iter().map(|v| v.number()).collect()
    }
}

impl<T: Number, const N: usize> Numbers for [T; N] {
    fn numbers(&self) -> Vec<f64> {
        self.as_slice().numbers()
    }
}

impl<T: Number> Numbers for Vec<T> {
    fn numbers(&self) -> Vec<f64> {
        self.as_slice().numbers()
    }
}

impl<T: Number, S: Data<Elem = T>> Numbers for ArrayBase<S, Ix1> {
    fn numbers(&self) -> Vec<f64> {
        self.iter().map(|v| v.number()).collect()
    }
}

impl Numbers for Series {
    fn numbers(&self) -> Vec<f64> {
        let cast = self.cast(&DataType::Float64);
        let values = cast.as_ref().ok().and_then(|series| series.f64().ok());
        values.map_or_else(
            || vec![f64::NAN; self.len()],
            |values| values.iter().map(|v| v.unwrap_or(f64::NAN)).collect(),
        )
    }
}

impl Numbers for Column {
    fn numbers(&self) -> Vec<f64> {
        self.as_materialized_series().numbers()
    }
}

impl<T: Numbers + ?Sized> Numbers for &T {
    fn numbers(&self) -> Vec<f64> {
        (**self).numbers()
    }
}

/// Numbers in rows and columns: an array with two axes.
pub trait Matrix {
    /// Returns the numbers.
    fn matrix(&self) -> Array2<f64>;
}

impl<T: Number, S: Data<Elem = T>> Matrix for ArrayBase<S, Ix2> {
    fn matrix(&self) -> Array2<f64> {
        self.map(|v| v.number())
    }
}

impl<T: Matrix + ?Sized> Matrix for &T {
    fn matrix(&self) -> Array2<f64> {
        (**self).matrix()
    }
}

/// A row of labels: anything that can be written, in a slice, a vector or an array.
pub trait Labels {
    /// Returns the labels.
    fn labels(&self) -> Vec<String>;
}

impl<T: ToString> Labels for [T] {
    fn labels(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }
}

impl<T: ToString, const N: usize> Labels for [T; N] {
    fn labels(&self) -> Vec<String> {
        self.as_slice().labels()
    }
}

impl<T: ToString> Labels for Vec<T> {
    fn labels(&self) -> Vec<String> {
        self.as_slice().labels()
    }
}

impl<T: ToString, S: Data<Elem = T>> Labels for ArrayBase<S, Ix1> {
    fn labels(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }
}

impl Labels for Series {
    fn labels(&self) -> Vec<String> {
        self.iter()
            .map(|value| value.str_value().into_owned())
            .collect()
    }
}

impl Labels for Column {
    fn labels(&self) -> Vec<String> {
        self.as_materialized_series().labels()
    }
}

impl<T: Labels + ?Sized> Labels for &T {
    fn labels(&self) -> Vec<String> {
        (**self).labels()
    }
}
