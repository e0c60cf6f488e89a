//! Records what real threads did and when, and draws it: a timeline to look at, not a log to read.
//!
//! Recording vs. logging vs. profiling:
//!
//! * A **log** says what happened in the order in which lines were written. Its lock makes threads take
//!   turns, so it changes the very thing it is meant to show, and a thread that waits writes nothing.
//! * A **profile** adds up where time went. It says that a lock cost 40 ms, never who held it meanwhile.
//! * A **recording** says what every thread was doing at any instant. Each thread writes to a buffer of its
//!   own, about 100 ns an event, and nothing is drawn until the run is over.
//!
//! ```
//! use std::sync::Mutex;
//! use std::thread;
//! use timeline::{Count, Recorder, Style};
//!
//! let recorder = Recorder::new("Mutex: three customers, one account");
//! recorder.counter("holders", Count::holding().of("balance"));
//!
//! let balance = Mutex::new(1000);
//! thread::scope(|s| {
//!     for customer in 1..=3 {
//!         let lane = recorder.lane(format!("customer {customer}"));
//!         let balance = &balance;
//!         s.spawn(move || {
//!             // Waiting until the lock is ours, then holding until `balance` goes out of scope.
//!             let mut balance = lane.hold("balance", || balance.lock().unwrap());
//!             *balance -= 100;
//!         });
//!     }
//! });
//!
//! let recording = recorder.recording();
//! assert_eq!(recording.most(&Count::holding().of("balance")), 1);
//! println!("{}", recording.text(&Style::from_env()));
//! ```
//!
//! # What a drawing promises
//!
//! * A column of text is one instant: all its rows show that same moment. A span that falls between two
//!   columns is not drawn; `waited` and `max` are exact all the same.
//! * A [`Held`] notes the end of holding before it lets go, and the start after it got in, so two threads
//!   are never shown inside a lock that admits one. A [`Span`] that you place yourself promises this only
//!   if it is dropped before the guard that it stands for.
//! * A thread that holds one lock and waits for another is drawn waiting, and counted as a holder.
//!
//! A wide character (most East Asian scripts) in a name counts as one column and may shift its row.

mod args;
mod fitted;
mod help;
mod record;
mod recording;
mod svg;
mod text;
mod trace;

pub use args::{Asked, args, exit_code, listen_instead, parse_seconds};
pub use fitted::{Fitted, columns, listing, stdout};
pub use help::matches;
pub use record::{Held, Lane, Recorder, Span};
pub use recording::{Count, Counter, Interval, Label, Mark, Recording, State, Track};
pub use text::Style;
