"""A thread fails. join() says nothing about it; a hook has to be asked."""

import threading

threading.excepthook = lambda failed: print("hook:", failed.exc_value)


def work():
    raise ValueError("no such account")


thread = threading.Thread(target=work)
thread.start()
print("join returned", thread.join())
