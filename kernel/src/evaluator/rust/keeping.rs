//! The variables that a session keeps from cell to cell, and those that it has lost.

use std::collections::{BTreeMap, BTreeSet};

/// As many names are spelled out.
const SPELLED: usize = 12;

/// The names of the variables.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    kept: BTreeSet<String>,
    /// What took the variable away, by its name.
    lost: BTreeMap<String, String>,
}

impl Keeping {
    /// Notes what is kept now.
    pub(super) fn keep(&mut self, names: impl Iterator<Item = String>) {
        self.kept = names.collect();
        self.lost.retain(|name, _| !self.kept.contains(name));
    }

    /// Notes that `culprit` has ended the process in which the variables lived.
    pub(super) fn lose_all(&mut self, culprit: &str) {
        for name in std::mem::take(&mut self.kept) {
            self.lost.insert(name, culprit.to_owned());
        }
    }

    /// Says what would be lost with the process.
    pub(super) fn loss(&self) -> String {
        let names: Vec<String> = self.kept.iter().map(|name| format!("`{name}`")).collect();
        let more = names.len().saturating_sub(SPELLED);
        let shown = names[..names.len() - more].join(", ");
        match (names.len(), more) {
            (0, _) => "no variables are lost, since none were kept".to_owned(),
            (1, _) => format!("the variable {shown} is lost"),
            (_, 0) => format!("the variables {shown} are lost"),
            (_, more) => format!("the variables {shown} and {more} more are lost"),
        }
    }

    /// Says why a name that the compiler does not find is not there.
    pub(super) fn explain(&self, message: &str) -> Option<String> {
        let name = message
            .strip_prefix("cannot find value `")?
            .split('`')
            .next()?;
        let culprit = self.lost.get(name)?;
        Some(format!(
            "`{name}` was lost when {culprit} ended the process that kept it: run the cell that makes it again"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Keeping;

    #[test]
    fn what_was_lost_is_known_until_it_is_made_again() {
        let mut keeping = Keeping::default();
        assert!(keeping.loss().starts_with("no variables are lost"));
        keeping.keep(["a", "b"].map(str::to_owned).into_iter());
        assert_eq!(keeping.loss(), "the variables `a`, `b` are lost");
        keeping.lose_all("cell 3");
        keeping.keep(["b".to_owned()].into_iter());
        assert!(
            keeping
                .explain("cannot find value `b` in this scope")
                .is_none()
        );
        let said = keeping
            .explain("cannot find value `a` in this scope")
            .unwrap_or_default();
        assert!(said.contains("`a` was lost when cell 3"), "{said}");
        keeping.keep((0..20).map(|i| format!("x{i:02}")));
        assert!(
            keeping.loss().ends_with("`x11` and 8 more are lost"),
            "{}",
            keeping.loss()
        );
    }
}
