//! The layer table.

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
    /// The layer in a few words.
    pub layer: String,
    /// Shape of its output, such as `(n, 16, 124)`.
    pub output: String,
    /// Numbers that it learns.
    pub parameters: usize,
}

impl Summary {
    pub(crate) fn new(rows: Vec<SummaryRow>) -> Self {
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
        writeln!(
            f,
            "    {:<layer$}  {:<output$}  parameters",
            "layer", "output"
        )?;
        for (index, row) in self.rows.iter().enumerate() {
            let number = match index {
                0 => String::new(),
                _ => (index - 1).to_string(),
            };
            writeln!(
                f,
                "{number:>2}  {:<layer$}  {:<output$}  {:>10}",
                row.layer, row.output, row.parameters
            )?;
        }
        write!(
            f,
            "    {:<layer$}  {:<output$}  {:>10}",
            "sum",
            "",
            self.parameters()
        )
    }
}
