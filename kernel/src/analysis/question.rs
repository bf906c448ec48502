//! The question that the compiler is asked: which type does this value have?
//!
//! The cell up to the value is made whole and put where a cell stands: among the session's items, in a function whose parameters are
//! the session's variables. The value gets a method call that demands of it a few traits, each on a line of its own, so that the
//! complaints tell which of them are missing; and last a trait that nothing implements, so that the complaint names its type in full.
//! Complaints about one call come in the order of its demands: with the last, everything has been said.

use super::cut::{closing, statement_start};
use super::members::Receiver;
use super::scope::Scope;
use super::tokens::{Kind, Token, tokens};
use serde_json::Value;

/// The method that every type has.
const PROBE: &str = "genolens_probe";

/// The trait that no type implements.
const NONE: &str = "__GlNone";

/// The most traits that are asked about.
const MOST: usize = 12;

/// A text for the compiler, and how to understand its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) text: String,
    /// Traits that are asked about.
    traits: Vec<String>,
    /// The line of the first.
    line: u64,
}

impl Question {
    /// Asks about the value that ends with `code`; `None` when the code cannot be made whole.
    pub(super) fn about(code: &str, scope: &Scope) -> Option<Self> {
        let all = tokens(code);
        let code = without_comments(code, &all);
        let all: Vec<Token<'_>> = all
            .into_iter()
            .filter(|token| token.kind != Kind::Comment)
            .collect();
        let closing = closing(&all);
        let from_statement = statement_start(&all);
        let body = [0, from_statement].into_iter().find_map(|start| {
            let body = format!("{}.{PROBE}(){closing};", code.get(start..)?);
            syn::parse_str::<syn::Block>(&format!("{{{body}}}")).ok()?;
            Some(body)
        })?;
        let mut traits = vec!["::std::iter::Iterator".to_owned()];
        let own = scope
            .items
            .iter()
            .filter(|item| item.kind == "trait" && item.generics.is_empty());
        traits.extend(own.map(|item| item.path.clone()));
        traits.truncate(MOST);
        let parameters: Vec<String> = scope
            .variables
            .iter()
            .map(|(name, kind)| format!("mut {name}: {kind}"))
            .collect();
        let head = format!(
            "#![allow(warnings)]\n{}\ntrait {NONE} {{}}\ntrait __GlProbe {{ fn {PROBE}(self) -> Self where Self: Sized,\n",
            scope.source
        );
        let line = head.matches('\n').count() as u64 + 1;
        let bounds: String = traits
            .iter()
            .map(|path| format!("Self: {path},\n"))
            .collect();
        let text = format!(
            "{head}{bounds}Self: {NONE},\n{{ loop {{}} }} }}\nimpl<T: ?Sized> __GlProbe for T {{}}\nstruct __GlError;\n\
             impl<T: ::std::fmt::Display> From<T> for __GlError {{ fn from(_: T) -> Self {{ loop {{}} }} }}\n\
             fn __gl_cell({}) -> ::std::result::Result<(), __GlError> {{\n{body}\n::std::result::Result::Ok(()) }}\n",
            parameters.join(", ")
        );
        Some(Self { text, traits, line })
    }

    /// Takes note of one message of the compiler; true when no other can matter.
    pub(super) fn hear(&self, line: &str, answer: &mut Answer) -> bool {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return false;
        };
        let text = message["message"].as_str().unwrap_or_default();
        if message["code"]["code"] != "E0277" {
            return false;
        }
        if let Some(kind) = named(text) {
            answer.kind = Some(kind);
            return true;
        }
        let missing = message["children"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|child| child["spans"].as_array().into_iter().flatten())
            .filter_map(|span| span["line_start"].as_u64()?.checked_sub(self.line))
            .filter(|number| *number < self.traits.len() as u64);
        answer.missing.extend(missing.map(|number| number as usize));
        false
    }

    /// What all messages together say.
    pub(super) fn understand(&self, answer: Answer) -> Option<Receiver> {
        let kind = answer.kind.filter(|kind| !kind.is_empty())?;
        let here = |number: &usize| !answer.missing.contains(number);
        let traits = (0..self.traits.len()).filter(here);
        Some(Receiver {
            kind,
            traits: traits.map(|number| self.traits[number].clone()).collect(),
        })
    }
}

/// What the compiler has said so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    kind: Option<String>,
    missing: Vec<usize>,
}

/// The type in the complaint that it lacks the trait that no type implements.
fn named(text: &str) -> Option<String> {
    let end = text.find(&format!(": {NONE}`"))?;
    let start = text[..end].find('`')? + 1;
    Some(text[start..end].to_owned())
}

/// Blanks comments and commands.
fn without_comments(code: &str, tokens: &[Token<'_>]) -> String {
    let mut text = code.to_owned();
    for token in tokens {
        if token.kind == Kind::Comment {
            text.replace_range(token.start..token.end(), &" ".repeat(token.text.len()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_words_are_understood() {
        let scope = Scope::default();
        let question = Question::about("let a = 1; // eins\nif a", &scope).unwrap();
        assert!(question.text.contains("if a.genolens_probe() {};"));
        assert!(!question.text.contains("eins"));
        let mut answer = Answer::default();
        let missing = format!(
            r#"{{"message":"","code":{{"code":"E0277"}},"children":[{{"spans":[{{"line_start":{}}}]}}]}}"#,
            question.line
        );
        assert!(!question.hear(&missing, &mut answer));
        assert!(!question.hear("garbage", &mut answer));
        let message = r#"{"message":"the trait bound `a::B<'_, u8>: __GlNone` is not satisfied","code":{"code":"E0277"},"children":[]}"#;
        assert!(question.hear(message, &mut answer));
        let receiver = question.understand(answer).unwrap();
        assert_eq!(receiver.kind, "a::B<'_, u8>");
        assert!(receiver.traits.is_empty());
        assert_eq!(question.understand(Answer::default()), None);
        // Nothing can be asked about what does not parse.
        assert_eq!(Question::about("let = ;; x)", &scope), None);
    }
}
