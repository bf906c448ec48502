//! Rust cells, compiled and run.

use crate::front_end::{FrontEnd, Ran};
use jupyter_protocol::{ErrorOutput, JupyterMessageContent as Content, ReplyStatus};
use std::process::Command;
use std::sync::Once;

static WARM: Once = Once::new();

/// Starts a session on an image that is there.
pub(crate) fn session() -> FrontEnd {
    warm();
    FrontEnd::start_with("rust")
}

/// Builds the image, once.
pub(crate) fn warm() {
    WARM.call_once(|| {
        let status = Command::new(env!("CARGO_BIN_EXE_genolens"))
            .arg("warm")
            .status()
            .unwrap();
        assert!(status.success(), "the image cannot be built");
    });
}

/// What a cell printed on standard output.
pub(crate) fn printed(ran: Ran) -> String {
    ran.ok()
        .into_iter()
        .filter_map(|message| match message {
            Content::StreamContent(stream) => Some(stream.text),
            _ => None,
        })
        .collect()
}

/// The name, the message and the plain traceback of the one error that a cell must have.
pub(crate) fn error(ran: &Ran) -> (String, String, String) {
    assert_eq!(ran.reply.status, ReplyStatus::Error);
    let errors: Vec<_> = ran
        .messages
        .iter()
        .filter_map(|message| match message {
            Content::ErrorOutput(error) => Some(error),
            _ => None,
        })
        .collect();
    assert_eq!(errors.len(), 1, "exactly one error: {errors:?}");
    (
        errors[0].ename.clone(),
        errors[0].evalue.clone(),
        plain(errors[0]),
    )
}

/// The traceback of an error without its colours.
pub(crate) fn plain(error: &ErrorOutput) -> String {
    let mut traceback = error.traceback.join("\n");
    while let Some(at) = traceback.find('\u{1b}') {
        let end = at + traceback[at..].find('m').unwrap();
        traceback.replace_range(at..=end, "");
    }
    traceback
}

#[test]
fn a_glob_in_braces_is_imported() {
    let mut kernel = session();
    kernel
        .run("use std::collections::{*, hash_map::Entry};")
        .ok();
    let both = "let mut map = HashMap::new(); if let Entry::Vacant(free) = map.entry(1) { free.insert(2); } println!(\"{map:?}\");";
    assert_eq!(printed(kernel.run(both)), "{1: 2}\n");
}

#[test]
fn values_stay_and_the_last_expression_is_the_result() {
    let mut kernel = session();
    kernel.run("let mut numbers = vec![1, 2, 3];").ok();
    kernel.run("numbers.push(4);").ok();
    let ran = kernel.run("numbers.iter().sum::<i32>()");
    assert!(
        ran.story()
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("result") && line.ends_with(" 10"))
    );
    ran.ok();
    // Statements, unit and commands have no result.
    for code in [
        "numbers.len();",
        "for _ in 0..1 {}",
        "()",
        "numbers.clear()",
    ] {
        let messages = kernel.run(code).ok();
        let results = messages
            .iter()
            .filter(|message| matches!(message, Content::ExecuteResult(_)));
        assert_eq!(results.count(), 0, "{code}");
    }
}

#[test]
fn a_variable_of_a_type_that_is_defined_anew_is_lost_and_not_misread() {
    let mut kernel = session();
    kernel
        .run(
            "#[derive(Debug)] struct Inner { x: i64 } #[derive(Debug)] struct Outer(Inner); \
             let direct = Inner { x: 1 }; let written: Inner = Inner { x: 2 }; let nested = vec![Outer(Inner { x: 3 })]; let other = 4;",
        )
        .ok();
    // The same text again changes nothing.
    kernel.run("#[derive(Debug)] struct Inner { x: i64 }").ok();
    assert_eq!(
        printed(kernel.run("println!(\"{} {} {}\", direct.x, written.x, nested[0].0.x);")),
        "1 2 3\n"
    );
    // Only the type of a field changes, which the compiler's own identity of types does not see.
    kernel.run("#[derive(Debug)] struct Inner { x: f64 }").ok();
    kernel.run("let unrelated = 5;").ok();
    for lost in ["direct", "written", "nested"] {
        let (_, value, _) = error(&kernel.run(lost));
        assert!(
            value.contains(&format!("cannot find value `{lost}`")),
            "{value}"
        );
    }
    assert_eq!(
        printed(kernel.run("println!(\"{other} {unrelated}\");")),
        "4 5\n"
    );
}

#[test]
fn text_and_pictures_arrive_in_order() {
    let mut kernel = session();
    kernel.run("use genolens::*;").ok();
    let ran = kernel.run(
        "print!(\"one\"); display::show(&display::curve(&[0.0, 1.0], &[0.0, 1.0])); println!(\"two\");\n\
         display::show(&display::curve(&[0.0, 1.0], &[1.0, 0.0])); print!(\"three\");\n\
         display::curve(&[0.0, 1.0], &[1.0, 1.0])",
    );
    let kinds: Vec<String> = ran
        .messages
        .iter()
        .filter_map(|message| match message {
            Content::StreamContent(stream) => Some(stream.text.clone()),
            Content::DisplayData(_) => Some("picture".to_owned()),
            Content::ExecuteResult(_) => Some("result".to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(
        kinds,
        ["one", "picture", "two\n", "picture", "three", "result"]
    );
    ran.ok();
}

#[test]
fn what_is_printed_cannot_be_mistaken_for_a_message() {
    let mut kernel = session();
    let said = printed(kernel.run(
        "println!(\"EVCXR_EXECUTION_COMPLETE\"); println!(\"EVCXR_BEGIN_CONTENT text/plain\"); print!(\"no end\");",
    ));
    assert_eq!(
        said,
        "EVCXR_EXECUTION_COMPLETE\nEVCXR_BEGIN_CONTENT text/plain\nno end"
    );
    let said = printed(
        kernel.run("use std::io::Write; std::io::stdout().write_all(&[0xff, b'a', b'\\n'])?;"),
    );
    assert_eq!(said, "\u{fffd}a\n");
    assert_eq!(printed(kernel.run("println!(\"own\");")), "own\n");
}

#[test]
fn sessions_side_by_side_do_not_mix() {
    let mut first = session();
    let mut second = session();
    for round in 0..5 {
        for (kernel, name) in [(&mut first, "first"), (&mut second, "second")] {
            let said = printed(kernel.run(&format!(
                "let x{round} = \"{name} {round}\"; println!(\"{{x{round}}}\");"
            )));
            assert_eq!(said, format!("{name} {round}\n"));
        }
    }
}
