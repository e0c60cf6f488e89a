//! The hook of the process, which a search replaces for as long as it lasts. One test, alone in its process.

#![allow(missing_docs)]

use interleave::{Check, real};

#[test]
fn the_hook_of_the_process_survives_a_search() {
    it_is_there_again_after_the_search_and_hears_of_no_explored_panic();
    a_real_panic_may_come_while_a_search_begins_or_ends();
}

fn it_is_there_again_after_the_search_and_hears_of_no_explored_panic() {
    static HEARD: real::sync::Mutex<Vec<String>> = real::sync::Mutex::new(vec![]);
    let usual = real::panic::take_hook();
    real::panic::set_hook(Box::new(move |info| {
        HEARD.lock().unwrap().push(info.payload_as_str().unwrap_or_default().into());
        usual(info);
    }));
    let failed = Check::new().try_run(|| panic!("explored")).unwrap_err();
    drop(real::thread::spawn(|| panic!("a real one")).join());
    assert!(failed.headline().starts_with("explored"), "{failed}");
    let heard = HEARD.lock().unwrap();
    assert!(heard.iter().any(|said| said == "a real one"), "{heard:?}");
    assert!(!heard.iter().any(|said| said == "explored"), "{heard:?}");
}

fn a_real_panic_may_come_while_a_search_begins_or_ends() {
    static DONE: real::sync::atomic::AtomicBool = real::sync::atomic::AtomicBool::new(false);
    let others: Vec<_> = (0..2)
        .map(|_| {
            real::thread::spawn(|| {
                while !DONE.load(real::sync::atomic::Ordering::Relaxed) {
                    drop(real::thread::spawn(|| panic!("a real one")).join());
                }
            })
        })
        .collect();
    for _ in 0..1_000 {
        Check::new().runs(1).run(|| ());
    }
    DONE.store(true, real::sync::atomic::Ordering::Relaxed);
    for other in others {
        other.join().unwrap();
    }
}
