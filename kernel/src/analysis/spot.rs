//! What stands at the cursor.

use super::tokens::{Kind, Token, is_command, tokens};
use super::words::{word_end, word_start};

/// What a word at the cursor can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A member of the value before the dot, which stands at this offset.
    Member(usize),
    /// A segment of a path; what comes before it, such as `genolens::motif`.
    Path(String),
    /// The same in a `use` declaration.
    Use(String),
    /// The name of a command at the start of a line.
    Command,
    /// A word that stands alone; with the path before the `{` when it may be a field of a struct.
    Bare(Option<String>),
    /// Part of a text, a comment or a number.
    Nothing,
}

/// Is the word at the cursor and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) spot: Spot,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Finds out what stands at a byte offset.
pub(super) fn find(code: &str, at: usize) -> Found {
    let (start, end) = (word_start(code, at), word_end(code, at));
    let line = code[..start].rsplit('\n').next().unwrap_or_default();
    let spot = if line.trim() == ":" && !code[at..].starts_with(':') {
        Spot::Command
    } else if is_command(line.trim_start()) {
        Spot::Nothing
    } else {
        spot(&code[..start], &code[..at])
    };
    Found { spot, start, end }
}

fn spot(before: &str, until: &str) -> Spot {
    let all = tokens(before);
    // A literal that begins before the cursor and does not end.
    if tokens(until).last().is_some_and(|token| token.open)
        || until[before.len()..].starts_with(|letter: char| letter.is_ascii_digit())
        || before.ends_with('\'')
    {
        return Spot::Nothing;
    }
    let code: Vec<Token<'_>> = all
        .into_iter()
        .filter(|token| token.kind != Kind::Comment)
        .collect();
    if let Some(start) = use_start(&code) {
        return Spot::Use(use_prefix(&code[start + 1..]));
    }
    match code.last() {
        Some(token) if token.is(".") => {
            // `1.` is a number that goes on.
            let number = code.len() > 1
                && code[code.len() - 2].kind == Kind::Number
                && code[code.len() - 2]
                    .text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'_')
                && !(code.len() > 2 && code[code.len() - 3].is("."));
            if number {
                Spot::Nothing
            } else {
                Spot::Member(token.start)
            }
        }
        Some(token) if token.is("::") => Spot::Path(path_before(&code)),
        _ => Spot::Bare(literal(&code)),
    }
}

/// Where the `use` stands that has not ended.
fn use_start(code: &[Token<'_>]) -> Option<usize> {
    let start = code
        .iter()
        .rposition(|token| token.is(";"))
        .map_or(0, |at| at + 1);
    let at = start + code[start..].iter().rposition(|token| token.is("use"))?;
    let goes_on = code[at + 1..]
        .iter()
        .all(|token| token.kind == Kind::Word || ["::", "{", "}", ",", "*"].contains(&token.text));
    goes_on.then_some(at)
}

/// The path in front of the cursor in a `use` declaration, groups taken into account.
fn use_prefix(code: &[Token<'_>]) -> String {
    let mut groups: Vec<String> = vec![String::new()];
    let mut path = String::new();
    for token in code {
        match token.text {
            "{" => groups.push(path.clone()),
            "}" => {
                groups.pop();
            }
            "," => path = groups.last().cloned().unwrap_or_default(),
            text => path.push_str(text),
        }
    }
    path.trim_end_matches("::").to_owned()
}

/// The path that ends in these tokens, without the arguments of its types.
fn path_before(code: &[Token<'_>]) -> String {
    let mut segments = Vec::new();
    let mut at = code.len();
    while at > 0 && code[at - 1].is("::") {
        at -= 1;
        if at > 0 && code[at - 1].is(">") {
            let mut depth = 0;
            while at > 0 {
                at -= 1;
                match code[at].text {
                    ">" => depth += 1,
                    "<" => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            if at > 0 && code[at - 1].is("::") {
                at -= 1;
            }
        }
        if at == 0 || code[at - 1].kind != Kind::Word {
            break;
        }
        at -= 1;
        segments.insert(0, code[at].text);
    }
    segments.join("::")
}

/// The path of the struct whose fields are being given values here.
fn literal(code: &[Token<'_>]) -> Option<String> {
    let mut depth = 0;
    for (at, token) in code.iter().enumerate().rev() {
        match token.text {
            _ if token.kind != Kind::Sign => {}
            ")" | "]" | "}" => depth += 1,
            "(" | "[" if depth == 0 => return None,
            "{" if depth == 0 => {
                let begins_field = code.last().is_some_and(|last| last.is("{") || last.is(","));
                let named = at > 0 && code[at - 1].kind == Kind::Word;
                if !begins_field || !named {
                    return None;
                }
                let mut path = code[..at - 1].to_vec();
                let name = code[at - 1].text;
                // `struct S {`, `if x {` and the like open something else.
                let before = path.last().map_or("", |token| token.text);
                let is_block = [
                    "struct", "enum", "union", "trait", "mod", "impl", "for", "if", "match",
                    "while", "in",
                ]
                .contains(&before)
                    || ["else", "loop", "unsafe", "move"].contains(&name);
                if is_block || !name.starts_with(char::is_uppercase) {
                    return None;
                }
                let prefix = path_before(&std::mem::take(&mut path));
                return Some(if prefix.is_empty() {
                    name.to_owned()
                } else {
                    format!("{prefix}::{name}")
                });
            }
            "(" | "[" | "{" => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(marked: &str) -> (Spot, String) {
        let at = marked.find('|').unwrap_or(marked.len());
        let code = marked.replacen('|', "", 1);
        let found = find(&code, at);
        (found.spot, code[found.start..found.end].to_owned())
    }

    #[test]
    fn the_cursor_is_understood() {
        let path = |text: &str| Spot::Path(text.to_owned());
        let use_path = |text: &str| Spot::Use(text.to_owned());
        for (code, spot, word) in [
            ("let é = x.le|n", Spot::Member(10), "len"),
            ("x\n    .|", Spot::Member(6), ""),
            ("genolens::motif::op|", path("genolens::motif"), "op"),
            ("Vec::<u8>::n|", path("Vec"), "n"),
            ("HashMap<u8, Vec<u8>>::|", path("HashMap"), ""),
            (
                "use genolens::{motif::Mo|",
                use_path("genolens::motif"),
                "Mo",
            ),
            ("use std::{fs, io::{self, Re|", use_path("std::io"), "Re"),
            ("use gen|", use_path(""), "gen"),
            (":de|", Spot::Command, "de"),
            (":dep x = |", Spot::Nothing, ""),
            ("\"a.b|\"", Spot::Nothing, "b"),
            ("// x.|", Spot::Nothing, ""),
            ("1.|", Spot::Nothing, ""),
            ("12|", Spot::Nothing, "12"),
            ("x.0.|", Spot::Member(3), ""),
            ("1.5.|", Spot::Member(3), ""),
            ("2_f32.|", Spot::Member(5), ""),
            ("0..x|", Spot::Bare(None), "x"),
            (
                "let a = Options { ra|",
                Spot::Bare(Some("Options".to_owned())),
                "ra",
            ),
            ("a::B { x: 1, |", Spot::Bare(Some("a::B".to_owned())), ""),
            ("if X { y|", Spot::Bare(None), "y"),
            ("f(x, y|", Spot::Bare(None), "y"),
        ] {
            assert_eq!(at(code), (spot, word.to_owned()), "{code}");
        }
    }
}
