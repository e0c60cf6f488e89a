// Wrong: a refusal is printed with the account, whose `Display` locks the balance that `withdraw` still holds.
use std::fmt;
use std::sync::Mutex;

pub struct Account {
    balance: Mutex<i64>,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an account of {}", self.balance())
    }
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = self.balance.lock().unwrap();
        if *balance < amount {
            println!("{amount} is too much for {self}");
            return false;
        }
        *balance -= amount;
        true
    }

    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
