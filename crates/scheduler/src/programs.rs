//! What can be played: a table of levels, each with its goal, its hints, and the source that it runs.

#[allow(dead_code, missing_docs)] // each is documented where it is at home, and not all of it is played
mod pages;
#[allow(missing_docs)] // the table below says what each of them is
mod scenes;

pub use scenes::Ended;

/// A part of the campaign.
pub struct World {
    /// What it is called.
    pub name: &'static str,
    /// One line of story.
    pub story: &'static str,
}

/// The worlds, in the order in which they are played.
pub static WORLDS: [World; 6] = [
    World { name: "The bank", story: "Two customers, one account, and money that should add up." },
    World { name: "The circle", story: "Everyone holds something that someone else is waiting for." },
    World { name: "The sleepers", story: "Threads that sleep until another thread wakes them, if it does." },
    World { name: "The gates", story: "Only a few may be inside at once, and some want to meet." },
    World { name: "The memory", story: "A thread may read a value that is no longer the latest." },
    World { name: "The wild", story: "Bugs that cost files, secrets and lives." },
];

/// A level.
pub struct Program {
    /// What it is called on the command line and in a link.
    pub id: &'static str,
    /// What it is called on the page.
    pub title: &'static str,
    /// The number of its world in [`WORLDS`].
    pub world: usize,
    /// The page in docs/ that explains it; its name begins with the number of the chapter.
    pub chapter: &'static str,
    /// What to try to bring about.
    pub goal: &'static str,
    /// All of these have to be reached.
    pub parts: &'static [Part],
    /// What bad interleavings do, as in "4 of 6 interleavings lose money".
    pub bad: [&'static str; 2],
    /// What to remember, in one sentence.
    pub lesson: &'static str,
    /// The level in which it is fixed.
    pub fix: Option<&'static str>,
    /// From vague to plain. The last hint of all, the first steps of a bad interleaving, is worked out.
    pub hints: [&'static str; 2],
    /// At most this many spurious wakeups happen in a run.
    pub wakeups: u32,
    /// Something that no lock guards and the goal is about.
    pub tally: Option<Tally>,
    /// Items to show, by file.
    pub source: &'static [Source],
    /// Names for what has none in the source, or the same name twice.
    pub names: &'static [(&'static str, &'static str)],
    /// The demo that replays its interleavings too.
    pub replay: Option<&'static str>,
    /// The scene itself, run under `interleave` and nowhere else.
    pub run: fn() -> Ended,
}

/// A part of a goal.
pub struct Part {
    /// What to bring about, in a few words.
    pub says: &'static str,
    /// When it is reached.
    pub when: When,
}

/// When a part of a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At any end that is not as it should be.
    Bad,
    /// At an end that is as it should be.
    Good,
    /// At a bad end after this thread, counted from 1, has finished.
    BadAfter(usize),
    /// When every state has been seen.
    Everything,
}

/// A sum that grows with every write to the first object.
pub struct Tally {
    /// What it is called.
    pub name: &'static str,
    /// How much each write adds.
    pub each: i64,
}

/// Items of a file.
pub struct Source {
    /// From the workspace.
    pub file: &'static str,
    /// The whole file.
    pub text: &'static str,
    /// Names of functions and types.
    pub items: &'static [&'static str],
}

macro_rules! source {
    ($file:literal, $($item:literal),+) => {
        Source { file: concat!("crates/", $file), text: include_str!(concat!("../../", $file)), items: &[$($item),+] }
    };
}

macro_rules! scene {
    ($($item:literal),+) => { source!("scheduler/src/programs/scenes.rs", $($item),+) };
}

macro_rules! own {
    ($file:literal, $($item:literal),+) => {
        Source {
            file: concat!("crates/scheduler/src/programs/", $file),
            text: include_str!(concat!("programs/", $file)),
            items: &[$($item),+],
        }
    };
}

const LOSES: [&str; 2] = ["loses money", "lose money"];
const STUCK: [&str; 2] = ["gets stuck", "get stuck"];
const WRONG: [&str; 2] = ["goes wrong", "go wrong"];
const BREAK: &[Part] = &[Part { says: "Break it", when: When::Bad }];
const PROVE: &[Part] = &[Part { says: "See every state", when: When::Everything }];
const PAID: Option<Tally> = Some(Tally { name: "paid out", each: 700 });

const LEVEL: Program = Program {
    id: "",
    title: "",
    world: 0,
    chapter: "",
    goal: "",
    parts: BREAK,
    bad: WRONG,
    lesson: "",
    fix: None,
    hints: ["", ""],
    wakeups: 0,
    tally: None,
    source: &[],
    names: &[],
    replay: None,
    run: || Ok(String::new()),
};

/// All of them, in the order of the campaign.
pub static PROGRAMS: [Program; 41] = [
    Program {
        id: "race-condition",
        title: "The stale balance",
        chapter: "01-race-conditions.md",
        goal: "Both customers want 700 of the 1000 in the account. Make the bank pay both.",
        bad: LOSES,
        lesson: "Two operations can each be thread-safe and still be unsafe in combination.",
        fix: Some("mutex-fix"),
        hints: [
            "Each customer first reads the balance, then acts on it. What if the balance has changed by then?",
            "Let both customers read before either of them writes.",
        ],
        tally: PAID,
        source: &[source!("race-condition/src/lib.rs", "withdraw_stale"), scene!("stale_balance")],
        replay: Some("race-condition"),
        run: scenes::stale_balance,
        ..LEVEL
    },
    Program {
        id: "lost-update",
        title: "The lost update",
        chapter: "02-atomics.md",
        goal: "Two visits. Make the counter say 1.",
        bad: ["loses a visit", "lose a visit"],
        lesson: "Reading, adding and writing are separate steps, and another thread can write in between.",
        fix: Some("fetch-add"),
        hints: [
            "Each visitor loads the counter, adds 1, and stores the sum.",
            "Let both load 0. Then both store 1.",
        ],
        source: &[source!("atomics/src/lib.rs", "load_then_store"), scene!("lost_update")],
        run: scenes::lost_update,
        ..LEVEL
    },
    Program {
        id: "fetch-add",
        title: "One step",
        chapter: "02-atomics.md",
        goal: "Try to lose a visit. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: ["loses a visit", "lose a visit"],
        lesson: "`fetch_add` reads, adds and writes in one step, so nothing fits in between.",
        hints: ["There is one step for each visitor.", "Try both orders. There are no others."],
        source: &[source!("atomics/src/lib.rs", "fetch_add"), scene!("fetch_add")],
        run: scenes::fetch_add,
        ..LEVEL
    },
    Program {
        id: "fresh-balance",
        title: "The stale check",
        chapter: "01-race-conditions.md",
        goal: "Bring the account to -400.",
        bad: LOSES,
        lesson: "The subtraction used the latest balance, but the check before it didn't.",
        fix: Some("mutex-fix"),
        hints: [
            "The subtraction reads the balance at that very moment. The check doesn't.",
            "Let both check before either subtracts.",
        ],
        tally: PAID,
        source: &[source!("race-condition/src/lib.rs", "withdraw_fresh"), scene!("fresh_balance")],
        replay: Some("race-condition"),
        run: scenes::fresh_balance,
        ..LEVEL
    },
    Program {
        id: "short-locks",
        title: "Two short locks",
        chapter: "01-race-conditions.md",
        goal: "There is a lock around every access. Make the bank lose money anyway.",
        bad: LOSES,
        lesson: "A lock around each step does not make the steps one.",
        fix: Some("mutex-fix"),
        hints: [
            "The lock is released at the end of the line. What can happen between the two locks?",
            "Stop one customer between the two locks, and let the other one take the first.",
        ],
        tally: PAID,
        source: &[source!("mutex-fix/src/lib.rs", "two_short_locks"), scene!("short_locks")],
        run: scenes::short_locks,
        ..LEVEL
    },
    Program {
        id: "mutex-fix",
        title: "One critical section",
        chapter: "01-race-conditions.md",
        goal: "Try to make the bank lose money. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: LOSES,
        lesson: "Hold one lock from the check to the update.",
        hints: [
            "Stop a customer who holds the lock. What can the other one do?",
            "The dashed squares are what the lock rules out: both in the critical section.",
        ],
        tally: PAID,
        source: &[source!("mutex-fix/src/lib.rs", "one_critical_section"), scene!("critical_section")],
        run: scenes::critical_section,
        ..LEVEL
    },
    Program {
        id: "compare-exchange",
        title: "Compare and exchange",
        chapter: "02-atomics.md",
        goal: "Try to make the bank lose money. See every state: what saves the bank here?",
        parts: PROVE,
        bad: LOSES,
        lesson: "A stale value does no harm if the write only succeeds while the value is still current.",
        hints: [
            "Let both load 1000. Then run both to the end.",
            "The exchange succeeds only if the balance is still the one that was read. The second customer finds out.",
        ],
        tally: PAID,
        source: &[source!("mutex-fix/src/lib.rs", "compare_and_exchange"), scene!("compare_exchange")],
        run: scenes::compare_exchange,
        ..LEVEL
    },
    Program {
        id: "deadlock",
        title: "Two locks, opposite order",
        world: 1,
        chapter: "04-deadlock.md",
        goal: "Make Ann and Bob wait for each other forever.",
        bad: STUCK,
        lesson: "If two threads take the same locks in different orders, each can end up holding what the other needs.",
        fix: Some("lock-order"),
        hints: [
            "Ann locks her account first, Bob locks his. Then each wants the other's.",
            "Let each of them take one lock before either takes a second.",
        ],
        source: &[source!("deadlock/src/lib.rs", "as_they_come"), scene!("opposite_order", "both_pay")],
        names: &[("balance #1", "Ann's account"), ("balance #2", "Bob's account")],
        run: scenes::opposite_order,
        ..LEVEL
    },
    Program {
        id: "lock-order",
        title: "One order for all",
        world: 1,
        chapter: "04-deadlock.md",
        goal: "Try to deadlock Ann and Bob. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "When every thread takes the locks in the same order, no circle can form.",
        hints: [
            "A thread that has the first lock can have the second: no other thread can be after it.",
            "The state in which both were stuck is a dashed square now.",
        ],
        source: &[source!("deadlock/src/lib.rs", "in_one_order"), scene!("one_order", "both_pay")],
        names: &[("balance #1", "Ann's account"), ("balance #2", "Bob's account")],
        run: scenes::one_order,
        ..LEVEL
    },
    Program {
        id: "philosophers",
        title: "Three philosophers",
        world: 1,
        chapter: "04-deadlock.md",
        goal: "Starve all three philosophers.",
        bad: STUCK,
        lesson: "A circle of waiting threads needs every one of them; one thread that takes the other fork first breaks it.",
        fix: Some("lock-order"),
        hints: ["A circle of waiting needs all three.", "Let each of the three take the fork on the left."],
        source: &[own!("philosophers.rs", "eat"), scene!("philosophers")],
        names: &[("forks #1", "fork 1"), ("forks #2", "fork 2"), ("forks #3", "fork 3")],
        run: scenes::philosophers,
        ..LEVEL
    },
    Program {
        id: "reentrant",
        title: "Locked out by yourself",
        world: 1,
        chapter: "05-reentrant-lock.md",
        goal: "Ann will block the ledger forever. Get Bob's payment through before she does.",
        parts: &[Part { says: "Bob has paid", when: When::BadAfter(2) }],
        bad: STUCK,
        lesson: "A thread that locks a `Mutex` it already holds waits for itself.",
        fix: Some("ledger-split"),
        hints: [
            "`pay_with_fee` holds the lock and calls `pay`. What does `pay` do first?",
            "Run Bob before Ann.",
        ],
        source: &[
            source!("reentrant-lock/src/lib.rs", "Plain", "Plain::pay", "Plain::pay_with_fee"),
            scene!("reentrant"),
        ],
        run: scenes::reentrant,
        ..LEVEL
    },
    Program {
        id: "ledger-split",
        title: "Lock once, then pass it on",
        world: 1,
        chapter: "05-reentrant-lock.md",
        goal: "Try to lock Ann or Bob out. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "Lock in the public method, and hand the guarded value to private functions.",
        hints: ["Ann takes the lock once.", "Run Ann first, then Bob; then the other way around."],
        source: &[
            source!("reentrant-lock/src/lib.rs", "Split::pay", "Split::pay_with_fee", "subtract"),
            scene!("ledger_split"),
        ],
        run: scenes::ledger_split,
        ..LEVEL
    },
    Program {
        id: "rwlock-upgrade",
        title: "A reader who wants to write",
        world: 1,
        chapter: "06-rwlock.md",
        goal: "Make the reader wait for itself. Then hide the mistake.",
        parts: &[
            Part { says: "The reader waits for itself", when: When::Bad },
            Part { says: "Both have the rate", when: When::Good },
        ],
        bad: STUCK,
        lesson: "A writer waits for every reader to leave, so a reader that wants to write must leave first.",
        fix: Some("drop-read-first"),
        hints: [
            "A writer waits until every reader has left. Which thread is a reader here?",
            "The cache is empty at first: run the reader. To hide the mistake, let the other thread fill the cache.",
        ],
        source: &[source!("rwlock/src/lib.rs", "upgrade_in_place", "look_again"), scene!("rwlock_upgrade")],
        run: scenes::rwlock_upgrade,
        ..LEVEL
    },
    Program {
        id: "drop-read-first",
        title: "Leave, then look again",
        world: 1,
        chapter: "06-rwlock.md",
        goal: "Try to make a reader wait for itself. See every state: no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "Drop the read guard before you ask for the write lock, and then check again.",
        hints: [
            "The read guard is gone at the semicolon.",
            "Let both find an empty cache. The one that writes second sees that the rate is there.",
        ],
        source: &[source!("rwlock/src/lib.rs", "look_again"), scene!("drop_read_first")],
        run: scenes::drop_read_first,
        ..LEVEL
    },
    Program {
        id: "pool",
        title: "A pool that waits for itself",
        world: 1,
        chapter: "12-executor.md",
        goal: "Each report waits for a count. Leave one of the two workers waiting forever.",
        bad: STUCK,
        lesson: "A job that waits for another job needs a free worker, and every worker may be waiting.",
        hints: [
            "A worker that writes a report waits until another worker has counted.",
            "Let both workers take a report before either asks for a count.",
        ],
        source: &[own!("pool.rs", "work", "report", "count"), scene!("pool")],
        run: scenes::pool,
        ..LEVEL
    },
    Program {
        id: "lost-wakeup",
        title: "The lost wakeup",
        world: 2,
        chapter: "08-event.md",
        goal: "Make the worker sleep forever although the server is ready.",
        bad: STUCK,
        lesson: "A notification wakes a thread that is asleep; it isn't kept for one that is about to be.",
        fix: Some("event"),
        hints: [
            "A notification wakes a thread that sleeps at that moment. It isn't kept for later.",
            "Stop the worker after it has checked the flag, and before it sleeps.",
        ],
        wakeups: 1,
        source: &[
            source!("event/src/lib.rs", "FlagOutside", "FlagOutside::set", "FlagOutside::wait"),
            scene!("lost_wakeup"),
        ],
        names: &[("the Mutex", "asleep"), ("the atomic", "is_set"), ("the Condvar", "changed")],
        run: scenes::lost_wakeup,
        ..LEVEL
    },
    Program {
        id: "event",
        title: "The flag under the lock",
        world: 2,
        chapter: "08-event.md",
        goal: "Try to lose a wakeup. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "Change the state under the lock that the waiting thread holds while it checks.",
        hints: [
            "The worker checks with the lock held, and releases it only by falling asleep.",
            "So the flag is set before the check or after the worker is asleep, never in between.",
        ],
        wakeups: 1,
        source: &[source!("event/src/lib.rs", "set", "wait"), scene!("event")],
        names: &[("the Mutex", "is_set"), ("the Condvar", "changed")],
        run: scenes::event,
        ..LEVEL
    },
    Program {
        id: "if-for-while",
        title: "if instead of while",
        world: 2,
        chapter: "09-condvar.md",
        goal: "Make the consumer continue although the buffer is empty.",
        bad: WRONG,
        lesson: "A thread that wakes up must check again: it may have been woken for no reason.",
        fix: Some("while"),
        hints: [
            "Notified or not: a thread that wakes up doesn't check again here.",
            "Let the consumer fall asleep, then wake it without a notification.",
        ],
        wakeups: 1,
        source: &[source!("condvar/src/lib.rs", "take_with_if", "put"), scene!("if_for_while")],
        run: scenes::if_for_while,
        ..LEVEL
    },
    Program {
        id: "while",
        title: "Check again",
        world: 2,
        chapter: "09-condvar.md",
        goal: "Try to make the consumer continue with an empty buffer. See every state.",
        parts: PROVE,
        bad: WRONG,
        lesson: "`wait_while` checks again after every wakeup, so a wakeup for no reason does no harm.",
        hints: [
            "Wake the consumer without a notification, and see what it does.",
            "It finds an empty buffer and sleeps again.",
        ],
        wakeups: 1,
        source: &[source!("condvar/src/lib.rs", "Buffer::take", "Buffer::put"), scene!("check_again")],
        run: scenes::check_again,
        ..LEVEL
    },
    Program {
        id: "stolen-item",
        title: "The stolen item",
        world: 2,
        chapter: "09-condvar.md",
        goal: "Send Ann or Bob home without an item. There are no spurious wakeups here.",
        bad: WRONG,
        lesson: "Between the notification and the wakeup, another thread can take what was announced.",
        fix: Some("two-condvars"),
        hints: [
            "A notified thread still has to get the lock. Which thread can be faster?",
            "Let Ann fall asleep and the producer notify her. Before she wakes up, let Bob take the item.",
        ],
        source: &[source!("condvar/src/lib.rs", "take_with_if", "put"), scene!("stolen_item")],
        run: scenes::stolen_item,
        ..LEVEL
    },
    Program {
        id: "one-condvar",
        title: "The wrong thread wakes up",
        world: 2,
        chapter: "09-condvar.md",
        goal: "One condition variable, two reasons to wait. Leave a thread asleep forever.",
        bad: STUCK,
        lesson: "If threads wait for different things on one condition variable, `notify_one` may wake the wrong one.",
        fix: Some("two-condvars"),
        hints: [
            "The producer waits for room, and Ann and Bob wait for items. All three wait on the same variable.",
            "Let Ann, Bob and the producer all sleep. Then let one of them wake a thread that can't use it.",
        ],
        source: &[source!("condvar/src/lib.rs", "OneBell::put", "OneBell::take"), scene!("one_condvar")],
        run: scenes::one_condvar,
        ..LEVEL
    },
    Program {
        id: "two-condvars",
        title: "A condition variable for each reason",
        world: 2,
        chapter: "09-condvar.md",
        goal: "Try to leave a thread asleep or without an item. See every state: no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "With one condition variable for each reason to wait, `notify_one` wakes a thread that can use it.",
        hints: [
            "Ann and Bob sleep on `not_empty`, and the producer sleeps on `not_full`.",
            "Every item put wakes a consumer, and every item taken wakes the producer.",
        ],
        source: &[source!("condvar/src/lib.rs", "Buffer::take", "Buffer::put"), scene!("two_condvars")],
        run: scenes::two_condvars,
        ..LEVEL
    },
    Program {
        id: "two-tokens",
        title: "One token, not two",
        world: 2,
        chapter: "08-event.md",
        goal: "The boss calls `unpark` twice. Make the worker sleep forever anyway.",
        bad: STUCK,
        lesson: "`unpark` leaves one token, and a second `unpark` adds nothing to it.",
        fix: Some("park-token"),
        hints: [
            "A thread has one token. What does a second `unpark` add?",
            "Run the boss to the end before the worker parks.",
        ],
        source: &[own!("parking.rs", "two_jobs", "announce_twice"), scene!("two_tokens")],
        run: scenes::two_tokens,
        ..LEVEL
    },
    Program {
        id: "park-token",
        title: "A token is kept",
        world: 2,
        chapter: "08-event.md",
        goal: "Try to lose a wakeup. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "A token that comes before `park` is kept, so a flag and a token together lose no wakeup.",
        hints: [
            "Let the boss call `unpark` after the worker has checked, and before it parks.",
            "The token is still there when the worker parks.",
        ],
        source: &[own!("parking.rs", "wait", "announce"), scene!("park_token")],
        run: scenes::park_token,
        ..LEVEL
    },
    Program {
        id: "kept-sender",
        title: "The sender that was kept",
        world: 2,
        chapter: "12-executor.md",
        goal: "Main drops its sender if the worker is done. Make the printer wait forever.",
        bad: STUCK,
        lesson: "A channel closes when its last sender is dropped, and a forgotten clone keeps it open.",
        fix: Some("dropped-sender"),
        hints: [
            "The loop over a channel ends when no sender is left. How often does main check?",
            "Let main check before the worker is done.",
        ],
        source: &[own!("channel.rs", "report", "print_all", "close_if_done"), scene!("kept_sender")],
        run: scenes::kept_sender,
        ..LEVEL
    },
    Program {
        id: "dropped-sender",
        title: "The last sender is gone",
        world: 2,
        chapter: "12-executor.md",
        goal: "Try to block the printer. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "Move each sender into the thread that uses it, and the channel closes by itself.",
        hints: [
            "Each worker owns a sender, and no other thread has one.",
            "Let the printer take a line between the two, and then after both.",
        ],
        source: &[own!("channel.rs", "report", "print_all"), scene!("dropped_sender")],
        run: scenes::dropped_sender,
        ..LEVEL
    },
    Program {
        id: "leaky-gate",
        title: "The leaky gate",
        world: 3,
        chapter: "07-semaphore.md",
        goal: "There is one permit. Get both clients inside.",
        bad: ["lets two in", "let two in"],
        lesson: "To check that a permit is free and to take it must be one step.",
        fix: Some("semaphore"),
        hints: [
            "Each client checks first, and takes the permit after that.",
            "Let both clients check before either takes the permit.",
        ],
        source: &[own!("gate.rs", "try_enter"), scene!("leaky_gate")],
        run: scenes::leaky_gate,
        ..LEVEL
    },
    Program {
        id: "semaphore",
        title: "A semaphore with one permit",
        world: 3,
        chapter: "07-semaphore.md",
        goal: "Try to get both clients inside. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: ["lets two in", "let two in"],
        lesson: "A semaphore checks and takes under one lock, and a client without a permit sleeps.",
        hints: [
            "Let client 1 take the permit, then see what client 2 can do.",
            "Checking for a permit and taking it happen under one lock. There is no moment in between.",
        ],
        source: &[source!("semaphore/src/lib.rs", "acquire", "Drop for Permit<'_>"), scene!("semaphore")],
        run: scenes::semaphore,
        ..LEVEL
    },
    Program {
        id: "barrier",
        title: "A barrier without generations",
        world: 3,
        chapter: "10-barrier.md",
        goal: "Let both workers meet once, and never a second time.",
        bad: STUCK,
        lesson: "A barrier that is used again must tell one meeting from the next.",
        fix: Some("generations"),
        hints: [
            "A sleeping worker waits to see that `arrived` is 0. Which thread can change that?",
            "Let the worker that arrives last come to the second meeting before the first one has woken up.",
        ],
        source: &[own!("barrier_reused.rs", "wait"), scene!("barrier_reused")],
        run: scenes::barrier_reused,
        ..LEVEL
    },
    Program {
        id: "generations",
        title: "Which meeting is it?",
        world: 3,
        chapter: "10-barrier.md",
        goal: "Try to keep both workers from meeting twice. See every state: no one can.",
        parts: PROVE,
        bad: STUCK,
        lesson: "Each thread waits for the end of its own meeting, so the next one can't be mistaken for it.",
        hints: [
            "A sleeping worker waits for the number of the meeting to change.",
            "Let the worker that arrives last come to the second meeting first, as before.",
        ],
        source: &[own!("barrier_reused.rs", "WithGenerations::wait"), scene!("generations")],
        run: scenes::generations,
        ..LEVEL
    },
    Program {
        id: "shared-connection",
        title: "Two threads, one connection",
        world: 3,
        chapter: "11-thread-local.md",
        goal: "Bob tries something out and rolls back. Make Ann's transaction go wrong.",
        bad: WRONG,
        lesson: "A connection has one transaction at a time, and any thread that uses it can end it.",
        fix: Some("own-connection"),
        hints: [
            "A commit saves every pending row, whichever thread inserted it.",
            "Let both insert a row before either of them ends the transaction.",
        ],
        source: &[
            own!("connection.rs", "save", "try_out", "insert", "commit", "roll_back"),
            scene!("shared_connection"),
        ],
        run: scenes::shared_connection,
        ..LEVEL
    },
    Program {
        id: "own-connection",
        title: "A connection each",
        world: 3,
        chapter: "11-thread-local.md",
        goal: "Try to mix up the two transactions. See every state: no one can.",
        parts: PROVE,
        bad: WRONG,
        lesson: "What each thread has for itself, no other thread can change.",
        hints: ["Ann and Bob share nothing.", "Try every order of their steps. The ends are the same."],
        source: &[
            own!("connection.rs", "save", "try_out", "insert", "commit", "roll_back"),
            scene!("own_connection"),
        ],
        run: scenes::own_connection,
        ..LEVEL
    },
    Program {
        id: "relaxed-flag",
        title: "The flag that arrives first",
        world: 4,
        chapter: "02-atomics.md",
        goal: "Let the reader see the flag and miss the answer. You choose what a load returns.",
        bad: WRONG,
        lesson: "With `Relaxed`, a thread that sees the flag may still read what was there before.",
        fix: Some("release-acquire"),
        hints: [
            "Where a load has a choice, the card shows a button for each value.",
            "Run the sender to the end. Then let the reader load true, and after that 0.",
        ],
        source: &[own!("mailbox.rs", "send_relaxed", "look_relaxed"), scene!("relaxed_flag")],
        names: &[("the atomic #1", "answer"), ("the atomic #2", "ready")],
        run: scenes::relaxed_flag,
        ..LEVEL
    },
    Program {
        id: "release-acquire",
        title: "Release and acquire",
        world: 4,
        chapter: "02-atomics.md",
        goal: "Try to miss the answer. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: WRONG,
        lesson: "What was written before a `Release` store is visible after the `Acquire` load that sees it.",
        hints: [
            "The reader may still load an old flag. Can it load a new flag and an old answer?",
            "Once the reader has acquired the flag, only one value is left for the answer.",
        ],
        source: &[own!("mailbox.rs", "send", "look"), scene!("release_acquire")],
        names: &[("the atomic #1", "answer"), ("the atomic #2", "ready")],
        run: scenes::release_acquire,
        ..LEVEL
    },
    Program {
        id: "both-enter",
        title: "Neither sees the other",
        world: 4,
        chapter: "02-atomics.md",
        goal: "Each runner raises a flag, then looks at the other's. Let both go in.",
        bad: ["lets both in", "let both in"],
        lesson: "`Release` and `Acquire` order what is behind a flag; two flags need `SeqCst`.",
        fix: Some("one-enters"),
        hints: [
            "No interleaving alone can do it. A load may return an old value.",
            "Let both raise their flags, and let each load false.",
        ],
        source: &[own!("mailbox.rs", "enter_release_acquire"), scene!("both_enter")],
        run: scenes::both_enter,
        ..LEVEL
    },
    Program {
        id: "one-enters",
        title: "One order for all flags",
        world: 4,
        chapter: "02-atomics.md",
        goal: "Try to let both runners in. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: ["lets both in", "let both in"],
        lesson: "All `SeqCst` operations happen in one order, so at least one runner sees the other's flag.",
        hints: ["There is no choice of values any more.", "The runner that looks last sees both flags."],
        source: &[own!("mailbox.rs", "enter_seqcst"), scene!("one_enters")],
        run: scenes::one_enters,
        ..LEVEL
    },
    Program {
        id: "claim",
        title: "A ticket each",
        world: 4,
        chapter: "02-atomics.md",
        goal: "Try to give a ticket twice. See every state, and you've proved that no one can.",
        parts: PROVE,
        bad: ["gives a ticket twice", "give a ticket twice"],
        lesson: "A load may be stale, but `compare_exchange` always compares with the latest value.",
        hints: [
            "Let a worker load an old value, and see what the exchange does.",
            "The exchange fails, says which ticket is next, and the worker tries that one.",
        ],
        source: &[source!("atomics/src/lib.rs", "claim"), scene!("claim")],
        run: scenes::claim,
        ..LEVEL
    },
    Program {
        id: "half-a-line",
        title: "The daemon in mid-write",
        world: 5,
        chapter: "03-daemon-threads.md",
        goal: "When main returns, the writer stops where it is. Leave half a line in the file.",
        bad: ["leaves half a line", "leave half a line"],
        lesson: "When main returns, every other thread stops where it is; join the threads whose work you need.",
        hints: ["The writer writes a line in two halves.", "Let main return between the two halves."],
        source: &[
            source!("daemon-threads/src/lib.rs", "Drop for Log<W>", "write_log"),
            scene!("half_a_line", "main_returns"),
        ],
        run: scenes::half_a_line,
        ..LEVEL
    },
    Program {
        id: "therac",
        title: "Therac-25, 1986",
        world: 5,
        chapter: "16-wild-bugs.md",
        goal: "The operator corrects X-ray to electron. Give the patient a beam of full power.",
        bad: ["kills a patient", "kill a patient"],
        lesson: "What must fit together must come from one read; this mistake killed patients.",
        fix: Some("one-read"),
        hints: [
            "The machine reads the mode twice: for the magnets, and for the turntable.",
            "Let the operator correct the mode between the two reads.",
        ],
        source: &[own!("therac.rs", "correct", "set_up"), scene!("therac")],
        run: scenes::therac,
        ..LEVEL
    },
    Program {
        id: "one-read",
        title: "One read",
        world: 5,
        chapter: "16-wild-bugs.md",
        goal: "Try to give the patient a beam of full power. See every state: no one can.",
        parts: PROVE,
        bad: ["kills a patient", "kill a patient"],
        lesson: "The mode is read once, so both settings belong to the same mode.",
        hints: [
            "The machine reads the mode once.",
            "Let the operator correct the mode before the read; then after it.",
        ],
        source: &[own!("therac.rs", "correct", "set_up_from_one_read"), scene!("one_read")],
        run: scenes::one_read,
        ..LEVEL
    },
    Program {
        id: "dirty-cow",
        title: "Dirty COW, 2016",
        world: 5,
        chapter: "16-wild-bugs.md",
        goal: "The file is read-only. Write to it.",
        bad: ["writes to the file", "write to the file"],
        lesson: "The check and the write were two steps, and for nine years Linux let another thread come between.",
        hints: [
            "The writer makes a private copy, and then writes to the copy if there is one.",
            "Let the helper discard the copy after the writer has made it.",
        ],
        source: &[own!("dirty_cow.rs", "write", "discard"), scene!("dirty_cow")],
        run: scenes::dirty_cow,
        ..LEVEL
    },
];

impl Program {
    /// The level of that name.
    pub fn find(id: &str) -> Option<&'static Program> {
        PROGRAMS.iter().find(|program| program.id == id)
    }
}
