//! Thread-local: each thread has a value of its own, made when the thread first asks for it.
//!
//! A database connection can be used by one thread at a time. [`mine`] gives each thread one, so nobody waits and nobody sees what
//! another thread left in it; [`Shared`] is one for all, behind a lock; a [`pool`] is a few, handed out in turn. In Python the
//! first is `threading.local()`.
//!
//! Rust prevents sharing a connection without a lock, since SQLite's is `Send` but not `Sync`:
//!
//! ```compile_fail,E0277
//! let connection = rusqlite::Connection::open_in_memory().unwrap();
//! std::thread::scope(|s| {
//!     s.spawn(|| connection.last_insert_rowid()); // E0277: cannot be shared between threads safely
//! });
//! ```
//!
//! What Rust does not prevent: a value that stays behind in a thread of a pool, for the next task to find; and no destructor, where a
//! thread is still running when the process ends.

pub mod pool;

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

static OPENED: AtomicU32 = AtomicU32::new(0);
static CLOSED: AtomicU32 = AtomicU32::new(0);

/// A connection with a number, so that one can see which is which.
pub struct Connection {
    /// 1 for the first that this process opens.
    pub number: u32,
    inner: rusqlite::Connection,
}

impl Connection {
    /// Opens the file, and makes the table if there is none.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(file: &Path) -> rusqlite::Result<Connection> {
        let inner = rusqlite::Connection::open(file)?;
        inner.busy_timeout(Duration::from_secs(30))?; // One connection writes at a time; the others wait that long.
        inner.execute_batch(
            "PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS visit (thread TEXT, connection INT)",
        )?;
        Ok(Connection { number: OPENED.fetch_add(1, SeqCst) + 1, inner })
    }

    /// Notes that a thread was here; the number of its row.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn note(&self, thread: &str) -> rusqlite::Result<i64> {
        self.inner.execute("INSERT INTO visit VALUES (?1, ?2)", (thread, self.number))?;
        Ok(self.inner.last_insert_rowid()) // Of this connection: right, because nobody else uses it meanwhile.
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        CLOSED.fetch_add(1, SeqCst);
    }
}

/// How many connections this process has opened, and how many of them it has closed.
pub fn opened_and_closed() -> (u32, u32) {
    (OPENED.load(SeqCst), CLOSED.load(SeqCst))
}

thread_local! {
    static MINE: OnceCell<Connection> = const { OnceCell::new() };
}

/// Lends this thread its own connection, which it opens first if it has none. Closed when the thread ends.
///
/// # Errors
/// What SQLite says.
pub fn mine<R>(file: &Path, work: impl FnOnce(&Connection) -> rusqlite::Result<R>) -> rusqlite::Result<R> {
    MINE.with(|mine| {
        if mine.get().is_none() {
            let opened = Connection::open(file)?;
            mine.get_or_init(|| opened);
        }
        work(mine.get().expect("it was opened above"))
    })
}

/// One connection for all: whoever has the lock has the connection.
pub type Shared = Mutex<Connection>;
