"""A daemon thread is cut off when the program ends: not even `finally` runs."""

import threading

begun = threading.Event()


def work():
    try:
        print("worker: begins")
        begun.set()
        threading.Event().wait()  # forever
    finally:
        print("worker: cleans up")


threading.Thread(target=work, daemon=True).start()
begun.wait()
print("main: ends")
