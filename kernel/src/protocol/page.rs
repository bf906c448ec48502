//! `?name` or `name?` as a cell: what is known about a name, in the front end's pager.

use crate::evaluator::{Analysis, Bundle};

/// Holds the name that a cell asks about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<'a> {
    name: &'a str,
    /// Two question marks ask for all that is known.
    whole: bool,
}

impl<'a> Page<'a> {
    /// Reads a cell that asks; `None` for one that is to be run, such as `name?` for a variable that `?` can take apart.
    pub(crate) fn asked(code: &'a str, analysis: &dyn Analysis) -> Option<Self> {
        let page = Self::read(code.trim())?;
        let begins = code.trim().starts_with('?');
        let variables = || analysis.variables();
        let taken_apart = || {
            let of_name = |(name, kind): (String, String)| name == page.name && is_fallible(&kind);
            variables().into_iter().any(of_name)
        };
        (begins || !taken_apart()).then_some(page)
    }

    fn read(code: &'a str) -> Option<Self> {
        let strip = |code: &'a str| {
            let once = code.strip_prefix('?').or_else(|| code.strip_suffix('?'))?;
            let twice = once.strip_prefix('?').or_else(|| once.strip_suffix('?'));
            Some(Self {
                name: twice.unwrap_or(once).trim(),
                whole: twice.is_some(),
            })
        };
        let page = strip(code)?;
        let is_part = |c: char| c.is_alphanumeric() || "_:.!".contains(c);
        let begins = |c: char| c.is_alphabetic() || c == '_';
        (page.name.starts_with(begins) && page.name.chars().all(is_part)).then_some(page)
    }

    /// Says what is known.
    pub(crate) fn bundle(&self, analysis: &dyn Analysis) -> Option<Bundle> {
        let end = self.name.trim_end_matches('!').chars().count();
        analysis.inspect(self.name, end, self.whole)
    }

    /// Says that nothing is known.
    pub(crate) fn apology(&self) -> String {
        format!("nothing is known about `{}`\n", self.name)
    }
}

/// Tells whether `?` can take a value of this type apart.
fn is_fallible(kind: &str) -> bool {
    let path = kind.split('<').next().unwrap_or_default();
    matches!(path.rsplit("::").next(), Some("Result" | "Option"))
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_name_with_question_marks_asks_and_an_expression_does_not() {
        for (code, name, whole) in [
            ("?x", "x", false),
            (" x? ", "x", false),
            ("??x", "x", true),
            ("display::curve??", "display::curve", true),
            ("? x.len", "x.len", false),
            ("println!?", "println!", false),
        ] {
            assert_eq!(
                Page::read(code.trim()),
                Some(Page { name, whole }),
                "{code}"
            );
        }
        for code in [
            "x", "f()?", "x?;", "?", "??", "1?", "a b?", "x?\ny?", "?a;b",
        ] {
            assert_eq!(Page::read(code), None, "{code}");
        }
    }
}
