//! Everything that one question is answered from.

use super::cut::closing;
use super::index::{Index, Item};
use super::locals::locals;
use super::members::Receiver;
use super::names::{Names, uses};
use super::own;
use super::scope::Scope;
use super::tokens::{Kind, tokens};

/// Gives the type of the value that ends where a text ends.
pub(super) type Asking<'a> = &'a dyn Fn(&str) -> Option<Receiver>;

/// The code, what is known, and the way to the compiler.
pub(super) struct Moment<'a> {
    pub(super) code: &'a str,
    pub(super) names: Names<'a>,
    pub(super) ask: Asking<'a>,
}

impl<'a> Moment<'a> {
    pub(super) fn new(
        code: &'a str,
        (scope, index): (&'a Scope, &'a Index),
        ask: Asking<'a>,
    ) -> Self {
        let names = Names {
            index,
            scope,
            items: items(code),
            uses: uses(code, &tokens(code)),
        };
        Self { code, names, ask }
    }

    /// The variables that the cell has bound before an offset.
    pub(super) fn locals(&self, at: usize) -> Vec<String> {
        let tokens: Vec<_> = tokens(&self.code[..at])
            .into_iter()
            .filter(|token| token.kind != Kind::Comment)
            .collect();
        locals(&tokens)
    }

    /// The type of a variable of the session.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let variables = &self.names.scope.variables;
        let found = variables.iter().find(|(known, _)| known == name);
        found.map(|(_, kind)| kind.as_str())
    }
}

/// The items that a cell defines, as far as it parses.
fn items(code: &str) -> Vec<Item> {
    let all = tokens(code);
    let whole = format!("{{{code}\n}}");
    let closed = || format!("{{{code} {}}}", closing(&all));
    let parsed = syn::parse_str::<syn::Block>(&whole)
        .map(|block| (block, whole.clone()))
        .or_else(|_| {
            let text = closed();
            syn::parse_str::<syn::Block>(&text).map(|block| (block, text))
        });
    let Ok((block, text)) = parsed else {
        return Vec::new();
    };
    let parsed: Vec<syn::Item> = block
        .stmts
        .into_iter()
        .filter_map(|statement| match statement {
            syn::Stmt::Item(item) => Some(item),
            _ => None,
        })
        .collect();
    own::items(&parsed, &text)
}
