//! Where a thread was: the form in which the runtime writes it into memory that outlives it, and in which the kernel reads it.
//!
//! All of it is written in signal handlers, so it is plain words of a mapped file, each valid when the ones before it are.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::Release};

/// How many calls are kept from the inner end, and how many from the outer one.
const INNER: usize = 64;
const OUTER: usize = 64;
/// What stands before the calls.
const HEAD: usize = 8;

/// One sighting as it is written.
#[repr(C)]
pub(super) struct Slot {
    /// Zero as long as nothing is there; of two sightings the later has the greater.
    serial: AtomicU64,
    signal: AtomicU64,
    /// The address that could not be accessed.
    address: AtomicU64,
    stack: AtomicU64,
    /// Zero for the first thread, which runs the cells.
    thread: AtomicU64,
    name: [AtomicU64; 2],
    depth: AtomicU64,
    calls: [AtomicU64; INNER + OUTER],
}

/// What is known before any call is.
#[derive(Clone, Copy)]
pub(super) struct Circumstances {
    pub(super) signal: u64,
    pub(super) address: u64,
    pub(super) stack: u64,
    pub(super) thread: u64,
    pub(super) name: [u64; 2],
}

impl Slot {
    /// Forgets what is there.
    pub(super) fn clear(&self) {
        self.serial.store(0, Release);
    }

    /// Begins a sighting.
    pub(super) fn begin(&self, circumstances: Circumstances) {
        self.depth.store(0, Relaxed);
        self.signal.store(circumstances.signal, Relaxed);
        self.address.store(circumstances.address, Relaxed);
        self.stack.store(circumstances.stack, Relaxed);
        self.thread.store(circumstances.thread, Relaxed);
        for (word, place) in circumstances.name.iter().zip(&self.name) {
            place.store(*word, Relaxed);
        }
    }

    /// Adds the next call outwards.
    pub(super) fn add(&self, address: u64) {
        let depth = self.depth.load(Relaxed);
        let at = match depth as usize {
            at if at < INNER => at,
            at => INNER + (at - INNER) % OUTER,
        };
        self.calls[at].store(address, Relaxed);
        self.depth.store(depth + 1, Release);
    }

    /// How many calls have been added.
    pub(super) fn depth(&self) -> u64 {
        self.depth.load(Relaxed)
    }

    /// Says that the sighting can be read.
    pub(super) fn publish(&self, serial: u64) {
        self.serial.store(serial, Release);
    }
}

/// One sighting as it is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sighting {
    pub(super) serial: u64,
    pub(crate) signal: i32,
    /// Whether an access just beside the top of the stack failed, which is where a stack ends that has grown too long.
    pub(crate) at_stack_end: bool,
    /// The name of the thread, unless it is the one that runs the cells.
    pub(crate) thread: Option<String>,
    /// How many calls were under way.
    pub(crate) depth: u64,
    /// The instructions that were under way, the innermost call first; of a deep stack both ends.
    pub(crate) calls: Vec<u64>,
}

impl Sighting {
    /// Reads one slot.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let words: Vec<u64> = bytes
            .as_chunks()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect();
        let [serial, signal, address, stack, thread, name @ .., depth] = words.get(..HEAD)? else {
            return None;
        };
        let all = words.get(HEAD..HEAD + INNER + OUTER)?;
        let (inner, outer) = all.split_at(INNER);
        let count = *depth as usize;
        let calls = if count <= INNER {
            inner[..count].to_vec()
        } else if count <= INNER + OUTER {
            all[..count].to_vec()
        } else {
            let (young, old) = outer.split_at((count - INNER) % OUTER);
            [inner, old, young].concat()
        };
        let name: Vec<u8> = name.iter().flat_map(|word| word.to_le_bytes()).collect();
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        (*serial > 0).then(|| Self {
            serial: *serial,
            signal: *signal as i32,
            at_stack_end: *address != 0 && address.abs_diff(*stack) <= BESIDE,
            thread: (*thread != 0).then(|| String::from_utf8_lossy(name).into_owned()),
            depth: *depth,
            calls,
        })
    }
}

/// A function touches its frame page by page, and a call touches the word below it.
const BESIDE: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(depth: u64) -> Option<Sighting> {
        let words: Vec<u64> = vec![0; HEAD + INNER + OUTER];
        // The slot is nothing but words.
        let slot = Slot {
            serial: AtomicU64::new(0),
            signal: AtomicU64::new(0),
            address: AtomicU64::new(0),
            stack: AtomicU64::new(0),
            thread: AtomicU64::new(0),
            name: [const { AtomicU64::new(0) }; 2],
            depth: AtomicU64::new(0),
            calls: [const { AtomicU64::new(0) }; INNER + OUTER],
        };
        assert_eq!(size_of::<Slot>(), 8 * words.len());
        slot.begin(Circumstances {
            signal: 11,
            address: 4096,
            stack: 4100,
            thread: 7,
            name: [u64::from_le_bytes(*b"worker-1"), u64::from(b'0')],
        });
        for call in 0..depth {
            slot.add(1000 + call);
        }
        slot.publish(3);
        let head = [
            &slot.serial,
            &slot.signal,
            &slot.address,
            &slot.stack,
            &slot.thread,
            &slot.name[0],
            &slot.name[1],
            &slot.depth,
        ];
        let words = head.into_iter().chain(&slot.calls);
        let bytes: Vec<u8> = words
            .flat_map(|word| word.load(Relaxed).to_le_bytes())
            .collect();
        Sighting::read(&bytes)
    }

    #[test]
    fn what_was_written_is_read_and_of_a_deep_stack_both_ends() {
        let little = written(3).unwrap();
        assert_eq!(little.calls, [1000, 1001, 1002]);
        assert_eq!(little.thread.as_deref(), Some("worker-10"));
        assert!(little.at_stack_end);
        for depth in [64, 65, 128, 129, 200, 5000] {
            let deep = written(depth).unwrap();
            let kept = depth.min(128);
            let outer = kept.saturating_sub(64);
            let wanted: Vec<u64> = (0..kept - outer)
                .chain(depth - outer..depth)
                .map(|call| 1000 + call)
                .collect();
            assert_eq!((deep.depth, deep.calls), (depth, wanted));
        }
        assert_eq!(Sighting::read(&[0; 8 * (HEAD + INNER + OUTER)]), None);
        assert_eq!(Sighting::read(&[1; 40]), None);
    }
}
