//! Whether code is whole.

use super::delimiters::{Delimiters, Scan};
use crate::evaluator::Completeness;
use crate::nesting;
use syn::parse::Parser;

const STEP: &str = "    ";

/// Says whether Enter should run the code: literals, comments and brackets must be closed, and the rest must parse.
pub(super) fn completeness(code: &str) -> Completeness {
    let rust = without_commands(code);
    if rust.trim().is_empty() || asks(rust.trim()) {
        return Completeness::Complete;
    }
    match Delimiters::scan(&rust) {
        Scan::Wrong => Completeness::Invalid,
        Scan::Within => Completeness::Incomplete {
            indent: String::new(),
        },
        Scan::Open(depth) if depth > 0 => Completeness::Incomplete {
            indent: STEP.repeat(depth),
        },
        // Running it tells what is wrong.
        Scan::Open(_) if nesting::beyond_reason(&rust).is_some() => Completeness::Complete,
        Scan::Open(_) => grammar(&rust),
    }
}

/// Judges code whose brackets are closed.
fn grammar(rust: &str) -> Completeness {
    let parse = |rust: &str| syn::Block::parse_within.parse_str(rust);
    // Where the grammar expects more, it stumbles over a word on the line below.
    let stumbles_below = || {
        let lines = rust.lines().count();
        let below = parse(&format!("{rust}\nbelow")).err();
        below.is_some_and(|error| error.span().start().line > lines)
    };
    match parse(rust) {
        Ok(_) => Completeness::Complete,
        Err(error)
            if error.to_string().starts_with("unexpected end of input") || stumbles_below() =>
        {
            let alone = rust.trim_end().ends_with(']');
            Completeness::Incomplete {
                // What follows an attribute stands below it.
                indent: if alone { "" } else { STEP }.to_owned(),
            }
        }
        Err(_) => Completeness::Invalid,
    }
}

/// Tells whether the code asks about a name, as `?name` does.
fn asks(code: &str) -> bool {
    let name = code.trim_start_matches('?');
    name.len() < code.len()
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_:.!".contains(c))
}

/// Leaves out the lines that are commands, not Rust.
fn without_commands(code: &str) -> String {
    let is_command = |line: &&str| {
        let line = line.trim_start();
        line.starts_with(':') && !line.starts_with("::")
            || line.starts_with('!') && !line.starts_with("!(")
    };
    let rust = code.split_inclusive('\n').filter(|line| !is_command(line));
    rust.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: [&str; 30] = [
        "let ", "x", " = ", "1", ";", "{", "}", "(", ")", "[", "]", "<", ">", "|", "\"", "'",
        "r#\"", "\"#", "//", "/*", "*/", "\n", "fn f() ", "if ", "else ", ":dep a\n", "?x", "#[a]",
        "é", "\\",
    ];

    proptest::proptest! {
        #[test]
        fn any_text_is_judged(code in crate::nonsense::text(&PIECES)) {
            let _ = completeness(&code);
        }
    }

    #[test]
    fn whole() {
        for code in [
            "",
            "let x = 1;",
            "x.logo()",
            ":vars",
            ":dep rand = \"0.9\"",
            ":dep rand\nuse rand::Rng;",
            "?x",
            "??display::curve",
            "x?",
            "let s = r#\"a\"{\"#;",
            "let s = r\"\\\";",
            "let s = br##\"(\"# [\"##; let c = b'('; let d = b'\\'';",
            "let c = '{'; let l: &'static str = \"\";",
            "let c = '\\''; let d = '\\u{7b}'; let e = '漢';",
            "fn first<'a>(x: &'a str, _: &'a [u8]) -> &'a str { x }",
            "'outer: loop { break 'outer; }",
            "let t = (1, 'a', 'b');",
            "let s = \"a\nb \\\" {\";",
            "/* a /* nested { */ comment */ let x = 1; // and (",
            "let r#type = 1;",
            "#[derive(Debug)]\nstruct S<T: Clone>(T);",
            "if x { 1 } else { 2 }",
            "let v: Vec<Vec<u8>> = vec![vec![1 << 2 >> 1]];",
            "match x { Some(y) if y > 1 => y, _ => 0 }",
            "println!(\"{}\", x)",
        ] {
            assert_eq!(completeness(code), Completeness::Complete, "{code}");
        }
    }

    #[test]
    fn begun() {
        for (code, steps) in [
            ("fn f() {", 1),
            ("fn f() {\n    if x {", 2),
            ("let v = vec![\n    (1,", 2),
            ("let s = \"a", 0),
            ("let s = \"a {\\\"", 0),
            ("let s = r#\"a\"", 0),
            ("/* a /* b */", 0),
            ("#[derive(Debug)]", 0),
            ("#[test]\n", 0),
            ("let x =", 1),
            ("let x = 5", 1),
            ("let v: Vec<", 1),
            ("fn f<T", 1),
            ("fn f<'a, T: Clone>(x: &'a T) -> &'a T", 1),
            ("a +", 1),
            ("a &&\n    b ||", 1),
            ("x.iter()\n    .", 1),
            ("let c = |x: u8|", 1),
            ("if x", 1),
            ("struct S", 1),
            (":dep rand\nlet x =", 1),
            ("use std::collections::", 1),
        ] {
            let indent = STEP.repeat(steps);
            assert_eq!(
                completeness(code),
                Completeness::Incomplete { indent },
                "{code}"
            );
        }
    }

    #[test]
    fn wrong() {
        for code in [
            "x)",
            "let = 3;",
            "(]",
            "fn f( {]",
            "let x = ;",
            "x y",
            "let c = '",
            "fn 1() {}",
            "}",
        ] {
            assert_eq!(completeness(code), Completeness::Invalid, "{code}");
        }
    }
}
