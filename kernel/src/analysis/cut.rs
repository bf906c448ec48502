//! Makes unfinished code whole: what is open is closed.

use super::tokens::{Kind, Token};

/// One bracket that is open, or the cell itself.
#[derive(Debug, Default)]
struct Level {
    close: &'static str,
    /// A word such as `if` whose block has not come yet.
    head: bool,
    /// Whether a `let` has not ended.
    binding: bool,
    /// In the body of a `match`: whether the `=>` of the arm has come.
    arrow: Option<bool>,
}

/// What must follow these tokens so that they parse: blocks for heads such as `if x`, and closing brackets.
pub(super) fn closing(tokens: &[Token<'_>]) -> String {
    let mut levels = vec![Level::default()];
    let mut is_match = false;
    for token in tokens {
        let Some(level) = levels.last_mut() else {
            break;
        };
        match token.text {
            _ if !matches!(token.kind, Kind::Word | Kind::Sign) => {}
            "if" | "while" | "for" => level.head = true,
            "match" => {
                level.head = true;
                is_match = true;
            }
            "let" => level.binding = !level.head,
            ";" => {
                level.head = false;
                level.binding = false;
            }
            "," => {
                level.head = false;
                level.arrow = level.arrow.map(|_| false);
            }
            "=>" => {
                level.head = false;
                level.arrow = level.arrow.map(|_| true);
            }
            "(" => levels.push(of(")")),
            "[" => levels.push(of("]")),
            "{" => {
                let arrow = (level.head && is_match).then_some(false);
                level.head = false;
                is_match = false;
                levels.push(Level { arrow, ..of("}") });
            }
            ")" | "]" | "}" => {
                if levels.len() > 1 {
                    levels.pop();
                }
                if token.is("}")
                    && let Some(level) = levels.last_mut()
                {
                    // The end of an arm that is a block.
                    level.arrow = level.arrow.map(|_| false);
                }
            }
            _ => {}
        }
    }
    let mut text = String::new();
    for level in levels.iter().rev() {
        if level.arrow == Some(false) {
            text.push_str(" => {}");
        } else if level.head {
            text.push_str(" {}");
        }
        if level.binding && level.close == "}" {
            text.push(';');
        }
        text.push_str(level.close);
    }
    text
}

fn of(close: &'static str) -> Level {
    Level {
        close,
        ..Level::default()
    }
}

/// Where the statement begins in which these tokens end, at the level of the cell.
pub(super) fn statement_start(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            _ if token.kind != Kind::Sign => {}
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = token.is(";") || token.is("}");
        if depth == 0 && ends {
            start = tokens.get(index + 1).map_or(token.end(), |next| next.start);
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn what_is_open_is_closed() {
        for (code, close) in [
            ("f(x", ")"),
            ("let a = xs.iter().map(|c| { c", "})"),
            ("if x", " {}"),
            ("while f(x", ") {}"),
            ("match x { A if y", " => {}}"),
            ("match x { A => y", "}"),
            ("match x { A => { 1 } B if z", " => {}}"),
            ("for i in v[0", "] {}"),
            ("let s = \"(\"; g", ""),
            ("fn f() { if a { b } else if c", " {}}"),
            ("f(|a| { let b = c[d", "];})"),
            ("{ let a = if b", " {};}"),
            ("{ if let A = b", " {}}"),
        ] {
            assert_eq!(closing(&tokens(code)), close, "{code}");
        }
        assert_eq!(statement_start(&tokens("let a = 1; b")), 11);
        assert_eq!(statement_start(&tokens("f({ 1; 2 }).x")), 0);
    }
}
