//! The queue's channel. It stands in a module of its own so that a check can put another one in its place.

pub(crate) use crossbeam_channel::{Receiver, Sender, unbounded};
