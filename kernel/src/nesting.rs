//! Code that is nested beyond reason: parsers call themselves for every level, and a full stack ends the process.

use proc_macro2::{TokenStream, TokenTree};

/// The most brackets within brackets.
const BRACKETS: usize = 250;

/// The most operators, keywords and marks in a row without a comma or a semicolon: each may be one more level.
const CHAIN: usize = 2000;

/// Tells why code that can be read as tokens must not be parsed, if it must not.
pub(crate) fn beyond_reason(code: &str) -> Option<String> {
    let tokens: TokenStream = code.parse().ok()?;
    let mut levels = vec![(tokens.into_iter(), 0_usize)];
    while let Some((tokens, chain)) = levels.last_mut() {
        match tokens.next() {
            Some(TokenTree::Punct(mark)) if matches!(mark.as_char(), ',' | ';') => *chain = 0,
            Some(TokenTree::Punct(_)) => *chain += 1,
            Some(TokenTree::Ident(word)) if word == "else" => *chain += 1,
            Some(TokenTree::Group(group)) => {
                levels.push((group.stream().into_iter(), 0));
            }
            Some(_) => {}
            None => {
                levels.pop();
            }
        }
        if levels.len() > BRACKETS {
            return Some(format!(
                "more than {BRACKETS} brackets within brackets; write it in several statements"
            ));
        }
        if levels.last().is_some_and(|(_, chain)| *chain > CHAIN) {
            return Some(format!(
                "more than {CHAIN} operators in one expression; write it in several statements"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::beyond_reason;

    #[test]
    fn only_what_is_nested_is_refused() {
        let row = "f(a, -b)?;".repeat(10_000);
        let table = format!("[{}]", "(1, -2.5), ".repeat(10_000));
        let text = format!("\"{}\" // {}", "(".repeat(1000), "[".repeat(1000));
        for fine in [row, table, text, "fn f() {}}}".to_owned()] {
            assert_eq!(beyond_reason(&fine), None);
        }
        for deep in [
            format!("{}{}", "(".repeat(300), ")".repeat(300)),
            "-".repeat(3000) + "1",
            "if x {} else ".repeat(3000) + "{}",
        ] {
            assert!(beyond_reason(&deep).is_some());
        }
        let million = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(beyond_reason(&million).is_some());
    }
}
