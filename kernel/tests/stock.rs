//! The library in the stock kernel: evcxr as it is, with its own runtime, its own way of displaying a last expression, and no channel.
//!
//! This program is its own test: it is started inside a session's folder, so that evcxr finds the image instead of compiling
//! the library for minutes, and it is the process that evcxr loads cells into.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that is its own harness"
)]

use evcxr::{CommandContext, EvalContext};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    evcxr::runtime_hook();
    if std::env::var_os("GENOLENS_SESSION").is_none() {
        let status = Command::new(env!("CARGO_BIN_EXE_genolens"))
            .args(["inside", "--"])
            .arg(std::env::current_exe().unwrap())
            .status()
            .unwrap();
        return if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let this = Command::new(std::env::current_exe().unwrap());
    let (context, _outputs) = EvalContext::with_subprocess_command(this).unwrap();
    let mut context = CommandContext::with_eval_context(context);
    context.execute("use genolens::*;").unwrap();

    let figure = context
        .execute("display::curve(&[0.0, 1.0], &[1.0, 0.0]).title(\"falling\")")
        .unwrap();
    assert!(figure.get("image/svg+xml").unwrap().contains("<svg"));
    assert!(figure.get("image/png").unwrap().starts_with("iVBORw0KGgo"));
    assert!(figure.get("text/plain").unwrap().contains("falling"));

    let sequences = context
        .execute("sequence::Sequences::dna([\"ACGT\", \"TTGA\"]).unwrap()")
        .unwrap();
    assert!(sequences.get("text/html").unwrap().contains("<table"));

    let number = context.execute("1 + 1").unwrap();
    assert_eq!(number.get("text/plain"), Some("2"));
    println!("the stock kernel shows figures, tables and values");
    ExitCode::SUCCESS
}
