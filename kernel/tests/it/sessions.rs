//! Several sessions on one image, and what a killed one leaves.

use crate::front_end::{FrontEnd, temporary};
use crate::interrupted_cells::SLOW;
use crate::processes::{descendants, is_alive, signal};
use crate::rust::{printed, session, warm};
use jupyter_protocol::ExecuteRequest;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As many cells in all; `.ci/run` asks for more.
fn cells() -> usize {
    let wished = std::env::var("GENOLENS_TEST_CELLS").ok();
    wished.and_then(|text| text.parse().ok()).unwrap_or(96)
}

/// Runs cells of one session and checks that each answers for itself. Most texts are the same in all sessions, over variables
/// with other values, so that a cell compiled by one serves the others.
fn live(kernel: &mut FrontEnd, session: usize, cells: usize) {
    kernel.run(&format!("let name = \"session {session}\".to_owned(); let step = {session}usize; let mut sum = 0usize;")).ok();
    for round in 1..=cells {
        let (code, wanted) = match round % 5 {
            0 => (
                format!("sum += step; println!(\"{{name}} {{sum}} in round {round}\");"),
                format!(
                    "session {session} {} in round {round}\n",
                    session * (round / 5)
                ),
            ),
            1 => (
                format!(
                    "let all_{round} = vec![step; {round}]; println!(\"{{name}} {{}}\", all_{round}.iter().sum::<usize>());"
                ),
                format!("session {session} {}\n", session * round),
            ),
            2 => (
                format!(
                    "fn text{round}(step: usize) -> String {{ format!(\"{{step}}/{round}\") }} println!(\"{{}} {{name}}\", text{round}(step));"
                ),
                format!("{session}/{round} session {session}\n"),
            ),
            3 => (
                format!(
                    "let own_{round} = vec![{session}usize; {round}]; println!(\"{{}}\", own_{round}.iter().sum::<usize>());"
                ),
                format!("{}\n", session * round),
            ),
            _ => (
                format!(
                    "struct Mark{round}; impl Mark{round} {{ fn text(&self) -> String {{ format!(\"{session}/{round}\") }} }} println!(\"{{}} {{name}}\", Mark{round}.text());"
                ),
                format!("{session}/{round} session {session}\n"),
            ),
        };
        assert_eq!(
            printed(kernel.run(&code)),
            wanted,
            "session {session}, round {round}"
        );
    }
}

#[test]
fn sessions_on_one_image_do_not_mix() {
    warm();
    let sessions = if cells() >= 800 { 8 } else { 4 };
    let each = cells() / sessions;
    std::thread::scope(|scope| {
        for number in 1..=sessions {
            scope.spawn(move || live(&mut session(), number, each));
        }
    });
}

#[test]
fn a_killed_kernel_leaves_nothing_that_works_and_the_next_one_lives() {
    warm();
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let place = temporary(folder.path());
    let running = "println!(\"running\"); loop { std::hint::spin_loop(); }";
    for (code, helpers) in [(running, 1), (SLOW, 3)] {
        let start = || {
            FrontEnd::start_by(
                Command::new(env!("CARGO_BIN_EXE_genolens")),
                "rust",
                &folder,
            )
        };
        let mut kernel = start();
        kernel.run("let kept = 1;").ok();
        if helpers == 1 {
            kernel.begin(code);
        } else {
            kernel.ask(ExecuteRequest::new(code.to_owned()));
        }
        // The process of the cells, and for the slow one a shim and a compiler.
        let begun = Instant::now();
        while descendants(kernel.process()).len() < helpers {
            assert!(begun.elapsed() < Duration::from_secs(20), "nothing works");
            std::thread::sleep(Duration::from_millis(20));
        }
        let left = descendants(kernel.process());
        signal(kernel.process(), "-KILL");
        kernel.ended();
        let killed = Instant::now();
        while left.iter().any(|process| is_alive(*process)) {
            assert!(killed.elapsed() < Duration::from_secs(5), "{left:?} go on");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut next = start();
        assert_eq!(printed(next.run("println!(\"alive\");")), "alive\n");
        assert_eq!(
            std::fs::read_dir(&place).unwrap().count(),
            1,
            "only the new session's folder"
        );
    }
}
