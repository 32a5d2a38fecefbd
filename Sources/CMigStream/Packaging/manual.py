#!/usr/bin/env python3
"""Writes manual pages: of the C library from its header, of the tool from what it says of itself.

usage: manual.py library HEADER FOLDER    migstream.3, a page for each chapter of the header, and one for each function
                                          that leads there
       manual.py tool TOOL FOLDER         streamtool.1, and a page for each of its commands
"""
import json
import pathlib
import re
import subprocess
import sys

CHAPTERS = {  # title in the header: page, what it is
    "Version": ("migstream_version", "versions of the library and of the format"),
    "Errors": ("migstream_errors", "why something was refused, and where"),
    "What all handles are made with": ("migstream_config", "allocator, limits and log of a handle"),
    "Manifest": ("migstream_manifest", "what a machine, or one device, is"),
    "Simple calls": ("migstream_simple", "verify a stream, save and load one device"),
    "Field tables": ("migstream_fields", "save and load C structs"),
    "Encoder": ("migstream_encoder", "write a stream"),
    "Decoder": ("migstream_decoder", "read a stream: push, pull, verify"),
    "Machine": ("migstream_machine", "save and resume devices under migration"),
}


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("─►", "\\->").replace("…", "...")
    return "\\&" + text if text[:1] in (".", "'") else text


def page(path, section, title, about, body, version):
    path.write_text(f'.\\" Made by manual.py\n.TH {title.upper()} {section} "" "migstream {version}" "migstream"\n'
                    f".SH NAME\n{about}\n{body}")


# Library

def comment_text(comment):
    """The lines of a C comment; those that are indented, or hold columns, stay as they are."""
    lines = [re.sub(r"^ ?\* ?", "", line) for line in comment.strip().removeprefix("/*").removesuffix("*/").split("\n")]
    lines = [re.sub(r"^ *======.*======\s*$", "", line).rstrip() for line in lines]
    text = []
    for block in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        if re.search(r"^ {2,}|^\S+ {2,}\S", block, re.M):
            text.append(".PP\n.nf\n" + "\n".join(escaped(line) for line in block.split("\n")) + "\n.fi\n")
        elif block.strip():
            text.append(".PP\n" + "\n".join(escaped(line.strip()) for line in block.split("\n") if line.strip()) + "\n")
    return "".join(text)


def chapters(header):
    """Title and text of each chapter; the first is what stands before all of them."""
    parts = re.split(r"(?m)^(?=/\* ======)", header)
    yield "", parts[0]
    for part in parts[1:]:
        title = re.match(r"/\* ======\s+([^:=]+)", part)[1].strip()
        if title in CHAPTERS:
            yield title, part
        else:
            sys.exit(f"manual.py does not know the chapter {title!r}")


def chapter_body(text):
    body = [".SH SYNOPSIS\n.nf\n.B #include <migstream.h>\n.PP\n.B cc ... $(pkg\\-config \\-\\-cflags \\-\\-libs migstream)\n.fi\n"
            ".SH DESCRIPTION\n"]
    for piece in re.findall(r"(?ms)^/\*.*?\*/|^[^/\s#}][^\n]*(?:\n(?!/\*)[^\n]+)*|^#define[^\n]*(?:\n#define[^\n]*)*", text):
        if piece.startswith("/*"):
            body.append(comment_text(piece))
        elif not piece.startswith("extern"):
            code = re.sub(r"\bMGS_API ", "", piece)
            body.append(".PP\n.RS 4\n.nf\n" + "\n".join(escaped(line) for line in code.split("\n")) + "\n.fi\n.RE\n")
    return "".join(body).replace(".SH DESCRIPTION\n.PP\n", ".SH DESCRIPTION\n")


def library(header_path, folder):
    header = pathlib.Path(header_path).read_text()
    header = header[: header.rindex("#ifdef __cplusplus")]
    version = re.search(r'MGS_VERSION_STRING "(.*)"', header)[1]
    others = ", ".join(f".BR {name} (3)" for name, _ in CHAPTERS.values() if name).replace(", ", ",\n")
    for title, text in chapters(header):
        name, what = CHAPTERS.get(title, ("migstream", "device migration streams"))
        functions = sorted(set(re.findall(r"(?m)^MGS_API [^(]*\b(mgs_\w+)\(", text)))
        if not title:
            text = text[: text.index("#ifndef MIGSTREAM_H")]
        body = chapter_body(text) + ".SH SEE ALSO\n" + others.replace(f".BR {name} (3),\n", "") + "\n"
        about = ", ".join([name, *functions]) + f" \\- {what}"
        page(folder / f"{name}.3", 3, name, about, body, version)
        for function in functions:
            (folder / f"{function}.3").write_text(f".so man3/{name}.3\n")


# Tool

def option_text(argument):
    names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument.get("names", [])]
    value = f" {argument['valueName']}" if argument["kind"] == "option" else ""
    label = ", ".join(names) + value if names else argument["valueName"]
    about = argument.get("abstract", "")
    extra = []
    if values := argument.get("allValues"):
        extra.append("one of " + ", ".join(values))
    if default := argument.get("defaultValue"):
        extra.append("without it " + default)
    if extra:
        about += f" ({'; '.join(extra)})"
    return f".TP\n.B {escaped(label)}\n{escaped(about)}\n"


def command_body(command, path):
    body = [".SH SYNOPSIS\n", f".B {escaped(path)}\n", ".RI [ options ]\n"]
    shown = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay")]
    places = [argument for argument in shown if argument["kind"] == "positional"]
    for argument in places:
        dots = " ..." if argument["isRepeating"] else ""
        body.append(f".I {escaped(argument['valueName'])}{dots}\n")
    text = command.get("discussion", "")
    body.append(f".SH DESCRIPTION\n{escaped(command['abstract'])}\n")
    for block in text.split("\n\n"):
        if re.search(r"^  ", block, re.M):
            body.append(".PP\n.nf\n" + "\n".join(escaped(line) for line in block.split("\n")) + "\n.fi\n")
        elif block:
            body.append(f".PP\n{escaped(' '.join(block.split()))}\n")
    if shown:
        body.append(".SH OPTIONS\n" + "".join(option_text(argument) for argument in shown))
    return "".join(body)


def tool(program, folder):
    said = json.loads(subprocess.run([program, "--experimental-dump-help"], check=True, stdout=subprocess.PIPE).stdout)
    version = subprocess.run([program, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
    pages = []

    def add(command, words):
        name = "-".join(words)
        children = [child for child in command.get("subcommands", []) if child["commandName"] != "help"]
        body = command_body(command, " ".join(words))
        if children:
            body += ".SH COMMANDS\n" + "".join(
                f".TP\n.BR {escaped('-'.join([*words, child['commandName']]))} (1)\n{escaped(child['abstract'])}\n" for child in children)
        if len(words) > 1:
            body += ".SH SEE ALSO\n.BR streamtool (1)\n"
        about = f"{escaped(name)} \\- {escaped(command['abstract'])}"
        page(folder / f"{name}.1", 1, name, about, body, version)
        pages.append(name)
        for child in children:
            add(child, [*words, child["commandName"]])

    add(said["command"], ["streamtool"])


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("library", "tool"):
        sys.exit(__doc__)
    target = pathlib.Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    {"library": library, "tool": tool}[sys.argv[1]](sys.argv[2], target)
