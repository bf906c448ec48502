//! Patterns with `*` for any text and `?` for any character; all else stands for itself.

/// Holds a pattern.
#[derive(Debug)]
pub(super) struct Pattern(Vec<char>);

impl Pattern {
    pub(super) fn new(pattern: &str) -> Self {
        Self(pattern.chars().collect())
    }

    /// Tells whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        fits(&self.0, &text.chars().collect::<Vec<_>>())
    }
}

/// Matches greedily and goes back to the last `*` when the rest does not fit.
fn fits(pattern: &[char], text: &[char]) -> bool {
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
    use super::Pattern;

    #[test]
    fn stars_and_question_marks() {
        let fits = |pattern: &str, text: &str| Pattern::new(pattern).matches(text);
        assert!(fits("*", "") && fits("a*c", "abbbc") && fits("*b*b?", "abab1"));
        assert!(fits("?", "漢") && !fits("a*d", "abc") && !fits("", "a") && !fits("a", "ab"));
        assert!(fits("v[0]*", "v[0].len()") && !fits("v[0]", "v0"));
    }
}
