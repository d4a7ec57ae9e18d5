"""Every verdict of a Scanward monitor, once and in order, after any absence: docs/verdicts.md. Needs pyzmq alone.

    python3 docs/clients/verdicts.py mes1 [tcp://127.0.0.1:5601 [tcp://127.0.0.1:5602]]
"""

import json
import sys
import time

import zmq


def ask(context, endpoint, **request):
    """Sends one request to the replay socket; returns the verdicts it answers with and the last answer, or None."""
    socket = context.socket(zmq.DEALER)
    socket.linger, verdicts = 0, []
    with socket, socket.connect(endpoint):
        socket.send_json({"schema": "replay/1", **request})
        while socket.poll(2000):
            topic, body = socket.recv().split(b" ", 1)
            if not topic.startswith(b"verdict/"):
                return verdicts, topic.split(b"/")[0].decode(), json.loads(body)
            verdicts.append(json.loads(body))
            if verdicts[-1]["seq"] - verdicts[0]["seq"] != len(verdicts) - 1:
                break
    return [], "", None  # no monitor, or it could not send all: ask again


def follow(consumer, live="tcp://127.0.0.1:5601", replay="tcp://127.0.0.1:5602"):
    """Yields each verdict; when the next one is asked for, the one before counts as done, and is acknowledged."""
    context = zmq.Context.instance()
    subscriber = context.socket(zmq.SUB)
    subscriber.subscribe("")
    subscriber.connect(live)
    epoch = expected = None  # of the next verdict; None begins after what this consumer acknowledged last
    while True:
        place = {} if expected is None else {"epoch": epoch, "from_seq": expected}
        verdicts, kind, answer = ask(context, replay, request="verdicts", consumer=consumer, credit=100, **place)
        if kind == "refused" and answer["reason"] == "unknownEpoch":
            epoch = expected = None  # the journal was set aside: another one, from its first verdict on
            continue
        if kind == "refused" and answer["reason"] != "journalUnavailable":
            raise RuntimeError(answer["message"])
        if kind != "end":
            time.sleep(0.2)
            continue
        begin = verdicts[0]["seq"] if verdicts else answer["next"]
        if answer["from"] < begin:
            print(f"verdicts {answer['from']} to {begin - 1} are not kept any more, or damaged", file=sys.stderr)
        epoch, expected = answer["epoch"], answer["next"]
        behind = expected <= answer["head"]
        while verdicts or not behind:
            for verdict in verdicts:
                yield verdict
            if verdicts:
                ask(context, replay, request="acknowledge", consumer=consumer, epoch=epoch, seq=verdicts[-1]["seq"])
            verdicts = []
            while not behind and not verdicts:  # live, until a number shows that something is missing
                topic, body = subscriber.recv().split(b" ", 1)
                seen = json.loads(body)
                is_next = topic.startswith(b"verdict/") and seen["epoch"] == epoch and seen["seq"] == expected
                if is_next:
                    verdicts, expected = [seen], expected + 1
                behind = seen["epoch"] != epoch or seen["seq"] >= expected


if __name__ == "__main__":
    for one in follow(*sys.argv[1:]):
        print(one["seq"], one["part_id"], one["evaluation"], one["result_id"], flush=True)
