//! Lots, which are the same every time.

use crate::thread::Tid;

/// Who goes on in a run that has become long: a thread at random, for a while. With probability one every thread gets every
/// chance, so that a run that only needs luck comes to an end, as threads do that step aside for each other. The seed
/// is fixed, so that it is the same every time.
pub(crate) struct Lottery {
    state: u64,
    left: u64,
}

impl Lottery {
    pub(crate) fn new(seed: u64) -> Self {
        let mut lottery =
            Lottery { state: 0x9E37_79B9_7F4A_7C15 ^ seed.wrapping_mul(0xD129_0C4B_F5D5_8D7B), left: 0 };
        if seed > 0 {
            for _ in 0..4 {
                lottery.next();
            }
        }
        lottery
    }

    pub(crate) fn draw(&mut self, ready: &[Tid], current: Tid) -> Tid {
        if self.left > 0 && ready.contains(&current) {
            self.left -= 1;
            return current;
        }
        let random = self.next();
        self.left = (random >> 32) % 16;
        ready[random as u32 as usize % ready.len()]
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() >> 16) as usize % n
    }

    /// xorshift64 (Marsaglia 2003, "Xorshift RNGs").
    pub(crate) fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}
