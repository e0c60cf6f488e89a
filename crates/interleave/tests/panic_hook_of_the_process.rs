//! The hook of the process, which a search replaces for as long as it lasts. Alone in its file, and so in its process.

#![allow(missing_docs)]

use interleave::{Check, real};

#[test]
fn a_hook_of_the_process_is_there_again_after_the_search_and_hears_of_no_explored_panic() {
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
