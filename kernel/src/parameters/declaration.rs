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
    spelling: String,
    /// The value that it begins with, as it is written.
    pub(super) default: String,
    /// The comment at the end of its line.
    pub(super) help: String,
}

impl Declaration {
    /// Spells the type.
    pub(super) fn spell(&self) -> String {
        match self.spelling.as_str() {
            "" => self.kind.spell(),
            written => written.to_owned(),
        }
    }

    fn typed(keyword: &'static str, name: &syn::Ident, form: &syn::Type) -> Self {
        Self {
            name: name.to_string(),
            kind: Kind::of_type(form),
            keyword,
            spelling: form.span().source_text().unwrap_or_default(),
            default: String::new(),
            help: String::new(),
        }
    }
}

/// Lists what a cell declares; of a name declared twice, the last counts.
pub(super) fn declarations(source: &str) -> Result<Vec<Declaration>> {
    let rust: String = source
        .lines()
        .filter(|line| !is_command(line.trim_start()))
        .map(|line| format!("{line}\n"))
        .collect();
    if let Some(reason) = crate::nesting::beyond_reason(&rust) {
        bail!("the cell of the parameters has {reason}");
    }
    let block = match syn::parse_str::<syn::Block>(&format!("{{{rust}}}")) {
        Ok(block) => block,
        Err(error) => bail!("the cell tagged `parameters` is not right Rust: {error}"),
    };
    let mut found: Vec<Declaration> = Vec::new();
    for statement in &block.stmts {
        let (declared, start) = match statement {
            Stmt::Local(local) => (variable(local), local.init.as_ref().map(|init| &*init.expr)),
            Stmt::Item(Item::Const(item)) => {
                let declared = Declaration::typed("const", &item.ident, &item.ty);
                (Some(declared), Some(&*item.expr))
            }
            Stmt::Item(Item::Static(item)) => {
                let declared = Declaration::typed("static", &item.ident, &item.ty);
                (Some(declared), Some(&*item.expr))
            }
            _ => (None, None),
        };
        let Some(declared) = declared else { continue };
        found.retain(|other| other.name != declared.name);
        found.push(Declaration {
            default: start
                .and_then(|start| start.span().source_text())
                .unwrap_or_default(),
            help: remark(&rust, statement.span().end()),
            ..declared
        });
    }
    Ok(found)
}

/// Lines that are commands to evcxr, not Rust.
fn is_command(line: &str) -> bool {
    line.starts_with(':') && !line.starts_with("::") || line.starts_with('!')
}

/// Gives the comment that follows on the same line.
fn remark(rust: &str, end: proc_macro2::LineColumn) -> String {
    let line = rust.lines().nth(end.line - 1).unwrap_or_default();
    // A brace stands before the first line.
    let column = if end.line == 1 {
        end.column - 1
    } else {
        end.column
    };
    let rest: String = line.chars().skip(column).collect();
    let remark = rest.trim().strip_prefix("//").unwrap_or_default();
    remark.trim().to_owned()
}

fn variable(local: &syn::Local) -> Option<Declaration> {
    let (pattern, form) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        pattern => (pattern, None),
    };
    let Pat::Ident(name) = pattern else {
        return None;
    };
    let keyword = if name.mutability.is_some() {
        "let mut"
    } else {
        "let"
    };
    // A type such as `Vec<_>` is for the compiler to complete: the first value says more.
    let form = form.filter(|form| !form.to_token_stream().to_string().contains('_'));
    match (form, &local.init) {
        (Some(form), _) => Some(Declaration::typed(keyword, &name.ident, form)),
        (None, Some(start)) => Some(Declaration {
            name: name.ident.to_string(),
            kind: Kind::of_start(&start.expr),
            keyword,
            spelling: String::new(),
            default: String::new(),
            help: String::new(),
        }),
        (None, None) => None,
    }
}
