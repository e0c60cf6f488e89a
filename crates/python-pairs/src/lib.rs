//! Short programs with threads, each twice: in Python and in Rust.
//!
//! They are in `examples`, `NAME.py` beside `NAME.rs`, and on the page `docs/python-pairs.md`. What each prints does not
//! depend on luck: where the order matters, a barrier, an event or a channel brings it about. The test of this crate holds
//! the table of names in `docs/from-python.md` against the Python that is installed.
