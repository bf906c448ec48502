//! The layer table.

use super::survey::Part;
use super::{Parameter, Shape};
use std::fmt;
use std::sync::Arc;

/// The layer table of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    rows: Arc<Vec<SummaryRow>>,
}

/// One line of a layer table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// Where the layer stands: `3` or, inside another one, `3.0`; empty for the input.
    pub number: String,
    /// The layer in a few words, indented by two spaces for every layer in which it stands.
    pub layer: String,
    /// Shape of its output, such as `(n, 16, 124)`.
    pub output: String,
    /// Numbers that it learns itself, without those of the layers inside.
    pub parameters: usize,
}

impl Summary {
    pub(crate) fn of(input: Shape, parts: &[Part]) -> Self {
        let mut rows = vec![SummaryRow {
            number: String::new(),
            layer: "input".into(),
            output: input.to_string(),
            parameters: 0,
        }];
        rows.extend(parts.iter().map(|part| {
            let own = part.parameters.iter();
            SummaryRow {
                number: part.number.clone(),
                layer: "  ".repeat(part.depth) + &part.layer.to_string(),
                output: part.output.to_string(),
                parameters: own
                    .filter(|parameter| parameter.trained)
                    .map(Parameter::count)
                    .sum(),
            }
        }));
        Self {
            rows: Arc::new(rows),
        }
    }

    /// Returns the lines, the first one being the input.
    pub fn rows(&self) -> &[SummaryRow] {
        &self.rows
    }

    /// Returns the numbers that all layers learn.
    pub fn parameters(&self) -> usize {
        self.rows.iter().map(|row| row.parameters).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or_default();
        let layer = wide(&mut self.rows.iter().map(|row| row.layer.len())).max(5);
        let output = wide(&mut self.rows.iter().map(|row| row.output.len())).max(6);
        let number = wide(&mut self.rows.iter().map(|row| row.number.len())).max(2);
        writeln!(
            f,
            "{:number$}  {:<layer$}  {:<output$}  parameters",
            "", "layer", "output"
        )?;
        for row in self.rows.iter() {
            writeln!(
                f,
                "{:>number$}  {:<layer$}  {:<output$}  {:>10}",
                row.number, row.layer, row.output, row.parameters
            )?;
        }
        write!(
            f,
            "{:number$}  {:<layer$}  {:<output$}  {:>10}",
            "",
            "sum",
            "",
            self.parameters()
        )
    }
}
