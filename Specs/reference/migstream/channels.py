"""Several channels: hello, CHANNEL_END, and what only several channels together show (chapter 30 sections 1 and 2)."""
from .records import Channel, judge_magic
from .wire import Refused, Row, Table, digest

HELLO = Table("magic:8 major:2 channel:2 num_channels:2 reserved:2 uuid:16 reserved2:24 digest_hello:8")
CHANNEL_END = Table("records:8 octets:8 chain:8 reserved:8")
MAGIC = bytes.fromhex("894d47430d0a1a0a")
NO_CHANNEL = 0xFFFF

def read_hello(octets, preamble):
    judge_magic(octets, MAGIC)
    row = Row(HELLO, octets, 0)
    if digest(octets[:56]) != row.digest_hello:
        raise Refused("digestMismatch", 56, row.digest_hello, digest(octets[:56]))
    row.equal("major", 1, "unsupportedMajor")
    row.must(bytes(octets[16:32]) == preamble.uuid, "uuid", "foreignChannel")
    row.equal("num_channels", preamble.num_channels)
    row.must(1 <= row.channel < preamble.num_channels, "channel", expected=preamble.num_channels - 1)
    row.zero()
    row.zero("reserved2")
    return row.channel

def open_channels(sources, main):
    """The channels besides 0, by number; `main` is the state of channel 0."""
    found = {}
    for octets in sources:
        try:
            number = read_hello(octets, main.preamble)
            if number in found:
                raise Refused("foreignChannel", 10, 0, number, channel=number)
        except Refused as fault:
            fault.stage, fault.released = "preamble", 0
            fault.channel = NO_CHANNEL if fault.channel is None else fault.channel
            raise
        found[number] = Channel(octets, number, main.side())
    for number in range(1, main.num_channels):
        if number not in found:
            raise Refused("foreignChannel", 0, number, 0, "preamble", number, 0)
    return found

def read_channel_end(state, header, cursor):
    start, channel = cursor.at, state.channels[0]
    row = cursor.row(CHANNEL_END)
    cursor.must_end(start)
    if not all(string.last for string in state.byte_strings.values()):
        raise Refused("incompleteBytes", header.start, 0)
    for name in ("records", "octets", "chain"):
        row.must(getattr(row, name) == getattr(channel, name), name, "totalsMismatch", getattr(row, name), getattr(channel, name))
    row.zero()
    return row

class Passes:
    """The records with a pass of one channel, and the runs of memory that each pass names."""

    def __init__(self):
        self.records, self.runs = [], {}

    def add(self, state, header, row, extents):
        self.records.append((header.sequence, row.pass_, row.at("pass_")))
        runs = self.runs.setdefault(row.pass_, [])
        for offset, length, _ in extents:
            if runs and runs[-1][0] == row.region and runs[-1][2] == offset:
                runs[-1][2] = offset + length
            else:
                runs.append([row.region, offset, offset + length])
                if state.num_channels > 1 and len(runs) > state.limits.passRunsMax:
                    raise Refused("limitExceeded", row.at("num_extents"), state.limits.passRunsMax, len(runs))

def judge_together(main, end_header):
    """When all channels were read: passes against barriers, overlaps, byte strings."""
    closing = [header for header, _ in main.barriers] + [end_header]
    for channel in main.channels[1:]:
        for sequence, number, offset in channel.state.passes.records:
            if number > main.num_barriers:
                raise Refused("badPass", offset, main.num_barriers, number, "bulk", channel.number, sequence)
        for header, row in main.barriers:
            judge_barrier(header, row, channel)
    for number, header in enumerate(closing):
        runs = [(*run, channel.number) for channel in main.channels for run in channel.state.passes.runs.get(number, ())]
        judge_overlap(sorted(runs), header)
    owners = {}
    for channel in main.channels:
        for device in channel.state.byte_strings:
            if owners.setdefault(device, channel.number) != channel.number:
                raise Refused("foreignChannel", end_header.start, owners[device], channel.number, "bulk", 0, end_header.sequence)

def judge_barrier(header, row, channel):
    said, records = row.next[channel.number], channel.state.passes.records
    wanted = said.sequence_next
    if any(sequence >= wanted and number == row.pass_ for sequence, number, _ in records):
        wanted += 1
    later = [sequence for sequence, number, _ in records if number > row.pass_ and sequence < said.sequence_next]
    count = channel.records + 1  # with CHANNEL_END
    if later or count < said.sequence_next:
        wanted = min([*later, count])
    if wanted != said.sequence_next:
        raise Refused("badSequence", said.start, wanted, said.sequence_next, "bulk", 0, header.sequence)

def judge_overlap(runs, header):
    """`runs` ascend by region and start. Per region the run that reaches farthest of each channel is enough."""
    reach = {}
    for region, start, end, channel in runs:
        if any(other != channel and there == region and start < far for other, (there, far) in reach.items()):
            raise Refused("badExtent", header.start, region, start, "bulk", 0, header.sequence)
        reach[channel] = max(reach.get(channel, (-1, 0)), (region, end))
