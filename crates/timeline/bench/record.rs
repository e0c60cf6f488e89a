//! What recording costs the thread that is recorded.

use std::hint::black_box;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use timeline::{Lane, Recorder, State};

/// As many spans as a lane of a demo may see. Buffers grow within the measured time.
const SPANS: u64 = 10_000;

fn spans(lane: &Lane) {
    for _ in 0..SPANS {
        drop(black_box(lane.span(State::Waiting, "balance")));
    }
}

fn record(c: &mut Criterion) {
    let mut group = c.benchmark_group("record");
    // A span is two events: its start and its end.
    group.throughput(Throughput::Elements(2 * SPANS));
    group.bench_function("span, on", |b| {
        b.iter_batched_ref(|| Recorder::new("").lane("one"), |lane| spans(lane), BatchSize::LargeInput);
    });
    group.bench_function("span, off", |b| b.iter(|| spans(&Lane::off())));
    group.bench_function("span, on, while another thread records", |b| {
        b.iter_custom(|rounds| {
            (0..rounds)
                .map(|_| {
                    let recorder = Recorder::new("");
                    let (mine, other) = (recorder.lane("one"), recorder.lane("two"));
                    thread::scope(|s| {
                        s.spawn(|| spans(&other));
                        let start = Instant::now();
                        spans(&mine);
                        start.elapsed()
                    })
                })
                .sum()
        });
    });
    let mutex = Mutex::new(0_u64);
    // Four events (waiting starts and ends, holding starts and ends) at three readings of the clock.
    group.throughput(Throughput::Elements(4 * SPANS));
    group.bench_function("hold a free Mutex, on", |b| {
        b.iter_batched_ref(
            || Recorder::new("").lane("one"),
            |lane| (0..SPANS).for_each(|_| *lane.hold("balance", || mutex.lock().unwrap()) += 1),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, record);
criterion_main!(benches);
