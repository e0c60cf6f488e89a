//! What a check asks of an exercise's file before it runs any of it.

mod memory;
mod plain_code;

pub use memory::Bounded;
pub use plain_code::must_be_plain;

/// Holds an exercise to the rules that its check depends on. A check calls it once, at the top.
///
/// The check doesn't compile if `src/lib.rs` contains `unsafe`, `extern`, code from other files, or
/// code that is different under test; a `#[cfg(test)] mod` with tests is fine. And the check ends,
/// with a sentence that says so, if the program takes more than 1 GiB of memory.
#[macro_export]
macro_rules! exercise {
    () => {
        #[allow(long_running_const_eval)] // a long file is still read to its end
        const _: () =
            $crate::exercise::must_be_plain(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")));

        #[global_allocator]
        static MEMORY: $crate::exercise::Bounded = $crate::exercise::Bounded;
    };
}
