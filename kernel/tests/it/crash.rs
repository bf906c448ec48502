//! Where a process was that died without a word: the error marks the lines of the cells, whatever ended it.

use crate::front_end::FrontEnd;
use crate::rust::{error, plain, printed, session};
use jupyter_protocol::{ExecuteRequest, InterruptRequest, JupyterMessageContent as Content};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Cell 1 of every session here.
const FUNCTIONS: &str = "fn poke(place: *mut i32) {
    let value = 3;
    unsafe { place.write(value) };
}
fn twice(place: *mut i32) {
    poke(place);
    poke(place);
}
fn deep(n: u64) -> u64 {
    let filled = [n; 64];
    if n == u64::MAX { return 0; }
    deep(n + 1) + filled[3]
}
fn ping(n: u64) -> u64 { if n == u64::MAX { 0 } else {
    pong(n + 1) + 1 } }
fn pong(n: u64) -> u64 { if n == u64::MAX { 0 } else {
    ping(n + 1) + 2 } }";

/// Cell 2, which has lines of cell 1.
const LIKE_THEM: &str = "// Nothing here is called by the other cells.
fn prod(place: *mut i32) {
    let value = 3;
    unsafe { place.write(value) };
}
let kept = 7;";

fn prepared() -> FrontEnd {
    let mut kernel = session();
    kernel.run(FUNCTIONS).ok();
    kernel.run(LIKE_THEM).ok();
    kernel
}

/// A place, and what is said about it.
type Marked<'a> = (&'a str, &'a str);

/// The places that a traceback shows, in order, with what is said about each.
fn marked(traceback: &str) -> Vec<Marked<'_>> {
    traceback
        .split("--> ")
        .skip(1)
        .map(|part| {
            let said = part.rsplit_once('^').map_or("", |(_, said)| said);
            let said = said.lines().next().unwrap_or_default();
            (part.lines().next().unwrap_or_default(), said.trim())
        })
        .collect()
}

/// Cells that end their process, how the error begins, and the places that it marks.
const ENDS: [(&str, &str, &[Marked<'static>]); 9] = [
    (
        "let a = 1;\n\ntwice(std::ptr::null_mut());\nprintln!(\"never\");",
        "segmentation fault (SIGSEGV); the variable `kept` is lost",
        &[
            ("cell 1, line 3:20", ""),
            ("cell 1, line 6:5", "called from here"),
            ("cell 3, line 3:1", "called from here"),
        ],
    ),
    (
        "prod(std::ptr::null_mut());",
        "segmentation fault (SIGSEGV)",
        &[
            ("cell 2, line 4:20", ""),
            ("cell 4, line 1:1", "called from here"),
        ],
    ),
    (
        "let nothing: fn() = unsafe { std::mem::transmute(1usize) };\nlet a = 4;\nnothing();",
        "segmentation fault (SIGSEGV)",
        &[("cell 5, line 3:1", "")],
    ),
    (
        "// Optimised, since it computes in a loop.\nlet numbers: Vec<f64> = (0..100).map(f64::from).collect();\nfor i in 0..numbers.len() {\n    let x = numbers[i] * 2.0;\n    if x > 50.0 { unsafe { std::ptr::null_mut::<f64>().write_volatile(x) }; }\n}",
        "segmentation fault (SIGSEGV)",
        &[("cell 6, line 5:56", "")],
    ),
    (
        "let a = 1;\nlet big: Vec<u8> = Vec::with_capacity(1 << 60);",
        "out of memory: an allocation of 1152921504606846976 bytes failed (SIGABRT)",
        &[("cell 7, line 2:20", "")],
    ),
    (
        "struct Falls;\nimpl Drop for Falls {\n    fn drop(&mut self) {\n        std::process::abort();\n    }\n}\n{\n    let _falls = Falls;\n    println!(\"x\");\n}",
        "aborted (SIGABRT)",
        &[
            ("cell 8, line 4:9", ""),
            ("cell 8, line 10:1", "called from here"),
        ],
    ),
    (
        "extern \"C\" fn fails(x: i32) {\n    assert!(x < 3);\n}\nfails(3);",
        "aborted (SIGABRT): a panic in a function that cannot unwind",
        &[
            ("cell 9, line 2:5", ""),
            ("cell 9, line 1:1", "called from here"),
            ("cell 9, line 4:1", "called from here"),
        ],
    ),
    (
        "std::thread::Builder::new().name(\"worker\".to_owned()).spawn(|| {\n    poke(8 as *mut i32);\n}).unwrap();\nstd::thread::sleep(std::time::Duration::from_secs(60));",
        "segmentation fault (SIGSEGV)",
        &[
            ("cell 1, line 3:20", ""),
            ("cell 10, line 2:5", "called from here"),
        ],
    ),
    (
        ":opt 2\nlet place = std::hint::black_box(8 as *mut i32);\npoke(place);",
        "segmentation fault (SIGSEGV)",
        &[
            ("cell 1, line 3:20", ""),
            ("cell 11, line 3:1", "called from here"),
        ],
    ),
];

#[test]
fn an_end_is_marked_at_the_lines_of_all_cells_that_led_to_it() {
    let mut kernel = prepared();
    for (code, begins, places) in ENDS {
        let ran = kernel.run(code);
        let (name, value, traceback) = error(&ran);
        assert_eq!(name, "crash", "{code}: {value}");
        assert!(value.starts_with(begins), "{code}: {value}");
        assert_eq!(marked(&traceback), places, "{traceback}");
        assert_eq!(
            traceback.contains("it happened on another thread, `worker`"),
            code.contains("worker"),
            "{traceback}"
        );
        assert!(!ran.story().contains("never"));
    }
    assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
}

#[test]
fn a_stack_overflow_names_the_functions_that_called_themselves() {
    let mut kernel = prepared();
    let over = "over and over";
    let again = "called from here, over and over";
    let (deep, here) = (("cell 1, line 12:5", again), "called from here");
    for (code, wanted) in [
        (
            "println!(\"{}\", deep(0));",
            [deep, ("cell 3, line 1:16", here)],
        ),
        (
            "let handle = std::thread::spawn(|| {\n    deep(0)\n});\nhandle.join().unwrap();",
            [deep, ("cell 4, line 2:5", here)],
        ),
    ] {
        let (name, value, traceback) = error(&kernel.run(code));
        assert_eq!(name, "crash");
        assert!(value.starts_with("stack overflow, "), "{value}");
        assert!(value.contains(" calls deep"), "{value}");
        // Where the stack ends decides whether the last call finds no room for its way back, or the function for its variables.
        let marks = marked(&traceback);
        let innermost = [("cell 1, line 9:1", ""), ("cell 1, line 12:10", "")];
        assert!(innermost.contains(&marks[0]), "{traceback}");
        assert_eq!(marks[1..], wanted, "{traceback}");
    }
    let large = "fn large() -> u8 {\n    let all = [1u8; 64 << 20];\n    std::hint::black_box(&all)[5]\n}\nlarge();";
    let (_, value, traceback) = error(&kernel.run(large));
    assert!(
        value.starts_with("stack overflow, by variables that are too large"),
        "{value}"
    );
    let wanted = [("cell 5, line 1:1", ""), ("cell 5, line 5:1", here)];
    assert_eq!(marked(&traceback), wanted, "{traceback}");
    // Which of the two is the innermost is chance.
    let (_, _, traceback) = error(&kernel.run("ping(0);"));
    let marks = marked(&traceback);
    let functions = ["cell 1, line 15:5", "cell 1, line 17:5"];
    for place in functions {
        let said: Vec<_> = marks.iter().filter(|(mark, _)| *mark == place).collect();
        assert_eq!(said.len(), 1, "{traceback}");
        assert!(said[0].1.ends_with(over), "{traceback}");
    }
    assert_eq!(
        marks.last(),
        Some(&("cell 6, line 1:1", here)),
        "{traceback}"
    );
    assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
}

#[test]
fn a_kept_closure_is_marked_in_the_cell_that_made_it() {
    let mut kernel = session();
    kernel.run("let read: Box<dyn Fn(usize) -> i32> = Box::new(|at| unsafe {\n    *(at as *const i32)\n});").ok();
    kernel.run("let other = 1;").ok();
    let (_, value, traceback) = error(&kernel.run("println!(\"{}\", other);\nread(8);"));
    assert!(
        value.ends_with("the variables `other`, `read` are lost"),
        "{value}"
    );
    let wanted = [
        ("cell 1, line 2:5", ""),
        ("cell 3, line 2:1", "called from here"),
    ];
    assert_eq!(marked(&traceback), wanted, "{traceback}");
}

#[test]
fn a_thread_that_dies_between_two_cells_is_marked_in_the_cell_that_began_it() {
    let mut kernel = session();
    kernel
        .run("let kept = 1;\nstd::thread::spawn(|| {\n    std::thread::sleep(std::time::Duration::from_millis(200));\n    std::process::abort();\n});")
        .ok();
    std::thread::sleep(Duration::from_secs(1));
    let (_, value, traceback) = error(&kernel.run("println!(\"never\");"));
    assert!(value.contains("this cell has not run"), "{value}");
    assert_eq!(
        marked(&traceback),
        [("cell 1, line 4:5", "")],
        "{traceback}"
    );
}

#[test]
fn memory_that_runs_out_is_marked_where_it_did() {
    let mut kernel = session();
    let code = "#[repr(C)] struct Limit { soft: u64, hard: u64 }
unsafe extern \"C\" { fn setrlimit(what: i32, limit: *const Limit) -> i32; }
const ADDRESS_SPACE: i32 = 9;
unsafe { setrlimit(ADDRESS_SPACE, &Limit { soft: 1 << 30, hard: 1 << 30 }) };
let mut all: Vec<Vec<u8>> = Vec::new();
loop {
    all.push(vec![1; 1 << 24]);
}";
    let (name, value, traceback) = error(&kernel.run(code));
    assert_eq!(name, "crash");
    let begins = "out of memory: an allocation of 16777216 bytes failed (SIGABRT)";
    assert!(value.starts_with(begins), "{value}");
    assert_eq!(
        marked(&traceback),
        [("cell 1, line 7:14", "")],
        "{traceback}"
    );
    assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
}

/// The system's killer and a person kill in the same way.
#[test]
fn a_process_that_is_killed_while_it_grows_is_marked_where_it_was_last_seen() {
    let mut kernel = session();
    let process = printed(kernel.run("let kept = 1; println!(\"{}\", std::process::id());"));
    let process = process.trim();
    let code = "let mut all: Vec<Vec<u8>> = Vec::new();
loop {
    all.push(vec![1; 8 << 20]);
    if all.len() == 60 { loop { std::thread::sleep(std::time::Duration::from_secs(1)); } }
}";
    let id = kernel.ask(ExecuteRequest::new(code.to_owned()));
    let begun = Instant::now();
    while held(process) < 400 << 10 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not grow");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let killed = Command::new("kill").args(["-9", process]).status();
    assert!(killed.unwrap().success());
    let (said, errors) = kernel.rest(&id);
    assert_eq!(errors.len(), 1, "{said}");
    kernel.reply();
    assert!(errors[0].evalue.contains("(SIGKILL)"), "{errors:?}");
    assert!(errors[0].evalue.contains("`kept` is lost"), "{errors:?}");
    let traceback = plain(&errors[0]);
    assert!(traceback.contains("cell 2, line "), "{traceback}");
    assert!(traceback.contains("it was last seen here"), "{traceback}");
    assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
}

/// The system counts its kills for all processes together, so that a test of one must not run beside a test of another.
pub(crate) static KILLS: Mutex<()> = Mutex::new(());

/// A group of processes that may hold so much memory together; it goes when its last process has gone.
struct Limited(PathBuf);

impl Limited {
    /// Puts a process into a group of its own, in either version of control groups; `None` where that is not allowed.
    fn new(process: &str, bytes: u64) -> Option<Self> {
        let versions = [
            (
                "/sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "memory.swappiness",
            ),
            ("/sys/fs/cgroup", "memory.max", "memory.swap.max"),
        ];
        versions.into_iter().find_map(|(all, limit, swap)| {
            let group = Path::new(all).join(format!("genolens-test-{process}"));
            std::fs::create_dir(&group).ok()?;
            let group = Self(group);
            if !group.0.join(limit).exists() {
                return None;
            }
            let set = |file: &str, text: &str| std::fs::write(group.0.join(file), text).ok();
            // There may be no swap.
            set(swap, "0");
            set(limit, &bytes.to_string())?;
            set("cgroup.procs", process)?;
            Some(group)
        })
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        let begun = Instant::now();
        while std::fs::remove_dir(&self.0).is_err() && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests should know what was skipped"
)]
#[test]
fn a_process_that_the_system_kills_for_its_memory_is_marked_where_it_was_last_seen() {
    let _alone = KILLS.lock();
    let mut kernel = session();
    let process = printed(kernel.run("let kept = 1; println!(\"{}\", std::process::id());"));
    let Some(_group) = Limited::new(process.trim(), 600 << 20) else {
        eprintln!("skipped: groups with a limit of memory cannot be made here");
        return;
    };
    let code = "let mut all: Vec<Vec<u8>> = Vec::new();
for _ in 0..100 {
    all.push(vec![1; 1 << 24]);
}";
    let (name, value, traceback) = error(&kernel.run(code));
    assert_eq!(name, "crash");
    // Not every system counts whom it has killed.
    assert!(value.contains("out of memory"), "{value}");
    assert!(value.contains("(SIGKILL)"), "{value}");
    assert!(value.contains("`kept` is lost"), "{value}");
    assert!(traceback.contains("cell 2, line "), "{traceback}");
    assert!(traceback.contains("it was last seen here"), "{traceback}");
    assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
}

#[test]
fn a_cell_that_exits_is_marked_where_it_does() {
    let mut kernel = session();
    kernel
        .run("fn give_up(code: i32) {\n    std::process::exit(code);\n}")
        .ok();
    let (name, value, traceback) = error(&kernel.run("let a = 1;\ngive_up(3);"));
    assert_eq!(name, "exit");
    assert!(value.contains("(exit status 3)"), "{value}");
    let wanted = [
        ("cell 1, line 2:5", ""),
        ("cell 2, line 2:1", "called from here"),
    ];
    assert_eq!(marked(&traceback), wanted, "{traceback}");
}

#[test]
fn a_cell_that_is_ended_since_it_does_not_stop_is_marked_where_it_was() {
    let mut kernel = session();
    let code =
        "fn spin() {\n    loop { std::hint::spin_loop(); }\n}\nprintln!(\"running\");\nspin();";
    let id = kernel.ask(ExecuteRequest::new(code.to_owned()));
    while !matches!(kernel.iopub().content, Content::StreamContent(_)) {}
    kernel.control(InterruptRequest {});
    std::thread::sleep(Duration::from_millis(200));
    kernel.control(InterruptRequest {});
    let (_, errors) = kernel.rest(&id);
    kernel.reply();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].ename, "interrupted");
    let traceback = plain(&errors[0]);
    let wanted = [
        ("cell 1, line 2", "it was last seen here"),
        ("cell 1, line 5:1", "called from here"),
    ];
    let marks: Vec<_> = marked(&traceback)
        .into_iter()
        .map(|(place, said)| (place.strip_suffix(":12").unwrap_or(place), said))
        .collect();
    assert_eq!(marks, wanted, "{traceback}");
}

/// The unwinder is led to an address that is not there, as code without tables may do.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_look_at_a_stack_that_cannot_be_read_harms_nothing() {
    let mut kernel = session();
    let process = printed(kernel.run("let kept = 41; println!(\"{}\", std::process::id());"));
    let code = "println!(\"running\");
let mut sum = 0.0f64;
unsafe { std::arch::asm!(
    \"sub rsp, 8192\", \"mov rdi, rsp\", \"mov rcx, 1024\", \"mov rax, 8\", \"rep stosq\",
    \"2:\", \"addsd {sum}, {one}\", \"dec {turns}\", \"jnz 2b\", \"add rsp, 8192\",
    sum = inout(xmm_reg) sum, one = in(xmm_reg) 1.0f64, turns = inout(reg) 2_000_000_000u64 => _,
    out(\"rdi\") _, out(\"rcx\") _, out(\"rax\") _); }
println!(\"{sum} {kept}\");";
    let id = kernel.ask(ExecuteRequest::new(code.to_owned()));
    while !matches!(kernel.iopub().content, Content::StreamContent(_)) {}
    for _ in 0..20 {
        let looked = Command::new("kill").args(["-URG", process.trim()]).status();
        assert!(looked.unwrap().success());
        std::thread::sleep(Duration::from_millis(20));
    }
    let (said, errors) = kernel.rest(&id);
    kernel.reply();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(said, "2000000000 41\n");
}

/// Kilobytes that a process holds.
fn held(process: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
