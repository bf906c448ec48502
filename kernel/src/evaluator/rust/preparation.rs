//! What happens to the text of a cell before evcxr sees it.
//!
//! The last expression becomes a statement that displays it, so that evcxr compiles the cell once instead of trying one way of
//! displaying and then another. A new variable without an explicit type gets a placeholder for its type, which the shim
//! leaves to the compiler. Text is only inserted, never across a line, and [`Prepared::original`] leads back.

use super::globs;
use crate::nesting;
use crate::shim::PLACEHOLDER;
use std::collections::BTreeMap;
use syn::spanned::Spanned;

/// A cell as evcxr gets it.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) text: String,
    /// By line (from 1): columns of the original (in characters, from 0) at which text was inserted, and how many characters.
    inserted: BTreeMap<usize, Vec<(usize, usize)>>,
    /// What is wrong with the cell when it is not Rust; evcxr drops in silence what it cannot read.
    pub(super) fault: Option<String>,
}

impl Prepared {
    /// Leads a column (in characters, from 1) of the prepared text back to the original.
    pub(super) fn original(&self, line: usize, column: usize) -> usize {
        let mut column = column - 1;
        for &(at, width) in self.inserted.get(&line).into_iter().flatten() {
            if column >= at + width {
                column -= width;
            } else if column > at {
                column = at;
            }
        }
        column + 1
    }
}

/// Tells why nobody should parse a cell, if nobody should.
pub(super) fn beyond_reason(code: &str) -> Option<String> {
    nesting::beyond_reason(&without_commands(code))
}

/// Prepares a cell; `counter` numbers the placeholders of a session.
pub(super) fn prepare(code: &str, counter: &mut u32) -> Prepared {
    let (insertions, fault) = match insertions(code, counter) {
        Ok(insertions) => (insertions, None),
        Err(error) => (Vec::new(), Some(told(&error))),
    };
    let mut text = String::with_capacity(code.len() + 64);
    let mut inserted: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    let mut last = 0;
    for (at, addition) in insertions {
        text.push_str(&code[last..at]);
        text.push_str(&addition);
        let line = code[..at].matches('\n').count() + 1;
        let start = code[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let column = code[start..at].chars().count();
        inserted
            .entry(line)
            .or_default()
            .push((column, addition.chars().count()));
        last = at;
    }
    text.push_str(&code[last..]);
    Prepared {
        text,
        inserted,
        fault,
    }
}

fn told(error: &syn::Error) -> String {
    let start = error.span().start();
    // The brace before the code stands on its first line.
    let column = start.column + usize::from(start.line > 1);
    format!("line {}, column {column}: {error}", start.line)
}

/// Where to insert what, in order of position. Fails when the cell does not parse: then the compiler shall say why.
fn insertions(code: &str, counter: &mut u32) -> syn::Result<Vec<(usize, String)>> {
    let rust = without_commands(code);
    let block: syn::Block = syn::parse_str(&format!("{{{rust}\n}}"))?;
    // The brace before the code.
    let position = |byte: usize| byte - 1;
    let mut insertions = Vec::new();
    for statement in &block.stmts {
        if let syn::Stmt::Item(syn::Item::Use(item)) = statement {
            let end = position(item.span().byte_range().end);
            insertions.push((end, globs::grouped(item)));
        }
        if let syn::Stmt::Local(local) = statement {
            let end = position(local.span().byte_range().end);
            // Without a value there is nothing yet that could be kept under another type.
            if local.init.is_some() || !matches!(local.pat, syn::Pat::Type(_)) {
                keep_variables(&local.pat, end, counter, &mut insertions, position);
            }
        }
    }
    if let Some(expression) = final_expression(&block) {
        let range = expression.byte_range();
        insertions.push((position(range.start), "genolens_cell::show!(".to_owned()));
        insertions.push((position(range.end), ");".to_owned()));
    }
    insertions.sort_by_key(|(at, _)| *at);
    Ok(insertions)
}

fn keep_variables(
    pattern: &syn::Pat,
    end: usize,
    counter: &mut u32,
    insertions: &mut Vec<(usize, String)>,
    position: impl Fn(usize) -> usize,
) {
    let mut placeholder = || {
        *counter += 1;
        format!("{PLACEHOLDER}{counter:06}")
    };
    match pattern {
        syn::Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            let at = position(name.span().byte_range().end);
            insertions.push((at, format!(": {}", placeholder())));
        }
        pattern => {
            let mut names = Names::default();
            syn::visit::Visit::visit_pat(&mut names, pattern);
            let again: String = names
                .0
                .iter()
                .map(|(name, mutable)| {
                    let mutable = if *mutable { "mut " } else { "" };
                    format!(" let {mutable}{name}: {} = {name};", placeholder())
                })
                .collect();
            if !again.is_empty() {
                insertions.push((end, again));
            }
        }
    }
}

/// The names that a pattern binds, and whether they are mutable.
#[derive(Default)]
struct Names(Vec<(String, bool)>);

impl<'ast> syn::visit::Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, name: &'ast syn::PatIdent) {
        // A capital letter is a constant or a variant, by convention and by lint.
        let text = name.ident.to_string();
        if !text.starts_with(char::is_uppercase) {
            self.0.push((text, name.mutability.is_some()));
        }
        syn::visit::visit_pat_ident(self, name);
    }
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
}

fn final_expression(block: &syn::Block) -> Option<proc_macro2::Span> {
    match block.stmts.last()? {
        // A reference displays like what it refers to.
        syn::Stmt::Expr(syn::Expr::Reference(reference), None)
            if reference.mutability.is_none() =>
        {
            Some(reference.expr.span())
        }
        syn::Stmt::Expr(expression, None) => Some(expression.span()),
        syn::Stmt::Macro(call)
            if call.semi_token.is_none()
                && !matches!(call.mac.delimiter, syn::MacroDelimiter::Brace(_)) =>
        {
            Some(call.span())
        }
        _ => None,
    }
}

/// Blanks the lines that are evcxr's commands, not Rust.
pub(super) fn without_commands(code: &str) -> String {
    code.split_inclusive('\n')
        .map(|line| {
            let bare = line.trim_start();
            if bare.starts_with(':') && !bare.starts_with("::") || bare.starts_with('!') {
                line.chars()
                    .map(|c| {
                        if c == '\n' {
                            c.to_string()
                        } else {
                            " ".repeat(c.len_utf8())
                        }
                    })
                    .collect()
            } else {
                line.to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: [&str; 40] = [
        "let ",
        "mut ",
        "x",
        "(a, b)",
        " = ",
        "1",
        ";",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "|",
        "&",
        "\"",
        "'",
        "'a",
        "r#\"",
        "\"#",
        "//",
        "/*",
        "*/",
        "\n",
        "\r",
        "fn f() ",
        "match x ",
        "=> ",
        "if ",
        "else ",
        ": u8",
        ":dep a\n",
        "::",
        "!",
        "?",
        "é",
        "vec![1]",
        "#[cfg(x)] ",
    ];

    proptest::proptest! {
        #[test]
        fn any_text_is_prepared_and_nothing_of_it_is_lost(code in crate::nonsense::text(&PIECES)) {
            let _ = beyond_reason(&code);
            let prepared = prepare(&code, &mut 0);
            // Only insertions, and never across a line.
            let mut rest = prepared.text.chars();
            proptest::prop_assert!(code.chars().all(|c| rest.any(|other| other == c)), "{}", prepared.text);
            proptest::prop_assert_eq!(code.lines().count(), prepared.text.lines().count());
            for (number, line) in prepared.text.lines().enumerate() {
                let width = code.lines().nth(number).map_or(0, |line| line.chars().count());
                for column in 1..=line.chars().count() {
                    proptest::prop_assert!(prepared.original(number + 1, column) <= width + 1);
                }
            }
        }
    }

    fn prepared(code: &str) -> String {
        prepare(code, &mut 0).text
    }

    #[test]
    fn a_final_expression_is_displayed() {
        assert_eq!(prepared("1 + 1"), "genolens_cell::show!(1 + 1);");
        assert_eq!(prepared("x // note"), "genolens_cell::show!(x); // note");
        assert_eq!(prepared("&x"), "&genolens_cell::show!(x);");
    }

    #[test]
    fn variables_get_a_placeholder_and_explicit_types_stay() {
        assert_eq!(prepared("let x = 1;"), "let x: __GlT_000001 = 1;");
        assert_eq!(
            prepared("let x: u8 = 1;"),
            "let x: u8 = 1; let x: __GlT_000001 = x;"
        );
        assert_eq!(prepared("let x: u8;"), "let x: u8;");
        assert_eq!(
            prepared("let (a, mut b) = f();"),
            "let (a, mut b) = f(); let a: __GlT_000001 = a; let mut b: __GlT_000002 = b;"
        );
        assert_eq!(
            prepared("let v: Vec<_> = w;"),
            "let v: Vec<_> = w; let v: __GlT_000001 = v;"
        );
    }

    #[test]
    fn columns_lead_back() {
        let prepared = prepare("let é = f(1);\nlet y = 2; é", &mut 0);
        assert_eq!(
            prepared.text.lines().next(),
            Some("let é: __GlT_000001 = f(1);")
        );
        assert_eq!(prepared.original(1, 5), 5);
        assert_eq!(prepared.original(1, 23), 9);
        assert_eq!(prepared.original(2, 9 + 14), 9);
    }

    #[test]
    fn commands_and_broken_code_pass_through() {
        assert_eq!(prepared(":vars"), ":vars");
        assert_eq!(prepared("let x = ;"), "let x = ;");
        assert_eq!(
            prepared(":dep rand\nlet x = 1;"),
            ":dep rand\nlet x: __GlT_000001 = 1;"
        );
    }
}
