//! One input with what came of it.

use jupyter_protocol::HistoryEntry;

/// Holds what was run as the cell `line` of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) session: usize,
    pub(super) line: usize,
    pub(super) input: String,
    /// The result as plain text; empty if there was none.
    pub(super) output: String,
}

impl Entry {
    /// Gives the form of the protocol, as a pair with the result if `output`.
    pub(super) fn told(self, output: bool) -> HistoryEntry {
        if output {
            HistoryEntry::InputOutput(self.session, self.line, (self.input, self.output))
        } else {
            HistoryEntry::Input(self.session, self.line, self.input)
        }
    }
}
