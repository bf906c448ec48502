//! Notes where the process is when a signal ends it, or when the kernel wants to know.
//!
//! The handlers run on a stack of their own and do nothing but walk up the calls, by the tables that every function has, and store
//! numbers. What lines they stand for is found out by the kernel, afterwards.

#![expect(unsafe_code, reason = "handlers of signals")]

use super::sighting::{Circumstances, Slot};
use super::threads;
use super::trail::{Slots, Trail};
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};

/// The signal by which the kernel asks where the process is. Whoever does not know it ignores it.
pub(crate) const GLANCE: c_int = libc::SIGURG;

/// The signals that end a process from within.
const ENDS: [c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGABRT,
    libc::SIGTRAP,
    libc::SIGSYS,
];

/// How a walk fails that has lost its way.
const FAULTS: [c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// As many calls are walked: of a process that dies, and of one that lives on.
const DEEPEST: [u64; 2] = [1 << 20, 1 << 10];

/// A walk that has lost its way is ended after so many seconds.
const PATIENCE_S: u32 = 10;

static SLOTS: AtomicPtr<Slots> = AtomicPtr::new(std::ptr::null_mut());
static PROCESS: AtomicI32 = AtomicI32::new(0);
static RUNNING: AtomicBool = AtomicBool::new(false);
/// The thread that is dying.
static DYING: AtomicI32 = AtomicI32::new(0);
/// The thread that is being looked at, and the registers with which it goes on.
static SEEN: AtomicI32 = AtomicI32::new(0);
static GOES_ON: AtomicPtr<libc::ucontext_t> = AtomicPtr::new(std::ptr::null_mut());
static GLANCES: AtomicU64 = AtomicU64::new(0);
/// The name of the first thread, which threads without a name of their own have too.
static NAME: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// Watches this process from now on.
pub(super) fn watch(trail: &Trail) {
    let slots: *const Slots = trail.slots;
    SLOTS.store(slots.cast_mut(), Ordering::SeqCst);
    PROCESS.store(std::process::id() as i32, Ordering::SeqCst);
    for (word, place) in thread_name().iter().zip(&NAME) {
        place.store(*word, Ordering::SeqCst);
    }
    threads::equip();
    // SAFETY: the handlers call nothing that is not safe in a handler. The unwinder has been called once, so it is ready.
    unsafe {
        let mut walk = Walk {
            slot: &trail.slots.end,
            from: None,
            deepest: 1,
        };
        _Unwind_Backtrace(step, (&raw mut walk).cast());
        for signal in ENDS {
            // A fault in a walk ends the process at once.
            handle(signal, (on_end, 0), &[]);
        }
        libc::atexit(on_exit);
        handle(GLANCE, (on_glance, libc::SA_RESTART), &FAULTS);
    }
    trail.slots.end.clear();
}

/// Notes that a cell begins: what was seen before is of no interest.
pub(super) fn begin_cell(trail: &Trail) {
    RUNNING.store(true, Ordering::SeqCst);
    for slot in &trail.slots.before {
        slot.clear();
    }
}

/// Notes that no cell runs.
pub(super) fn end_cell() {
    RUNNING.store(false, Ordering::SeqCst);
}

type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// Sets a handler; only these signals, and the one that ends a walk without end, are let through while it runs.
unsafe fn handle(signal: c_int, (handler, flags): (Handler, c_int), let_through: &[c_int]) {
    // SAFETY: the action is filled in before it is used.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | flags;
        libc::sigfillset(&raw mut action.sa_mask);
        for signal in let_through.iter().chain(&[libc::SIGALRM]) {
            libc::sigdelset(&raw mut action.sa_mask, *signal);
        }
        libc::sigaction(signal, &raw const action, std::ptr::null_mut());
    }
}

fn slots() -> Option<&'static Slots> {
    // SAFETY: the mapping is never undone. A fork is not the process that is watched.
    unsafe {
        (libc::getpid() == PROCESS.load(Ordering::SeqCst))
            .then(|| SLOTS.load(Ordering::SeqCst).as_ref())
            .flatten()
    }
}

fn this_thread() -> i32 {
    // SAFETY: a call without conditions.
    unsafe { libc::gettid() }
}

fn circumstances(signal: u64, address: u64, stack: u64) -> Circumstances {
    let thread = this_thread();
    let first = thread == PROCESS.load(Ordering::SeqCst);
    Circumstances {
        signal,
        address,
        stack,
        thread: if first { 0 } else { thread as u64 },
        name: thread_name(),
    }
}

/// The name of this thread; nothing if it has the one of the first thread.
fn thread_name() -> [u64; 2] {
    let mut name = [0u64; 2];
    // SAFETY: the system writes at most sixteen bytes.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    let is_own = |(word, first): (&u64, &AtomicU64)| *word != first.load(Ordering::SeqCst);
    if name.iter().zip(&NAME).any(is_own) {
        name
    } else {
        [0; 2]
    }
}

extern "C" fn on_end(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    if let Some(slots) = slots() {
        let thread = this_thread();
        if FAULTS.contains(&signal) && SEEN.load(Ordering::SeqCst) == thread {
            return go_on(context.cast());
        }
        let first = DYING.compare_exchange(0, thread, Ordering::SeqCst, Ordering::SeqCst);
        match first {
            Ok(_) => {
                // SAFETY: plain calls that are allowed in a handler.
                unsafe {
                    libc::signal(libc::SIGALRM, libc::SIG_DFL);
                    libc::alarm(PATIENCE_S);
                }
                // What is written can be read whatever happens to the walk.
                slots.end.publish(1);
                see(&slots.end, (signal, info, context), DEEPEST[0]);
            }
            // A fault of the walk itself.
            Err(dying) if dying == thread => {}
            // Another thread says how the process dies, and ends it.
            // SAFETY: a call without conditions.
            Err(_) => unsafe {
                libc::sleep(PATIENCE_S);
            },
        }
    }
    // Die as without this handler; the signal comes when the handler ends.
    // SAFETY: plain calls that are allowed in a handler.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// A cell has called for the end of its process.
extern "C" fn on_exit() {
    let Some(slots) = slots() else { return };
    if !RUNNING.load(Ordering::SeqCst) || DYING.swap(this_thread(), Ordering::SeqCst) != 0 {
        return;
    }
    slots.end.begin(circumstances(0, 0, 0));
    slots.end.publish(1);
    let mut walk = Walk {
        slot: &slots.end,
        from: None,
        deepest: DEEPEST[0],
    };
    // SAFETY: the walk is alive as long as the call.
    unsafe { _Unwind_Backtrace(step, (&raw mut walk).cast()) };
}

/// Ends a glance that has lost its way: the thread goes on as if the handler of the glance had ended.
fn go_on(context: *mut libc::ucontext_t) {
    // SAFETY: both contexts are on the signal stack of this thread, and the system restores what stands in this one.
    unsafe {
        let seen = &*GOES_ON.load(Ordering::SeqCst);
        (*context).uc_mcontext = seen.uc_mcontext;
        (*context).uc_sigmask = seen.uc_sigmask;
    }
    SEEN.store(0, Ordering::SeqCst);
}

extern "C" fn on_glance(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(slots) = slots() else { return };
    let thread = this_thread();
    let free = SEEN.compare_exchange(0, thread, Ordering::SeqCst, Ordering::SeqCst);
    if DYING.load(Ordering::SeqCst) != 0 || free.is_err() {
        return;
    }
    GOES_ON.store(context.cast(), Ordering::SeqCst);
    // SAFETY: the error number belongs to this thread, and to what was interrupted.
    let error = unsafe { *libc::__errno_location() };
    let serial = GLANCES.fetch_add(1, Ordering::SeqCst) + 1;
    let slot = &slots.before[serial as usize % 2];
    slot.clear();
    see(slot, (signal, info, context), DEEPEST[1]);
    slot.publish(serial);
    SEEN.store(0, Ordering::SeqCst);
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = error };
}

/// Writes down where this thread was when the signal came.
fn see(
    slot: &Slot,
    (signal, info, context): (c_int, *mut libc::siginfo_t, *mut c_void),
    deepest: u64,
) {
    let (instruction, stack) = registers(context);
    let is_access = signal == libc::SIGSEGV || signal == libc::SIGBUS;
    // SAFETY: the system wrote what `info` points to. A signal that somebody sent has no address.
    let address = unsafe {
        let sent = (*info).si_code <= 0;
        (is_access && !sent).then(|| (*info).si_addr() as u64)
    };
    slot.begin(circumstances(
        signal as u64,
        address.unwrap_or_default(),
        stack,
    ));
    // A jump to nowhere, which has no caller but the one that jumped.
    let instruction = if address == Some(instruction) {
        let instruction = undo_jump(context);
        slot.add(instruction.wrapping_sub(1));
        instruction
    } else {
        slot.add(instruction);
        instruction
    };
    let mut walk = Walk {
        slot,
        from: Some(instruction),
        deepest,
    };
    // SAFETY: the walk is alive as long as the call; a stack that is damaged ends it, or the process, which is dying.
    unsafe { _Unwind_Backtrace(step, (&raw mut walk).cast()) };
}

struct Walk<'a> {
    slot: &'a Slot,
    /// The calls up to this instruction are the handler's.
    from: Option<u64>,
    deepest: u64,
}

extern "C" fn step(context: *mut c_void, walk: *mut c_void) -> c_int {
    let mut exact = 0;
    // SAFETY: the unwinder gives its own context and what it was given; nothing else refers to the walk meanwhile.
    let (address, walk) = unsafe {
        let address = _Unwind_GetIPInfo(context, &raw mut exact) as u64;
        (address, &mut *walk.cast::<Walk<'_>>())
    };
    match walk.from {
        Some(instruction) if address == instruction => walk.from = None,
        Some(_) => {}
        // A call returns to the instruction after it.
        None => walk.slot.add(address.wrapping_sub(u64::from(exact == 0))),
    }
    c_int::from(walk.slot.depth() >= walk.deepest)
}

unsafe extern "C" {
    fn _Unwind_Backtrace(
        step: extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        walk: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut c_void, exact: *mut c_int) -> usize;
}

/// The instruction and the top of the stack when the signal came.
#[cfg(target_arch = "x86_64")]
fn registers(context: *mut c_void) -> (u64, u64) {
    // SAFETY: the system gives a handler the registers in this form.
    let registers = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    (
        registers[libc::REG_RIP as usize] as u64,
        registers[libc::REG_RSP as usize] as u64,
    )
}

/// Makes the registers those after the return from where the process jumped to, and gives the instruction there.
#[cfg(target_arch = "x86_64")]
fn undo_jump(context: *mut c_void) -> u64 {
    // SAFETY: as above; a call has put the address behind it on the top of the stack. The process is dying.
    unsafe {
        let registers = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        let stack = registers[libc::REG_RSP as usize] as usize;
        let caller = std::ptr::with_exposed_provenance::<i64>(stack).read_unaligned();
        registers[libc::REG_RIP as usize] = caller;
        registers[libc::REG_RSP as usize] += 8;
        caller as u64
    }
}

/// Makes the registers those after the return from where the process jumped to, and gives the instruction there.
#[cfg(target_arch = "aarch64")]
fn undo_jump(context: *mut c_void) -> u64 {
    // SAFETY: as below; a call has put the address behind it into a register. The process is dying.
    unsafe {
        let registers = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext;
        registers.pc = registers.regs[30];
        registers.pc
    }
}

/// The instruction and the top of the stack when the signal came.
#[cfg(target_arch = "aarch64")]
fn registers(context: *mut c_void) -> (u64, u64) {
    // SAFETY: the system gives a handler the registers in this form.
    let registers = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext };
    (registers.pc, registers.sp)
}

/// The instruction and the top of the stack when the signal came: not known for this processor.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn registers(_context: *mut c_void) -> (u64, u64) {
    (u64::MAX, 0)
}

/// Not known for this processor.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn undo_jump(_context: *mut c_void) -> u64 {
    u64::MAX
}
