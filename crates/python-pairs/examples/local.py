"""A value for each thread. A thread that has not set it has none."""

import threading

mine = threading.local()
mine.name = "main's"


def look():
    print("in the thread:", getattr(mine, "name", "nothing"))
    mine.name = "the thread's"


thread = threading.Thread(target=look)
thread.start()
thread.join()
print("in main:", mine.name)
