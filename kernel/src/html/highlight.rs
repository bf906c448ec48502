//! Rust code with coloured tokens.

use super::escape;

const KEYWORDS: [&str; 39] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type", "union",
    "unsafe", "use", "where", "while",
];

/// Gives escaped code in which keywords, types, numbers, texts, macros and comments carry a class.
pub(crate) fn highlight(code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 2);
    let mut rest = code;
    while !rest.is_empty() {
        let (length, class) = token(rest);
        let (text, after) = rest.split_at(length);
        let text = escape(text);
        match class {
            "" => html += &text,
            class => html.extend(["<span class=\"", class, "\">", &text, "</span>"]),
        }
        rest = after;
    }
    html
}

/// Gives the length of the first token, in bytes, and its class.
fn token(code: &str) -> (usize, &'static str) {
    let first = code.chars().next().unwrap_or(' ');
    let width = first.len_utf8();
    if code.starts_with("//") {
        return (code.find('\n').unwrap_or(code.len()), "comment");
    }
    if code.starts_with("/*") {
        return (block_comment(code), "comment");
    }
    if let Some(length) = raw_text(code) {
        return (length, "text");
    }
    match first {
        '"' => (text(code), "text"),
        '\'' => quote(code),
        '0'..='9' => {
            let end = code.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
            let end = end.unwrap_or(code.len());
            // A range is not part of its first number.
            (
                code.find("..").map_or(end, |dots| dots.min(end)).max(1),
                "digits",
            )
        }
        c if c.is_alphabetic() || c == '_' => word(code),
        _ => (width, ""),
    }
}

fn word(code: &str) -> (usize, &'static str) {
    let end = code
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(code.len());
    let (name, after) = code.split_at(end);
    if KEYWORDS.contains(&name) {
        (end, "keyword")
    } else if after.starts_with('!') && !after.starts_with("!=") {
        (end + 1, "macro")
    } else if name.starts_with(char::is_uppercase) {
        (end, "type")
    } else if after.starts_with('(') {
        (end, "call")
    } else {
        (end, "")
    }
}

fn text(code: &str) -> usize {
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    code.len()
}

/// Measures `r"..."`, `r#"..."#`, `b"..."`; `None` for anything else.
fn raw_text(code: &str) -> Option<usize> {
    if code.starts_with("b\"") {
        return Some(1 + text(&code[1..]));
    }
    let body = code.strip_prefix("br").or_else(|| code.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    body[hashes..].strip_prefix('"')?;
    let start = code.len() - body.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(
        code[start..]
            .find(&end)
            .map_or(code.len(), |at| start + at + end.len()),
    )
}

/// Tells a character from a lifetime.
fn quote(code: &str) -> (usize, &'static str) {
    let body = &code[1..];
    let mut chars = body.char_indices();
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => {
            let close = body.char_indices().skip(2).find(|(_, c)| *c == '\'');
            (close.map_or(1, |(at, _)| at + 2), "text")
        }
        (Some(_), Some((at, '\''))) => (at + 2, "text"),
        _ => {
            let end = body.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            (1 + end.unwrap_or(body.len()), "keyword")
        }
    }
}

fn block_comment(code: &str) -> usize {
    let mut depth = 0;
    let bytes = code.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::highlight;

    #[test]
    fn tokens_carry_classes() {
        insta::assert_snapshot!(
            highlight("let x: &'a Vec<u8> = f(0..10, 'x', '\\n', r#\"a\"b\"#); // é <\nprintln!(\"{x}\\\"\")"),
            @r#"
        <span class="keyword">let</span> x: &amp;<span class="keyword">&#39;a</span> <span class="type">Vec</span>&lt;u8&gt; = <span class="call">f</span>(<span class="digits">0</span>..<span class="digits">10</span>, <span class="text">&#39;x&#39;</span>, <span class="text">&#39;\n&#39;</span>, <span class="text">r#&quot;a&quot;b&quot;#</span>); <span class="comment">// é &lt;</span>
        <span class="macro">println!</span>(<span class="text">&quot;{x}\&quot;&quot;</span>)
        "#
        );
    }

    #[test]
    fn nothing_is_lost_and_nothing_panics() {
        for code in [
            "'", "'\\", "\"a", "r#\"", "/* /* */", "1..", "é'é", "b\"", "r",
        ] {
            let mut plain = String::new();
            let mut inside = false;
            for c in highlight(code).chars() {
                match c {
                    '<' => inside = true,
                    '>' => inside = false,
                    c if !inside => plain.push(c),
                    _ => {}
                }
            }
            let plain = plain.replace("&#39;", "'").replace("&quot;", "\"");
            assert_eq!(plain, code);
        }
    }
}
