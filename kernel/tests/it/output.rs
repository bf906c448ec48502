//! What real cells print, down to the last byte.

use crate::front_end::parent;
use crate::headless::Desk;
use crate::rust::{printed, session};
use jupyter_protocol::{JupyterMessageContent as Content, Stdio};
use std::time::{Duration, Instant};

/// What came as text of one of the two streams.
fn stream(messages: &[Content], error: bool) -> String {
    let texts = messages.iter().filter_map(|message| match message {
        Content::StreamContent(stream) => {
            (matches!(stream.name, Stdio::Stderr) == error).then_some(stream.text.as_str())
        }
        _ => None,
    });
    texts.collect()
}

#[test]
fn bytes_arrive_as_they_are_on_both_streams() {
    let mut kernel = session();
    kernel.run("use std::io::Write;").ok();
    let messages = kernel
        .run(
            "for word in [\"a\", \"\\r\", \"b\", \"\\n\\r c\"] { print!(\"{word}\"); std::io::stdout().flush()?; eprint!(\"{word}{word}\"); }\n\
             // Half a character, then its other half; a byte that is no character; no line break at the end.\n\
             for some in [&b\"\\xe6\\xbc\"[..], b\"\\xa2\", b\"\\xff\", b\"end\"] { std::io::stdout().write_all(some)?; std::io::stderr().write_all(some)?; }",
        )
        .ok();
    assert_eq!(stream(&messages, false), "a\rb\n\r c漢\u{fffd}end");
    assert_eq!(stream(&messages, true), "aa\r\rbb\n\r c\n\r c漢\u{fffd}end");
    // Nothing of it is left for the next cell.
    assert_eq!(printed(kernel.run("print!(\"own\");")), "own");
}

#[test]
fn a_bar_redraws_in_place_while_the_cell_runs() {
    let mut kernel = session();
    let ran = kernel.run(
        "use std::io::Write; for i in 0..=4 { print!(\"\\r{}%\", 25 * i); std::io::stdout().flush()?; \
         std::thread::sleep(std::time::Duration::from_millis(150)); }",
    );
    let parts = ran
        .messages
        .iter()
        .filter(|message| matches!(message, Content::StreamContent(_)));
    assert!(parts.count() >= 3, "it comes bit by bit: {}", ran.story());
    assert_eq!(printed(ran), "\r0%\r25%\r50%\r75%\r100%");
}

#[test]
fn a_bar_is_saved_as_it_was_seen_last() {
    let desk = Desk::new();
    desk.notebook(
        "bar.ipynb",
        &["for i in 0..=100 { print!(\"\\r{i} of 100\"); } println!();\neprint!(\"50%\\r 99%\");"],
    );
    let ran = desk.run_with("rust", &["bar.ipynb", "-o", "done.ipynb"]);
    assert!(ran.status.success());
    let saved = desk.read("done.ipynb").to_string();
    assert!(saved.contains("\"100 of 100\\n\""), "{saved}");
    assert!(saved.contains("\" 99%\""), "{saved}");
    assert!(!saved.contains("99 of 100"), "{saved}");
}

#[test]
fn a_child_process_prints_into_the_cell() {
    let mut kernel = session();
    let messages = kernel
        .run(
            "print!(\"before \"); std::io::Write::flush(&mut std::io::stdout())?;\n\
             std::process::Command::new(\"sh\").args([\"-c\", \"printf 'child '; echo problem >&2; echo path > /dev/stdout\"]).status()?;\n\
             println!(\"after\");",
        )
        .ok();
    assert_eq!(stream(&messages, false), "before child path\nafter\n");
    assert_eq!(stream(&messages, true), "problem\n");
}

#[test]
fn what_the_c_library_holds_back_comes_with_its_cell() {
    let mut kernel = session();
    let said = printed(kernel.run(
        "unsafe extern \"C\" { fn printf(format: *const std::ffi::c_char, ...) -> i32; }\n\
         unsafe { printf(c\"from C %d\".as_ptr(), 7); }",
    ));
    assert_eq!(said, "from C 7");
}

#[test]
fn what_a_thread_prints_after_its_cell_belongs_to_that_cell() {
    let mut kernel = session();
    let (reply, messages) = kernel.exchange(jupyter_protocol::ExecuteRequest::new(
        "std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_millis(700)); println!(\"late\"); }); println!(\"soon\");".to_owned(),
    ));
    assert_eq!(stream(&messages, false), "soon\n");
    let late = kernel.iopub();
    assert_eq!(parent(&late), parent(&reply));
    assert_eq!(stream(&[late.content], false), "late\n");
    assert_eq!(printed(kernel.run("println!(\"next\");")), "next\n");
}

#[test]
fn a_million_lines_arrive_in_few_messages() {
    let mut kernel = session();
    let start = Instant::now();
    let messages = kernel
        .run("for i in 0..1_000_000 { println!(\"line {i}\"); }")
        .ok();
    let took = start.elapsed();
    assert!(messages.len() <= 200, "{} messages", messages.len());
    let text = stream(&messages, false);
    assert_eq!(text.lines().count(), 1_000_000);
    assert!(
        text.lines()
            .enumerate()
            .all(|(i, line)| line == format!("line {i}"))
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_gigabyte_is_cut_with_a_notice_and_the_kernel_lives() {
    let mut kernel = session();
    kernel.run("let kept = 7;").ok();
    let start = Instant::now();
    let messages = kernel
        .run(
            "let line = \"x\".repeat(1023) + \"\\n\"; let chunk = line.repeat(1024);\n\
             for _ in 0..1024 { print!(\"{chunk}\"); }\nprintln!(\"the last words\");",
        )
        .ok();
    assert!(start.elapsed() < Duration::from_mins(1));
    assert!(messages.len() <= 200, "{} messages", messages.len());
    let text = stream(&messages, false);
    assert!((40 << 20..60 << 20).contains(&text.len()), "{}", text.len());
    assert!(text.ends_with("x\nthe last words\n"));
    let notice = notices(&messages).pop().unwrap();
    assert_eq!(
        notice,
        "Only the first 48 MB of this cell's text are shown; 976 MB were left out. The end follows."
    );
    let grown = memory(kernel.process());
    assert!(grown < 1500, "the kernel takes {grown} MB");
    assert_eq!(printed(kernel.run("println!(\"{kept}\");")), "7\n");
}

#[test]
fn a_flood_of_displays_is_cut_with_a_notice_and_the_kernel_lives() {
    let mut kernel = session();
    let messages = kernel
        .run("for i in 0..100_000 { genolens::display::show(&genolens::display::Bundle::text(&format!(\"display {i}\"))); }")
        .ok();
    let shown = messages
        .iter()
        .filter(|message| matches!(message, Content::DisplayData(_)));
    assert_eq!(shown.count(), 1001);
    let notice = notices(&messages).pop().unwrap();
    assert_eq!(
        notice,
        "Only the first 1000 outputs of this cell are shown; 99000 were left out."
    );
    // One that is too large for any front end, as a display and as the value of the cell.
    let messages = kernel
        .run("genolens::display::show(&genolens::display::Bundle::text(&\"x\".repeat(1 << 28))); println!(\"on\");")
        .ok();
    assert_eq!(stream(&messages, false), "on\n");
    assert!(stream(&messages, true).contains("256 MB was left out"));
    let ran = kernel.run("vec![7u8; 1 << 28]");
    let size: usize = ran.story().len();
    assert!(size < 2 << 20, "{size}");
    ran.ok();
    let grown = memory(kernel.process());
    assert!(grown < 1500, "the kernel takes {grown} MB");
}

#[test]
fn a_run_saves_the_beginning_and_the_end_of_a_flood() {
    let desk = Desk::new();
    desk.notebook(
        "flood.ipynb",
        &[
            "let chunk = (\"y\".repeat(1023) + \"\\n\").repeat(1024); for _ in 0..1024 { print!(\"{chunk}\"); } println!(\"the last words\");",
            "for i in 0..2000 { genolens::display::show(&genolens::display::Bundle::text(&format!(\"display {i}\"))); }",
        ],
    );
    let ran = desk.run_with("rust", &["flood.ipynb", "-o", "done.ipynb"]);
    assert!(ran.status.success(), "{}", desk.complaint(&ran));
    let size = desk.path("done.ipynb").metadata().unwrap().len();
    assert!((48 << 20..64 << 20).contains(&size), "{size}");
    let saved = desk.read("done.ipynb");
    let outputs = |cell: usize| saved["cells"][cell]["outputs"].as_array().unwrap().clone();
    let text = outputs(0);
    assert_eq!(text.len(), 3, "text, notice, end");
    assert_eq!(
        text[1]["data"]["text/plain"][0],
        "Only the first 48 MB of this cell's text are shown; 976 MB were left out. The end follows."
    );
    let end = text[2]["text"].as_array().unwrap();
    assert_eq!(end.last().unwrap(), "the last words\n");
    assert_eq!(outputs(1).len(), 1001);
}

/// The notices, oldest first.
fn notices(messages: &[Content]) -> Vec<String> {
    let texts = messages.iter().map(|message| match message {
        Content::DisplayData(_) | Content::UpdateDisplayData(_) => {
            let value = serde_json::to_value(message).unwrap();
            value["data"]["text/plain"].as_str().unwrap().to_owned()
        }
        _ => String::new(),
    });
    texts.filter(|text| text.starts_with("Only")).collect()
}

/// The most memory that a process has taken, in megabytes.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let number = line.split_whitespace().nth(1).unwrap();
    number.parse::<u64>().unwrap() / 1024
}
