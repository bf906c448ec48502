//! What a process is given by the one that starts it and cannot be handed over later.

use std::os::unix::fs::MetadataExt;

/// Lines of `/proc/self/status`: who the process is, what it may do, where it may run.
const STATUS: [&str; 13] = [
    "Uid:",
    "Gid:",
    "Groups:",
    "SigBlk:",
    "CapInh:",
    "CapPrm:",
    "CapEff:",
    "CapBnd:",
    "CapAmb:",
    "NoNewPrivs:",
    "Seccomp:",
    "Cpus_allowed:",
    "Mems_allowed:",
];

/// Variables that are read when a process begins, or long before a cell runs: by the loader, by allocators and thread pools that
/// libraries set up at once, and by what finds the toolchain and the image.
const EARLY: [&str; 17] = [
    "LD_",
    "GLIBC_",
    "MALLOC_",
    "OMP_",
    "GOMP_",
    "KMP_",
    "MKL_",
    "OPENBLAS_",
    "RUST",
    "CARGO",
    "PATH=",
    "HOME=",
    "TMPDIR=",
    "XDG_CACHE_HOME=",
    "GENOLENS_SOURCE=",
    "GENOLENS_CACHE=",
    "GENOLENS_FEATURES=",
];

/// Describes this process: one that is to stand for it must say the same.
pub(super) fn likeness() -> String {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}"));
    let mut text = String::new();
    let status = read("status").unwrap_or_default();
    let kept = |line: &&str| STATUS.iter().any(|name| line.starts_with(name));
    text.extend(status.lines().filter(kept).map(|line| format!("{line}\n")));
    // The number of open files is handed over, as far as it may grow.
    let limits = read("limits").unwrap_or_default();
    for line in limits.lines() {
        match line.strip_prefix("Max open files") {
            Some(rest) => text.extend(rest.split_whitespace().nth(1)),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text.push_str(&read("cgroup").unwrap_or_default());
    text.push_str(&read("oom_score_adj").unwrap_or_default());
    for name in ["mnt", "net", "pid", "user", "uts", "ipc", "cgroup"] {
        let link = std::fs::read_link(format!("/proc/self/ns/{name}"));
        text.push_str(&format!("{:?}\n", link.ok()));
    }
    let root = std::fs::metadata("/proc/self/root/.");
    let root = root.map(|root| (root.dev(), root.ino()));
    text.push_str(&format!("{:?} {:?}\n", root.ok(), nice()));
    text
}

/// The variables that must not differ, one in a line.
pub(super) fn early<'a>(
    variables: impl Iterator<Item = (&'a std::ffi::OsString, &'a std::ffi::OsString)>,
) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        let [name, value] = [name, value].map(|text| text.as_encoded_bytes().escape_ascii());
        let line = format!("{name}={value}");
        if EARLY.iter().any(|prefix| line.starts_with(prefix)) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

fn nice() -> Option<String> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in parentheses and may hold anything; the state is the third field.
    let (_, rest) = text.rsplit_once(") ")?;
    rest.split(' ').nth(16).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{early, likeness};
    use crate::environment::Variables;

    #[test]
    fn a_process_is_like_itself_and_says_what_it_is() {
        let text = likeness();
        assert_eq!(text, likeness());
        for part in ["Uid:", "Groups:", "SigBlk:", "Max stack size", "net:["] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        let files = text.lines().find(|line| line.contains("open files"));
        assert_eq!(files, None, "the limit of open files is handed over");
    }

    #[test]
    fn only_what_is_read_early_must_be_the_same() {
        let pairs = [
            ("PATH", "/bin"),
            ("PATHOLOGY", "x"),
            ("RUSTUP_TOOLCHAIN", "nightly"),
            ("RAYON_NUM_THREADS", "1"),
            ("CUDA_VISIBLE_DEVICES", "0"),
            ("GENOLENS_DATA", "/data"),
            ("OMP_NUM_THREADS", "2"),
        ];
        let variables: Variables = pairs.map(|(a, b)| (a.into(), b.into())).into();
        assert_eq!(
            early(variables.iter()),
            "OMP_NUM_THREADS=2\nPATH=/bin\nRUSTUP_TOOLCHAIN=nightly\n"
        );
    }
}
