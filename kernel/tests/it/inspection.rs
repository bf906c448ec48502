//! Inspection in Rust sessions.

use crate::completion::cursor;
use crate::front_end::FrontEnd;
use crate::rust::session;
use jupyter_protocol::{InspectRequest, JupyterMessageContent as Content};
use serde_json::Value;

/// What a session says about the place of the `¦` in a code, by type of content; nothing when it does not know.
fn described(kernel: &mut FrontEnd, marked: &str, level: usize) -> Option<Value> {
    let (code, cursor_pos) = cursor(marked);
    let (reply, _) = kernel.exchange(InspectRequest {
        code,
        cursor_pos,
        detail_level: Some(level),
    });
    let Content::InspectReply(reply) = reply.content else {
        panic!("expected an inspect_reply");
    };
    reply
        .found
        .then(|| serde_json::to_value(reply.data).unwrap())
}

#[test]
fn what_stands_at_the_cursor_is_described() {
    let mut kernel = session();
    kernel
        .run(
            "use genolens::*; use std::collections::HashMap;\n\
             /// A pair of things.\n///\n/// They are equal in kind.\n#[derive(Clone)] struct Pair<T> { first: T, second: T }\n\
             impl<T> Pair<T> {\n/// Turns it round.\nfn swap(self) -> Self { Pair { first: self.second, second: self.first } } }\n\
             /// Five.\nfn five(of: u8) -> i32 { 5 }",
        )
        .ok();
    kernel
        .run("let pair = Pair { first: 1.5, second: 2.0 }; let größe = 3; let seqs = sequence::Sequences::dna([\"ACGT\"])?;")
        .ok();
    for (code, parts) in [
        ("größ¦e + 1", &["größe: i32"][..]),
        (
            "let é = 1; pa¦ir",
            &["pair: Pair<f64>", "A pair of things."],
        ),
        (
            "seqs¦",
            &["seqs: genolens::sequence::Sequences", "`Sequences`:"],
        ),
        (
            "Pa¦ir { first: 1 }",
            &["struct Pair<T>", "first: T", "A pair of things."],
        ),
        ("five¦(1)", &["fn five(of: u8) -> i32", "Five."]),
        ("five(1, ¦", &["fn five(of: u8) -> i32"]),
        (
            "pair.clone().sw¦ap()",
            &["fn swap(self) -> Self", "Turns it round."],
        ),
        ("pair.fir¦st", &["first: T"]),
        (
            "seqs.one_hot¦()?",
            &[
                "fn one_hot(&self) -> Result<OneHot>",
                "Encodes the sequences",
            ],
        ),
        ("seqs.one_hot(¦)?", &["fn one_hot(&self) -> Result<OneHot>"]),
        (
            "sequence::op¦en(\"a\")",
            &["fn open(", "genolens::sequence"],
        ),
        ("gen¦olens::attribution", &["See what deep models"]),
        ("Hash¦Map::new()", &["struct HashMap"]),
        ("HashMap::new¦()", &["fn new()"]),
        ("vec![1].so¦rt()", &["fn sort(&mut self)"]),
        (
            "[1.5].iter().fo¦ld(0.0, |a, b| a + b)",
            &["fn fold<", "Folds every element"],
        ),
        (
            "println¦!(\"\")",
            &["println!", "Prints to the standard output"],
        ),
        ("print¦ln", &["println!", "Prints to the standard output"]),
        ("std::as¦sert", &["assert!"]),
        ("use genolens::random::Se¦ed;", &["struct Seed"]),
        (
            "let lines = \"a b\".split(' '); lin¦es",
            &["lines: std::str::Split<"],
        ),
        (
            "let li¦nes = \"a b\".split(' '); 1",
            &["lines: std::str::Split<"],
        ),
        ("[1u8].iter().map(|byte| by¦te + 1)", &["byte: &u8"]),
        ("polars::prelude::co¦l(\"a\")", &["fn col<"]),
        (
            "candle_core::Tensor::ze¦ros((1,), DType::F32)",
            &["fn zeros<"],
        ),
    ] {
        let Some(data) = described(&mut kernel, code, 0) else {
            panic!("{code}: nothing found");
        };
        for kind in ["text/plain", "text/markdown", "text/html"] {
            assert!(data[kind].is_string(), "{code}: no {kind}");
        }
        let text = data["text/plain"].as_str().unwrap();
        for part in parts {
            assert!(text.contains(part), "{code}: no `{part}` in {text}");
        }
    }
    for code in ["nothing¦", "1¦", "\"pair¦\"", "pair.nothing¦", "¦"] {
        assert_eq!(described(&mut kernel, code, 0), None, "{code}");
    }
    // All that is known, when it is asked for.
    let brief = described(&mut kernel, "Pair¦", 0).unwrap()["text/plain"].to_string();
    assert!(!brief.contains("equal in kind"), "{brief}");
    let whole = described(&mut kernel, "Pair¦", 1).unwrap();
    assert!(whole["text/plain"].to_string().contains("equal in kind"));
    let seed = described(&mut kernel, "random::Seed¦", 1).unwrap();
    let markdown = seed["text/markdown"].as_str().unwrap();
    assert!(
        markdown.contains("# Examples") && markdown.contains("```rust"),
        "{markdown}"
    );
    assert!(seed["text/html"].as_str().unwrap().contains("<code>"));
}
