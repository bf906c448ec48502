//! The inputs of this session, and the way to those of others.

use super::entry::Entry;
use super::pattern::Pattern;
use super::store::Store;
use jupyter_protocol::{HistoryReply, HistoryRequest};
use std::collections::HashSet;

/// Remembers the inputs of this session, and finds those of other sessions.
#[derive(Debug)]
pub(crate) struct History {
    store: Option<Store>,
    /// The number of this session; `None` before its first input.
    session: Option<usize>,
    inputs: Vec<Entry>,
}

impl History {
    /// Opens the history of the user.
    pub(crate) fn of_user() -> Self {
        Self {
            store: Store::of_user(),
            session: None,
            inputs: Vec::new(),
        }
    }

    /// Remembers one input under its execution count.
    pub(crate) fn add(&mut self, line: usize, code: &str) {
        let session = *self.session.get_or_insert_with(|| {
            let begun = self.store.as_ref().and_then(Store::begin);
            begun.unwrap_or(1)
        });
        let entry = Entry {
            session,
            line,
            input: code.to_owned(),
            output: String::new(),
        };
        if let Some(store) = &self.store {
            store.keep_input(&entry);
        }
        self.inputs.push(entry);
    }

    /// Remembers the result of the last input.
    pub(crate) fn add_result(&mut self, text: &str) {
        let Some(entry) = self.inputs.last_mut() else {
            return;
        };
        text.clone_into(&mut entry.output);
        if let Some(store) = &self.store {
            store.keep_output(entry);
        }
    }

    /// Answers a request for the tail, a range or a search.
    pub(crate) fn answer(&self, request: &HistoryRequest) -> HistoryReply {
        let (found, output) = match request {
            HistoryRequest::Tail { n, output, .. } => (last(self.all(), *n), *output),
            HistoryRequest::Range {
                session,
                start,
                stop,
                output,
                ..
            } => {
                let mut found = self.of_session(session.unwrap_or(0));
                let lines = (*start).max(0) as usize..(*stop).max(0) as usize;
                found.retain(|entry| lines.contains(&entry.line));
                (found, *output)
            }
            HistoryRequest::Search {
                pattern,
                unique,
                output,
                n,
                ..
            } => {
                let pattern = Pattern::new(pattern);
                let mut found = self.all();
                found.retain(|entry| pattern.matches(&entry.input));
                if *unique {
                    found = newest_of_each(found);
                }
                (last(found, *n), *output)
            }
        };
        HistoryReply::new(found.into_iter().map(|one| one.told(output)).collect())
    }

    /// Gives all inputs: those of other sessions in the order in which they were made, then those of this one.
    fn all(&self) -> Vec<Entry> {
        let kept = self.store.as_ref().map(Store::entries).unwrap_or_default();
        let others = kept
            .into_iter()
            .filter(|entry| Some(entry.session) != self.session);
        others.chain(self.inputs.iter().cloned()).collect()
    }

    /// Gives the inputs of a session: by its number, or counted back from this one, which is zero.
    fn of_session(&self, session: i32) -> Vec<Entry> {
        if session == 0 {
            return self.inputs.clone();
        }
        let wanted = if session > 0 {
            session as usize
        } else {
            let next = || {
                self.store
                    .as_ref()
                    .map_or(1, |store| store.last_session() + 1)
            };
            let current = self.session.unwrap_or_else(next);
            current.saturating_sub(session.unsigned_abs() as usize)
        };
        let mut found = self.all();
        found.retain(|entry| entry.session == wanted);
        found
    }
}

fn last(mut entries: Vec<Entry>, count: i32) -> Vec<Entry> {
    let skip = entries.len().saturating_sub(count.max(0) as usize);
    entries.split_off(skip)
}

/// Leaves out what was run again later.
fn newest_of_each(entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Entry> = entries
        .into_iter()
        .rev()
        .filter(|entry| seen.insert(entry.input.clone()))
        .collect();
    kept.reverse();
    kept
}
