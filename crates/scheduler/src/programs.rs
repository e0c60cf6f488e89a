//! What can be played: a table of programs, each with its goal, its hints, and the source that it runs.

#[allow(dead_code, missing_docs)] // each is documented where it is at home, and not all of it is played
mod pages;
#[allow(missing_docs)] // the table below says what each of them is
mod scenes;

pub use scenes::Ended;

/// A scene to play.
pub struct Program {
    /// What it is called on the command line and in a link.
    pub id: &'static str,
    /// What it is called on the page.
    pub title: &'static str,
    /// The page in docs/ that explains it; its name begins with the number of the chapter.
    pub chapter: &'static str,
    /// What to try to bring about.
    pub goal: &'static str,
    /// What schedules that end badly do, as in «4 of 6 schedules lose money».
    pub bad: [&'static str; 2],
    /// From vague to plain. The last hint of all, the first steps of a bad schedule, is worked out.
    pub hints: [&'static str; 2],
    /// So many spurious wakeups may happen in a run.
    pub wakeups: u32,
    /// Items to show, by file.
    pub source: &'static [Source],
    /// What things are called that the source gives no name to, or the same name twice.
    pub names: &'static [(&'static str, &'static str)],
    /// The demo that replays its schedules too.
    pub replay: Option<&'static str>,
    /// The scene itself, run under `interleave` and nowhere else.
    pub run: fn() -> Ended,
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

const LOSES: [&str; 2] = ["loses money", "lose money"];
const STUCK: [&str; 2] = ["gets stuck", "get stuck"];

/// All of them, in the order of the chapters.
pub static PROGRAMS: [Program; 15] = [
    Program {
        id: "race-condition",
        title: "Race: a stale balance is written back",
        chapter: "01-race-conditions.md",
        goal: "Make the bank pay out 1400 from an account of 1000.",
        bad: LOSES,
        hints: [
            "Each customer first asks what is there, then acts on the answer. What if the answer grows old?",
            "Let both ask before either acts.",
        ],
        wakeups: 0,
        source: &[source!("race-condition/src/lib.rs", "withdraw_stale"), scene!("stale_balance")],
        names: &[],
        replay: Some("race-condition"),
        run: scenes::stale_balance,
    },
    Program {
        id: "fresh-balance",
        title: "Race: the check is stale, the balance is not",
        chapter: "01-race-conditions.md",
        goal: "Bring the account to -400.",
        bad: LOSES,
        hints: [
            "The subtraction reads the balance of that very moment. The check does not.",
            "Let both check before either subtracts.",
        ],
        wakeups: 0,
        source: &[source!("race-condition/src/lib.rs", "withdraw_fresh"), scene!("fresh_balance")],
        names: &[],
        replay: Some("race-condition"),
        run: scenes::fresh_balance,
    },
    Program {
        id: "short-locks",
        title: "A lock that is held too briefly",
        chapter: "01-race-conditions.md",
        goal: "There is a lock round every access. Make the bank lose money all the same.",
        bad: LOSES,
        hints: [
            "The lock is let go at the end of the line. What can happen between the two locks?",
            "Stop one customer between the two locks, and let the other one take the first.",
        ],
        wakeups: 0,
        source: &[source!("mutex-fix/src/lib.rs", "two_short_locks"), scene!("short_locks")],
        names: &[],
        replay: None,
        run: scenes::short_locks,
    },
    Program {
        id: "mutex-fix",
        title: "The fix: one critical section",
        chapter: "01-race-conditions.md",
        goal: "Try to make the bank lose money. If you cannot, clear the whole map: then nobody can.",
        bad: LOSES,
        hints: [
            "Stop a customer who holds the lock. What can the other one do?",
            "The dashed squares are what the lock rules out: both in the critical section.",
        ],
        wakeups: 0,
        source: &[source!("mutex-fix/src/lib.rs", "one_critical_section"), scene!("critical_section")],
        names: &[],
        replay: None,
        run: scenes::critical_section,
    },
    Program {
        id: "compare-exchange",
        title: "The fix without a lock: compare and exchange",
        chapter: "02-atomics.md",
        goal: "Try to make the bank lose money. Both may ask at the same time here; what saves the bank?",
        bad: LOSES,
        hints: [
            "Let both load 1000. Then let both go on.",
            "The exchange succeeds only if the balance is still the one that was read. Who comes second is told so.",
        ],
        wakeups: 0,
        source: &[source!("mutex-fix/src/lib.rs", "compare_and_exchange"), scene!("compare_exchange")],
        names: &[],
        replay: None,
        run: scenes::compare_exchange,
    },
    Program {
        id: "deadlock",
        title: "Deadlock: two locks, opposite order",
        chapter: "04-deadlock.md",
        goal: "Make Ann and Bob wait for each other for ever.",
        bad: STUCK,
        hints: [
            "Ann locks her account first, Bob locks his. Then each wants the other's.",
            "Let each of them take one lock before either takes a second.",
        ],
        wakeups: 0,
        source: &[source!("deadlock/src/lib.rs", "as_they_come"), scene!("opposite_order", "both_pay")],
        names: &[("balance #1", "Ann's account"), ("balance #2", "Bob's account")],
        replay: None,
        run: scenes::opposite_order,
    },
    Program {
        id: "lock-order",
        title: "The fix: everybody locks in one order",
        chapter: "04-deadlock.md",
        goal: "Try to make Ann and Bob wait for each other for ever. If you cannot, clear the whole map.",
        bad: STUCK,
        hints: [
            "Whoever has the first lock can have the second: nobody else may go for it.",
            "The corner in which the deadlock was is a dashed square now.",
        ],
        wakeups: 0,
        source: &[source!("deadlock/src/lib.rs", "in_one_order"), scene!("one_order", "both_pay")],
        names: &[("balance #1", "Ann's account"), ("balance #2", "Bob's account")],
        replay: None,
        run: scenes::one_order,
    },
    Program {
        id: "rwlock-upgrade",
        title: "A reader who wants to write",
        chapter: "06-rwlock.md",
        goal: "Make the reader wait for itself. Then find the schedule in which nobody notices the mistake.",
        bad: STUCK,
        hints: [
            "A writer waits until every reader has left. Who is a reader here?",
            "The cache is empty at first: let the reader run.",
        ],
        wakeups: 0,
        source: &[source!("rwlock/src/lib.rs", "upgrade_in_place", "look_again"), scene!("rwlock_upgrade")],
        names: &[],
        replay: None,
        run: scenes::rwlock_upgrade,
    },
    Program {
        id: "semaphore",
        title: "A semaphore with one permit",
        chapter: "07-semaphore.md",
        goal: "Try to get both clients inside with one permit. If you cannot, clear the whole map.",
        bad: ["lets two in", "let two in"],
        hints: [
            "Let client 1 take the permit, then see what client 2 can do.",
            "Looking at the permits and taking one happen under one lock. There is no moment in between.",
        ],
        wakeups: 0,
        source: &[source!("semaphore/src/lib.rs", "acquire", "Drop for Permit<'_>"), scene!("semaphore")],
        names: &[],
        replay: None,
        run: scenes::semaphore,
    },
    Program {
        id: "lost-wakeup",
        title: "A lost wakeup",
        chapter: "08-event.md",
        goal: "Make the worker sleep for ever although the server is ready.",
        bad: STUCK,
        hints: [
            "A notification wakes whoever sleeps at that moment. It is not kept for later.",
            "Stop the worker after it has looked, and before it sleeps.",
        ],
        wakeups: 1,
        source: &[source!("event/src/lib.rs", "FlagOutside", "impl FlagOutside"), scene!("lost_wakeup")],
        names: &[("the Mutex", "asleep"), ("the atomic", "is_set"), ("the Condvar", "changed")],
        replay: None,
        run: scenes::lost_wakeup,
    },
    Program {
        id: "event",
        title: "The fix: an event whose flag is under the lock",
        chapter: "08-event.md",
        goal: "Try to make the worker sleep for ever. If you cannot, clear the whole map.",
        bad: STUCK,
        hints: [
            "The worker looks with the lock in hand, and lets go of it only by falling asleep.",
            "So the server sets the flag before the look or after the worker is asleep, never in between.",
        ],
        wakeups: 1,
        source: &[source!("event/src/lib.rs", "set", "wait"), scene!("event")],
        names: &[("the Mutex", "is_set"), ("the Condvar", "changed")],
        replay: None,
        run: scenes::event,
    },
    Program {
        id: "if-for-while",
        title: "if in place of while",
        chapter: "09-condvar.md",
        goal: "Make the consumer go on although the buffer is empty.",
        bad: ["goes wrong", "go wrong"],
        hints: [
            "Notified or not: whoever wakes up does not look again here.",
            "Let the consumer fall asleep, then wake it without a notification.",
        ],
        wakeups: 1,
        source: &[source!("condvar/src/lib.rs", "take_with_if", "put"), scene!("if_for_while")],
        names: &[],
        replay: None,
        run: scenes::if_for_while,
    },
    Program {
        id: "stolen-item",
        title: "Three threads: if in place of while, and a thief",
        chapter: "09-condvar.md",
        goal: "Send Ann or Bob home without an item, with not a single spurious wakeup.",
        bad: ["goes wrong", "go wrong"],
        hints: [
            "Whoever is notified still has to get the lock. Who can be faster?",
            "Let Ann fall asleep and the producer notify her. Before she wakes up, let Bob take the item.",
        ],
        wakeups: 0,
        source: &[source!("condvar/src/lib.rs", "take_with_if", "put"), scene!("stolen_item")],
        names: &[],
        replay: None,
        run: scenes::stolen_item,
    },
    Program {
        id: "barrier",
        title: "A barrier without generations",
        chapter: "10-barrier.md",
        goal: "Let both meet once, and never a second time.",
        bad: STUCK,
        hints: [
            "Whoever sleeps waits to see «nobody has arrived». Who can spoil that?",
            "Let the one that arrives last come to the second meeting before the first has left its bed.",
        ],
        wakeups: 0,
        source: &[source!("scheduler/src/programs/barrier_reused.rs", "wait"), scene!("barrier_reused")],
        names: &[],
        replay: None,
        run: scenes::barrier_reused,
    },
    Program {
        id: "philosophers",
        title: "Three threads: the philosophers",
        chapter: "04-deadlock.md",
        goal: "Starve all three philosophers.",
        bad: STUCK,
        hints: ["A circle of waiting needs everybody.", "Let each of the three take the fork on the left."],
        wakeups: 0,
        source: &[source!("scheduler/src/programs/philosophers.rs", "eat"), scene!("philosophers")],
        names: &[("forks #1", "fork 1"), ("forks #2", "fork 2"), ("forks #3", "fork 3")],
        replay: None,
        run: scenes::philosophers,
    },
];

impl Program {
    /// The program of that name.
    pub fn find(id: &str) -> Option<&'static Program> {
        PROGRAMS.iter().find(|program| program.id == id)
    }
}
