"""A thread fails. join() does not report it; only the hook sees the exception."""

import threading

threading.excepthook = lambda failed: print("hook:", failed.exc_value)


def work():
    raise ValueError("no such account")


thread = threading.Thread(target=work)
thread.start()
print("join returned", thread.join())
