//! Stopping cells and the kernel.

use crate::front_end::{FrontEnd, executed};
use jupyter_protocol::{
    ExecuteRequest, ExecutionState, InterruptRequest, JupyterMessageContent as Content,
    KernelInfoRequest, ReplyStatus, ShutdownRequest,
};
use std::process::Command;
use std::time::{Duration, Instant};

/// Reads the busy and the input of a cell that now runs.
fn begun(front_end: &mut FrontEnd) {
    front_end.expect_state(&ExecutionState::Busy);
    assert!(matches!(
        front_end.iopub().content,
        Content::ExecuteInput(_)
    ));
}

/// Reads what an interrupted cell says at its end.
fn interrupted(front_end: &mut FrontEnd) {
    match front_end.iopub().content {
        Content::ErrorOutput(error) => assert_eq!(error.ename, "interrupted"),
        other => panic!("expected an error, got {other:?}"),
    }
    front_end.expect_state(&ExecutionState::Idle);
    assert_eq!(executed(front_end.reply()).status, ReplyStatus::Error);
}

#[test]
fn a_running_cell_is_interrupted_and_the_session_goes_on() {
    let mut front_end = FrontEnd::start();
    let id = front_end.ask(ExecuteRequest::new("sleep 30000".to_owned()));
    begun(&mut front_end);
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    let published = front_end.interrupt(&id);
    assert!(
        matches!(&published[..], [Content::ErrorOutput(error)] if error.ename == "interrupted"),
        "{published:?}"
    );
    assert_eq!(executed(front_end.reply()).status, ReplyStatus::Error);
    assert!(start.elapsed() < Duration::from_secs(2));
    front_end.run("print alive").ok();
}

#[test]
fn an_interrupt_while_nothing_runs_does_nothing() {
    let mut front_end = FrontEnd::start();
    front_end.run("print a").ok();
    front_end.control(InterruptRequest {});
    front_end.expect_state(&ExecutionState::Busy);
    front_end.expect_state(&ExecutionState::Idle);
    front_end.run("sleep 20\nprint b").ok();
}

#[test]
fn a_question_is_given_up_when_interrupted() {
    let mut front_end = FrontEnd::start();
    let id = front_end.ask(ExecuteRequest {
        allow_stdin: true,
        ..ExecuteRequest::new("input who\nsleep 30000".to_owned())
    });
    begun(&mut front_end);
    front_end.question();
    let published = front_end.interrupt(&id);
    assert!(
        matches!(
            &published[..],
            [Content::StreamContent(stream), Content::ErrorOutput(error)]
                if stream.text == "nobody\n" && error.ename == "interrupted"
        ),
        "{published:?}"
    );
    assert_eq!(executed(front_end.reply()).status, ReplyStatus::Error);
}

#[test]
fn a_late_answer_is_not_the_answer_to_the_next_question() {
    let mut front_end = FrontEnd::start();
    let asking = |code: &str| ExecuteRequest {
        allow_stdin: true,
        ..ExecuteRequest::new(code.to_owned())
    };
    let id = front_end.ask(asking("password word\nsleep 30000"));
    begun(&mut front_end);
    let given_up = front_end.question();
    front_end.interrupt(&id);
    assert_eq!(executed(front_end.reply()).status, ReplyStatus::Error);
    let id = front_end.ask(asking("input name"));
    let question = front_end.question();
    front_end.say("swordfish", &given_up);
    front_end.say("Ada", &question);
    let messages = front_end.until_idle(&id);
    front_end.reply();
    assert!(
        matches!(&messages[1], Content::StreamContent(stream) if stream.text == "Ada\n"),
        "{messages:?}"
    );
}

#[test]
fn a_cell_that_waits_for_the_start_can_be_interrupted() {
    let mut front_end = FrontEnd::start_with("late");
    let id = front_end.ask(ExecuteRequest::new("print never".to_owned()));
    std::thread::sleep(Duration::from_millis(50));
    front_end.control(InterruptRequest {});
    let mut stories = Vec::new();
    loop {
        let message = front_end.iopub();
        let ours = message
            .parent_header
            .as_ref()
            .is_some_and(|header| header.msg_id == id);
        match message.content {
            Content::StreamContent(stream) => panic!("it ran: {}", stream.text),
            Content::ErrorOutput(error) => stories.push(error.ename),
            Content::Status(status) if ours && status.execution_state == ExecutionState::Idle => {
                break;
            }
            _ => {}
        }
    }
    assert_eq!(stories, ["interrupted"]);
    front_end.reply();
    front_end.run("print alive").ok();
}

#[test]
fn the_kernel_answers_while_a_cell_runs() {
    let mut front_end = FrontEnd::start();
    front_end.ask(ExecuteRequest::new("sleep 400".to_owned()));
    begun(&mut front_end);
    let (reply, _) = front_end.exchange(KernelInfoRequest {});
    assert!(matches!(reply.content, Content::KernelInfoReply(_)));
    front_end.expect_state(&ExecutionState::Idle);
    front_end.reply();
}

#[test]
fn a_shutdown_ends_a_kernel_that_is_busy() {
    let mut front_end = FrontEnd::start();
    front_end.ask(ExecuteRequest::new("sleep 30000".to_owned()));
    begun(&mut front_end);
    let start = Instant::now();
    let reply = front_end.control(ShutdownRequest { restart: true });
    assert!(matches!(reply, Content::ShutdownReply(reply) if reply.restart));
    assert!(front_end.ended().success());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_signal_interrupts_and_another_ends() {
    let mut front_end = FrontEnd::start();
    let kill = |front_end: &FrontEnd, signal: &str| {
        let process = front_end.process().to_string();
        let done = Command::new("kill").args([signal, &process]).status();
        assert!(done.unwrap().success());
    };
    front_end.ask(ExecuteRequest::new("sleep 30000".to_owned()));
    begun(&mut front_end);
    std::thread::sleep(Duration::from_millis(50));
    kill(&front_end, "-INT");
    interrupted(&mut front_end);
    kill(&front_end, "-TERM");
    assert!(front_end.ended().success());
}
