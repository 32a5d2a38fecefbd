#!/usr/bin/env python3
"""Writes src/lib.rs and tests/members.in from the two headers of libmigstream: generate.py FOLDER-OF-THE-HEADERS [--check]

The headers are regular enough for that: one typedef or call a statement, no bit fields, no unions."""
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parent
PRIMITIVES = {
    "uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64", "int32_t": "i32", "int64_t": "i64",
    "size_t": "usize", "int": "c_int", "void": "c_void", "char": "c_char", "bool": "bool",
}
KEYWORDS = {"type", "ref", "move"}
HEAD = """//! Raw declarations of libmigstream: migstream.h and migstream_fields.h, which say what everything means.
//!
//! Made by generate.py; tests/abi.rs holds sizes, offsets and numbers together with C's.
#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_int, c_void};
"""


def rust_type(text):
    """`const struct mgs_layout *const *` -> `*const *const mgs_layout`"""
    base, *stars = re.sub(r"\bstruct\b", "", text).split("*")
    inner = PRIMITIVES.get(base.replace("const", "").strip(), base.replace("const", "").strip())
    is_const = "const" in base
    for star in stars:
        inner = ("*const " if is_const else "*mut ") + inner
        is_const = "const" in star
    return inner


def identifier(name):
    return f"r#{name}" if name in KEYWORDS else name


def result(text):
    return "" if text.strip() == "void" else " -> " + rust_type(text)


def declaration(text):
    """(name, type) of a member or a parameter."""
    text = " ".join(text.split())
    call = re.match(r"(.*)\(\*(\w+)\) ?\((.*)\)$", text)
    if call:
        return identifier(call.group(2)), function_pointer(call.group(1), call.group(3))
    found = re.match(r"(.*?[\s*])(\w+)(?:\[(\d+)\])?$", text)
    name, kind = identifier(found.group(2)), rust_type(found.group(1))
    return name, f"[{kind}; {found.group(3)}]" if found.group(3) else kind


def parameters(text):
    pieces = re.split(r",(?![^()]*\))", text)
    return [] if text.strip() == "void" else [declaration(piece) for piece in pieces]


def listed(pairs):
    return ", ".join(f"{name}: {kind}" for name, kind in pairs)


def function_pointer(returns, arguments):
    return f'Option<unsafe extern "C" fn({listed(parameters(arguments))}){result(returns)}>'


def members(text):
    for statement in filter(None, (piece.strip() for piece in text.split(";"))):
        if "(" in statement:
            yield declaration(statement)
            continue
        first, *others = statement.split(",")
        name, kind = declaration(first)
        yield name, kind
        yield from ((other.strip(), kind) for other in others)


def wrapped(line, indent):
    """A call as rustfmt has it, roughly: one parameter a line where it is long."""
    if len(line) + len(indent) <= 100:
        return indent + line
    start, rest = line.split("(", 1)
    arguments, end = rest[: rest.rindex(")")], rest[rest.rindex(")") :]
    pieces = re.split(r", (?![^<]*>)", arguments)
    return "\n".join([f"{indent}{start}("] + [f"{indent}    {piece}," for piece in pieces] + [indent + end])


def sources(folder):
    headers = [(folder / name).read_text() for name in ("migstream_fields.h", "migstream.h")]
    fields, calls = (re.sub(r"/\*.*?\*/", "", text, flags=re.S) for text in headers)
    out, names, layouts = [HEAD], [], []

    def constant(name, kind, value):
        names.append(name)
        out.append(f"pub const {name}: {kind} = {value};")

    for name, value in re.findall(r"#define (MGS_(?:TYPE|SHAPE|CLOCK|CARDINALITY)_[A-Z0-9_]+) +(\d+)", fields) + re.findall(
            r"#define (MGS_IN_PLACE|MGS_AT_POINTER|MGS_REQUIRED|MGS_SKIPPABLE) +(\d+)", fields):
        constant(name, "u8", value)
    for name, value in re.findall(r"#define (MGS_\w+) +\(?(1u << \d+|[0-9]+u)\)?", calls):
        constant(name, "u32", value.replace("u", ""))
    for name in ("MGS_NO_OFFSET", "MGS_NO_DEVICE"):
        constant(name, "u32", "u32::MAX")
    constant("MGS_NO_RECORD", "u64", "u64::MAX")
    for name, value in re.findall(r"#define (MGS_(?:VERSION|FORMAT)_M\w+|MGS_VERSION_PATCH) (\d+)", calls):
        constant(name, "u32", value)
    for name, values in re.findall(r"typedef enum (\w+) \{(.*?)\}", calls, re.S):
        for value in values.split(","):
            key, number = (piece.strip() for piece in value.split("="))
            constant(key, "i32" if name == "mgs_code" else "u32", number)
    out.append("")
    for name in re.findall(r"typedef struct (\w+) \1;", calls):
        out.append(f"#[repr(C)]\npub struct {name} {{\n    _private: [u8; 0],\n}}\n")
    for returns, name, arguments in re.findall(r"typedef (\w+) \(\*(\w+)\)\((.*?)\);", calls, re.S):
        out.append(f"pub type {name} =\n    {function_pointer(returns, arguments)};\n")
    for text in (fields, calls):
        for name, body in re.findall(r"struct (\w+) \{(.*?)\n\}", text, re.S):
            inside = list(members(body))
            layouts.append(f"{name} {{ {' '.join(member for member, _ in inside)} }}")
            lines = "".join(f"    pub {member}: {kind},\n" for member, kind in inside)
            out.append(f"#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct {name} {{\n{lines}}}\n")
    out.append('extern "C" {')
    for returns, name, arguments in re.findall(r"^MGS_API (.*?)(mgs_\w+)\((.*?)\);", calls, re.S | re.M):
        out.append(wrapped(f"pub fn {name}({listed(parameters(arguments))}){result(returns)};", "    "))
    out.append("}\n")
    lists = "structs! {\n" + "".join(f"    {line}\n" for line in layouts) + "}\n"
    return {
        "src/lib.rs": "\n".join(out),
        "tests/members.in": lists + "constants! {\n" + "".join(f"    {name}\n" for name in names) + "}\n",
    }


for path, text in sources(pathlib.Path(sys.argv[1])).items():
    if "--check" not in sys.argv:
        (here / path).write_text(text)
    elif (here / path).read_text() != text:
        sys.exit(f"{path} is not what the headers say; generate.py writes it anew")
