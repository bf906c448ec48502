//! How Rust cells fail: one error, at the cell's own lines, and what can survive does.

use crate::crash::KILLS;
use crate::front_end::executed;
use crate::rust::{error, printed, session};
use jupyter_protocol::{ExecuteRequest, JupyterMessageContent as Content, ReplyStatus};
use std::time::Duration;

#[test]
fn the_same_words_in_a_function_and_beside_it_are_told_apart() {
    let mut kernel = session();
    let beside =
        "fn fails() {\n    None::<i32>.unwrap();\n}\nlet a = 1;\n    None::<i32>.unwrap();";
    let (_, _, traceback) = error(&kernel.run(beside));
    assert!(traceback.contains("cell 1, line 5"), "{traceback}");
    let within = "fn fails() {\n    None::<i32>.unwrap();\n}\nif a_number() > 2 {\n    None::<i32>.unwrap();\n}\nfails();\nfn a_number() -> i32 { 2 }";
    let (_, _, traceback) = error(&kernel.run(within));
    assert!(traceback.contains("cell 2, line 2"), "{traceback}");
}

#[test]
fn a_panic_is_one_error_at_the_line_of_the_cell_and_variables_survive() {
    let mut kernel = session();
    kernel.run("let kept = String::from(\"still here\");\nfn fails(n: i32) -> i32 {\n    assert!(n < 3, \"too big: {n}\");\n    n\n}").ok();
    let (name, value, traceback) = error(&kernel.run("let lost = 1;\nfails(5);"));
    assert_eq!((name.as_str(), value.as_str()), ("panic", "too big: 5"));
    assert!(traceback.contains("cell 1, line 3"), "{traceback}");
    let (_, value, traceback) = error(&kernel.run("\nlet empty: Vec<i32> = vec![]; empty[1];"));
    assert!(value.contains("out of bounds"), "{value}");
    assert!(traceback.contains("cell 3, line 2"), "{traceback}");
    assert_eq!(printed(kernel.run("println!(\"{kept}\");")), "still here\n");
}

#[test]
fn an_error_through_the_question_mark_fails_the_cell() {
    let mut kernel = session();
    let (name, value, _) = error(&kernel.run("let n: i32 = \"many\".parse()?;"));
    assert_eq!(
        (name.as_str(), value.as_str()),
        ("error", "invalid digit found in string")
    );
    let (_, value, _) = error(&kernel.run("genolens::sequence::open(\"absent.fa\")?;"));
    assert!(value.contains("absent.fa"), "{value}");
    let (_, value, _) = error(&kernel.run("n"));
    assert!(value.contains("cannot find value `n`"), "{value}");
}

#[test]
fn a_compile_error_is_one_error_with_lines_and_columns_of_the_cell() {
    let mut kernel = session();
    let ran = kernel.run("let a = 1;\nlet b = 2; let text: String = a; b.nothing();");
    let (name, value, traceback) = error(&ran);
    assert_eq!(
        (name.as_str(), value.as_str()),
        ("compile error", "mismatched types")
    );
    assert!(traceback.contains("cell 1, line 2:31"), "{traceback}");
    assert!(
        traceback.contains("no method named `nothing` found for type `{integer}`"),
        "{traceback}"
    );
    assert!(traceback.contains("cell 1, line 2:36"), "{traceback}");
    let (_, value, _) = error(&kernel.run("struct Hidden; Hidden"));
    assert!(value.contains("cannot be displayed"), "{value}");
}

#[test]
fn a_panic_is_marked_where_it_happened_whatever_it_throws() {
    let mut kernel = session();
    kernel.run("let kept = 41usize;").ok();
    let marked = "1 | let x = 1; let ages = [1, 2]; ages[x + 1 + kept];\n  |                               ^";
    let cells = [
        (
            "let x = 1; let ages = [1, 2]; ages[x + 1 + kept];",
            "index out of bounds",
            marked,
        ),
        ("std::panic::panic_any(42);", "not text", "cell 3, line 1:1"),
        (
            "std::panic::resume_unwind(Box::new(\"quiet\"));",
            "a panic without a message",
            "",
        ),
        (
            "struct Falls; impl Drop for Falls {\n  fn drop(&mut self) { panic!(\"in drop\") } }\n{ let _falls = Falls; }",
            "in drop",
            "cell 5, line 2:24",
        ),
        (
            "\nstd::thread::spawn(|| panic!(\"far away\")).join().unwrap();",
            "Any",
            "cell 6, line 2:50",
        ),
        (
            "// Not in the cell itself.\n{ let _big: Vec<u8> = Vec::with_capacity(usize::MAX); };",
            "capacity overflow",
            "cell 7, in the standard library, alloc/src/raw_vec/mod.rs",
        ),
    ];
    for (code, wanted, place) in cells {
        let ran = kernel.run(code);
        let (name, value, traceback) = error(&ran);
        assert_eq!(name, "panic", "{code}");
        assert!(value.contains(wanted), "{code}: {value}");
        assert!(traceback.contains(place), "{code}:\n{traceback}");
        assert!(!traceback.contains("_lib.rs"), "{traceback}");
        if wanted == "Any" {
            let story = ran.story();
            assert!(
                story.contains("panic in cell 6, line 2: far away"),
                "{story}"
            );
        }
    }
    assert_eq!(printed(kernel.run("println!(\"{kept}\");")), "41\n");
}

#[test]
fn an_error_is_marked_at_its_question_mark() {
    let mut kernel = session();
    let (_, _, traceback) = error(&kernel.run("fn parse(text: &str) -> Result<i32, std::num::ParseIntError> {\n    text.parse()\n}\n\nlet n = parse(\"1\")? + parse(\"x\")?;"));
    assert!(traceback.contains("cell 1, line 5:23"), "{traceback}");
    // Errors can be shown by `Debug` too, and one that the cell itself prints is no failure.
    kernel.run(":efmt {:?}").ok();
    let (name, value, _) = error(&kernel.run("parse(\"x\")?;"));
    assert_eq!(
        (name.as_str(), value.as_str()),
        ("error", "ParseIntError { kind: InvalidDigit }")
    );
    let said =
        printed(kernel.run("if let Err(error) = parse(\"y\") {\n    eprintln!(\"{}\", error);\n}"));
    assert_eq!(said, "invalid digit found in string\n");
}

/// Cells that end their process, and what the error must say.
const ENDS: [(&str, &str, &str); 9] = [
    ("std::process::abort();", "crash", "aborted (SIGABRT)"),
    (
        "unsafe { std::ptr::null_mut::<i32>().write(1) };",
        "crash",
        "segmentation fault (SIGSEGV)",
    ),
    (
        "fn deep(n: u64) -> u64 { let a = [n; 64]; if n == u64::MAX { 0 } else { deep(n + 1) + a[3] } }\nprintln!(\"{}\", deep(0));",
        "crash",
        "stack overflow",
    ),
    (
        "let big: Vec<u8> = Vec::with_capacity(1 << 60);",
        "crash",
        "out of memory: an allocation of 1152921504606846976 bytes failed",
    ),
    (
        "unsafe extern \"C\" { fn raise(signal: i32) -> i32; }\nunsafe { raise(9) };",
        "crash",
        "killed (SIGKILL)",
    ),
    (
        "std::process::exit(3);",
        "exit",
        "the cell ended its own process (exit status 3)",
    ),
    (
        "std::process::exit(0);",
        "exit",
        "the cell ended its own process (exit status 0)",
    ),
    (
        "struct Falls; impl Drop for Falls { fn drop(&mut self) { panic!(\"second\") } }\n{ let _falls = Falls; panic!(\"first\"); }",
        "crash",
        "a panic in `drop` while another panic was under way",
    ),
    (
        FOREIGN,
        "crash",
        "an exception that is not Rust's reached Rust code",
    ),
];

/// Throws what a C++ library could throw.
const FOREIGN: &str = "#[repr(C, align(16))] struct Exception { class: u64, cleanup: usize, private: [usize; 6] }\n\
    unsafe extern \"C-unwind\" { fn _Unwind_RaiseException(exception: *mut Exception) -> i32; }\n\
    let exception = Box::leak(Box::new(Exception { class: 7, cleanup: 0, private: [0; 6] }));\n\
    unsafe { _Unwind_RaiseException(exception) };";

#[test]
fn a_cell_that_ends_its_process_says_how_and_what_was_lost() {
    let _alone = KILLS.lock();
    let mut kernel = session();
    kernel.run("fn twice(x: i32) -> i32 { 2 * x }").ok();
    for (code, wanted_name, wanted) in ENDS {
        kernel.run("let kept = twice(4);").ok();
        let ran = kernel.run(code);
        let (name, value, _) = error(&ran);
        assert_eq!(name, wanted_name, "{code}: {value}");
        assert!(value.contains(wanted), "{code}: {value}");
        assert!(value.contains("the variable `kept` is lost"), "{value}");
        let story = ran.story();
        assert!(!story.contains("stack backtrace"), "{story}");
        assert_eq!(
            printed(kernel.run("println!(\"{}\", twice(5));")),
            "10\n",
            "{code}"
        );
    }
    let (_, value, traceback) = error(&kernel.run("kept"));
    assert!(value.contains("cannot find value `kept`"), "{value}");
    let number = 1 + 3 * ENDS.len() - 1;
    let wanted = format!("`kept` was lost when cell {number} ended the process that kept it");
    assert!(traceback.contains(&wanted), "{traceback}");
}

#[test]
fn a_process_that_dies_between_two_cells_is_missed_at_the_next() {
    let mut kernel = session();
    kernel
        .run("let kept = 1; std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_millis(200)); std::process::abort() });")
        .ok();
    std::thread::sleep(Duration::from_secs(1));
    let ran = kernel.run("println!(\"never\");");
    let (name, value, _) = error(&ran);
    assert_eq!(name, "crash");
    assert!(
        value.contains("aborted (SIGABRT), after the cell before had ended; this cell has not run"),
        "{value}"
    );
    assert!(value.contains("`kept` is lost"), "{value}");
    assert!(!ran.story().contains("never"));
    assert_eq!(printed(kernel.run("println!(\"now\");")), "now\n");
}

#[test]
fn run_all_stops_at_every_kind_of_failure() {
    let mut kernel = session();
    for code in [
        "panic!(\"stop\");",
        "Err::<(), _>(\"stop\".to_owned())?;",
        "let x: i32 = \"no\";",
        "std::process::abort();",
    ] {
        let ids = [code, "println!(\"never\");", "println!(\"never\");"]
            .map(|code| kernel.ask(ExecuteRequest::new(code.to_owned())));
        let said: Vec<Content> = ids.iter().flat_map(|id| kernel.until_idle(id)).collect();
        let errors = said
            .iter()
            .filter(|content| matches!(content, Content::ErrorOutput(_)));
        assert_eq!(errors.count(), 1, "{code}: {said:?}");
        assert!(!said.iter().any(|content| matches!(content, Content::StreamContent(text) if text.text.contains("never"))), "{said:?}");
        let statuses = ids.map(|_| executed(kernel.reply()).status);
        assert_eq!(
            statuses,
            [
                ReplyStatus::Error,
                ReplyStatus::Aborted,
                ReplyStatus::Aborted
            ],
            "{code}"
        );
    }
    assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
}

#[test]
fn a_restart_loses_the_variables_and_keeps_the_functions() {
    let mut kernel = session();
    kernel
        .run("let kept = 1; fn twice(x: i32) -> i32 { 2 * x }")
        .ok();
    kernel.run(":restart").ok();
    assert_eq!(printed(kernel.run("println!(\"{}\", twice(2));")), "4\n");
    let (_, _, traceback) = error(&kernel.run("kept"));
    assert!(
        traceback.contains("`kept` was lost when `:restart`"),
        "{traceback}"
    );
}

#[test]
fn what_would_harm_the_session_is_refused_and_says_why() {
    let mut kernel = session();
    kernel.run("let kept = 1;").ok();
    for (code, wanted) in [
        ("!touch absent\nlet x = 1;", "starts no shell"),
        (":quit", "shut the kernel down from the front end"),
        ("// first\n:toolchain nightly", "restart the kernel"),
        (":build_env RUSTC_WRAPPER=/bin/true", "steers the tools"),
    ] {
        let (name, value, _) = error(&kernel.run(code));
        assert_eq!(name, "refused", "{code}");
        assert!(value.contains(wanted), "{code}: {value}");
    }
    assert_eq!(printed(kernel.run("println!(\"{kept}\");")), "1\n");
}
