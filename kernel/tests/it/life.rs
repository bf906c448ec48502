//! The end of a kernel, which must leave nothing: no process, no socket, no folder.

use crate::front_end::{connection, temporary, wait_for};
use crate::rust::{session, warm};
use jupyter_protocol::{JupyterMessageContent as Content, ShutdownRequest};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The processes that were started with this folder in their environment.
pub(crate) fn processes(folder: &Path) -> Vec<u32> {
    let folder = folder.as_os_str().as_encoded_bytes();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let named = environment.windows(folder.len()).any(|part| part == folder);
        if let (true, Ok(id)) = (named, entry.file_name().to_string_lossy().parse()) {
            found.push(id);
        }
    }
    found
}

/// Waits until nothing is left of a kernel that lived in this folder.
pub(crate) fn assert_gone(folder: &Path) {
    let start = Instant::now();
    loop {
        let processes = processes(folder);
        let files: Vec<_> = std::fs::read_dir(temporary(folder)).unwrap().collect();
        if processes.is_empty() && files.is_empty() {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "left: {processes:?}, {files:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_shutdown_leaves_nothing() {
    let mut kernel = session();
    kernel.run("let kept = 1;").ok();
    let folder = kernel.folder().to_owned();
    assert!(processes(&folder).len() >= 2, "kernel and runtime");
    assert_eq!(std::fs::read_dir(temporary(&folder)).unwrap().count(), 1);
    let reply = kernel.control(ShutdownRequest { restart: true });
    assert!(matches!(reply, Content::ShutdownReply(reply) if reply.restart));
    assert!(kernel.ended().success());
    assert_gone(&folder);
}

#[test]
fn a_shutdown_of_a_cell_that_never_ends_leaves_nothing() {
    let mut kernel = session();
    let folder = kernel.folder().to_owned();
    kernel.begin("println!(\"begun\"); loop { std::hint::spin_loop() }");
    kernel.control(ShutdownRequest { restart: false });
    assert!(kernel.ended().success());
    assert_gone(&folder);
}

#[test]
fn a_signal_to_end_leaves_nothing() {
    for signal in ["-TERM", "-HUP"] {
        let mut kernel = session();
        kernel.run("let kept = 1;").ok();
        let folder = kernel.folder().to_owned();
        let process = kernel.process().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
        assert!(kernel.ended().success());
        assert_gone(&folder);
    }
}

#[test]
fn a_kernel_ends_with_the_jupyter_that_started_it() {
    warm();
    // The kernel is the child of the one whose end it watches, or its grandchild, as under `conda run`.
    for line in [
        "$GENOLENS serve -f $FILE & sleep 1000",
        "sh -c '$GENOLENS serve -f $FILE; true' & sleep 1000",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (info, file) = connection(folder.path());
        let mut jupyter = Command::new("sh")
            .args(["-c", &format!("export JPY_PARENT_PID=$$; {line}")])
            .env("GENOLENS", env!("CARGO_BIN_EXE_genolens"))
            .env("GENOLENS_STATE", folder.path().join("state"))
            .env("FILE", file)
            .env("TMPDIR", temporary(folder.path()))
            .spawn()
            .unwrap();
        wait_for(info.shell_port);
        jupyter.kill().unwrap();
        jupyter.wait().unwrap();
        // What stands for the rest of Jupyter is nobody's child now.
        for process in processes(folder.path()) {
            let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            if name.trim() == "sleep" {
                let ended = Command::new("kill").arg(process.to_string()).status();
                assert!(ended.unwrap().success());
            }
        }
        assert_gone(folder.path());
        TcpListener::bind(("127.0.0.1", info.shell_port)).unwrap();
    }
}
