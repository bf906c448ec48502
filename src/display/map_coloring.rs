//! What the points of a map are coloured by: categories or values, found by name.

use super::axis;
use super::categories::Palette;
use super::palette::{Color, ColorMap};
use crate::expression::Cells;
use polars::prelude::{Column, DataFrame, DataType};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Points that have no label or no value.
pub(crate) const NONE: Color = Color(0xd3, 0xd3, 0xd3);
/// Whole numbers with at most so many different values are categories, such as numbers of clusters.
const FEW: usize = 40;
/// The code of a point without a label.
pub(crate) const UNLABELLED: u32 = u32::MAX;
/// Steps between the lowest and the highest value.
pub(crate) const STEPS: u8 = 253;

/// What one panel shows.
#[derive(Clone)]
pub(crate) struct Panel {
    pub(crate) name: String,
    pub(crate) paint: Paint,
}

#[derive(Clone)]
pub(crate) enum Paint {
    Plain,
    Categories(Arc<Categories>),
    Values(Arc<[f64]>),
    /// There is nothing of this name; the text says what there is.
    Missing(String),
}

/// A label for each point.
#[derive(Debug)]
pub(crate) struct Categories {
    /// The place of each point's label among the names.
    pub(crate) codes: Vec<u32>,
    pub(crate) names: Vec<String>,
    /// How many points have each label.
    pub(crate) counts: Vec<usize>,
}

impl Categories {
    /// Sorts out labels: the names in a given order, others after them in the order of the alphabet, numbers in them by size.
    pub(crate) fn new(labels: &[Option<&str>], order: &[String]) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for label in labels.iter().flatten() {
            *counts.entry(label).or_default() += 1;
        }
        let mut names: Vec<&str> = order
            .iter()
            .map(String::as_str)
            .filter(|name| counts.contains_key(name))
            .collect();
        let mut rest: Vec<&str> = counts.keys().copied().collect();
        rest.retain(|name| !names.contains(name));
        rest.sort_by(|a, b| natural(a, b));
        names.append(&mut rest);
        let places: HashMap<&str, u32> = names.iter().copied().zip(0..).collect();
        let code = |label: Option<&str>| label.and_then(|l| places.get(l)).copied();
        Self {
            codes: labels
                .iter()
                .map(|l| code(*l).unwrap_or(UNLABELLED))
                .collect(),
            counts: names.iter().map(|name| counts[name]).collect(),
            names: names.into_iter().map(Into::into).collect(),
        }
    }

    /// Returns the code of a point; none when it has no label, or one that is not among the highlighted.
    pub(crate) fn code(&self, point: usize, highlighted: &[String]) -> Option<usize> {
        let code = *self.codes.get(point)? as usize;
        let name = self.names.get(code)?;
        (highlighted.is_empty() || highlighted.contains(name)).then_some(code)
    }

    /// Returns names and colours, only of those highlighted if any are.
    pub(crate) fn legend(&self, palette: Palette, highlighted: &[String]) -> Vec<(String, Color)> {
        let all = self.names.iter().zip(palette.colors(self.names.len()));
        all.filter(|(name, _)| highlighted.is_empty() || highlighted.contains(name))
            .map(|(name, color)| (name.clone(), color))
            .collect()
    }
}

/// Compares texts by letters, and by size where both have a number: `cluster 9` comes before `cluster 10`.
fn natural(a: &str, b: &str) -> Ordering {
    if let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) {
        return a.total_cmp(&b);
    }
    let digit = |c: char| c.is_ascii_digit();
    let (mut rest_a, mut rest_b) = (a, b);
    while let (Some(x), Some(y)) = (rest_a.chars().next(), rest_b.chars().next()) {
        let order = if digit(x) && digit(y) {
            let number = |text: &str| text.len() - text.trim_start_matches(digit).len();
            let (from_a, from_b) = (
                rest_a.split_at(number(rest_a)),
                rest_b.split_at(number(rest_b)),
            );
            (rest_a, rest_b) = (from_a.1, from_b.1);
            let (x, y) = (
                from_a.0.trim_start_matches('0'),
                from_b.0.trim_start_matches('0'),
            );
            x.len().cmp(&y.len()).then(x.cmp(y))
        } else {
            (rest_a, rest_b) = (&rest_a[x.len_utf8()..], &rest_b[y.len_utf8()..]);
            x.cmp(&y)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    rest_a.len().cmp(&rest_b.len()).then(a.cmp(b))
}

impl Paint {
    /// Reads a column: text, truth values and few different whole numbers are categories, other numbers are values.
    fn column(column: &Column, order: &[String]) -> Self {
        let kind = column.dtype();
        let number = kind.is_primitive_numeric();
        if number && !is_few(column) {
            use super::numbers::Numbers;
            return Self::Values(column.numbers().into());
        }
        match column.cast(&DataType::String) {
            Ok(text) => match text.str() {
                Ok(text) => Self::Categories(Arc::new(Categories::new(
                    &text.iter().collect::<Vec<_>>(),
                    order,
                ))),
                Err(_) => Self::Missing(format!("a column of {kind}")),
            },
            Err(_) => Self::Missing(format!("a column of {kind}")),
        }
    }

    /// Returns the lowest and the highest value, or those set.
    pub(crate) fn range(&self, set: Option<(f64, f64)>) -> Option<(f64, f64)> {
        let Self::Values(values) = self else {
            return None;
        };
        let set = set.filter(|(low, high)| low.is_finite() && high.is_finite());
        let (low, high) = set.or_else(|| axis::span(values.iter().copied()))?;
        let scale = axis::Scale::exact((low, high), 2);
        Some((scale.low, scale.high))
    }
}

/// Returns the step of a value between the ends of a range, from 0 to [`STEPS`].
pub(crate) fn step(value: f64, (low, high): (f64, f64)) -> Option<u8> {
    let share = (value - low) / (high - low);
    (!share.is_nan()).then(|| (share.clamp(0.0, 1.0) * f64::from(STEPS)).round() as u8)
}

/// Returns the colours of all steps.
pub(crate) fn ramp(map: ColorMap) -> impl Iterator<Item = Color> {
    (0..=STEPS).map(move |step| map.color(f64::from(step) / f64::from(STEPS)))
}

fn is_few(column: &Column) -> bool {
    column.dtype().is_integer() && column.n_unique().is_ok_and(|count| count <= FEW)
}

/// Looks a name up: columns of what is known of the points first, then what is known of the cells, then genes.
pub(crate) fn find(name: &str, about: Option<&DataFrame>, cells: Option<&Cells>) -> Paint {
    if let Some(column) = about.and_then(|table| table.column(name).ok()) {
        return Paint::column(column, &[]);
    }
    if let Some(cells) = cells {
        if let Ok(column) = cells.obs().column(name) {
            let order = cells.obs().categories(name).unwrap_or_default();
            return Paint::column(column, order);
        }
        match cells.gene(name) {
            Ok(values) => return Paint::Values(values.iter().map(|v| f64::from(*v)).collect()),
            Err(_) if cells.genes().iter().any(|gene| gene == name) => {
                return Paint::Missing(format!("several genes are called `{name}`"));
            }
            Err(_) => {}
        }
    }
    let columns = |table: &DataFrame| -> Vec<String> {
        let names = table.columns().iter();
        names.map(|column| column.name().to_string()).collect()
    };
    let mut known = about.map(columns).unwrap_or_default();
    if let Some(cells) = cells {
        known.extend(columns(cells.obs().table()));
    }
    known.sort();
    known.dedup();
    let more = known.len().saturating_sub(8);
    known.truncate(8);
    let mut known = known.join(", ");
    if more > 0 {
        known += &format!(" and {more} more");
    }
    let genes = cells.map_or_else(String::new, |cells| {
        format!(" nor a gene among {}", cells.genes().len())
    });
    Paint::Missing(if known.is_empty() {
        format!("no column `{name}`, there are none{genes}")
    } else {
        format!("no column `{name}` among {known}{genes}")
    })
}
