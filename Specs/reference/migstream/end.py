"""END, ABORT and what is missing at the end: chapter 10 sections 10 and 11."""
from .wire import Refused, Table

END = Table("ofs_index:8 num_channels:4 num_passes:4 num_sections:8 reserved:8")
TOTALS = Table("records:8 octets:8 chain:8")
ABORT = Table("reason:4 len_text:2 reserved:2")
END_BODY = Table("octets:416")

def read_end(state, header, cursor):
    start = cursor.at
    cursor.row(END_BODY)
    cursor.must_end(start)
    cursor.at = start
    row = cursor.row(END)
    totals = [cursor.row(TOTALS) for _ in range(16)]
    judge_missing(state, header)
    row.equal("ofs_index", state.ofs_index)
    for name, counted in (("num_channels", state.num_channels), ("num_passes", state.num_barriers + 1),
                          ("num_sections", state.num_sections)):
        if getattr(row, name) != counted:
            raise Refused("totalsMismatch", row.at(name), getattr(row, name), counted)
    row.zero()
    for number, total in enumerate(totals):
        channel = state.channels[number] if number < state.num_channels else None
        for name in TOTALS.places:
            if channel is None:
                if getattr(total, name):
                    raise Refused("reservedNotZero", totals[state.num_channels].start)
            elif getattr(total, name) != getattr(channel, name):
                raise Refused("totalsMismatch", total.at(name), getattr(total, name), getattr(channel, name))
    return row

def judge_missing(state, header):
    for number, device in enumerate(state.manifest.devices):
        for section in range(device.num_sections):
            if (number, section) not in state.sections_seen:
                raise Refused("missingSection", header.start, number << 32 | section)
    if not all(string.last for string in state.byte_strings.values()):
        raise Refused("incompleteBytes", header.start)

def read_abort(state, header, cursor):
    start = cursor.at
    row = cursor.head(ABORT)
    row.zero()
    (row.text,) = cursor.group([row.len_text], state.limits.textBytesMax)
    cursor.must_end(start)
    raise Refused("aborted", row.at("reason"), None, row.reason)
