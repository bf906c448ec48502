//! Tells the person what is going on while crates are built.

use crate::place::Place;
use serde_json::json;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

/// A connection to the kernel; without one, nothing is said.
#[derive(Debug)]
pub(super) struct Voice(Mutex<Option<UnixStream>>);

impl Voice {
    pub(super) fn open(place: &Place) -> Self {
        Self(Mutex::new(UnixStream::connect(place.channel()).ok()))
    }

    /// Says something that is of interest only now.
    pub(super) fn note(&self, text: &str) {
        self.send(b'N', text);
    }

    /// Says something that stays in the notebook.
    pub(super) fn show(&self, text: &str) {
        let lines: String = text
            .lines()
            .map(|line| format!("<div>{}</div>", crate::html::escape(line)))
            .collect();
        let data = json!({
            "text/plain": text,
            "text/html": format!("<small role=\"status\">{lines}</small>"),
        });
        self.send(b'D', &json!({ "data": data, "metadata": {} }).to_string());
    }

    fn send(&self, kind: u8, text: &str) {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = stream.as_mut() {
            let mut frame = vec![kind];
            frame.extend((text.len() as u32).to_le_bytes());
            frame.extend(text.as_bytes());
            let mut taken = [0];
            if open
                .write_all(&frame)
                .and_then(|()| open.read_exact(&mut taken))
                .is_err()
            {
                *stream = None;
            }
        }
    }
}
