//! What the cell tagged `parameters` declares.

use super::Kind;
use anyhow::{Result, bail};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Item, Pat, Stmt};

/// Is one name that a value can be given for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// `let`, `let mut`, `const` or `static`.
    pub(super) keyword: &'static str,
    /// The type as it is written there; empty when it is not.
    pub(super) spelling: String,
}

/// Lists what a cell declares; of a name declared twice, the last counts.
pub(super) fn declarations(source: &str) -> Result<Vec<Declaration>> {
    let rust: String = source
        .lines()
        .filter(|line| !is_command(line.trim_start()))
        .map(|line| format!("{line}\n"))
        .collect();
    let block = match syn::parse_str::<syn::Block>(&format!("{{{rust}}}")) {
        Ok(block) => block,
        Err(error) => bail!("the cell tagged `parameters` is not right Rust: {error}"),
    };
    let mut found: Vec<Declaration> = Vec::new();
    for statement in &block.stmts {
        let declared = match statement {
            Stmt::Local(local) => variable(local),
            Stmt::Item(Item::Const(item)) => {
                vec![typed("const", &item.ident, &item.ty)]
            }
            Stmt::Item(Item::Static(item)) => {
                vec![typed("static", &item.ident, &item.ty)]
            }
            _ => Vec::new(),
        };
        for one in declared {
            found.retain(|other| other.name != one.name);
            found.push(one);
        }
    }
    Ok(found)
}

/// Lines that are commands to evcxr, not Rust.
fn is_command(line: &str) -> bool {
    line.starts_with(':') && !line.starts_with("::") || line.starts_with('!')
}

fn variable(local: &syn::Local) -> Vec<Declaration> {
    let (pattern, form) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        pattern => (pattern, None),
    };
    let Pat::Ident(name) = pattern else {
        return Vec::new();
    };
    let keyword = if name.mutability.is_some() {
        "let mut"
    } else {
        "let"
    };
    // A type such as `Vec<_>` is for the compiler to complete: the first value says more.
    let form = form.filter(|form| !form.to_token_stream().to_string().contains('_'));
    vec![match (form, &local.init) {
        (Some(form), _) => typed(keyword, &name.ident, form),
        (None, Some(start)) => Declaration {
            name: name.ident.to_string(),
            kind: Kind::of_start(&start.expr),
            keyword,
            spelling: String::new(),
        },
        (None, None) => return Vec::new(),
    }]
}

fn typed(keyword: &'static str, name: &syn::Ident, form: &syn::Type) -> Declaration {
    Declaration {
        name: name.to_string(),
        kind: Kind::of_type(form),
        keyword,
        spelling: form.span().source_text().unwrap_or_default(),
    }
}
