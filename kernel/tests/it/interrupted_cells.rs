//! Stopping Rust cells: what listens stops at once with its variables, and only a second request costs any.

use crate::dependency::package;
use crate::front_end::{FrontEnd, executed, parent};
use crate::headless::Desk;
use crate::processes::{descendants, is_alive, signal};
use crate::rust::{printed, session};
use jupyter_protocol::{
    ExecuteRequest, ExecutionState, InterruptRequest, JupyterMessageContent as Content, ReplyStatus,
};
use std::time::{Duration, Instant};

#[test]
fn an_interrupted_loop_of_the_library_keeps_all_variables() {
    let mut kernel = session();
    kernel.run("let kept = 41;").ok();
    let id = kernel.begin(
        "println!(\"running\"); let mut task = genolens::progress::Task::new(\"waiting\", 1_000_000);\n\
         loop { std::thread::sleep(std::time::Duration::from_millis(1)); task.step(\"\")?; }",
    );
    let start = Instant::now();
    let published = kernel.interrupt(&id);
    let time = start.elapsed();
    assert_eq!(executed(kernel.reply()).status, ReplyStatus::Error);
    assert!(
        matches!(&published[..], [.., Content::ErrorOutput(error)] if error.evalue.starts_with("waiting stopped after")),
        "{published:?}"
    );
    assert!(time < Duration::from_secs(1), "{time:?}");
    assert_eq!(printed(kernel.run("println!(\"{kept}\");")), "41\n");
}

/// Reads until the cell is idle; gives what it wrote and its errors.
fn rest(kernel: &mut FrontEnd, id: &str) -> (String, Vec<String>) {
    let (said, errors) = kernel.rest(id);
    let errors = errors
        .iter()
        .map(|error| format!("{}: {}", error.ename, error.evalue))
        .collect();
    assert_eq!(executed(kernel.reply()).status, ReplyStatus::Error);
    (said, errors)
}

#[test]
fn only_a_second_interrupt_ends_a_cell_that_does_not_listen() {
    let mut kernel = session();
    for deaf in [
        "println!(\"running\"); loop { std::hint::spin_loop(); }",
        "println!(\"running\"); std::thread::sleep(std::time::Duration::from_secs(600));",
    ] {
        kernel.run("let kept = 41; let model = 2;").ok();
        let id = kernel.begin(deaf);
        kernel.control(InterruptRequest {});
        // Long enough for the cell to be declared deaf, and it must still be there.
        std::thread::sleep(Duration::from_millis(2500));
        let second = Instant::now();
        kernel.control(InterruptRequest {});
        let (said, errors) = rest(&mut kernel, &id);
        assert!(
            second.elapsed() < Duration::from_secs(4),
            "{:?}",
            second.elapsed()
        );
        assert!(said.contains("Interrupt once more"), "{said}");
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].starts_with("interrupted: the cell did not stop when asked"),
            "{errors:?}"
        );
        assert!(
            errors[0].contains("the variables `kept`, `model` are lost"),
            "{errors:?}"
        );
        assert_eq!(printed(kernel.run("println!(\"alive\");")), "alive\n");
    }
}

#[test]
fn a_deaf_cell_that_ends_by_itself_keeps_everything() {
    let mut kernel = session();
    kernel.run("let kept = 41;").ok();
    let id = kernel.ask(ExecuteRequest::new(
        "println!(\"running\"); std::thread::sleep(std::time::Duration::from_secs(2)); let more = 1;".to_owned(),
    ));
    std::thread::sleep(Duration::from_secs(1));
    kernel.control(InterruptRequest {});
    let mut ended = false;
    while !ended {
        let message = kernel.iopub();
        ended = parent(&message) == id
            && matches!(message.content, Content::Status(status) if status.execution_state == ExecutionState::Idle);
    }
    assert_eq!(executed(kernel.reply()).status, ReplyStatus::Ok);
    assert_eq!(
        printed(kernel.run("println!(\"{}\", kept + more);")),
        "42\n"
    );
}

/// Takes seconds to compile: the compiler computes a constant.
pub(crate) const SLOW: &str = "const fn count(n: u64) -> u64 { let mut i = 0; let mut sum = 0; while i < n { sum += i % 7; i += 1; } sum }\n\
    #[allow(long_running_const_eval)] const SUM: u64 = count(400_000_000); println!(\"{SUM}\");";

/// The compilers that work in a folder of this kernel.
fn compilers(kernel: &FrontEnd) -> Vec<u32> {
    descendants(kernel.process())
        .into_iter()
        .filter(|process| {
            let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            name.trim() == "rustc" || name.trim() == "cargo"
        })
        .collect()
}

#[test]
fn an_interrupt_stops_the_compiler_and_loses_nothing() {
    let mut kernel = session();
    kernel
        .run("let kept = 41; fn twice(x: i32) -> i32 { 2 * x }")
        .ok();
    for by_signal in [false, true] {
        let id = kernel.ask(ExecuteRequest::new(SLOW.to_owned()));
        let start = Instant::now();
        let mut working = Vec::new();
        while working.len() < 2 {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "no compiler was seen"
            );
            std::thread::sleep(Duration::from_millis(20));
            working = compilers(&kernel);
        }
        let asked = Instant::now();
        if by_signal {
            signal(kernel.process(), "-INT");
        } else {
            kernel.control(InterruptRequest {});
        }
        let (said, errors) = rest(&mut kernel, &id);
        assert!(
            asked.elapsed() < Duration::from_secs(3),
            "{:?}",
            asked.elapsed()
        );
        assert_eq!(said, "");
        assert_eq!(
            errors,
            [
                "interrupted: stopped while the cell was compiled; it did not run, and nothing is lost"
            ]
        );
        for process in working {
            while is_alive(process) {
                assert!(
                    asked.elapsed() < Duration::from_secs(5),
                    "the compiler {process} goes on"
                );
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        assert_eq!(
            printed(kernel.run("println!(\"{}\", twice(kept));")),
            "82\n"
        );
    }
}

#[test]
fn an_interrupt_stops_the_building_of_a_crate_and_loses_nothing() {
    let mut kernel = session();
    let desk = Desk::new();
    let line = package(&desk, "slow", "", "");
    desk.write("slow/build.rs", "fn main() { std::fs::write(\"begun\", \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(120)); }");
    kernel.run("let kept = 41;").ok();
    let id = kernel.ask(ExecuteRequest::new(format!("{line}\nlet more = 1;")));
    let start = Instant::now();
    while !desk.path("slow/begun").exists() {
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "the crate is not built"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let working = descendants(kernel.process());
    assert!(working.len() > 3, "{working:?}");
    kernel.control(InterruptRequest {});
    let (_, errors) = rest(&mut kernel, &id);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("interrupted: "), "{errors:?}");
    let start = Instant::now();
    while descendants(kernel.process()).len() > 1 {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            descendants(kernel.process())
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(printed(kernel.run("println!(\"{kept}\");")), "41\n");
}

/// Long loops of the library, each alone in a cell.
const LOOPS: [(&str, &str); 8] = [
    (
        "fit",
        "training::Fit::new().epochs(100_000).patience(100_000).run(&network, &data.sequences(), data.labels())?;",
    ),
    ("saliency", "attribution::saliency(&network, &crowd)?;"),
    ("predict", "network::predict(&network, &crowd)?;"),
    (
        "mutagenesis",
        "attribution::saturation_mutagenesis(&network, &crowd)?;",
    ),
    (
        "pca",
        "let wide = ndarray::Array2::from_shape_fn((6000, 4500), |(i, j)| ((i * 31 + j * 17) % 101) as f32); embedding::pca(&wide, 3)?;",
    ),
    (
        "simulate",
        "simulate::motifs(5_000_000, random::Seed::new(2))?;",
    ),
    (
        "shuffle",
        "sequence::Shuffle::dinucleotide().copies(20_000).run(&data.sequences())?;",
    ),
    (
        "filters as motifs",
        "attribution::filter_motifs(&network, &crowd)?;",
    ),
];

#[test]
fn every_long_loop_of_the_library_stops_at_once_and_loses_nothing() {
    let mut kernel = session();
    kernel.run("use genolens::*; let kept = 41;").ok();
    kernel.run("let data = simulate::motifs(500, random::Seed::new(1))?; let network = network::deepbind(64);").ok();
    kernel
        .run("let crowd = sequence::Shuffle::uniform().copies(400).run(&data.sequences())?;")
        .ok();
    let mut times = Vec::new();
    for (task, code) in LOOPS {
        let id = kernel.begin(&format!("println!(\"running\"); {code}"));
        std::thread::sleep(Duration::from_millis(700));
        let asked = Instant::now();
        kernel.control(InterruptRequest {});
        let (_, errors) = rest(&mut kernel, &id);
        times.push((task, asked.elapsed().as_millis()));
        assert_eq!(errors.len(), 1, "{task}: {errors:?}");
        assert!(errors[0].starts_with("interrupted: "), "{task}: {errors:?}");
        assert!(errors[0].contains("stopped after"), "{task}: {errors:?}");
    }
    // A tenth of a second on a machine that does nothing else.
    assert!(times.iter().all(|(_, time)| *time < 1500), "{times:?}");
    assert_eq!(
        printed(kernel.run("println!(\"{kept} {}\", data.sequences().len());")),
        "41 500\n"
    );
}
