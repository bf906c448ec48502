//! What was run in this session.

use jupyter_protocol::{HistoryEntry, HistoryReply, HistoryRequest};

const SESSION: usize = 1;

/// Remembers the inputs of this session.
#[derive(Debug, Default)]
pub(crate) struct History {
    inputs: Vec<(usize, String)>,
}

impl History {
    /// Remembers one input under its execution count.
    pub(crate) fn add(&mut self, number: usize, code: &str) {
        self.inputs.push((number, code.to_owned()));
    }

    /// Answers a request for the tail, a range or a search.
    pub(crate) fn answer(&self, request: &HistoryRequest) -> HistoryReply {
        let (found, output): (Vec<&(usize, String)>, bool) = match request {
            HistoryRequest::Tail { n, output, .. } => {
                let skip = self.inputs.len().saturating_sub((*n).max(0) as usize);
                (self.inputs.iter().skip(skip).collect(), *output)
            }
            HistoryRequest::Range {
                session,
                start,
                stop,
                output,
                ..
            } => {
                let current = matches!(session.unwrap_or(0), 0 | 1);
                let range = (*start).max(0) as usize..(*stop).max(0) as usize;
                let inside = |entry: &&(usize, String)| current && range.contains(&entry.0);
                (self.inputs.iter().filter(inside).collect(), *output)
            }
            HistoryRequest::Search {
                pattern,
                unique,
                output,
                n,
                ..
            } => (self.search(pattern, *unique, (*n).max(0) as usize), *output),
        };
        let entries = found.into_iter().map(|(number, code)| {
            if output {
                HistoryEntry::InputOutput(SESSION, *number, (code.clone(), String::new()))
            } else {
                HistoryEntry::Input(SESSION, *number, code.clone())
            }
        });
        HistoryReply::new(entries.collect())
    }

    /// Finds the last `n` inputs that match a pattern with `*` and `?`.
    fn search(&self, pattern: &str, unique: bool, n: usize) -> Vec<&(usize, String)> {
        let pattern: Vec<char> = pattern.chars().collect();
        let mut found: Vec<&(usize, String)> = Vec::new();
        for entry in self.inputs.iter().rev() {
            let code: Vec<char> = entry.1.chars().collect();
            let known = unique && found.iter().any(|seen| seen.1 == entry.1);
            if found.len() < n && !known && matches(&pattern, &code) {
                found.push(entry);
            }
        }
        found.reverse();
        found
    }
}

/// Matches greedily and goes back to the last `*` when the rest does not fit.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks() {
        let fits = |pattern: &str, text: &str| {
            matches(
                &pattern.chars().collect::<Vec<_>>(),
                &text.chars().collect::<Vec<_>>(),
            )
        };
        assert!(fits("*", "") && fits("a*c", "abbbc") && fits("*b*b?", "abab1"));
        assert!(fits("?", "漢") && !fits("a*d", "abc") && !fits("", "a") && !fits("a", "ab"));
    }
}
