"""A worker waits for the signal to begin."""

import threading

ready = threading.Event()
said = []


def work():
    ready.wait()
    said.append("worker: begins")


worker = threading.Thread(target=work)
worker.start()
said.append("main: ready")
ready.set()
worker.join()
print("\n".join(said))
