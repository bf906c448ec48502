//! How a long task is shown: as a line of text, and as a bar in a page.

use crate::evaluator::{Bundle, Progress};

impl Progress {
    /// Writes the state as one line: task, bar, counts, remark, seconds.
    pub(crate) fn line(&self) -> String {
        let count = match self.total {
            Some(total) => {
                let filled = (self.fraction() * 20.0) as usize;
                let (full, free) = ("#".repeat(filled), ".".repeat(20 - filled));
                format!("[{full}{free}] {}/{total}", self.done)
            }
            None => self.done.to_string(),
        };
        let comma = if self.detail.is_empty() { "" } else { ", " };
        format!(
            "{} {count}{comma}{}, {:.1} s",
            self.task, self.detail, self.elapsed_s
        )
    }

    /// Shows the state as text and as a bar.
    pub(crate) fn bundle(&self) -> Bundle {
        let task = crate::html::escape(&self.task);
        let detail = crate::html::escape(&self.detail);
        let comma = if detail.is_empty() { "" } else { ", " };
        let (bar, count) = match self.total {
            Some(total) => (
                format!(
                    "<progress value=\"{}\" max=\"{total}\"></progress> ",
                    self.done
                ),
                format!("{}/{total}", self.done),
            ),
            None => (String::new(), self.done.to_string()),
        };
        let html = format!(
            "<div role=\"status\">{task} {bar}{count}{comma}{detail}, {:.1} s</div>",
            self.elapsed_s
        );
        Bundle::text(self.line()).with("text/html", html)
    }

    /// Tells whether nothing is left to do.
    pub(crate) fn is_over(&self) -> bool {
        self.total.is_some_and(|total| self.done >= total)
    }

    fn fraction(&self) -> f64 {
        match self.total {
            Some(total) if total > 0 => (self.done as f64 / total as f64).min(1.0),
            _ => 1.0,
        }
    }
}
