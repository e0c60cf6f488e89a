// Right: std never gives a ThreadId twice; its number is in its Debug form only, as text.
use std::thread::current;

pub fn my_id() -> usize {
    let text = format!("{:?}", current().id());
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
