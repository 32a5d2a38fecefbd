"""Writes a fleet of hosts as information documents, one a line, and a source that some of them take.

usage: fleet.py COUNT FOLDER

FOLDER gets source.json and fleet.jsonl. Hosts differ in what they allow, in the definitions that they have, and in what the last
tenant left; one in 1000 cannot be read. The same COUNT gives the same octets.
"""
import json
import pathlib
import random
import sys

SECTIONS = ["identity", "pci", "control", "receive", "transmit"]


def card(largest, definition):
    """A network card that grew a parameter with each definition."""
    params = {"ring-size": {"type": "int", "init_value": 256, "allowed_values": [64, 128, 256, 512, "1024-4096"]},
              "link-speed": {"type": "int", "init_value": 1000, "allowed_values": [100, 1000, 10000], "affects": ["interface"]}}
    sections = [{"name": name} for name in SECTIONS]
    subsections = []
    if definition >= 2:
        params["rx-filter-size"] = {"type": "int", "init_value": largest, "off_value": 0, "allowed_values": [0, 32, largest]}
        sections.append({"name": "rx_filter", "since": 2, "enabled_by": {"param": "rx-filter-size"}})
    if definition >= 3:
        params["offload"] = {"type": "bool", "init_value": True, "off_value": False, "requires": [
            {"param": "rx-filter-size", "allowed_values": ["32-128"]}]}
        subsections.append({"name": "x_is_5", "since": 3})
    return {"params": params, "stream": {"version": definition, "sections": sections, "subsections": subsections}}


def disk(queues):
    return {"params": {"queues": {"type": "int", "init_value": 1, "allowed_values": [f"1-{queues}"]},
                       "discard": {"type": "bool", "init_value": False, "off_value": False},
                       "serial": {"type": "str", "init_value": "", "off_value": ""}},
            "stream": {"version": 1, "sections": [{"name": "device"}, {"name": "queue", "cardinality": "many"}], "subsections": []}}


def host(number, chance):
    if number % 1000 == 999:
        return '{"host": "damaged-%d", "models": {' % number
    document = {"host": f"host-{number:06}", "models": {
        "example.org/net/card": card(chance.choice([32, 64, 128]), chance.randint(1, 3)),
        "example.org/block/disk": disk(chance.choice([1, 4, 16]))}}
    if chance.random() < 0.3:
        document["devices"] = [{"path": "/pci/net0", "model": "example.org/net/card", "params": {"ring-size": 512}}]
    return json.dumps(document)


def source():
    return {"devices": [
        {"path": "/pci/net0", "model": "example.org/net/card",
         "params": {"link-speed": 1000, "ring-size": 256, "rx-filter-size": 128}, "version": 3, "min_version": 2,
         "sections": [{"name": name} for name in SECTIONS] + [{"name": "rx_filter", "version": 2}],
         "subsections": [{"name": "x_is_5", "version": 3}]},
        {"path": "/pci/disk0", "model": "example.org/block/disk", "params": {"queues": 4, "discard": True}, "version": 1,
         "sections": [{"name": "device"}] + [{"name": "queue"}] * 4}]}


def write(count, folder):
    chance = random.Random(1)
    folder = pathlib.Path(folder)
    (folder / "source.json").write_text(json.dumps(source()) + "\n")
    with open(folder / "fleet.jsonl", "w") as out:
        for number in range(count):
            out.write(host(number, chance) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(int(sys.argv[1]), sys.argv[2])
