//! Tests that nothing harmful comes into a page, whatever is put in.

use super::sanitize::sanitize;
use crate::html::ansi::{colored, settled, stripped};
use crate::html::markdown::markdown;
use crate::nonsense;
use proptest::prelude::*;
use serde_json::{Value, json};

const PIECES: [&str; 60] = [
    "<",
    ">",
    "</",
    "/>",
    "\"",
    "'",
    "=",
    " ",
    "/",
    "\n",
    "\t",
    "\0",
    "`",
    "&",
    ";",
    "é",
    "x",
    "a",
    "<a ",
    "<b>",
    "<img ",
    "<p ",
    "<script>",
    "</script>",
    "<SCRIPT ",
    "<scr",
    "ipt>",
    "<style>",
    "</style>",
    "<svg ",
    "<math>",
    "<iframe ",
    "<title>",
    "<textarea>",
    "<noscript>",
    "<template>",
    "<!--",
    "-->",
    "<!",
    "<![CDATA[",
    "]]>",
    "<?",
    "onerror=alert(1)",
    "OnLoad=\"x()\"",
    " on",
    "href=",
    "src=",
    "style=",
    "java",
    "script:",
    "java\tscript:x",
    "&#106;avascript&colon;x",
    "&#x6A",
    "data:image/svg+xml,<svg onload=x>",
    "data:text/html,x",
    "url(",
    "\\75rl(",
    "expression(",
    "\u{1b}[1;31m",
    "\u{1b}]8;;x\u{7}",
];

/// Fails where a browser would find anything but harmless elements: an own and stricter reading of the markup.
fn assert_harmless(html: &str) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = rest[at + 1..].trim_start_matches('/');
        assert!(
            rest.starts_with(|c: char| c.is_ascii_lowercase()),
            "not a tag: {html:?}"
        );
        let name: String = rest
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        rest = &rest[name.len()..];
        for bad in [
            "script", "style", "svg", "math", "iframe", "object", "embed", "link", "meta", "base",
            "form", "template", "title", "textarea", "noscript",
        ] {
            assert_ne!(name, bad, "{html:?}");
        }
        // Attributes are always quoted, and a quote never stands in a value.
        let end = loop {
            let next = rest.find(['"', '>', '<']).expect("a tag that does not end");
            assert!(!rest[next..].starts_with('<'), "{html:?}");
            if rest[next..].starts_with('>') {
                break next;
            }
            let attribute = rest[..next].trim().to_ascii_lowercase();
            let attribute = attribute.rsplit(' ').next().unwrap_or_default();
            let (value, after) = rest[next + 1..].split_once('"').expect("an open quote");
            assert!(!attribute.starts_with("on"), "{html:?}");
            let compact: String = value
                .chars()
                .filter(|c| *c > ' ')
                .collect::<String>()
                .to_ascii_lowercase();
            let fetched = ["href=", "src="].contains(&attribute);
            let bad = compact.starts_with("java") || compact.starts_with("data:text");
            assert!(!(fetched && bad), "{html:?}");
            assert!(
                !(attribute == "style=" && compact.contains("url(")),
                "{html:?}"
            );
            rest = after;
        };
        assert!(
            !rest[..end]
                .to_ascii_lowercase()
                .split_whitespace()
                .any(|word| word.starts_with("on")),
            "{html:?}"
        );
        rest = &rest[end + 1..];
    }
}

proptest! {
    #[test]
    fn no_script_survives(text in nonsense::text(&PIECES)) {
        assert_harmless(&sanitize(&text));
        assert_harmless(&markdown(&text, &Value::Null));
        let attached = json!({ "a": { text.clone(): text.clone() } });
        assert_harmless(&markdown(&format!("![{text}](attachment:a) ```rust\n{text}"), &attached));
        assert_harmless(&colored(&text));
        let _ = (settled(&text), stripped(&text));
        let output = json!({ "output_type": "display_data", "data": { "text/html": text }, "metadata": {} });
        assert_harmless(&crate::html::output::output(&output));
    }

    #[test]
    fn any_output_is_rendered(output in nonsense::json(&[
        "output_type", "stream", "error", "display_data", "data", "metadata", "text/html", "text/markdown", "image/png", "image/svg+xml",
        "traceback", "ename", "text", "name", "<script>", "alt", "width",
    ])) {
        assert_harmless(&crate::html::output::output(&output));
    }
}

#[test]
fn the_own_reading_sees_what_is_harmful() {
    for harmful in [
        "<script>",
        "<img src=\"javascript:x\">",
        "<p onclick=\"x\">",
        "<b onload>",
        "<!DOCTYPE x>",
        "<p",
    ] {
        assert!(
            std::panic::catch_unwind(|| assert_harmless(harmful)).is_err(),
            "{harmful}"
        );
    }
}
