//! All the Rust you need in order to read this workshop, on one page.

use std::num::ParseIntError;
use std::sync::{Arc, Mutex};
use std::thread;

struct Account {
    owner: String,
    balance: Mutex<i64>,
}

impl Account {
    fn pay_in(&self, amount: &str) -> Result<i64, ParseIntError> {
        let amount: i64 = amount.parse()?;
        let mut balance = self.balance.lock().unwrap();
        *balance += amount;
        Ok(*balance)
    }
}

fn twice<T: Clone>(value: &T) -> (T, T) {
    (value.clone(), value.clone())
}

fn main() {
    let account = Arc::new(Account { owner: "Ada".to_owned(), balance: Mutex::new(1000) });
    let (here, there) = twice(&account);
    let thread = thread::spawn(move || there.pay_in("seven"));
    match thread.join().unwrap() {
        Ok(balance) => println!("{} has {balance}", account.owner),
        Err(why) => println!("{} still has {}: {why}", here.owner, here.balance.lock().unwrap()),
    }
    if let Ok(balance) = account.pay_in("7") {
        println!("{} has {balance}", account.owner);
    }
}
