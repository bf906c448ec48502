//! How a long task is shown: as a line of text, and as a bar in a page with the curve of what it records.

use crate::evaluator::{Bar, Bundle, Progress};
use crate::html::escape;

impl Progress {
    /// Writes the state as one line.
    pub(crate) fn line(&self) -> String {
        let lines: Vec<String> = self.bars.iter().map(Bar::line).collect();
        lines.join(" | ")
    }

    /// Shows the state: bars and curve while it goes on, afterwards what remains.
    pub(crate) fn bundle(&self) -> Bundle {
        if self.over {
            return self.picture.clone().unwrap_or_else(|| self.summary());
        }
        let bars: Vec<String> = self.bars.iter().map(Bar::html).collect();
        let curve = self.curve.as_deref().unwrap_or_default();
        let html = format!("<div role=\"status\">{}{curve}</div>", bars.concat());
        Bundle::text(self.line()).with("text/html", html)
    }

    /// Returns the state for a task of which nothing more will be heard.
    pub(crate) fn closed(mut self) -> Self {
        self.over = true;
        for bar in &mut self.bars {
            bar.stopped |= bar.total.is_none_or(|total| bar.done < total);
        }
        if let (None, Some(curve)) = (&self.picture, self.curve.take()) {
            self.picture = Some(Bundle::text(self.ends()).with("image/svg+xml", curve));
        }
        self
    }

    fn ends(&self) -> String {
        let ends: Vec<String> = self.bars.iter().map(Bar::end).collect();
        ends.join("\n")
    }

    fn summary(&self) -> Bundle {
        let text = self.ends();
        let html = escape(&text).replace('\n', "<br>");
        Bundle::text(text).with("text/html", format!("<small>{html}</small>"))
    }
}

impl Bar {
    fn line(&self) -> String {
        let drawn = match self.total {
            Some(total) => {
                let filled = (self.fraction(total) * 20.0) as usize;
                let (full, free) = ("#".repeat(filled), ".".repeat(20 - filled));
                format!("[{full}{free}] ")
            }
            None => String::new(),
        };
        format!("{} {drawn}{}", self.task, self.numbers())
    }

    fn html(&self) -> String {
        let drawn = match self.total {
            Some(total) => format!(
                "<progress value=\"{}\" max=\"{total}\" style=\"width: 16em; vertical-align: middle\"></progress> ",
                self.done
            ),
            None => String::new(),
        };
        let (task, numbers) = (escape(&self.task), escape(&self.numbers()));
        format!("<div>{task} {drawn}{numbers}</div>")
    }

    /// Counts, rate, time left and remark.
    fn numbers(&self) -> String {
        let mut parts = vec![self.count()];
        let rate = self.rate();
        parts.extend(rate.map(pace));
        if let (Some(rate), Some(total)) = (rate, self.total) {
            let left = total.saturating_sub(self.done) as f64 / rate;
            parts.push(format!("{} left", clock(left)));
        }
        if !self.detail.is_empty() {
            parts.push(self.detail.clone());
        }
        parts.join(", ")
    }

    /// Says how it ended.
    fn end(&self) -> String {
        let mut text = format!("{}: ", self.task);
        if self.stopped {
            text += "stopped at ";
        }
        text += &format!("{} in {:.1} s", self.count(), self.elapsed_s);
        if let Some(rate) = self.rate() {
            text = text + ", " + &pace(rate);
        }
        if !self.detail.is_empty() {
            text = text + ", " + &self.detail;
        }
        text
    }

    fn count(&self) -> String {
        match self.total {
            Some(total) => format!("{}/{total}", self.done),
            None => self.done.to_string(),
        }
    }

    /// Steps in a second.
    fn rate(&self) -> Option<f64> {
        (self.done > 0 && self.elapsed_s > 0.0).then(|| self.done as f64 / self.elapsed_s)
    }

    fn fraction(&self, total: u64) -> f64 {
        if total == 0 {
            return 1.0;
        }
        (self.done as f64 / total as f64).min(1.0)
    }
}

fn pace(rate: f64) -> String {
    match rate {
        10.0.. => format!("{rate:.0}/s"),
        1.0.. => format!("{rate:.1}/s"),
        _ => format!("{:.1} s each", 1.0 / rate),
    }
}

fn clock(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn bar(done: u64, total: Option<u64>, elapsed_s: f64) -> Bar {
        Bar {
            task: "a < b".to_owned(),
            done,
            total,
            detail: "loss 0.5".to_owned(),
            elapsed_s,
            stopped: false,
        }
    }

    fn progress(bars: Vec<Bar>) -> Progress {
        Progress {
            bars,
            ..Progress::default()
        }
    }

    #[test]
    fn a_bar_tells_rate_and_time_left() {
        let outer = bar(1, Some(4), 2000.0);
        let inner = bar(250, Some(1000), 0.5);
        let unknown = bar(3, None, 2.0);
        assert_snapshot!(progress(vec![outer, inner, unknown]).line(), @"a < b [#####...............] 1/4, 2000.0 s each, 1:40:00 left, loss 0.5 | a < b [#####...............] 250/1000, 500/s, 0:02 left, loss 0.5 | a < b 3, 1.5/s, loss 0.5");
        // Nothing can be said before the first step, and nothing divides by zero.
        assert_snapshot!(progress(vec![bar(0, Some(0), 0.0)]).line(), @"a < b [####################] 0/0, loss 0.5");
    }

    #[test]
    fn what_remains_is_a_line_or_the_picture() {
        let text = |progress: &Progress| {
            let bundle = progress.bundle();
            bundle
                .data
                .values()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let mut done = progress(vec![bar(4, Some(4), 2.0)]);
        done.over = true;
        assert_snapshot!(text(&done), @r#"
        "a < b: 4/4 in 2.0 s, 2.0/s, loss 0.5"
        "<small>a &lt; b: 4/4 in 2.0 s, 2.0/s, loss 0.5</small>"
        "#);
        // The process died: the curve so far is kept.
        let mut died = progress(vec![bar(1, Some(4), 2.0)]);
        died.curve = Some("<svg/>".to_owned());
        assert_snapshot!(text(&died), @r#"
        "a < b [#####...............] 1/4, 2.0 s each, 0:06 left, loss 0.5"
        "<div role=\"status\"><div>a &lt; b <progress value=\"1\" max=\"4\" style=\"width: 16em; vertical-align: middle\"></progress> 1/4, 2.0 s each, 0:06 left, loss 0.5</div><svg/></div>"
        "#);
        assert_snapshot!(text(&died.closed()), @r#"
        "a < b: stopped at 1/4 in 2.0 s, 2.0 s each, loss 0.5"
        "<svg/>"
        "#);
    }
}
