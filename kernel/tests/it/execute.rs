//! Requests and their answers.

use crate::front_end::{FrontEnd, executed, parent};
use insta::assert_snapshot;
use jupyter_protocol::{
    CompleteRequest, ExecuteRequest, ExecutionState, InspectRequest, IsCompleteReplyStatus,
    IsCompleteRequest, JupyterMessageContent as Content, KernelInfoRequest, ReplyStatus,
};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn a_cell_is_framed_and_counted_from_one() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("print hello\nresult 42");
    assert_snapshot!(ran.story(), @r#"
    input 1
    Stdout "hello\n"
    result 1 42
    "#);
    assert_eq!(ran.reply.execution_count.0, 1);
    assert!(
        ran.reply
            .user_expressions
            .as_ref()
            .is_some_and(std::collections::HashMap::is_empty)
    );
    ran.ok();
    let ran = front_end.run("name");
    assert_snapshot!(ran.story(), @r#"
    input 2
    Stdout "cell 2 is number 2\n"
    "#);
}

#[test]
fn the_kernel_says_who_it_is_before_the_evaluator_is_there() {
    let start = Instant::now();
    let mut front_end = FrontEnd::start_with("late");
    let (reply, published) = front_end.exchange(KernelInfoRequest {});
    assert!(
        start.elapsed() < Duration::from_millis(1100),
        "{:?}",
        start.elapsed()
    );
    assert!(published.is_empty());
    assert_eq!(reply.header.version, "5.5");
    let Content::KernelInfoReply(info) = reply.content else {
        panic!("expected a kernel_info_reply");
    };
    assert_eq!(info.protocol_version, "5.5");
    let language = info.language_info;
    assert_eq!(language.name, "rust");
    assert_eq!(language.file_extension.as_deref(), Some(".rs"));
    assert_eq!(language.mimetype.as_deref(), Some("text/rust"));
    assert_eq!(language.pygments_lexer.as_deref(), Some("rust"));
    assert!(language.version.starts_with("1."), "{}", language.version);
    assert_eq!(
        serde_json::to_value(&language.codemirror_mode).unwrap(),
        "rust"
    );
    assert_eq!(info.implementation, "genolens");
    assert!(info.banner.contains("genolens") && info.banner.contains(&language.version));
    assert!(!info.help_links.is_empty());
}

#[test]
fn what_the_start_does_is_shown_under_the_first_cell_and_wiped_away() {
    let mut front_end = FrontEnd::start_with("late");
    let id = front_end.ask(ExecuteRequest::new("print ready".to_owned()));
    let mut told = Vec::new();
    loop {
        let message = front_end.iopub();
        assert_eq!(parent(&message), id);
        match message.content {
            Content::DisplayData(data) => {
                let data = serde_json::to_value(data).unwrap();
                told.push(data["data"]["text/plain"].to_string());
            }
            Content::ClearOutput(clear) => told.push(format!("clear {}", clear.wait)),
            Content::StreamContent(stream) => told.push(stream.text),
            Content::Status(status) if status.execution_state == ExecutionState::Idle => break,
            _ => {}
        }
    }
    assert_eq!(
        told,
        [
            "\"stretching\"",
            "clear true",
            "\"yawning\"",
            "clear true",
            "ready\n"
        ]
    );
    assert_eq!(executed(front_end.reply()).status, ReplyStatus::Ok);
}

#[test]
fn a_silent_cell_publishes_nothing_and_is_not_counted() {
    let mut front_end = FrontEnd::start();
    let request = ExecuteRequest {
        silent: true,
        ..ExecuteRequest::new("print x\nresult 1\ndisplay y".to_owned())
    };
    assert!(front_end.run_as(request).ok().is_empty());
    let request = ExecuteRequest {
        store_history: false,
        ..ExecuteRequest::new("print x".to_owned())
    };
    assert_eq!(front_end.run_as(request).ok().len(), 2);
    let ran = front_end.run("print y");
    assert_eq!(ran.reply.execution_count.0, 1);
}

#[test]
fn a_failure_aborts_what_waits_unless_told_otherwise() {
    let mut front_end = FrontEnd::start();
    let mut statuses = |stop_on_error: bool| {
        let codes = ["sleep 300\nerror first", "print second", "print third"];
        let ids: Vec<String> = codes
            .iter()
            .map(|code| {
                front_end.ask(ExecuteRequest {
                    stop_on_error,
                    ..ExecuteRequest::new((*code).to_owned())
                })
            })
            .collect();
        for id in &ids {
            front_end.until_idle(id);
        }
        ids.map_each(|_| executed(front_end.reply()).status)
    };
    assert_eq!(
        statuses(true),
        [
            ReplyStatus::Error,
            ReplyStatus::Aborted,
            ReplyStatus::Aborted
        ]
    );
    assert_eq!(
        statuses(false),
        [ReplyStatus::Error, ReplyStatus::Ok, ReplyStatus::Ok]
    );
    // A request that comes after the failure runs.
    front_end.run("error again");
    front_end.run("print alive").ok();
}

trait MapEach {
    fn map_each<T>(&self, f: impl FnMut(&String) -> T) -> Vec<T>;
}

impl MapEach for [String] {
    fn map_each<T>(&self, f: impl FnMut(&String) -> T) -> Vec<T> {
        self.iter().map(f).collect()
    }
}

#[test]
fn completion_inspection_and_completeness_answer() {
    let mut front_end = FrontEnd::start();
    let (reply, _) = front_end.exchange(CompleteRequest {
        code: "漢 pri".to_owned(),
        cursor_pos: 5,
    });
    let Content::CompleteReply(reply) = reply.content else {
        panic!("expected a complete_reply");
    };
    assert_eq!(reply.matches, ["print"]);
    assert_eq!((reply.cursor_start, reply.cursor_end), (2, 5));
    assert_eq!(
        reply.metadata["_jupyter_types_experimental"],
        json!([{ "text": "print", "type": "keyword", "start": 2, "end": 5, "signature": "print …" }])
    );
    for (code, found) in [("print", true), ("nothing", false)] {
        let (reply, _) = front_end.exchange(InspectRequest {
            code: code.to_owned(),
            cursor_pos: 2,
            detail_level: Some(0),
        });
        let Content::InspectReply(reply) = reply.content else {
            panic!("expected an inspect_reply");
        };
        assert_eq!(reply.found, found);
        assert_eq!(reply.data.content.len(), usize::from(found));
    }
    for (code, status, indent) in [
        ("a", IsCompleteReplyStatus::Complete, ""),
        ("{", IsCompleteReplyStatus::Incomplete, "    "),
        ("}", IsCompleteReplyStatus::Invalid, ""),
    ] {
        let (reply, _) = front_end.exchange(IsCompleteRequest {
            code: code.to_owned(),
        });
        let Content::IsCompleteReply(reply) = reply.content else {
            panic!("expected an is_complete_reply");
        };
        assert_eq!((reply.status, reply.indent.as_str()), (status, indent));
    }
}

#[test]
fn questions_about_code_are_answered_while_a_cell_runs_and_before_the_evaluator_is_there() {
    for (evaluator, cell) in [("echo", "sleep 2000"), ("late", "print late")] {
        let mut front_end = FrontEnd::start_with(evaluator);
        let running = front_end.ask(ExecuteRequest::new(cell.to_owned()));
        let complete = CompleteRequest {
            code: "pri".to_owned(),
            cursor_pos: 3,
        };
        let asked = [
            front_end.ask(complete),
            front_end.ask(InspectRequest {
                code: "print".to_owned(),
                cursor_pos: 2,
                detail_level: Some(1),
            }),
            front_end.ask(IsCompleteRequest {
                code: "{".to_owned(),
            }),
        ];
        // Each answers in its own time, but all before the cell.
        let mut answered = asked.map_each(|_| front_end.reply());
        for reply in &mut answered {
            assert!(asked.contains(&parent(reply)));
            match &reply.content {
                Content::CompleteReply(reply) => assert_eq!(reply.matches, ["print"]),
                Content::InspectReply(reply) => {
                    let text = serde_json::to_string(&reply.data).unwrap();
                    assert!(text.contains("with all that is known"), "{text}");
                }
                Content::IsCompleteReply(reply) => {
                    assert_eq!(reply.status, IsCompleteReplyStatus::Incomplete);
                }
                other => panic!("unexpected answer {other:?}"),
            }
        }
        let mut idle = Vec::new();
        while idle.len() < 4 {
            let message = front_end.iopub();
            if matches!(&message.content, Content::Status(status) if status.execution_state == ExecutionState::Idle)
            {
                idle.push(parent(&message));
            }
        }
        assert_eq!(idle.last(), Some(&running));
        assert_eq!(parent(&front_end.reply()), running);
    }
}

#[test]
fn expressions_of_the_front_end_are_evaluated_after_the_cell() {
    let mut front_end = FrontEnd::start();
    let expressions = [("a", "print x\nresult 3"), ("b", "error no"), ("c", "")];
    let request = |code: &str| ExecuteRequest {
        user_expressions: Some(
            expressions
                .map(|(name, code)| (name.to_owned(), code.to_owned()))
                .into(),
        ),
        ..ExecuteRequest::new(code.to_owned())
    };
    let ran = front_end.run_as(request("result 1"));
    assert_snapshot!(ran.story(), @r"
    input 1
    result 1 1
    ");
    let answers = serde_json::to_value(&ran.reply.user_expressions).unwrap();
    assert_eq!(
        answers,
        json!({
            "a": { "status": "ok", "data": { "text/plain": "3" }, "metadata": {} },
            "b": { "status": "error", "ename": "error", "evalue": "no",
                   "traceback": ["\u{1b}[31merror\u{1b}[0m: no"] },
            "c": { "status": "ok", "data": {}, "metadata": {} },
        })
    );
    ran.ok();
    let ran = front_end.run_as(request("error first"));
    assert!(ran.reply.user_expressions.is_some_and(|all| all.is_empty()));
}

#[test]
fn a_question_mark_opens_the_pager_unless_it_takes_a_variable_apart() {
    let mut front_end = FrontEnd::start();
    for (code, text) in [
        ("?print", "print: a command of the echo evaluator"),
        ("print?", "print: a command of the echo evaluator"),
        (
            "print??",
            "print: a command of the echo evaluator, with all that is known",
        ),
    ] {
        let ran = front_end.run(code);
        let pages = serde_json::to_value(&ran.reply.payload).unwrap();
        assert_eq!(
            pages,
            json!([{ "source": "page", "data": { "text/plain": text }, "start": 0 }])
        );
        assert_eq!(ran.ok().len(), 1, "the input and nothing else");
    }
    let ran = front_end.run("?nothing");
    assert_snapshot!(ran.story(), @r#"
    input 4
    Stdout "nothing is known about `nothing`\n"
    "#);
    assert!(ran.ok().len() == 2);
    // The echo evaluator says that `answer` is an `Option`.
    assert_eq!(front_end.run("answer?").reply.status, ReplyStatus::Error);
}

#[test]
fn the_person_is_asked_and_answers() {
    let mut front_end = FrontEnd::start();
    let request = |code: &str, allow_stdin| ExecuteRequest {
        allow_stdin,
        ..ExecuteRequest::new(code.to_owned())
    };
    let id = front_end.ask(request("input your name", true));
    let question = front_end.answer("Ada");
    assert!(matches!(
        &question.content,
        Content::InputRequest(question) if question.prompt == "your name" && !question.password
    ));
    assert_eq!(parent(&question), id);
    front_end.until_idle(&id);
    front_end.reply();
    let ran = front_end.run_as(request("input anybody", false));
    assert_snapshot!(ran.story(), @r#"
    input 2
    Stdout "nobody\n"
    "#);
}

#[test]
fn a_hundred_thousand_lines_arrive_in_few_messages() {
    let mut front_end = FrontEnd::start();
    let messages = front_end.run("burst 100000").ok();
    assert!(messages.len() < 100, "{} messages", messages.len());
    assert_lines(messages, 100_000);
}

#[test]
fn a_front_end_that_sleeps_slows_the_cell_down_and_loses_nothing() {
    let mut front_end = FrontEnd::start();
    let id = front_end.ask(ExecuteRequest::new("burst 3000000".to_owned()));
    std::thread::sleep(Duration::from_millis(1500));
    let messages = front_end.until_idle(&id);
    front_end.reply();
    assert!(messages.len() < 1000, "{} messages", messages.len());
    assert_lines(messages, 3_000_000);
}

fn assert_lines(messages: Vec<Content>, count: usize) {
    let mut text = String::new();
    for message in messages.into_iter().skip(1) {
        match message {
            Content::StreamContent(stream) => text += &stream.text,
            other => panic!("expected a stream, got {other:?}"),
        }
    }
    let mut lines = text.lines();
    for number in 0..count {
        assert_eq!(lines.next(), Some(format!("line {number}").as_str()));
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn bytes_become_text_across_chunks() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("bytes e6 bc\neprint between\nbytes a2 ff 0a\nbytes c3");
    assert_snapshot!(ran.story(), @r#"
    input 1
    Stderr "between\n"
    Stdout "漢�\n�"
    "#);
}

#[test]
fn the_second_cell_waits_for_the_first() {
    let mut front_end = FrontEnd::start();
    let first = front_end.ask(ExecuteRequest::new("sleep 100\nprint one".to_owned()));
    let second = front_end.ask(ExecuteRequest::new("print two".to_owned()));
    front_end.until_idle(&first);
    front_end.until_idle(&second);
    assert_eq!(parent(&front_end.reply()), first);
    assert_eq!(parent(&front_end.reply()), second);
}
