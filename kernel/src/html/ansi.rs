//! Terminal colours as spans, and carriage returns as a terminal would show them.

use super::escape;

/// Turns terminal text into escaped text with coloured spans; other control sequences vanish.
pub(crate) fn colored(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut style = Style::default();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        style.write(&rest[..at], &mut html);
        let (sequence, after) = sequence(&rest[at + 1..]);
        if let Some(codes) = sequence {
            style.obey(codes);
        }
        rest = after;
    }
    style.write(rest, &mut html);
    html
}

/// Removes every control sequence.
pub(crate) fn stripped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain += &rest[..at];
        rest = sequence(&rest[at + 1..]).1;
    }
    plain + rest
}

/// Keeps of each line what a carriage return has not overwritten.
pub(crate) fn settled(text: &str) -> String {
    let mut settled = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix('\n') {
            Some(body) => (body.strip_suffix('\r').unwrap_or(body), "\n"),
            None => (line, ""),
        };
        let body = body.trim_end_matches('\r');
        settled += body.rsplit('\r').next().unwrap_or(body);
        settled += end;
    }
    settled
}

/// Splits off one sequence after ESC; gives the codes if it sets a style.
fn sequence(text: &str) -> (Option<&str>, &str) {
    let Some(body) = text.strip_prefix('[') else {
        let mut chars = text.chars();
        chars.next();
        return (None, chars.as_str());
    };
    match body.find(|c: char| ('@'..='~').contains(&c)) {
        Some(end) if body[end..].starts_with('m') => (Some(&body[..end]), &body[end + 1..]),
        Some(end) => (None, &body[end + 1..]),
        None => (None, ""),
    }
}

#[derive(Default)]
struct Style {
    bold: bool,
    color: Option<u8>,
}

impl Style {
    fn obey(&mut self, codes: &str) {
        let mut codes = codes.split(';').map(|code| code.parse::<u8>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                22 => self.bold = false,
                30..=37 => self.color = Some(code - 30),
                90..=97 => self.color = Some(code - 90),
                39 => self.color = None,
                38 | 48 => {
                    // Colours of a large palette: the first sixteen are kept, the arguments must not be taken for codes.
                    let skip = if codes.next() == Some(5) { 1 } else { 3 };
                    let palette = codes.by_ref().take(skip).last();
                    if code == 38 && skip == 1 {
                        self.color = palette.filter(|color| *color < 16).map(|color| color % 8);
                    }
                }
                _ => {}
            }
        }
    }

    fn write(&self, text: &str, html: &mut String) {
        if text.is_empty() {
            return;
        }
        let text = escape(text);
        let bold = if self.bold { "bold " } else { "" };
        match (self.color, self.bold) {
            (None, false) => *html += &text,
            (None, true) => html.extend(["<span class=\"bold\">", &text, "</span>"]),
            (Some(color), _) => {
                let open = format!("<span class=\"{bold}c{color}\">");
                html.extend([&open, &text, "</span>"]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{colored, settled};

    #[test]
    fn colours_become_spans_and_the_rest_is_escaped() {
        insta::assert_snapshot!(
            colored("a \u{1b}[1;31m<e>\u{1b}[0m\u{1b}[2K \u{1b}[38;5;9mx\u{1b}[39my\u{1b}"),
            @r#"a <span class="bold c1">&lt;e&gt;</span> <span class="c1">x</span>y"#
        );
    }

    #[test]
    fn a_carriage_return_overwrites_the_line() {
        assert_eq!(settled("a\rb\rc\nd\r\ne\r"), "c\nd\ne");
    }
}
