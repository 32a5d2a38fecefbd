"""Tables and a chart of what the planted-bug benchmark measured."""
import json
import math
import statistics

from measuring import ABLATIONS
from planting import HELD_OUT


def write_reports(folder, patches):
    path = folder / "results/runs.json"
    if not path.exists():
        return
    runs = json.loads(path.read_text())
    rows = [row(patch, runs) for patch in patches if not patch.held_out]
    sets = {name: [row(patch, runs) for patch in patches if patch.held_out == name] for name in HELD_OUT}
    summary = {"score": score(rows), "ablations": ablations(rows), "clean": clean(runs), "classes": rows,
               "held out": {name: {"score": score(others), "bugs": others} for name, others in sets.items()}}
    (folder / "results/benchmark.json").write_text(json.dumps(summary, indent=1) + "\n")
    (folder / "results/benchmark.txt").write_text(
        text(rows, sentences(summary))
        + "".join(f"\nHeld out, {name} set\n" + text(others, held_out_sentences(others)) for name, others in sets.items()))
    (folder / "results/benchmark.svg").write_text(chart(rows + [bug for others in sets.values() for bug in others]))
    readme = folder / "README.md"
    put(readme, "table", markdown(rows, sentences(summary)))
    for name, others in sets.items():
        put(readme, f"{name} set", markdown(others, held_out_sentences(others)))


def put(readme, name, table):
    """Between the marks of that name."""
    head, mark, rest = readme.read_text().partition(f"<!-- {name} -->\n")
    _, end, tail = rest.partition(f"<!-- end of the {name} -->")
    readme.write_text(head + mark + table + end + tail)


def row(patch, runs):
    own = [one for one in runs if one["class"] == patch.number]
    best = pick([one for one in own if one["ablation"] == "none"])
    found = {"class": patch.number, "bug": patch.title, "target": best[0]["target"] if best else patch.targets[0]}
    found |= columns(best)
    for ablation in ABLATIONS:
        less = pick([one for one in own if one["ablation"] == ablation])
        if less:
            found[ablation] = columns(less)
    return found


def pick(runs):
    """Of the fuzzers that a class was measured with, the one that says most: most detections, least work."""
    groups = {}
    for one in runs:
        groups.setdefault(one["target"], []).append(one)
    if not groups:
        return []
    return min(groups.values(), key=lambda group: (-detections(group), median(group, "detected"), -most(group)))


def most(group):
    """The largest budget: seeds that saw the bug with a smaller one needed no more."""
    return max(one["runs"] for one in group)


def detections(group):
    return sum(one["detected"] is not None for one in group)


def median(group, key):
    """A run that did not come so far counts as endless."""
    return statistics.median(math.inf if one[key] is None else one[key] for one in group) if group else math.inf


def columns(group):
    if not group:
        return {"seeds": 0}
    number = {key: finite(median(group, key)) for key in ("reached", "triggered", "detected")}
    return {"seeds": len(group), "runs": most(group), "seen": detections(group), "median": number,
            "reached": sum(one["reached"] is not None for one in group),
            "triggered": sum(one["triggered"] is not None for one in group),
            "oracles": sorted({one["oracle"] for one in group if one["oracle"]})}


def finite(value):
    return None if math.isinf(value) else int(value)


def is_detected(row):
    return row["seeds"] > 0 and row["seen"] * 2 > row["seeds"]


def score(rows):
    measured = [row for row in rows if row["seeds"]]
    within = [row for row in measured if is_detected(row)]
    return {"classes": len(rows), "measured": len(measured), "detected": len(within),
            "within 200k": sum(row["median"]["detected"] <= 200_000 for row in within),
            "within 1M": sum(row["median"]["detected"] <= 1_000_000 for row in within),
            "within 5M": sum(row["median"]["detected"] <= 5_000_000 for row in within)}


def ablations(rows):
    """Classes that are still seen when the fuzzer goes without something, beside those that it sees with all it has."""
    found = {}
    for name in ABLATIONS:
        measured = [row for row in rows if name in row]
        if measured:
            runs = max(row[name]["runs"] for row in measured)
            seen = [row for row in measured if is_detected(row) and row["median"]["detected"] <= runs]
            found[name] = {"measured": len(measured), "runs": runs, "all": len(seen),
                           "seeds": min(row[name]["seeds"] for row in measured),
                           "detected": sum(is_detected(row[name]) for row in measured)}
    return found


def clean(runs):
    """Executions of each fuzzer without a bug, and what its oracles said all the same."""
    found = {}
    for one in runs:
        if one["class"] is None:
            entry = found.setdefault(one["target"], {"executions": 0, "violations": []})
            entry["executions"] += one["executed"] or 0
            if one["oracle"]:
                entry["violations"].append(f"{one['oracle']}: {one['detail']}")
    return found


def grouped(value):
    return f"{value:,}".replace(",", " ")


def cells(row):
    def shown(value):
        return "-" if value is None else grouped(value)

    if not row["seeds"]:
        return [str(row["class"]), row["bug"], row["target"], "", "", "not measured", "", "", ""]
    octets = row.get("structure")
    return [str(row["class"]), row["bug"], row["target"], shown(row["median"]["reached"]), shown(row["median"]["triggered"]),
            f"{row['seen']} of {row['seeds']}", shown(row["median"]["detected"]), " ".join(row["oracles"]),
            f"{octets['seen']} of {octets['seeds']}, {shown(octets['median']['detected'])}" if octets else ""]


HEADS = ["class", "bug", "fuzzer", "reached", "triggered", "detected", "executions", "oracle", "octets only"]


# What is left of a fuzzer in an ablation, as `run` says it.
LESS = {"structure": "Octets only", "dictionary": "Octets and a dictionary", "repair": "Without repair",
        "operations": "Without operations", "corpus": "Without a corpus"}


def sentences(summary):
    yield scored(summary["score"], "classes")
    for name, entry in summary["ablations"].items():
        yield (f"{LESS[name]}, in {grouped(entry['runs'])} executions of {seeds(entry['seeds'])}: {entry['detected']} of "
               f"{entry['measured']}; with everything {entry['all']} of these.")
    for target, entry in sorted(summary["clean"].items()):
        violations = len(entry["violations"])
        yield (f"{target} without a bug: {grouped(entry['executions'])} executions, "
               + (f"{violations} violations: the score is void." if violations else "no violation."))
    yield from missed(summary["classes"])


def seeds(count):
    return "one seed" if count == 1 else f"{count} seeds"


def held_out_sentences(rows):
    yield scored(score(rows), "bugs")
    yield from missed(rows)


def scored(said, things):
    return (f"{said['detected']} of {said['measured']} measured {things} are detected in most seeds (there are "
            f"{said['classes']}): {said['within 200k']} within 200 000 executions, {said['within 1M']} within 1 million, "
            f"{said['within 5M']} within 5 million.")


def missed(rows):
    left = [f"{row['class']} ({row['bug']})" for row in rows if row["seeds"] and not is_detected(row)]
    if left:
        yield f"Not detected: {', '.join(left)}."


def text(rows, said):
    lines = [HEADS, *(cells(row) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(HEADS))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join([*said, "", *table]) + "\n"


def markdown(rows, said):
    lines = ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join([*said, "", "| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS), *lines]) + "\n"


def chart(rows):
    """Median executions to detection, on a logarithmic scale; below each bar that of octets only."""
    left, width, height = 220, 520, 16
    decades = 7

    def place(value):
        return left + width * min(math.log10(max(value, 1)), decades) / decades

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" height="{height * len(rows) + 50}" '
             'font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>']
    bottom = height * len(rows) + 24
    for decade in range(decades + 1):
        x = place(10 ** decade)
        parts.append(f'<line x1="{x:.0f}" y1="20" x2="{x:.0f}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.0f}" y="{bottom + 14}" text-anchor="middle">10^{decade}</text>')
    parts.append(f'<text x="{left}" y="12">executions to detection, median; dark: all, light: octets only</text>')
    for index, row in enumerate(rows):
        y = 22 + height * index
        parts.append(f'<text x="{left - 6}" y="{y + 10}" text-anchor="end">{row["class"]} {row["bug"]}</text>')
        for group, colour, offset in ((row, "#1f4e79", 0), (row.get("structure", {}), "#9dc3e6", 7)):
            value = group.get("median", {}).get("detected")
            if value is not None:
                parts.append(f'<rect x="{left}" y="{y + offset}" width="{place(value) - left:.0f}" height="6" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
