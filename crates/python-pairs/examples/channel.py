"""A queue with room for one item, and a last item that means "no more"."""

import queue
import threading

shelf = queue.Queue(maxsize=1)


def produce():
    for item in (1, 2, 3):
        shelf.put(item)
    shelf.put(None)


threading.Thread(target=produce).start()
while (item := shelf.get()) is not None:
    print("got", item)
print("no more")
