//! The file of all sessions.

use super::entry::Entry;
use crate::state;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Beyond this size the older half goes.
const LARGEST_FILE: u64 = 4 << 20;
/// A longer input is not kept for later sessions.
const LONGEST_INPUT: usize = 64 << 10;
/// A longer result is not kept for later sessions.
const LONGEST_OUTPUT: usize = 4 << 10;
/// How long another kernel may hold the file until this one goes on without it.
const PATIENCE: Duration = Duration::from_millis(200);

/// Is the file, its lock beside it; both are private to the user.
#[derive(Debug)]
pub(super) struct Store {
    file: PathBuf,
    lock: PathBuf,
}

/// One line: the begin of a session, an input, or the result of one.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Record {
    session: usize,
    #[serde(default)]
    line: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

impl Store {
    /// Finds the user's file; `None` when nothing is to be kept or can be.
    pub(super) fn of_user() -> Option<Self> {
        let folder = state::folder()?;
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&folder).ok()?;
        Some(Self::within(&folder))
    }

    fn within(folder: &Path) -> Self {
        Self {
            file: folder.join("history.jsonl"),
            lock: folder.join("history.lock"),
        }
    }

    /// Begins a session, and gives its number, which no other session has.
    pub(super) fn begin(&self) -> Option<usize> {
        self.locked(|| {
            let session = self.last_session() + 1;
            self.append(&Record {
                session,
                ..Record::default()
            })?;
            Ok(session)
        })
    }

    /// Keeps an input.
    pub(super) fn keep_input(&self, entry: &Entry) {
        if entry.input.len() <= LONGEST_INPUT {
            self.keep(&Record {
                session: entry.session,
                line: entry.line,
                input: Some(entry.input.clone()),
                output: None,
            });
        }
    }

    /// Keeps the result of an input.
    pub(super) fn keep_output(&self, entry: &Entry) {
        if entry.output.len() <= LONGEST_OUTPUT {
            self.keep(&Record {
                session: entry.session,
                line: entry.line,
                input: None,
                output: Some(entry.output.clone()),
            });
        }
    }

    /// Reads what was kept, the oldest first; what is damaged is left out.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places = HashMap::new();
        for record in lines(&self.bytes()).filter_map(|line| serde_json::from_slice(line).ok()) {
            let Record {
                session,
                line,
                input,
                output,
            } = record;
            if let Some(input) = input {
                places.insert((session, line), entries.len());
                entries.push(Entry {
                    session,
                    line,
                    input,
                    output: String::new(),
                });
            } else if let Some(output) = output
                && let Some(place) = places.get(&(session, line))
            {
                entries[*place].output = output;
            }
        }
        entries
    }

    /// The highest number of a session, zero if there is none.
    pub(super) fn last_session(&self) -> usize {
        let bytes = self.bytes();
        let number = |line: &[u8]| -> Option<usize> {
            let rest = line.strip_prefix(b"{\"session\":")?;
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
        };
        lines(&bytes).filter_map(number).max().unwrap_or(0)
    }

    fn keep(&self, record: &Record) {
        // A history with a gap is better than a cell that does not run.
        let _kept = self.locked(|| self.append(record));
    }

    fn append(&self, record: &Record) -> Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        let mut file = private().append(true).read(true).open(&self.file)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        let size = file.metadata()?.len();
        if size > 0 {
            // Whoever died while writing has left half a line.
            file.seek(SeekFrom::Start(size - 1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                line.insert(0, b'\n');
            }
        }
        file.write_all(&line)?;
        if size + line.len() as u64 > LARGEST_FILE {
            self.shorten()?;
        }
        Ok(())
    }

    /// Drops the older half.
    fn shorten(&self) -> Result<()> {
        let bytes = self.bytes();
        let middle = bytes.len().saturating_sub(LARGEST_FILE as usize / 2);
        let from = bytes[middle..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |newline| middle + newline + 1);
        let short = self.file.with_extension("new");
        let mut file = private().write(true).truncate(true).open(&short)?;
        file.write_all(&bytes[from..])?;
        std::fs::rename(short, &self.file)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(file) = File::open(&self.file) {
            // A file that somebody else has blown up must not fill the memory.
            let _part = file.take(4 * LARGEST_FILE).read_to_end(&mut bytes);
        }
        bytes
    }

    /// Does something while no other kernel writes; `None` when it fails or must be given up.
    fn locked<T>(&self, act: impl FnOnce() -> Result<T>) -> Option<T> {
        let lock = private().write(true).open(&self.lock).ok()?;
        let start = Instant::now();
        while let Err(error) = lock.try_lock() {
            if matches!(error, TryLockError::Error(_)) || start.elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        act().ok()
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::{Entry, LARGEST_FILE, LONGEST_INPUT, Store};
    use std::os::unix::fs::PermissionsExt;

    fn entry(session: usize, line: usize, input: &str) -> Entry {
        Entry {
            session,
            line,
            input: input.to_owned(),
            output: String::new(),
        }
    }

    fn inputs(store: &Store) -> Vec<String> {
        let entries = store.entries();
        entries.into_iter().map(|entry| entry.input).collect()
    }

    #[test]
    fn a_damaged_file_gives_what_is_whole_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::within(folder.path());
        assert_eq!(store.begin(), Some(1));
        store.keep_input(&entry(1, 1, "a"));
        let mut bytes = std::fs::read(&store.file).unwrap();
        bytes.extend(
            b"\xff\xfe\0{{{\n[1,2]\n{\"session\":\"x\"}\n\n{\"session\":1,\"line\":2,\"inp",
        );
        std::fs::write(&store.file, bytes).unwrap();
        assert_eq!(store.begin(), Some(2));
        store.keep_input(&entry(2, 1, "b"));
        assert_eq!(inputs(&store), ["a", "b"]);
        let mode = std::fs::metadata(&store.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_cannot_be_had_is_done_without() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::within(&folder.path().join("missing"));
        assert_eq!(store.begin(), None);
        store.keep_input(&entry(1, 1, "a"));
        assert!(store.entries().is_empty());
        let store = Store::within(folder.path());
        std::fs::create_dir(&store.file).unwrap();
        assert_eq!(store.begin(), None);
        assert!(store.entries().is_empty());
    }

    #[test]
    fn the_file_stays_small_and_keeps_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::within(folder.path());
        store.keep_input(&entry(1, 1, &"x".repeat(LONGEST_INPUT + 1)));
        assert!(inputs(&store).is_empty());
        let long = "y".repeat(LONGEST_INPUT - 10);
        for line in 0..150 {
            store.keep_input(&entry(1, line, &format!("{long}{line}")));
            assert!(std::fs::metadata(&store.file).unwrap().len() <= LARGEST_FILE);
        }
        let kept = store.entries();
        assert!(kept.len() > 20 && kept.len() < 150, "{}", kept.len());
        assert_eq!(kept.last().map(|entry| entry.line), Some(149));
        let gaps = kept.windows(2).filter(|two| two[1].line != two[0].line + 1);
        assert_eq!(gaps.count(), 0);
    }

    #[test]
    fn many_writers_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let sessions: Vec<usize> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let store = Store::within(folder.path());
                        let session = store.begin().unwrap();
                        for line in 1..=50 {
                            store.keep_input(&entry(session, line, &format!("{session} {line}")));
                        }
                        session
                    })
                })
                .collect();
            writers.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let mut sorted = sessions.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4]);
        assert_eq!(Store::within(folder.path()).entries().len(), 200);
    }
}
