//! Who computes: operations of our own, or candle's.

use candle_core::Device;
use std::cell::Cell;

thread_local! {
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether our own operations compute what is on this device; candle's compute all that is not on the CPU.
pub(crate) fn is_ours(device: &Device) -> bool {
    device.is_cpu() && !PLAIN.get()
}

/// Runs work in which everything is computed as on a GPU, by candle's own operations, whatever the device.
///
/// So that tests see what a GPU is asked to do on a machine that has none. Counts for this thread.
#[doc(hidden)]
pub fn plainly<T>(work: impl FnOnce() -> T) -> T {
    let _before = Before(PLAIN.replace(true));
    work()
}

/// Puts back what was so before, also after a panic.
struct Before(bool);

impl Drop for Before {
    fn drop(&mut self) {
        PLAIN.set(self.0);
    }
}
