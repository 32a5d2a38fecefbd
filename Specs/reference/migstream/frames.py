"""zstd frames: chapter 10 section 9. The frame's own header is read here: the refusals come before decompression."""
import zstandard
from .wire import Refused

MAGIC, SKIPPABLE_MAGIC = 0xFD2FB528, 0x184D2A50

def decompress(octets, at, len_plain, plain_max, limits):
    """The content of exactly one frame that holds `len_plain` octets; `at` is where the frame starts in the stream."""
    octets = bytes(octets)
    damaged = Refused("compressedDataDamaged", at)

    def number(start, size):
        if start + size > len(octets):
            raise damaged
        return int.from_bytes(octets[start : start + size], "little")

    if number(0, 4) != MAGIC:  # skippable frames included
        raise damaged
    descriptor, place = number(4, 1), 5
    single_segment = descriptor >> 5 & 1
    window = None
    if not single_segment:
        exponent, mantissa = number(place, 1) >> 3, number(place, 1) & 7
        window = (1 << 10 + exponent) + (1 << 10 + exponent) // 8 * mantissa
        place += 1
    size = (0, 1, 2, 4)[descriptor & 3]
    dictionary, place = number(place, size), place + size
    size = (single_segment, 2, 4, 8)[descriptor >> 6]
    content = number(place, size) + (256 if size == 2 else 0)
    place += size
    if descriptor & 8 or dictionary or size == 0:
        raise damaged
    if content != len_plain:
        raise Refused("compressedDataDamaged", at, len_plain, content)
    if window is not None and window > limits.zstdWindowBytesMax:
        raise Refused("limitExceeded", at, limits.zstdWindowBytesMax, window)
    if content > plain_max:
        raise Refused("limitExceeded", at, plain_max, content)
    last = False
    while not last:
        header = number(place, 3)
        last, kind, length = header & 1, header >> 1 & 3, header >> 3
        place += 3 + (1 if kind == 1 else length)
        if kind == 3:
            raise damaged
    place += 4 if descriptor & 4 else 0
    if place > len(octets):
        raise damaged
    if place < len(octets):
        raise Refused("compressedDataDamaged", at + place)
    try:
        decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 31)
        plain = decompressor.decompress(octets, max_output_size=max(1, len_plain))
    except zstandard.ZstdError:
        raise damaged from None
    if len(plain) != len_plain:
        raise damaged
    return plain

def compress(octets, level=3):
    return zstandard.ZstdCompressor(level=level, write_content_size=True).compress(bytes(octets))
