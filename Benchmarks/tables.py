"""Rows as text: for the terminal, for results.txt, and for the tables of the README."""

TITLES = {
    "bulk": "Bulk in memory: speed against XXH3 dispatched of the same octets",
    "place": "Loading memory: speed against a copy and XXH3, or XXH3 alone",
    "resume": "The resume path: sessions, commits and requests for a state",
    "record": "Records of 64 octets",
    "small": "Small state: a network device with 64 queues; speed against other codecs",
    "tables": "Field tables of the C library: the same device from and to its C struct; speed against other codecs",
    "tables-small": "Field tables: the device with 2 queues, 400 octets",
    "interface": "Calls of the C library",
    "growth": "How cost grows",
    "slope": "Slopes between the two largest counts",
    "processes": "Whole processes",
    "calls": "Allocations and system calls of whole processes",
    "socket": "Two processes and a Unix socket",
}
# Ours down, peers across.
MATRICES = ["small", "tables", "tables-small"]
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def number(value):
    if isinstance(value, int) or value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def budget(row):
    if "budget" not in row:
        return ""
    if row["budget_kind"] == "value_at_most":
        return f"at most {number(row['budget'])} {row['unit']}"
    return f"{row['budget_kind'].replace('_', ' ')} {row['budget']:g}"


def cells(row):
    name = row["row"] + (f", {row['count']:,}" if "count" in row else "")
    ours = f"{number(row['ours'])} {row['unit']}"
    if "memory" in row:
        ours += f", {row['memory']:,} octets of memory"
    if "each_record" in row:
        ours += f"; {number(row['each_record'])} a record; {row['start_and_end']} at start and end"
    peer = f"{row['peer']}: {number(row['peer_value'])} {row['unit']}" if "peer" in row else ""
    ratio = ""
    if "ratio" in row:
        ratio = f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f}) of its {row['ratio_of']}"
    return [name, ours, peer, ratio, budget(row), row.get("verdict", "")]


def line(row):
    return " | ".join(cells(row))


def matrix(rows):
    """Ours down, peers across: the speed against each, and what one operation takes."""
    tasks = list(dict.fromkeys(row["row"] for row in rows))
    peers = list(dict.fromkeys(row["peer"] for row in rows))
    by_pair = {(row["row"], row["peer"]): row for row in rows}
    out = [["ours \\ peer", "takes"] + peers]
    for start in dict.fromkeys(task.split(",")[0].split()[0] for task in tasks):
        named = [task for task in tasks if task.startswith(start)]
        if named:
            out.append([f"({start}: the peer takes)", ""] + [f"{number(by_pair[named[0], peer]['peer_value'])} ns" for peer in peers])
        for task in named:
            found = [by_pair[task, peer] for peer in peers]
            out.append([task, f"{number(found[0]['ours'])} ns"] + [
                f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f}) {row.get('verdict', '')}".strip() for row in found])
    return out


def markdown_matrix(rows):
    lines = [f"| {' | '.join(row)} |" for row in matrix(rows)]
    return "\n".join([lines[0], "|" + "---|" * len(matrix(rows)[0])] + lines[1:])


def markdown(rows):
    if rows[0]["group"] in MATRICES:
        return markdown_matrix(rows)
    out = ["| row | ours | peer | median (lowest to highest) | budget | verdict |", "|---|---|---|---|---|---|"]
    return "\n".join(out + [f"| {line(row)} |" for row in rows])


def where(environment):
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    out = [
        f"{environment['date']}, commit {environment['commit']}; {environment['cpu']}, {environment['memory_mebibytes']} MiB; "
        f"{environment['system']}; load at the end {environment['load_at_the_end']}.",
        f"{environment['swift']}; {environment['c']}; {packages}."]
    later = {}
    for group, run in environment.get("later", {}).items():
        later.setdefault((run["date"], run["commit"], run["load_at_the_end"]), []).append(group)
    for (date, commit, load), groups in later.items():
        out.append(f"Measured later, {date}, commit {commit}, load {load}: {', '.join(sorted(groups))}.")
    return "\n".join(out)


def text(results):
    out = [where(results["environment"]), ""] + results["environment"]["commands"]
    for group, title in TITLES.items():
        rows = [row for row in results["rows"] if row["group"] == group]
        if rows:
            out += ["", f"# {title}", "row | ours | peer | median (lowest to highest) | budget | verdict"]
            out += [line(row) for row in rows]
    return "\n".join(out) + "\n"


def put_into(path, results):
    """Replaces what stands between the markers, so that the tables cannot disagree with results.json."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [where(results["environment"])]
    for group, title in TITLES.items():
        rows = [row for row in results["rows"] if row["group"] == group]
        if rows:
            parts.append(f"### {title}\n\n{markdown(rows)}")
    path.write_text(before + BEGIN + "\n" + "\n\n".join(parts) + "\n" + END + after)
