//! The same buffer, ready-made: a bounded channel.
//!
//! Prefer it whenever the items are handed over and forgotten. It also says when the other side is gone: `for item in consumer` ends
//! when the last sender is dropped. Condition variables are for states that no queue describes: "three free
//! connections", "everybody has arrived". std has `mpsc::sync_channel`, with one consumer; crossbeam's channel has many.

use crossbeam_channel::bounded;
use std::thread;

/// One producer puts 1 to `items`, `consumers` take them; what each of them got.
pub fn through_a_channel(
    items: u32,
    capacity: usize,
    consumers: usize,
    work: impl Fn(u32) + Sync,
) -> Vec<Vec<u32>> {
    let (producer, consumer) = bounded(capacity);
    thread::scope(|s| {
        let work = &work;
        let consumers: Vec<_> = (0..consumers)
            .map(|_| {
                let consumer = consumer.clone();
                s.spawn(move || consumer.into_iter().inspect(|&item| work(item)).collect())
            })
            .collect();
        drop(consumer); // Were all consumers gone, `send` would say so.
        for item in 1..=items {
            producer.send(item).expect("consumers stay until the producer is gone");
        }
        drop(producer); // The consumers' loops end here.
        consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect()
    })
}
