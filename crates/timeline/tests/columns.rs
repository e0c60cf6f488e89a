//! The promise that makes a timeline worth looking at: every column is an instant that existed.
//!
//! Random legal runs of a lock are drawn at random widths. Whatever a column shows must be a state that the
//! lock allows. A column that showed, say, what a thread did most of the time would fail here at once: two
//! threads can each hold a Mutex for part of a column.

use std::time::Duration;

use timeline::{Count, Interval, Recording, State, Style, Track};

const RUNS: u64 = 500;

#[test]
fn no_column_shows_more_holders_than_a_semaphore_has_permits() {
    for seed in 0..RUNS {
        let mut random = Random(seed);
        let permits = random.from(1..5);
        let recording = random_run(&mut random, |inside| inside.len() < permits as usize, State::Holding);
        assert!(recording.most(&inside()) <= permits as usize, "seed {seed}: not a legal run");
        for column in columns(&recording, &mut random) {
            let shown = column.cells.iter().filter(|&&cell| cell == '#').count();
            assert!(shown <= permits as usize, "seed {seed}: {shown} of {permits} permits in use");
            assert_eq!(shown, column.counted, "seed {seed}: the rows and their counter disagree");
        }
    }
}

#[test]
fn no_column_shows_a_writer_in_company() {
    for seed in 0..RUNS {
        let mut random = Random(seed);
        let recording = random_run(&mut random, |inside| !inside.contains(&State::Writing), State::Reading);
        for column in columns(&recording, &mut random) {
            let readers = column.cells.iter().filter(|&&cell| cell == 'R').count();
            let writers = column.cells.iter().filter(|&&cell| cell == 'W').count();
            assert!(writers == 0 || (writers == 1 && readers == 0), "seed {seed}: {readers} R, {writers} W");
            assert_eq!(readers + writers, column.counted, "seed {seed}: the rows and their counter disagree");
        }
    }
}

#[test]
fn no_line_is_wider_than_asked_whatever_the_recording() {
    for seed in 0..RUNS {
        let mut random = Random(seed);
        let mut recording = random_run(&mut random, <[State]>::is_empty, State::Holding);
        recording.title = "a title that is long enough to be cut ".repeat(5);
        recording.tracks[0].name = "a thread with a name that nobody would want to read".to_owned();
        for (asked, most) in [(0, 40), (40, 40), (59, 59), (60, 60), (77, 77), (100, 100), (1000, 100)] {
            let text = recording.text(&Style { columns: asked, ascii: false });
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= most, "seed {seed}: {widest} columns where {asked} were asked for:\n{text}");
        }
    }
}

fn inside() -> Count {
    Count::holding().of("lock")
}

/// Threads that ask for a lock, wait until `admits` lets them in, and leave: at random instants, many of
/// them shared, so that hand-overs at the very same nanosecond come up all the time.
fn random_run(random: &mut Random, admits: impl Fn(&[State]) -> bool, kind: State) -> Recording {
    let threads = random.from(1..7) as usize;
    let mut recording = Recording::new("random run");
    recording.tracks = (0..threads).map(|thread| Track::new(format!("T{thread}"))).collect();
    recording = recording.counter("inside", inside());
    let mut doing: Vec<Option<State>> = vec![None; threads];
    let mut now = Duration::ZERO;
    for _ in 0..random.from(1..120) {
        now += Duration::from_nanos([0, 1, random.from(1..50), random.from(1..100_000)][random.below(4)]);
        let thread = random.below(threads);
        let others: Vec<State> =
            doing.iter().flatten().copied().filter(|&state| state != State::Waiting).collect();
        let next = match doing[thread] {
            None => Some(State::Waiting),
            Some(State::Waiting) => {
                // A writer needs the lock for itself; whoever shares it needs it free of writers.
                let wanted =
                    if kind == State::Reading && random.below(3) == 0 { State::Writing } else { kind };
                let free = if wanted == State::Writing { others.is_empty() } else { admits(&others) };
                if !free {
                    continue;
                }
                Some(wanted)
            }
            Some(_) => None,
        };
        let spans = &mut recording.tracks[thread].spans;
        if doing[thread].is_some() {
            spans.last_mut().unwrap().end = Some(now);
        }
        if let Some(state) = next {
            spans.push(Interval { state, label: "lock".into(), start: now, end: None });
        }
        doing[thread] = next;
    }
    recording.end = now + Duration::from_nanos(random.from(0..1000));
    recording
}

struct Shown {
    cells: Vec<char>,
    counted: usize,
}

/// Draws at a random width and reads the columns back.
fn columns(recording: &Recording, random: &mut Random) -> Vec<Shown> {
    let text = recording.text(&Style { columns: random.from(40..101) as usize, ascii: true });
    let row =
        |line: &str| line.split('|').nth(1).expect("a bar between two edges").chars().collect::<Vec<char>>();
    let rows: Vec<Vec<char>> = text.lines().skip(2).take(recording.tracks.len() + 1).map(row).collect();
    let (counter, threads) = rows.split_last().unwrap();
    let shown = |(column, digit): (usize, &char)| Shown {
        cells: threads.iter().map(|cells| cells[column]).collect(),
        counted: digit.to_digit(10).unwrap() as usize,
    };
    counter.iter().enumerate().map(shown).collect()
}

/// SplitMix64: the same runs on every machine, and a seed to name in a failure.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn from(&mut self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    fn below(&mut self, end: usize) -> usize {
        self.from(0..end as u64) as usize
    }
}
