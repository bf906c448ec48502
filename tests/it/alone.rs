//! A process of its own for a test that changes what the whole process shares.

use std::process::Command;

const KEY: &str = "GENOLENS_TEST_ALONE";

/// Runs this test again as the only one of a new process, and checks that it passes there; tells whether this is that process.
///
/// `name` is the whole name of the test, such as `training::fitting::early_stopping_stops`.
pub(crate) fn is_alone(name: &str) -> bool {
    if std::env::var_os(KEY).is_some_and(|value| value == name) {
        return true;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(KEY, name)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    // A wrong name would run no test and pass.
    assert!(
        child.status.success() && told.contains("1 passed"),
        "{told}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    false
}

/// Interrupts a task once it has taken so many steps.
pub(crate) struct Stop {
    pub(crate) task: &'static str,
    pub(crate) after: usize,
}

impl genolens::progress::Watcher for Stop {
    fn report(&self, report: &genolens::progress::Report) {
        let running = report.state == genolens::progress::State::Running;
        if running && report.task == self.task && report.done >= self.after {
            genolens::progress::interrupt();
        }
    }
}
