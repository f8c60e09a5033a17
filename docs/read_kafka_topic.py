"""Lists records of a Forebay topic: each argument is "offset header-in-hex value-in-hex"; see kafka-driver.md."""

import sys
import uuid

KINDS = {1: "window", 2: "barrier", 3: "ask"}


def unsigned(data, at):
    """A number of 7 bits a byte, the lowest first; the highest bit says that another byte follows."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


for line in sys.argv[1:]:
    offset, header, value = (line.split(" ") + [""])[:3]
    header, value = bytes.fromhex(header), bytes.fromhex(value)
    if len(header) != 26 or header[0] != 1:
        sys.exit(f"offset {offset}: no header of version 1")
    kind = KINDS[header[1]]
    writer = uuid.UUID(bytes=header[2:18])
    number = int.from_bytes(header[18:26], "big")
    rows = ""
    if kind == "window":
        if value[0] != 1:
            sys.exit(f"offset {offset}: no content of version 1")
        rows = f" rows={unsigned(value, 1)[0]}"
    print(f"sequence={int(offset) + 1} {kind} writer={writer} number={number}{rows}")
