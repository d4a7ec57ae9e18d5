"""Every verdict of a Scanward monitor, once and in order, after any absence: docs/verdicts.md. Needs pyzmq alone.

    python3 docs/clients/verdicts.py mes1 [tcp://127.0.0.1:5601 [tcp://127.0.0.1:5602]]
"""

import json
import sys

import zmq


def ask(context, endpoint, **request):
    """Sends one request to the replay socket; returns the verdicts it answers with, and the last answer with its kind."""
    verdicts = []
    with context.socket(zmq.DEALER) as socket, socket.connect(endpoint):
        socket.linger = 0
        socket.send_json({"schema": "replay/1", **request})
        while socket.poll(2000):
            topic, body = socket.recv().split(b" ", 1)
            if not topic.startswith(b"verdict/"):
                return verdicts, topic.split(b"/")[0].decode(), json.loads(body)
            verdicts.append(json.loads(body))
    return [], "", None  # no monitor, or it could not send all: ask again


def follow(consumer, live="tcp://127.0.0.1:5601", replay="tcp://127.0.0.1:5602"):
    """Yields each verdict, up to 100 at a time; those are acknowledged when the one after them is asked for."""
    context, place = zmq.Context.instance(), {}  # without a place: after what this consumer acknowledged last
    bell = context.socket(zmq.SUB)  # whatever is published says that there may be more
    bell.subscribe("")
    bell.connect(live)
    while True:
        verdicts, kind, answer = ask(context, replay, request="verdicts", consumer=consumer, credit=100, **place)
        if kind == "refused" and answer["reason"] not in ("unknownEpoch", "journalUnavailable"):
            raise RuntimeError(answer["message"])
        if kind == "end":
            place = {"epoch": answer["epoch"], "from_seq": answer["next"]}
            if answer["from"] < (verdicts[0]["seq"] if verdicts else answer["next"]):
                print(f"verdicts from {answer['from']} on are not kept any more, or damaged", file=sys.stderr)
        elif kind == "refused" and answer["reason"] == "unknownEpoch":
            place = {}  # the journal was set aside: another one, from its first verdict on
        yield from verdicts
        if verdicts:
            ask(context, replay, request="acknowledge", consumer=consumer, epoch=place["epoch"], seq=verdicts[-1]["seq"])
        elif bell.poll(1000):
            while bell.poll(0):
                bell.recv()


if __name__ == "__main__":
    for one in follow(*sys.argv[1:]):
        print(one["seq"], one["part_id"], one["evaluation"], one["result_id"], flush=True)
