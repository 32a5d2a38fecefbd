"""INDEX and INDEX_PAGE: chapter 30 section 4."""
from .wire import Refused, Table

INDEX = Table("num_layouts:4 num_sections:4 num_pages:4 num_byte_strings:4 ofs_manifest:8 reserved:8")
LAYOUT = Table("ofs_record:8 len_record:8")
SECTION = Table("device:4 section:2 reserved:2 ofs_record:8 len_record:8")
PAGE = Table("region:4 num_extents:4 first:8 end:8 ofs_record:8 len_record:8")
BYTE_STRING = Table("device:4 num_records:4 ofs_record:8 len_string:8")
PAGE_HEAD = Table("region:4 num_extents:4 reserved:8")
PAGE_EXTENT = Table("offset:8 length_kind:8 ofs_data:8 ofs_record:8")


def read_index(state, header, cursor):
    start = cursor.at
    row = cursor.head(INDEX)
    lists = (("num_layouts", LAYOUT), ("num_sections", SECTION), ("num_pages", PAGE), ("num_byte_strings", BYTE_STRING))
    row.equal("ofs_manifest", 64, "badIndex")
    row.zero()
    if cursor.left != sum(getattr(row, name) * table.size for name, table in lists):
        raise Refused("badIndex", start)
    row.lists = [[cursor.row(table) for _ in range(getattr(row, name))] for name, table in lists]
    return row


def read_page(state, header, cursor):
    start = cursor.at
    row = cursor.head(PAGE_HEAD)
    row.must(1 <= row.num_extents <= 4096, "num_extents", "badIndex")
    row.zero()
    if cursor.left < row.num_extents * PAGE_EXTENT.size:
        raise Refused("truncatedData", cursor.at, row.num_extents * PAGE_EXTENT.size, cursor.left)
    row.extents = [cursor.row(PAGE_EXTENT) for _ in range(row.num_extents)]
    cursor.must_end(start)
    return row
