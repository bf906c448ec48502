//! How much of what one cell says is shown: a flood must not take the front end or the kernel's memory with it.

use crate::evaluator::{Bundle, Event, Sink};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes of text that are shown from the start: a few million lines.
const TEXT: u64 = 48 << 20;
/// Bytes of text that are kept from the end, where the cause of a flood or its last result stands.
const TAIL: usize = 16 << 10;
/// Pictures and other outputs that are shown.
const DISPLAYS: u64 = 1000;
/// Bytes of all these outputs.
const PICTURES: u64 = 256 << 20;
/// The time between two states of the notice.
const TICK: Duration = Duration::from_millis(500);

/// Passes on what one cell says until it is too much; then says how much was left out, and how the text ended.
pub(crate) struct Allowance {
    sink: Arc<dyn Sink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    text: Count,
    displays: Count,
    pictures: u64,
    tails: [VecDeque<u8>; 2],
    notice: Option<Notice>,
    over: bool,
}

#[derive(Default)]
struct Count {
    shown: u64,
    left_out: u64,
}

struct Notice {
    display_id: String,
    sent: Instant,
}

/// The two kinds of text, by their place among the tails.
const STREAMS: [fn(Vec<u8>) -> Event; 2] = [Event::Stdout, Event::Stderr];

impl Allowance {
    /// Makes the allowance of one cell.
    pub(crate) fn new(sink: Arc<dyn Sink>) -> Self {
        Self {
            sink,
            state: Mutex::default(),
        }
    }

    /// Says at the end of the cell what was left out, and passes the end of the text on.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        state.over = true;
        if state.notice.is_none() {
            return;
        }
        self.tell(&mut state);
        for (stream, tail) in STREAMS.iter().zip(&mut state.tails) {
            let tail: Vec<u8> = std::mem::take(tail).into();
            let start = tail.iter().position(|byte| *byte == b'\n');
            let lines = tail[start.map_or(0, |at| at + 1)..].to_vec();
            if !lines.is_empty() {
                self.sink.event(stream(lines));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self, state: &mut State, stream: usize, mut bytes: Vec<u8>) {
        let room = TEXT.saturating_sub(state.text.shown) as usize;
        if bytes.len() <= room {
            state.text.shown += bytes.len() as u64;
            return self.sink.event(STREAMS[stream](bytes));
        }
        // The last line that fits is the end, and nothing follows it.
        let fitting = bytes[..room].iter().rposition(|byte| *byte == b'\n');
        let rest = bytes.split_off(fitting.map_or(room, |at| at + 1));
        state.text.shown = TEXT;
        if !bytes.is_empty() {
            self.sink.event(STREAMS[stream](bytes));
        }
        state.text.left_out += rest.len() as u64;
        let tail = &mut state.tails[stream];
        tail.extend(&rest[rest.len().saturating_sub(TAIL)..]);
        tail.drain(..tail.len().saturating_sub(TAIL));
        self.tell_now_and_then(state);
    }

    /// Tells whether there is room for one more output, and counts it.
    fn admits(state: &mut State, bundle: &Bundle) -> bool {
        let size = bundle.weight() as u64;
        let fits = state.displays.shown < DISPLAYS && state.pictures + size <= PICTURES;
        if fits {
            state.displays.shown += 1;
            state.pictures += size;
        } else {
            state.displays.left_out += 1;
        }
        fits
    }

    fn tell_now_and_then(&self, state: &mut State) {
        let due = state
            .notice
            .as_ref()
            .is_none_or(|notice| notice.sent.elapsed() >= TICK);
        if due {
            self.tell(state);
        }
    }

    fn tell(&self, state: &mut State) {
        let text = state.notice();
        let html = format!(
            "<div role=\"note\"><b>{}</b></div>",
            crate::html::escape(&text)
        );
        let bundle = Bundle::text(text).with("text/html", html);
        let sent = Instant::now();
        if let Some(notice) = &mut state.notice {
            notice.sent = sent;
            let bundle = bundle.named(notice.display_id.clone());
            self.sink.event(Event::UpdateDisplay(bundle));
        } else {
            let display_id = uuid::Uuid::new_v4().to_string();
            self.sink
                .event(Event::Display(bundle.named(display_id.clone())));
            state.notice = Some(Notice { display_id, sent });
        }
    }
}

impl Sink for Allowance {
    fn event(&self, event: Event) {
        let mut state = self.lock();
        match event {
            Event::Stdout(bytes) => self.text(&mut state, 0, bytes),
            Event::Stderr(bytes) => self.text(&mut state, 1, bytes),
            Event::Display(bundle) if !Self::admits(&mut state, &bundle) => {
                self.tell_now_and_then(&mut state);
            }
            Event::Clear { .. } => {
                let over = state.over;
                *state = State {
                    over,
                    ..State::default()
                };
                self.sink.event(event);
            }
            other => self.sink.event(other),
        }
    }

    fn input(&self, prompt: &str, password: bool) -> Option<String> {
        self.sink.input(prompt, password)
    }

    fn selection(&self, map: &str) -> Option<String> {
        self.sink.selection(map)
    }
}

impl State {
    fn notice(&self) -> String {
        let mut parts = Vec::new();
        if self.text.left_out > 0 {
            let (shown, left) = (size(TEXT), size(self.text.left_out));
            let end = if self.over { " The end follows." } else { "" };
            parts.push(format!(
                "Only the first {shown} of this cell's text are shown; {left} were left out.{end}"
            ));
        }
        if self.displays.left_out > 0 {
            let (shown, left) = (self.displays.shown, self.displays.left_out);
            parts.push(format!(
                "Only the first {shown} outputs of this cell are shown; {left} were left out."
            ));
        }
        parts.join(" ")
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["bytes", "kB", "MB", "GB"];
    let power = (0..3).rfind(|power| bytes >> (10 * (power + 1)) > 0);
    let power = power.map_or(0, |power| power + 1);
    let number = bytes as f64 / f64::powi(1024.0, power);
    let digits = usize::from(power > 0 && number < 10.0);
    format!("{number:.digits$} {}", UNITS[power as usize])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_well() {
        let sizes = [
            0,
            1023,
            1024,
            5000,
            48 << 20,
            (1 << 30) + (1 << 29),
            1 << 40,
        ];
        insta::assert_snapshot!(
            sizes.map(size).join(", "),
            @"0 bytes, 1023 bytes, 1.0 kB, 4.9 kB, 48 MB, 1.5 GB, 1024 GB"
        );
    }
}
