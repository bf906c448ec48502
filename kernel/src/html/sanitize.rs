//! Markup of cells, reduced to what a page without scripts and without a network may hold.

use super::escape;

/// Elements that may stand in a page.
const ELEMENTS: [&str; 58] = [
    "a",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "mark",
    "meter",
    "ol",
    "p",
    "pre",
    "progress",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements whose content must vanish with them.
const BURIED: [&str; 9] = [
    "script", "style", "iframe", "object", "template", "noscript", "title", "textarea", "math",
];

const ATTRIBUTES: [&str; 20] = [
    "align", "alt", "checked", "class", "colspan", "disabled", "height", "href", "id", "max",
    "open", "role", "rowspan", "scope", "src", "start", "style", "title", "value", "width",
];

/// Keeps harmless elements and attributes and removes or escapes everything else.
pub(crate) fn sanitize(html: &str) -> String {
    let mut safe = String::with_capacity(html.len());
    let mut rest = html;
    // What is not found once is not there later, and looking for it each time would take for ever.
    let mut endless: Vec<String> = Vec::new();
    while let Some(at) = rest.find('<') {
        safe += &rest[..at];
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end + 3..]);
        } else if let Some((tag, after)) = Tag::read(rest) {
            rest = after;
            if !BURIED.contains(&tag.name.as_str()) || tag.closing {
                tag.write(&mut safe);
            } else if !endless.contains(&tag.name) {
                // A tag that never ends is only a word, and must not take the rest of the page with it.
                match after_end(rest, &tag.name) {
                    Some(after) => rest = after,
                    None => endless.push(tag.name),
                }
            }
        } else {
            safe += "&lt;";
            rest = &rest[1..];
        }
    }
    safe + rest
}

/// Skips to behind the end tag of `name`; `None` where there is none.
fn after_end<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let end = format!("</{name}");
    let mut windows = text.as_bytes().windows(end.len());
    let at = windows.position(|window| window.eq_ignore_ascii_case(end.as_bytes()))?;
    let close = text[at..].find('>');
    Some(close.map_or("", |close| &text[at + close + 1..]))
}

struct Tag {
    name: String,
    closing: bool,
    attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    /// Reads a tag at the start of `text`; `None` if there is none.
    fn read(text: &str) -> Option<(Self, &str)> {
        let body = text.strip_prefix('<')?;
        let (closing, body) = match body.strip_prefix('/') {
            Some(body) => (true, body),
            None => (false, body),
        };
        if !body.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '>' | '<');
        let end = body.find(ends)?;
        let name = body[..end].to_ascii_lowercase();
        let mut rest = &body[end..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if let Some(after) = rest.strip_prefix('>') {
                let tag = Self {
                    name,
                    closing,
                    attributes,
                };
                return Some((tag, after));
            }
            let stop = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '<');
            let end = rest.char_indices().skip(1).find(|(_, c)| stop(*c))?.0;
            // A tag in a tag is text, before the search for its end reads the whole page for each of them.
            if rest.starts_with('<') {
                return None;
            }
            let attribute = rest[..end].to_ascii_lowercase();
            rest = rest[end..].trim_start();
            let Some(after) = rest.strip_prefix('=') else {
                attributes.push((attribute, None));
                continue;
            };
            let after = after.trim_start();
            let (value, after) = match after.chars().next()? {
                quote @ ('"' | '\'') => after[1..].split_once(quote)?,
                _ => after
                    .split_at(after.find(|c: char| c.is_whitespace() || matches!(c, '>' | '<'))?),
            };
            attributes.push((attribute, Some(value.to_owned())));
            rest = after;
        }
    }

    fn write(&self, safe: &mut String) {
        if !ELEMENTS.contains(&self.name.as_str()) {
            return;
        }
        if self.closing {
            safe.extend(["</", &self.name, ">"]);
            return;
        }
        safe.extend(["<", &self.name]);
        for (name, value) in &self.attributes {
            match value {
                Some(value) if self.allows(name, &plain(value)) => {
                    safe.extend([" ", name, "=\"", &escape(&plain(value)), "\""]);
                }
                None if self.allows(name, "") => safe.extend([" ", name]),
                _ => {}
            }
        }
        *safe += ">";
    }

    fn allows(&self, name: &str, value: &str) -> bool {
        let compact: String = value
            .chars()
            .filter(|c| *c > ' ')
            .collect::<String>()
            .to_ascii_lowercase();
        match name {
            "href" => {
                self.name == "a"
                    && ["http://", "https://", "#", "mailto:"]
                        .iter()
                        .any(|start| compact.starts_with(start))
            }
            "src" => self.name == "img" && compact.starts_with("data:image/"),
            // A style may fetch, and older browsers run code from it.
            "style" => !["url(", "expression", "@import", "\\", "image-set"]
                .iter()
                .any(|bad| compact.contains(bad)),
            name => ATTRIBUTES.contains(&name),
        }
    }
}

/// Resolves the character references that an attribute may carry, so that nothing hides behind them.
fn plain(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        plain += &rest[..at];
        rest = &rest[at..];
        let end = rest
            .char_indices()
            .take(12)
            .find(|(_, c)| *c == ';')
            .map(|(end, _)| end);
        if let Some((c, end)) = end.and_then(|end| Some((reference(&rest[1..end])?, end))) {
            plain.push(c);
            rest = &rest[end + 1..];
        } else {
            plain.push('&');
            rest = &rest[1..];
        }
    }
    plain + rest
}

fn reference(name: &str) -> Option<char> {
    let number = name.strip_prefix('#');
    match (name, number) {
        ("amp", _) => Some('&'),
        ("lt", _) => Some('<'),
        ("gt", _) => Some('>'),
        ("quot", _) => Some('"'),
        ("colon", _) => Some(':'),
        (_, Some(number)) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::sanitize;
    #[test]
    fn long_markup_does_not_take_for_ever() {
        for piece in [
            "<style>",
            "<style></style>",
            "<!--",
            "<b",
            "<b ",
            "<b x=",
            "<b x=\"",
            "&",
            "<title>x",
        ] {
            let start = std::time::Instant::now();
            sanitize(&piece.repeat(40_000));
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }

    #[test]
    fn tables_stay_and_scripts_go() {
        insta::assert_snapshot!(
            sanitize(
                "<table class='t'><tr><td colspan=2>a &lt; b</td></tr></table><script>alert('</p>')</script>\
                 <p onclick=\"x()\" style=\"color:red\">1 < 2</p><img src=\"http://e.org/a.png\" alt='a\"b'>\
                 <a href='java&#115;cript:x()'>l</a><a href=\"https://doi.org/1\">d</a><b style='background:url(x)'>b</b>\
                 <svg><a>t</a></svg><title>x <img src=x onerror=y"
            ),
            @r#"<table class="t"><tr><td colspan="2">a &lt; b</td></tr></table><p style="color:red">1 &lt; 2</p><img alt="a&quot;b"><a>l</a><a href="https://doi.org/1">d</a><b>b</b><a>t</a>x &lt;img src=x onerror=y"#
        );
    }
}
