//! What is watched of a program: its threads and its sockets.

use super::scenarios::Story;
use std::cell::RefCell;
use std::io;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The threads that were started and the sockets that were opened, directly or not, by a thread
/// that has [adopted](Watch::adopt) this.
#[derive(Clone, Default)]
pub struct Watch(Arc<Watched>);

type Call = Arc<dyn Fn(&std::net::TcpStream) + Send + Sync>;

#[derive(Default)]
struct Watched {
    threads: Mutex<Vec<(&'static Location<'static>, Arc<State>)>>,
    /// Where the system says how long each thread has run.
    clocks: Mutex<Vec<String>>,
    open: AtomicUsize,
    bytes_read: AtomicUsize,
    /// How often a thread slept, or found nothing at a socket, and the shortest wait among these.
    polls: Mutex<(usize, Option<Duration>)>,
    longest_read: Mutex<Option<Duration>>,
    accept_fails: Mutex<Option<io::ErrorKind>>,
    next_is_gone: AtomicBool,
    pause_after_wake: Mutex<Duration>,
    before_write: Mutex<Option<Call>>,
    after_poll: Mutex<Option<Call>>,
    full: Mutex<Option<Full>>,
}

/// One thread of the program.
#[derive(Default)]
pub(super) struct State {
    pub(super) joined: AtomicBool,
    /// Its handle was dropped while it ran.
    pub(super) detached: AtomicBool,
    pub(super) ended: AtomicBool,
}

/// For how long nothing can be written, and when that began.
#[derive(Clone, Copy)]
struct Full {
    time: Duration,
    since: Option<Instant>,
    /// How long it was for the thread that waited.
    took: Duration,
}

thread_local!(static CURRENT: RefCell<Watch> = RefCell::default());

impl Watch {
    /// From here on, this watches what the current thread starts and opens.
    pub fn adopt(&self) {
        CURRENT.set(self.clone());
        // Only Linux says it in a file.
        if let Ok(thread) = std::fs::read_link("/proc/thread-self") {
            self.0.clocks.lock().unwrap().push(format!("/proc/{}/schedstat", thread.display()));
        }
    }

    /// Returns `work` as the work of a thread that this watches, and that belongs to the scenario of
    /// the current thread.
    pub fn for_thread<F: FnOnce() + Send>(&self, work: F) -> impl FnOnce() + Send + use<F> {
        let (watch, story) = (self.clone(), Story::inherited());
        move || {
            watch.adopt();
            story.adopt();
            work();
        }
    }

    pub(super) fn current() -> Self {
        CURRENT.with_borrow(Clone::clone)
    }

    /// What a new thread has to do first, when it is started by the current one.
    pub(super) fn for_new_thread() -> impl FnOnce() + Send {
        let (watch, story) = (Watch::current(), Story::inherited());
        move || {
            watch.adopt();
            story.adopt();
        }
    }

    pub(super) fn add_thread(&self, place: &'static Location<'static>, state: Arc<State>) {
        self.0.threads.lock().unwrap().push((place, state));
    }

    /// Returns the file and line that started a thread which nothing has joined.
    pub fn not_joined(&self) -> Option<String> {
        let threads = self.0.threads.lock().unwrap();
        let (place, _) = threads.iter().find(|(_, thread)| !thread.joined.load(SeqCst))?;
        let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        Some(format!("src/{file}, line {}", place.line()))
    }

    /// Returns the number of threads that have ended, and whose handles are kept and not joined.
    pub fn kept_handles(&self) -> usize {
        let kept = |state: &State| {
            state.ended.load(SeqCst) && !state.joined.load(SeqCst) && !state.detached.load(SeqCst)
        };
        self.0.threads.lock().unwrap().iter().filter(|(_, state)| kept(state)).count()
    }

    /// Returns how long a processor has worked for these threads; zero where the system doesn't say.
    pub fn processor_time(&self) -> Duration {
        let nanoseconds = |file: &String| {
            let text = std::fs::read_to_string(file).ok()?;
            text.split(' ').next()?.parse().ok()
        };
        self.0.clocks.lock().unwrap().iter().filter_map(nanoseconds).map(Duration::from_nanos).sum()
    }

    /// Returns the number of open connections; a clone counts as one more.
    pub fn open_sockets(&self) -> usize {
        self.0.open.load(SeqCst)
    }

    pub(super) fn opened(&self) {
        self.0.open.fetch_add(1, SeqCst);
    }

    pub(super) fn closed(&self) {
        self.0.open.fetch_sub(1, SeqCst);
    }

    /// Returns the number of bytes that were read from these sockets.
    pub fn bytes_read(&self) -> usize {
        self.0.bytes_read.load(SeqCst)
    }

    pub(super) fn has_read(&self, bytes: usize) {
        self.0.bytes_read.fetch_add(bytes, SeqCst);
    }

    /// Waits until bytes have arrived at `socket`, one of these, and returns whether they did within
    /// `limit`. It doesn't matter if another thread has read them since `read_before` was the number
    /// of [bytes read](Watch::bytes_read).
    pub fn have_arrived(&self, socket: &std::net::TcpStream, read_before: usize, limit: Duration) -> bool {
        let begin = Instant::now();
        while !super::net::has_unread(socket) && self.bytes_read() == read_before {
            if begin.elapsed() >= limit {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }

    /// Returns how often a thread slept or found nothing at a socket since the last call, and the
    /// shortest time that it was ready to wait.
    pub fn polls(&self) -> (usize, Option<Duration>) {
        std::mem::take(&mut *self.0.polls.lock().unwrap())
    }

    pub(super) fn polled(&self, limit: Option<Duration>) {
        let mut polls = self.0.polls.lock().unwrap();
        polls.0 += 1;
        polls.1 = [polls.1, limit].into_iter().flatten().min();
    }

    /// The next `accept` fails in this way.
    pub fn fail_next_accept(&self, kind: io::ErrorKind) {
        *self.0.accept_fails.lock().unwrap() = Some(kind);
    }

    pub(super) fn accept_fails(&self) -> Option<io::ErrorKind> {
        self.0.accept_fails.lock().unwrap().take()
    }

    /// The client that the next `accept` lets in has already broken its connection: what asks or
    /// sets something of its socket, reads or writes, fails.
    pub fn next_client_is_gone(&self) {
        self.0.next_is_gone.store(true, SeqCst);
    }

    pub(super) fn is_gone(&self) -> bool {
        self.0.next_is_gone.swap(false, SeqCst)
    }

    /// A thread that has connected to a listener or shut down a socket, and so may have woken
    /// another thread, pauses for this time: the other one goes first.
    pub fn pause_after_each_wake(&self, time: Duration) {
        *self.0.pause_after_wake.lock().unwrap() = time;
    }

    pub(super) fn has_woken(&self) {
        let time = *self.0.pause_after_wake.lock().unwrap();
        if !time.is_zero() {
            std::thread::sleep(time);
        }
    }

    /// Each thread calls this before it writes, with the socket to which it is about to write.
    pub fn before_each_write(&self, call: impl Fn(&std::net::TcpStream) + Send + Sync + 'static) {
        *self.0.before_write.lock().unwrap() = Some(Arc::new(call));
    }

    pub(super) fn is_about_to_write(&self, socket: &std::net::TcpStream) {
        let call = self.0.before_write.lock().unwrap().clone();
        call.into_iter().for_each(|call| call(socket));
    }

    /// Each thread calls this after a read or peek that found nothing, before it learns of it.
    pub fn after_each_poll(&self, call: impl Fn(&std::net::TcpStream) + Send + Sync + 'static) {
        *self.0.after_poll.lock().unwrap() = Some(Arc::new(call));
    }

    pub(super) fn found_nothing(&self, socket: &std::net::TcpStream, limit: Option<Duration>) {
        self.polled(limit);
        let call = self.0.after_poll.lock().unwrap().clone();
        call.into_iter().for_each(|call| call(socket));
    }

    /// Returns the longest time for which a read waits, if any of these sockets has such a limit or
    /// doesn't block.
    pub fn longest_read(&self) -> Option<Duration> {
        *self.0.longest_read.lock().unwrap()
    }

    pub(super) fn reads_wait_at_most(&self, limit: Option<Duration>) {
        let mut longest = self.0.longest_read.lock().unwrap();
        *longest = (*longest).max(limit);
    }

    /// From the next write on, nothing can be written for this time, as if no client had room for
    /// more.
    pub fn is_full_for(&self, time: Duration) {
        *self.0.full.lock().unwrap() = Some(Full { time, since: None, took: Duration::ZERO });
    }

    /// Returns how long a thread was really kept by [`is_full_for`](Watch::is_full_for), which a
    /// busy machine makes longer.
    pub fn was_full_for(&self) -> Duration {
        self.0.full.lock().unwrap().map_or(Duration::ZERO, |full| full.took)
    }

    /// Waits as a write does that has no room, for at most `limit`.
    pub(super) fn wait_for_room(&self, limit: Option<Duration>) -> io::Result<()> {
        let begin = Instant::now();
        loop {
            let left = {
                let mut full = self.0.full.lock().unwrap();
                let Some(full) = full.as_mut() else { return Ok(()) };
                let since = *full.since.get_or_insert(begin);
                if full.took == Duration::ZERO {
                    let left = full.time.saturating_sub(since.elapsed());
                    if left.is_zero() {
                        full.took = since.elapsed();
                    }
                    left
                } else {
                    Duration::ZERO
                }
            };
            if left.is_zero() {
                return Ok(());
            }
            let may_wait = limit.map_or(left, |limit| limit.saturating_sub(begin.elapsed()));
            if may_wait.is_zero() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            std::thread::sleep(left.min(may_wait));
        }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("open_sockets", &self.open_sockets()).finish_non_exhaustive()
    }
}
