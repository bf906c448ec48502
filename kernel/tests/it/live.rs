//! What a Rust cell does to its output while it runs.

use crate::front_end::{FrontEnd, executed};
use crate::rust::session;
use jupyter_protocol::{ExecuteRequest, JupyterMessageContent as Content, ReplyStatus};

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

/// Sends a cell that may ask.
fn asking(kernel: &mut FrontEnd, code: &str) -> String {
    kernel.ask(ExecuteRequest {
        allow_stdin: true,
        ..ExecuteRequest::new(code.to_owned())
    })
}

#[test]
fn a_cell_asks_the_person() {
    let mut kernel = session();
    kernel.run("use genolens::*;").ok();
    let id = asking(
        &mut kernel,
        "print!(\"before\");\n\
         let gene = display::ask(\"Which gene? \")?;\n\
         let word = display::ask_secret(\"Word: \")?;\n\
         print!(\"{gene} {}\", word.len());",
    );
    let questions = [kernel.answer("GATA1 é"), kernel.answer("swordfish")];
    let told = questions.map(|question| match question.content {
        Content::InputRequest(question) => (question.prompt, question.password),
        other => panic!("not a question: {other:?}"),
    });
    assert_eq!(
        told,
        [
            ("Which gene? ".to_owned(), false),
            ("Word: ".to_owned(), true)
        ]
    );
    let messages = kernel.until_idle(&id);
    kernel.reply();
    assert_eq!(story(&messages).concat(), "beforeGATA1 é 9");
    assert_eq!(story(&kernel.run("gene.len()").ok()), ["result"]);
}

#[test]
fn a_question_that_nobody_answers_is_an_error() {
    let mut kernel = session();
    let ran = kernel.run_as(ExecuteRequest {
        allow_stdin: false,
        ..ExecuteRequest::new("genolens::display::ask(\"who\")?;".to_owned())
    });
    let error = ran.reply.error.unwrap();
    assert!(error.evalue.contains("nobody can be asked"), "{error:?}");
    kernel.run("let kept = 5;").ok();
    for code in ["genolens::display::ask(\"who\")?;", READING] {
        let id = asking(&mut kernel, code);
        kernel.question();
        kernel.interrupt(&id);
        let reply = executed(kernel.reply());
        let error = reply.error.unwrap();
        assert_eq!(error.ename, "interrupted", "{error:?}");
        assert_eq!(story(&kernel.run("kept").ok()), ["result"]);
    }
}

const READING: &str = "let mut said = String::new();\n\
    let count = std::io::stdin().read_line(&mut said)?;";

#[test]
fn what_a_cell_reads_from_standard_input_is_asked_for() {
    let mut kernel = session();
    let id = asking(
        &mut kernel,
        "use std::io::Write;\n\
         for _ in 0..2 {\n\
             let mut name = String::new();\n\
             print!(\"name: \"); std::io::stdout().flush()?;\n\
             std::io::stdin().read_line(&mut name)?;\n\
             println!(\"hello {}\", name.trim());\n\
         }",
    );
    kernel.answer("Ada");
    kernel.answer("Grace é");
    let messages = kernel.until_idle(&id);
    assert_eq!(executed(kernel.reply()).status, ReplyStatus::Ok);
    assert_eq!(
        story(&messages).concat(),
        "name: hello Ada\nname: hello Grace é\n"
    );
    // Where nobody can be asked, the input has ended, as often as it is read.
    for _ in 0..2 {
        let code = format!("{READING} println!(\"{{count}}\");");
        let ran = kernel.run_as(ExecuteRequest {
            allow_stdin: false,
            ..ExecuteRequest::new(code)
        });
        assert_eq!(story(&ran.ok()).concat(), "0\n");
    }
    // And it begins again with the next cell that may ask.
    let id = asking(&mut kernel, &format!("{READING} println!(\"{{count}}\");"));
    kernel.answer("four");
    assert_eq!(story(&kernel.until_idle(&id)).concat(), "5\n");
    kernel.reply();
}
