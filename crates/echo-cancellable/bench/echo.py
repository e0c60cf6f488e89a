"""The same in Python: a daemon thread for each client."""

import socket
import threading


def echo(client):
    with client:
        try:
            while data := client.recv(2048):
                client.sendall(data)
        except ConnectionError:
            pass


with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=echo, args=(client,), daemon=True).start()
