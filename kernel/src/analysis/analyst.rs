//! Answers questions about code.

use super::language;
use super::scope::Scope;
use super::words::{KEYWORDS, offset, points, word_end, word_start};
use crate::evaluator::{Analysis, Bundle, Completeness, Completion, Completions};
use std::sync::{Arc, Mutex, PoisonError};

/// Knows what a session holds.
#[derive(Debug, Default)]
pub(crate) struct Analyst {
    scope: Mutex<Arc<Scope>>,
}

impl Analyst {
    /// Takes note of what the session holds now.
    pub(crate) fn publish(&self, scope: Scope) {
        *self.scope.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(scope);
    }

    fn scope(&self) -> Arc<Scope> {
        Arc::clone(&self.scope.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Analysis for Analyst {
    fn complete(&self, code: &str, cursor: usize) -> Completions {
        let scope = self.scope();
        let at = offset(code, cursor);
        let start = word_start(code, at);
        let stem = &code[start..at];
        let mut completions = Completions {
            start: points(code, start),
            end: points(code, word_end(code, at)),
            ..Completions::default()
        };
        if stem.is_empty() || code[..start].ends_with(['.', ':']) {
            return completions;
        }
        let variables = scope.variables.iter().map(|(name, kind)| Completion {
            text: name.clone(),
            kind: "variable".to_owned(),
            signature: kind.clone(),
        });
        let items = scope.items.iter().map(|item| Completion {
            text: item.name.clone(),
            kind: item.kind.to_owned(),
            signature: String::new(),
        });
        let keywords = KEYWORDS.iter().map(|word| Completion {
            text: (*word).to_owned(),
            kind: "keyword".to_owned(),
            signature: String::new(),
        });
        completions.matches = variables
            .chain(items)
            .chain(keywords)
            .filter(|one| one.text.starts_with(stem))
            .collect();
        completions
    }

    fn inspect(&self, code: &str, cursor: usize, _whole: bool) -> Option<Bundle> {
        let scope = self.scope();
        let at = offset(code, cursor);
        let word = &code[word_start(code, at)..word_end(code, at)];
        if let Some((name, kind)) = scope.variables.iter().find(|(name, _)| name == word) {
            return Some(Bundle::text(format!("{name}: {kind}")));
        }
        let item = scope.items.iter().find(|item| item.name == word)?;
        Some(Bundle::text(item.text.clone()))
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.scope().variables.clone()
    }

    fn completeness(&self, code: &str) -> Completeness {
        language::completeness(code)
    }
}
