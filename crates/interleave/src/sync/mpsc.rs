//! `std::sync::mpsc`, explored.

pub use ::std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

use crate::engine::{
    self, Clock, Event, Happening, Loc, Need, ObjectId, Op, Tag, Uses, Verb, Wake, Woken, World, exploring,
};
use crate::report::words::{STEP, Words};
use crate::search::Use;
use ::std::cell::Cell;
use ::std::collections::VecDeque;
use ::std::fmt;
use ::std::marker::PhantomData;
use ::std::sync::{Arc, Mutex as StdMutex, PoisonError};
use ::std::time::Duration;

static SEND: Verb = Verb {
    does: "sends to",
    words: &Words { wish: |name| format!("waits for room in {name}"), ..Words::USUAL },
    ..OF_A_CHANNEL
};
static TRY_SEND: Verb = Verb { does: "tries to send to", uses: Uses::MayOnlyLook, ..OF_A_CHANNEL };
/// The sender at a rendezvous goes on.
static HAND_OVER: Verb = Verb {
    does: "has handed over to",
    words: &Words { wish: |name| format!("waits for a thread to receive from {name}"), ..Words::USUAL },
    ..OF_A_CHANNEL
};
static COME_TO_RECEIVE: Verb = Verb { does: "comes to receive from", ..OF_A_CHANNEL };
static RECEIVE: Verb = Verb {
    does: "receives from",
    words: &Words {
        wish: |name| format!("waits for a message sent with {name}"),
        why_never: |story, stuck, reason| story.why_no_end(stuck, reason),
        ..Words::USUAL
    },
    ..OF_A_CHANNEL
};
static TRY_RECEIVE: Verb = Verb { does: "tries to receive from", uses: Uses::MayOnlyLook, ..OF_A_CHANNEL };
static HANG_UP: Verb = Verb {
    does: "hangs up",
    words: &Words {
        in_report: |story, i| {
            let e = &story.w.log[i];
            let is_sender = |a: &engine::Aside| {
                a.who == e.who && a.object == e.object && matches!(a.what, Happening::DropsSender(_))
            };
            let name = story.names.of(e.object);
            if !story.asides(i + 1, i + 1).iter().any(is_sender) {
                return format!("drops the receiver of {name}");
            }
            let so_far = story.asides(0, i + 1).iter().filter(|a| a.object == e.object);
            let left = so_far.fold(0, |left, a| match a.what {
                Happening::MakesSender(_) => left + 1,
                Happening::DropsSender(_) => left - 1,
                _ => left,
            });
            let which = if left > 0 { "a sender" } else { "the last sender" };
            format!("drops {which} of {name}")
        },
        ..Words::USUAL
    },
    ..OF_A_CHANNEL
};

/// What a channel orders is known to its messages.
const OF_A_CHANNEL: Verb = Verb { orders: false, ..STEP };

/// What a channel is called among the objects of a run.
pub(crate) const CHANNEL: &str = "channel";

struct Channel<T> {
    tag: Tag,
    born: Loc,
    /// None is without a bound, 0 a rendezvous.
    bound: Option<usize>,
    queue: StdMutex<Queue<T>>,
}

struct Queue<T> {
    /// Each with what its sender knew.
    items: VecDeque<(T, Clock)>,
    senders: usize,
    /// The number of the next sender, for the report.
    next_sender: u32,
    has_receiver: bool,
    /// The receiver has come to a blocking receive.
    receiving: bool,
    sent: u64,
    taken: u64,
    /// What the receiver knew when it took an item last, or hung up. Who gets room by that, or hears of it, knows it too. That is
    /// what Go's memory model says of a bounded channel; std says nothing.
    receiver_knew: Clock,
    /// What those knew who hung up.
    senders_knew: Clock,
}

/// What decides who can go on: two bits for a side that is gone, how many items there are, and how many were taken.
fn level<T>(q: &Queue<T>) -> u64 {
    let gone = u64::from(q.senders == 0) | u64::from(!q.has_receiver) << 1;
    gone | (q.items.len() as u64 & ITEMS) << 2 | q.taken << 32
}

const NO_SENDER: u64 = 1;
const NO_RECEIVER: u64 = 2;
const ITEMS: u64 = (1 << 30) - 1;

fn items(level: u64) -> u64 {
    level >> 2 & ITEMS
}

/// What is noted of a `try_send` that has sent its message.
const SENT: &str = "sent";
/// A queue with more messages than this is shown by their number.
const MOST_SHOWN: usize = 4;
/// How far back the messages of a queue are looked for.
const LOOKS_BACK: usize = 500;

/// What is in the channel at this moment of a recorded run, for a page that shows it: "empty",
/// "7, 8 queued", "closed".
pub(crate) fn queued(w: &World, object: ObjectId) -> String {
    let level = w.objects[object as usize].level;
    let count = items(level) as usize;
    if level & NO_RECEIVER > 0 {
        return "no receiver".into();
    }
    let closed = level & NO_SENDER > 0;
    if count == 0 {
        return if closed { "closed" } else { "empty" }.into();
    }
    // Of what `try_send` has sent, the message isn't noted.
    let message = |e: &Event| if e.verb == &SEND { e.before.clone() } else { None };
    let was_sent = |e: &&Event| e.verb == &SEND || (e.verb == &TRY_SEND && e.before.as_deref() == Some(SENT));
    let recent = w.log.iter().rev().take(LOOKS_BACK).filter(|e| e.object == object).filter(was_sent);
    let mut messages: Vec<String> = recent.map_while(message).take(count.min(MOST_SHOWN + 1)).collect();
    messages.reverse();
    let what = match messages.len() == count && count <= MOST_SHOWN {
        true => messages.join(", "),
        false => count.to_string() + if count == 1 { " message" } else { " messages" },
    };
    what + if closed { " queued, closed" } else { " queued" }
}

impl<T> Channel<T> {
    #[track_caller]
    fn new(bound: Option<usize>) -> Arc<Self> {
        let queue = Queue {
            items: VecDeque::new(),
            senders: 1,
            next_sender: 0,
            has_receiver: true,
            receiving: false,
            sent: 0,
            taken: 0,
            receiver_knew: Clock::default(),
            senders_knew: Clock::default(),
        };
        let (tag, born) = (Tag::new(CHANNEL), Loc::caller());
        // Numbered now: the first to touch it may be the tail of a step, and numbers must not depend on the order.
        tag.object(|| ());
        Arc::new(Channel { tag, born, bound, queue: StdMutex::new(queue) })
    }

    /// For the report: what becomes of a sender.
    fn tell(&self, what: Happening, loc: Loc) {
        if engine::recording() {
            let loc = crate::source::learners_place(loc);
            engine::aside(engine::world(|w| w.current), self.tag.object(|| ()), Some(loc), what);
        }
    }

    fn new_sender(&self, loc: Loc) -> u32 {
        let number = self.queue(|q| {
            q.next_sender += 1;
            q.next_sender
        });
        self.tell(Happening::MakesSender(number), loc);
        number
    }

    fn op(&self, verb: &'static Verb, loc: Loc) -> Op {
        let object = self.tag.object(|| engine::refuse_to_outlive(&self.tag));
        Op { verb, object, writes: true, loc }
    }

    fn queue<R>(&self, f: impl FnOnce(&mut Queue<T>) -> R) -> R {
        f(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`queue`](Channel::queue), where the queue may change.
    fn change<R>(&self, f: impl FnOnce(&mut Queue<T>) -> R) -> R {
        let (result, level) = self.queue(|q| (f(q), level(q)));
        if exploring() {
            engine::set_level(self.tag.object(|| ()), level);
        }
        result
    }

    fn need(&self, op: &Op, is_met: fn(u64, u64) -> bool, than: u64) -> [Option<Need>; 2] {
        [Some(Need { object: op.object, how: Use::Write, is_met, than }), None]
    }

    /// A rendezvous has room for one, whose sender waits until it is taken.
    fn has_room(&self) -> bool {
        self.queue(|q| !q.has_receiver || self.bound.is_none_or(|bound| q.items.len() < bound.max(1)))
    }

    fn send(&self, item: T, loc: Loc) -> Result<(), SendError<T>> {
        let op = self.op(&SEND, loc);
        let room = self.bound.map_or(u64::MAX, |bound| bound.max(1) as u64);
        let needs = self.need(&op, |level, room| level & NO_RECEIVER > 0 || items(level) < room, room);
        let number = engine::step_when(op, needs, &|| self.has_room(), || {
            let shown = engine::recording().then(|| super::show(&item)).flatten();
            engine::note(|| shown);
            self.change(|q| {
                if !q.has_receiver {
                    engine::learn(&q.receiver_knew);
                    return Err(SendError(item));
                }
                self.put(q, item);
                Ok(q.sent)
            })
        })?;
        if self.bound != Some(0) {
            return Ok(());
        }
        let is_over = || self.queue(|q| !q.has_receiver || q.taken >= number);
        let op = self.op(&HAND_OVER, loc);
        let needs = self.need(&op, |level, number| level & NO_RECEIVER > 0 || level >> 32 >= number, number);
        let taken = engine::step_when(op, needs, &is_over, || {
            self.change(|q| {
                engine::learn(&q.receiver_knew);
                if q.taken >= number { None } else { q.items.pop_back() }
            })
        });
        taken.map_or(Ok(()), |(item, _)| Err(SendError(item)))
    }

    fn put(&self, q: &mut Queue<T>, item: T) {
        if self.bound.is_some() {
            engine::learn(&q.receiver_knew);
        }
        q.items.push_back((item, engine::known()));
        q.sent += 1;
    }

    fn try_send(&self, item: T, loc: Loc) -> Result<(), TrySendError<T>> {
        engine::watch_releases();
        let op = self.op(&TRY_SEND, loc);
        engine::step(op, &|| true, || {
            let result = self.change(|q| {
                let is_free = match self.bound {
                    None => true,
                    Some(0) => q.receiving && q.items.is_empty(),
                    Some(bound) => q.items.len() < bound,
                };
                if !q.has_receiver {
                    engine::learn(&q.receiver_knew);
                    Err(TrySendError::Disconnected(item))
                } else if !is_free {
                    Err(TrySendError::Full(item))
                } else {
                    self.put(q, item);
                    Ok(())
                }
            });
            match result {
                Ok(()) => engine::note_use(op.object, Use::Write),
                Err(_) => engine::reads(&op, 0),
            }
            engine::note(|| Some(if result.is_ok() { SENT } else { "not sent" }.into()));
            result
        })
    }

    fn take(&self) -> Result<T, TryRecvError> {
        let item = self.change(|q| match q.items.pop_front() {
            Some((item, sender_knew)) => {
                q.taken += 1;
                engine::learn(&sender_knew);
                q.receiver_knew = engine::known();
                Ok(item)
            }
            None if q.senders == 0 => {
                engine::learn(&q.senders_knew);
                Err(TryRecvError::Disconnected)
            }
            None => Err(TryRecvError::Empty),
        });
        engine::note(|| match &item {
            Ok(item) => super::show(item),
            Err(TryRecvError::Empty) => Some("empty".into()),
            Err(TryRecvError::Disconnected) => Some("all senders are gone".into()),
        });
        item
    }

    fn has_any(&self) -> bool {
        self.queue(|q| !q.items.is_empty() || q.senders == 0)
    }

    /// The receiver comes to a blocking receive, or leaves it.
    fn receiving(&self, on: bool, op: &Op) {
        if exploring() {
            if on && self.bound == Some(0) && engine::releases_are_steps() {
                // A sender who tries sees whether it has come.
                engine::step(Op { verb: &COME_TO_RECEIVE, ..*op }, &|| true, || ());
            }
            engine::note_use(op.object, Use::Write);
            self.queue(|q| q.receiving = on);
        } else {
            engine::step(*op, &|| true, || self.queue(|q| q.receiving = on));
        }
    }

    /// One end is about to go.
    fn comes_to_hang_up(&self) {
        if engine::releases_are_steps() {
            let op = self.op(&HANG_UP, crate::source::place_of_drop(self.born));
            engine::step(op, &|| true, || ());
        }
    }

    /// The last of one side goes.
    fn hang_up<R>(&self, how: Use, leave: impl FnOnce(&mut Queue<T>) -> R) {
        let op = self.op(&HANG_UP, crate::source::place_of_drop(self.born));
        let rest = if exploring() {
            engine::note_use(op.object, how);
            self.change(leave)
        } else {
            engine::step(op, &|| true, || self.queue(leave))
        };
        drop(rest);
    }
}

macro_rules! sender {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<T>(Arc<Channel<T>>, u32);

        impl<T> $name<T> {
            /// As std's.
            ///
            /// # Errors
            /// When the receiver is gone: the item.
            #[track_caller]
            pub fn send(&self, item: T) -> Result<(), SendError<T>> {
                self.0.tell(Happening::UsesSender(self.1), Loc::caller());
                self.0.send(item, Loc::caller())
            }
        }

        impl<T> Clone for $name<T> {
            #[track_caller]
            fn clone(&self) -> Self {
                self.0.queue(|q| q.senders += 1);
                $name(self.0.clone(), self.0.new_sender(Loc::caller()))
            }
        }

        impl<T> Drop for $name<T> {
            fn drop(&mut self) {
                // Only the last one is noticed, but which one that is depends on the order.
                self.0.comes_to_hang_up();
                self.0.tell(Happening::DropsSender(self.1), self.0.born);
                engine::note_use(self.0.op(&HANG_UP, self.0.born).object, Use::Share);
                let is_last = |q: &mut Queue<T>| {
                    q.senders_knew.join(&engine::known());
                    match q.senders {
                        1 => true,
                        _ => {
                            q.senders -= 1;
                            false
                        }
                    }
                };
                if self.0.queue(is_last) {
                    self.0.hang_up(Use::Share, |q| q.senders = 0);
                }
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

sender!(
    /// As [`std::sync::mpsc::Sender`]; in a check, sending is a step.
    Sender
);
sender!(
    /// As [`std::sync::mpsc::SyncSender`]; in a check, sending is a step.
    SyncSender
);

impl<T> SyncSender<T> {
    /// As std's.
    ///
    /// # Errors
    /// When there is no room or no receiver: the item.
    #[track_caller]
    pub fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        self.0.tell(Happening::UsesSender(self.1), Loc::caller());
        self.0.try_send(item, Loc::caller())
    }
}

/// As [`std::sync::mpsc::Receiver`]; in a check, receiving is a step.
pub struct Receiver<T> {
    channel: Arc<Channel<T>>,
    /// It may be sent, but not shared.
    _not_sync: PhantomData<Cell<()>>,
}

impl<T> Receiver<T> {
    fn receive(&self, wake: Wake, loc: Loc) -> Result<T, RecvTimeoutError> {
        let op = self.channel.op(&RECEIVE, loc);
        self.channel.receiving(true, &op);
        let result = if exploring() {
            let needs = self.channel.need(&op, |level, _| level & NO_SENDER > 0 || items(level) > 0, 0);
            match engine::wait(op, needs, &|| self.channel.has_any(), wake) {
                Woken::TimedOut if !self.channel.has_any() => Err(RecvTimeoutError::Timeout),
                _ => self.channel.take().map_err(|_| RecvTimeoutError::Disconnected),
            }
        } else {
            let limit = if let Wake::After(limit) = wake { Some(limit) } else { None };
            engine::outside(&|| self.channel.has_any(), limit, || self.channel.take())
                .map_or(Err(RecvTimeoutError::Timeout), |item| {
                    item.map_err(|_| RecvTimeoutError::Disconnected)
                })
        };
        self.channel.receiving(false, &op);
        result
    }

    /// As std's.
    ///
    /// # Errors
    /// When the channel is empty and all senders are gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.receive(Wake::WhenReady, Loc::caller()).map_err(|_| RecvError)
    }

    /// As std's.
    ///
    /// # Errors
    /// When the channel is empty.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        engine::watch_releases();
        let op = self.channel.op(&TRY_RECEIVE, Loc::caller());
        engine::step(op, &|| true, || {
            let item = self.channel.take();
            match item {
                Ok(_) => engine::note_use(op.object, Use::Write),
                Err(TryRecvError::Empty) => engine::reads(&op, 0),
                Err(TryRecvError::Disconnected) => {
                    engine::note_use(op.object, Use::Write);
                    engine::reads(&op, 1);
                }
            }
            item
        })
    }

    /// As std's.
    ///
    /// # Errors
    /// When nothing came in time, or nothing can come.
    #[track_caller]
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        engine::watch_releases();
        self.receive(engine::after(limit, Wake::WhenReady), Loc::caller())
    }

    /// As std's.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// As std's.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let is_rendezvous = self.channel.bound == Some(0);
        if self.channel.queue(|q| q.senders) > 0 {
            // Whoever sends now sees it without waiting.
            engine::watch_releases();
        }
        self.channel.comes_to_hang_up();
        self.channel.hang_up(Use::Write, |q| {
            q.has_receiver = false;
            // What waits at a rendezvous goes back to its sender.
            let rest = (!is_rendezvous).then(|| ::std::mem::take(&mut q.items));
            rest.iter().flatten().for_each(|(_, sender_knew)| engine::learn(sender_knew));
            q.receiver_knew = engine::known();
            rest
        });
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

/// As [`std::sync::mpsc::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);
/// As [`std::sync::mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);
/// As [`std::sync::mpsc::IntoIter`].
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

/// As std's.
#[track_caller]
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Channel::new(None);
    (Sender(channel.clone(), channel.new_sender(channel.born)), Receiver { channel, _not_sync: PhantomData })
}

/// As std's; with a bound of 0, a send waits until it is received.
#[track_caller]
#[must_use]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = Channel::new(Some(bound));
    (
        SyncSender(channel.clone(), channel.new_sender(channel.born)),
        Receiver { channel, _not_sync: PhantomData },
    )
}
