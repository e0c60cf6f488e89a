//! A channel whose memory is freed twice, because one of two ways to take it leaves it behind.

use super::Bug;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

const NONE: usize = 0;
const BLOCK: usize = 1;

#[derive(Default)]
struct Channel {
    sent: AtomicUsize,
    block: AtomicUsize,
    freed: AtomicUsize,
}

impl Channel {
    /// Announces a message, and then installs the block that holds it.
    fn send(&self) {
        self.sent.fetch_add(1, SeqCst);
        self.block.store(BLOCK, SeqCst);
    }

    fn free(&self, block: usize) {
        if block != NONE {
            self.freed.fetch_add(1, SeqCst);
        }
    }
}

mod wrong {
    use super::{Channel, NONE, SeqCst, spin_loop};

    /// The receiver is gone: frees what will never be received.
    pub fn discard(channel: &Channel) {
        let mut block = channel.block.swap(NONE, SeqCst);
        if block == NONE && channel.sent.load(SeqCst) > 0 {
            while channel.block.load(SeqCst) == NONE {
                spin_loop();
            }
            block = channel.block.load(SeqCst);
        }
        channel.free(block);
    }
}

mod right {
    use super::{Channel, NONE, SeqCst, spin_loop};

    /// The receiver is gone: frees what will never be received.
    pub fn discard(channel: &Channel) {
        let mut block = channel.block.swap(NONE, SeqCst);
        if block == NONE && channel.sent.load(SeqCst) > 0 {
            while channel.block.load(SeqCst) == NONE {
                spin_loop();
            }
            block = channel.block.swap(NONE, SeqCst);
        }
        channel.free(block);
    }
}

fn scenario(discard: fn(&Channel)) {
    let channel = Arc::new(Channel::default());
    let sender = thread::spawn({
        let channel = channel.clone();
        move || channel.send()
    });
    discard(&channel);
    sender.join().unwrap();
    // Both ends are gone, so the channel frees what is left.
    channel.free(channel.block.swap(NONE, SeqCst));
    let freed = channel.freed.load(SeqCst);
    assert_eq!(freed, 1, "how often the block is freed");
}

pub const BUG: Bug = Bug {
    id: "crossbeam-1187",
    title: "freed twice",
    year: 2025,
    link: "https://github.com/crossbeam-rs/crossbeam/pull/1187",
    was: "crossbeam-channel 0.5.12 fixed a memory leak, and brought a new bug. When the last \
          receiver went away, the code that throws unread messages away took the address of a \
          block in two places. Only one of them also cleared it. The channel then freed the same \
          block again. It became the advisory RUSTSEC-2025-0024. Three releases were withdrawn, \
          and every program that used them had to update.",
    question: "`discard` gets the block from one of two lines. What does each of them leave in \
               `channel.block`?",
    answer: "The swap leaves nothing. The load, which runs if a message was announced before its \
             block was there, leaves the block. The end of the channel finds it and frees it \
             again.",
    lesson: "To take something out of an atomic is one step: a swap. Reading it doesn't make it \
             yours. When you change one way to take it, look for the others.",
    source: include_str!("crossbeam_1187.rs"),
    wrong: || scenario(wrong::discard),
    right: || scenario(right::discard),
};
