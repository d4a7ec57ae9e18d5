"""Records what libzmq itself puts on the wire, for FrameProtocolTests/Fixtures/zmtp_streams.json.

    python tools/reference/zmtp_streams.py Tests/FrameProtocolTests/Fixtures/zmtp_streams.json

Each case is one TCP connection through a recording relay on the loopback: the bytes of both directions as hex, and
the messages that went over it. ZMTP 3.1 by libzmq on both ends; 3.0 by a peer of a few raw bytes, since libzmq
announces 3.1 only.
"""
import json
import socket
import sys
import threading
import time

import zmq


class Relay:
    """Copies bytes both ways between one client and `port`, and keeps them."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.bytes = [bytearray(), bytearray()]
        self.target = port
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        for source, sink, kept in ((client, server, self.bytes[0]), (server, client, self.bytes[1])):
            threading.Thread(target=self.copy, args=(source, sink, kept), daemon=True).start()

    @staticmethod
    def copy(source, sink, kept):
        while True:
            try:
                data = source.recv(65536)
                if not data:
                    return
                kept += data
                sink.sendall(data)
            except OSError:
                return


def frame(source, index, size):
    return [f"pcf/1/{source}".encode(), b'{"schema": "pcf/1", "seq": %d}' % index, bytes(k % 251 for k in range(size))]


def case(name, relay, to_server, to_client):
    return {
        "name": name,
        "toServer": bytes(relay.bytes[0]).hex(),
        "toClient": bytes(relay.bytes[1]).hex(),
        "messagesToServer": [[part.hex() for part in message] for message in to_server],
        "messagesToClient": [[part.hex() for part in message] for message in to_client],
    }


def push_pull(context, name, prepare=lambda push, pull: None, heartbeat=False):
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    prepare(push, pull)
    if heartbeat:
        push.setsockopt(zmq.HEARTBEAT_IVL, 20)
        pull.setsockopt(zmq.HEARTBEAT_IVL, 30)
        push.setsockopt(zmq.HEARTBEAT_TIMEOUT, 5000)
        pull.setsockopt(zmq.HEARTBEAT_TIMEOUT, 5000)
    push.setsockopt(zmq.IDENTITY, b"scanner-7")
    relay = Relay(pull.bind_to_random_port("tcp://127.0.0.1"))
    push.connect(f"tcp://127.0.0.1:{relay.port}")
    messages = [frame("s1", 0, 12), frame("s1", 1, 700), frame("s1", 2, 0), frame("s1", 3, 255) + [b"extra"]]
    for message in messages:
        push.send_multipart(message)
        assert pull.recv_multipart() == message
        time.sleep(0.05 if heartbeat else 0)
    time.sleep(0.2)
    result = case(name, relay, messages, [])
    push.close(0)
    pull.close(0)
    return result


def pub_sub(context):
    pub, sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
    relay = Relay(pub.bind_to_random_port("tcp://127.0.0.1"))
    sub.subscribe(b"pcf/1/")
    sub.connect(f"tcp://127.0.0.1:{relay.port}")
    messages = [frame("cam.2", index, 40) for index in range(3)]
    while not sub.poll(50):
        pub.send_multipart([b"pcf/1/warm", b"", b""])
    seen = [sub.recv_multipart()]
    for message in messages:
        pub.send_multipart(message)
    while seen[-1] != messages[-1]:
        seen.append(sub.recv_multipart())
    sub.unsubscribe(b"pcf/1/")
    time.sleep(0.2)
    result = case("pub_sub_31", relay, [], seen)
    pub.close(0)
    sub.close(0)
    return result


def raw_sub_30(context):
    pub = context.socket(zmq.XPUB)
    relay = Relay(pub.bind_to_random_port("tcp://127.0.0.1"))
    peer = socket.create_connection(("127.0.0.1", relay.port))
    peer.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
    peer.recv(64, socket.MSG_WAITALL)
    ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB\x08Identity\x00\x00\x00\x00"
    peer.sendall(b"\x04" + bytes([len(ready)]) + ready)
    peer.recv(peer.recv(2, socket.MSG_WAITALL)[1], socket.MSG_WAITALL)
    peer.sendall(b"\x00\x07\x01pcf/1/")
    assert pub.recv() == b"\x01pcf/1/"
    messages = [frame("old", 0, 30), frame("old", 1, 300)]
    for message in messages:
        pub.send_multipart(message)
    peer.sendall(b"\x00\x07\x00pcf/1/")
    assert pub.recv() == b"\x00pcf/1/"
    time.sleep(0.2)
    result = case("sub_30", relay, [], messages)
    peer.close()
    pub.close(0)
    return result


def curve(push, pull):
    public, secret = zmq.curve_keypair()
    pull.curve_server, pull.curve_secretkey = True, secret
    push.curve_serverkey = public
    push.curve_publickey, push.curve_secretkey = zmq.curve_keypair()


def plain(push, pull):
    # A PLAIN server asks a ZAP handler; the domain must not be empty.
    pull.plain_server, pull.zap_domain = True, b"test"
    push.plain_username, push.plain_password = b"user", b"word"


def main():
    context = zmq.Context()
    cases = [push_pull(context, "push_pull_31"), push_pull(context, "heartbeat_31", heartbeat=True)]
    cases += [pub_sub(context), raw_sub_30(context), push_pull(context, "curve", curve)]

    from zmq.auth.thread import ThreadAuthenticator
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    authenticator.configure_plain(domain="test", passwords={"user": "word"})
    cases.append(push_pull(context, "plain", plain))
    authenticator.stop()

    tool = f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}"
    with open(sys.argv[1], "w") as file:
        json.dump({"tool": tool, "cases": cases}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
