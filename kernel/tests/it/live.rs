//! What a Rust cell does to its output while it runs.

use crate::rust::session;
use jupyter_protocol::JupyterMessageContent as Content;

/// The story of some messages: text as it is, displays by the number of their name.
fn story(messages: &[Content]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut number = |content: &Content| {
        let value = serde_json::to_value(content).unwrap();
        let name = value["transient"]["display_id"].as_str().unwrap();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        names.iter().position(|known| known == name).unwrap()
    };
    let tell = |content: &Content| match content {
        Content::StreamContent(stream) => Some(stream.text.clone()),
        Content::DisplayData(_) => Some(format!("show {}", number(content))),
        Content::UpdateDisplayData(_) => Some(format!("update {}", number(content))),
        Content::ClearOutput(clear) => Some(format!("clear {}", clear.wait)),
        Content::ExecuteResult(_) => Some("result".to_owned()),
        _ => None,
    };
    messages.iter().filter_map(tell).collect()
}

#[test]
fn a_picture_is_shown_once_and_updated_in_its_place() {
    let mut kernel = session();
    kernel.run("use genolens::*;").ok();
    let ran = kernel.run(
        "fn line(end: f64) -> display::Curve { display::curve(&[0.0, 1.0], &[0.0, end]) }\n\
         print!(\"a\");\n\
         let first = display::show(&line(0.0));\n\
         let second = display::show(&line(1.0));\n\
         for end in 0..3 { print!(\"b{end}\"); first.update(&line(f64::from(end))); }\n\
         print!(\"c\");\n\
         second.update(&line(9.0));\n\
         display::show(&line(2.0))",
    );
    assert_eq!(
        story(&ran.messages),
        [
            "a", "show 0", "show 1", "b0", "update 0", "b1", "update 0", "b2", "update 0", "c",
            "update 1", "show 2"
        ]
    );
    ran.ok();
    // A later cell reaches what an earlier one has shown.
    let ran = kernel.run("second.update(&line(3.0));");
    assert_eq!(story(&ran.messages), ["update 0"]);
    ran.ok();
}

#[test]
fn a_cell_clears_its_output() {
    let mut kernel = session();
    let ran = kernel.run(
        "for round in 0..2 { genolens::display::clear(true); print!(\"{round}\"); }\n\
         genolens::display::clear(false);",
    );
    assert_eq!(
        story(&ran.messages),
        ["clear true", "0", "clear true", "1", "clear false"]
    );
    ran.ok();
}
