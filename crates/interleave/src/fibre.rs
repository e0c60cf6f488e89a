//! The threads of an exploration: coroutines that share one OS thread. A switch costs nanoseconds, where
//! handing a baton from one OS thread to another costs microseconds.

use crate::engine::{self, Tid};
use corosensei::stack::{DefaultStack, Stack as _};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::{Cell, RefCell};
use std::io;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

/// As std's, for a thread that asks for no other size. It is address space: memory is used as it is touched.
const STACK_BYTES: usize = 2 << 20;

/// Room for what the explorer itself does on a thread's stack.
const OWN_BYTES: usize = 1 << 18;

type Next = Option<Tid>;

struct Fibre {
    coroutine: Coroutine<(), Next, Next>,
    /// Where its stack ends, the guard included, and how large it is.
    limit: usize,
    size: usize,
}

thread_local! {
    static FIBRES: RefCell<Vec<Option<Fibre>>> = const { RefCell::new(vec![]) };
    /// Stacks for reuse: making one costs a system call or three.
    static STACKS: RefCell<Vec<Stack>> = const { RefCell::new(vec![]) };
    /// How the running fibre goes back to `run`.
    static YIELDER: Cell<*const Yielder<(), Next>> = const { Cell::new(ptr::null()) };
}

/// Where the running fibre's stack ends, the guard included, or 0: the fault handler asks.
pub(crate) static STACK_LIMIT: AtomicUsize = AtomicUsize::new(0);

/// The name of the OS thread that explores, which the test harness names for the test: where it is, and how long. For
/// the fault handler and the panic hook, which run on that thread.
pub(crate) static TEST: (AtomicPtr<u8>, AtomicUsize) = (AtomicPtr::new(ptr::null_mut()), AtomicUsize::new(0));

/// How large the running fibre's stack is, as the code under check sees it.
pub(crate) static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

/// The size of a stack that nobody has asked for: `RUST_MIN_STACK` sets another, as for std.
fn usual_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    let wanted = || std::env::var("RUST_MIN_STACK").ok().and_then(|bytes| bytes.parse().ok());
    *SIZE.get_or_init(|| wanted().unwrap_or(STACK_BYTES))
}

/// A stack, and how large it is for the code under check.
pub(crate) struct Stack {
    size: usize,
    memory: DefaultStack,
}

/// A stack of the wanted size, or of the usual one.
///
/// # Errors
/// When the system has no room for it.
pub(crate) fn stack(wanted: Option<usize>) -> io::Result<Stack> {
    let size = wanted.unwrap_or_else(usual_size);
    let reused = STACKS.with_borrow_mut(|stacks| {
        let fits = stacks.iter().rposition(|stack| stack.size == size)?;
        Some(stacks.swap_remove(fits))
    });
    if let Some(stack) = reused {
        return Ok(stack);
    }
    let bytes = size.checked_add(OWN_BYTES).filter(|&bytes| bytes < isize::MAX as usize / 2);
    let memory = DefaultStack::new(bytes.ok_or(io::ErrorKind::OutOfMemory)?)?;
    Ok(Stack { size, memory })
}

/// Makes thread `tid`, which waits for its turn. Threads are made in the order of their numbers.
pub(crate) fn create(tid: Tid, stack: Stack, body: Box<dyn FnOnce()>) {
    let Stack { size, memory } = stack;
    let limit = memory.limit().get();
    let coroutine = Coroutine::with_stack(memory, move |yielder, ()| {
        YIELDER.set(yielder);
        let panicked = engine::catch(body).err().map(|_| engine::last_panic());
        crate::local::destroy();
        engine::finish(panicked)
    });
    FIBRES.with_borrow_mut(|fibres| {
        debug_assert_eq!(fibres.len(), tid);
        fibres.push(Some(Fibre { coroutine, limit, size }));
    });
}

/// The stack of a thread that has ended is there for another.
fn keep(fibre: Fibre) {
    let Fibre { coroutine, size, .. } = fibre;
    let memory = coroutine.into_stack();
    STACKS.with_borrow_mut(|stacks| stacks.push(Stack { size, memory }));
}

/// Runs `body` as thread 0, and whichever thread is handed over to, until somebody says there is none.
pub(crate) fn run(body: Box<dyn FnOnce()>) {
    let this = std::thread::current();
    let name = this.name().unwrap_or_default();
    TEST.0.store(name.as_ptr().cast_mut(), Relaxed);
    TEST.1.store(name.len(), Relaxed);
    engine::set_exploring(true);
    engine::CARE.store(u32::from(engine::recording()), Relaxed);
    create(0, stack(None).expect("room for one more stack"), body);
    let mut next = Some(0);
    while let Some(tid) = next {
        let fibre = FIBRES.with_borrow_mut(|fibres| fibres[tid].take());
        let mut fibre = fibre.expect("a thread that is handed over to has not ended");
        STACK_LIMIT.store(fibre.limit, Relaxed);
        STACK_SIZE.store(fibre.size, Relaxed);
        next = match fibre.coroutine.resume(()) {
            CoroutineResult::Yield(next) => {
                FIBRES.with_borrow_mut(|fibres| fibres[tid] = Some(fibre));
                next
            }
            CoroutineResult::Return(next) => {
                keep(fibre);
                next
            }
        };
    }
    engine::set_exploring(false);
    crate::io::after_run();
    crate::panic::after_run();
    crate::source::after_run();
    engine::memory::after_run();
    STACK_LIMIT.store(0, Relaxed);
    TEST.1.store(0, Relaxed);
    // The threads that are stuck: what they own is leaked, for to unwind them would run their code.
    for mut fibre in FIBRES.take().into_iter().flatten() {
        // SAFETY: nothing refers to what lives on the stack: only the run did, and it is over.
        unsafe { fibre.coroutine.force_reset() };
        keep(fibre);
    }
}

/// Another thread runs; returns when it is this one's turn again.
pub(crate) fn hand_over(next: Next) {
    let yielder = YIELDER.get();
    // SAFETY: the running fibre set it, and it lives as long as the fibre.
    unsafe { (*yielder).suspend(next) };
    YIELDER.set(yielder);
}
