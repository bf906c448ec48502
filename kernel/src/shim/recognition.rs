//! Recognises a cell that has been compiled before.
//!
//! evcxr numbers its cells and writes what it keeps in the order of a hash table, so the same cell is rarely the same text. The key
//! of a cell is the fingerprint of what matters: its items in order of their text, and its function with the types spelled out.

use super::names::PLACEHOLDER;
use super::source::FUNCTION;
use super::variables::{parts, variable};
use crate::fingerprint::fingerprint;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::spanned::Spanned;

/// The key of a compiled source, when its text is all that decides what it compiles to.
pub(super) fn key(text: &str) -> Option<String> {
    let file = syn::parse_file(text).ok()?;
    let mut aliases = BTreeMap::new();
    let mut items = Vec::new();
    let mut function = None;
    for attribute in &file.attrs {
        items.push(slice(text, attribute)?);
    }
    for item in &file.items {
        match item {
            // A file of the user's, which may change.
            syn::Item::Mod(item) if item.content.is_none() => return None,
            syn::Item::Type(item) if item.ident.to_string().starts_with(PLACEHOLDER) => {
                aliases.insert(item.ident.to_string(), slice(text, &item.ty)?);
            }
            syn::Item::Fn(item) if item.sig.abi.is_some() && item.sig.ident == FUNCTION => {
                function = Some(slice(text, item)?);
            }
            item => items.push(slice(text, item)?),
        }
    }
    let function = function?;
    let reads_files = |text: &&str| text.parse::<TokenStream>().map_or(true, looks_outside);
    if items.iter().chain([&function]).any(reads_files) {
        return None;
    }
    items.sort_unstable();
    let mut canonical = in_order(function);
    for (placeholder, kind) in aliases {
        canonical = canonical.replace(&placeholder, kind);
    }
    Some(fingerprint(&format!("{}\0{canonical}", items.join("\0"))))
}

fn slice<'a>(text: &'a str, part: &impl Spanned) -> Option<&'a str> {
    text.get(part.span().byte_range())
}

/// Tells whether a macro among these tokens reads a file or the environment.
fn looks_outside(tokens: TokenStream) -> bool {
    const READERS: [&str; 5] = [
        "include",
        "include_str",
        "include_bytes",
        "env",
        "option_env",
    ];
    let mut last = None;
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            last = None;
            looks_outside(group.stream())
        }
        TokenTree::Ident(name) => {
            last = Some(name.to_string());
            false
        }
        TokenTree::Punct(mark) => {
            let name = last.take();
            mark.as_char() == '!' && name.is_some_and(|name| READERS.contains(&name.as_str()))
        }
        TokenTree::Literal(_) => {
            last = None;
            false
        }
    })
}

/// The function with each run of generated lines about variables in the order of their names.
fn in_order(function: &str) -> String {
    let Some((before, body, after)) = parts(function) else {
        return function.to_owned();
    };
    // Empty lines of the user's may stand in a string.
    let filled = |part: &str| sorted(part.lines().filter(|line| !line.is_empty()).collect());
    [
        filled(before),
        sorted(body.lines().collect()),
        filled(after),
    ]
    .concat()
}

fn sorted(mut lines: Vec<&str>) -> String {
    for run in lines.chunk_by_mut(|one, next| variable(one).is_some() && variable(next).is_some()) {
        run.sort_by_key(|line| (line.starts_with("let "), variable(line)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: &str = "fn f() {}\nfn g() {}\n#[unsafe(no_mangle)]\n\
        pub extern \"C\" fn run_user_code(\nx: u8) {\n\
        vars_ok &= evcxr_variable_store.check_variable::<__GlT_000001>(stringify!(a));\n\
        vars_ok &= evcxr_variable_store.check_variable::<__GlT_000002>(stringify!(b));\n\
        match std::panic::catch_unwind(\n  std::panic::AssertUnwindSafe(||{\nBODY\n})) { \n  Ok(_) => {}\n}\n\n}\ntype __GlT_000001 = i32;\ntype __GlT_000002 = f64;\n";

    fn with(body: &str) -> Option<String> {
        key(&CELL.replace("BODY", body))
    }

    #[test]
    fn order_and_numbers_do_not_matter() {
        let other = "fn g() {}\nfn f() {}\n#[unsafe(no_mangle)]\n\
            pub extern \"C\" fn run_user_code(\nx: u8) {\n\
            vars_ok &= evcxr_variable_store.check_variable::<__GlT_000007>(stringify!(b));\n\
            vars_ok &= evcxr_variable_store.check_variable::<__GlT_000005>(stringify!(a));\n\
            match std::panic::catch_unwind(\n  std::panic::AssertUnwindSafe(||{\n1 + 1\n})) { \n  Ok(_) => {}\n}\n}\ntype __GlT_000005 = i32;\ntype __GlT_000007 = f64;\n";
        assert!(with("1 + 1").is_some());
        assert_eq!(with("1 + 1"), key(other));
    }

    #[test]
    fn types_items_and_code_matter() {
        assert_ne!(with("1 + 1"), with("1 + 2"));
        assert_ne!(with("f(\"a\n\nb\")"), with("f(\"a\nb\")"));
        assert_ne!(
            with("1 + 1"),
            key(&CELL.replace("BODY", "1 + 1").replace("f64", "f32"))
        );
        assert_ne!(
            with("1 + 1"),
            key(&CELL.replace("BODY", "1 + 1").replace("g()", "h()"))
        );
    }

    #[test]
    fn a_cell_that_reads_files_is_never_recognised() {
        assert_eq!(with("let x = include_str!(\"a\");"), None);
        assert_eq!(with("println!(\"{}\", env!(\"HOME\"));"), None);
        assert_eq!(
            key(&format!("mod outside;\n{}", CELL.replace("BODY", ""))),
            None
        );
        assert!(with("let env = !true;").is_some());
    }
}
