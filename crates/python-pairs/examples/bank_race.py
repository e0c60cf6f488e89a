"""The bank's race, tried 20,000 times without any help: how often are both customers paid?"""
import sys
import threading

TRIES = 20_000
AMOUNT = 700


class Account:
    def __init__(self):
        self.balance = 1000
        self.paid_out = 0

    def withdraw(self):
        current = self.balance
        if current >= AMOUNT:
            self.balance = current - AMOUNT
            self.paid_out += AMOUNT


def paid_twice():
    account = Account()
    customers = [threading.Thread(target=account.withdraw) for _ in range(2)]
    for customer in customers:
        customer.start()
    for customer in customers:
        customer.join()
    return account.paid_out > AMOUNT


sys.setswitchinterval(1e-6)  # Threads switch as often as they can.
print("paid twice:", sum(paid_twice() for _ in range(TRIES)), "of", TRIES)
