"""Two charts, drawn as SVG by hand."""
from html import escape
from math import ceil, floor, log10

COLOURS = {"met": "#2a7f3f", "undecided": "#b8860b", "missed": "#b03030", "": "#456"}
STYLE = ('<style>text{font:12px sans-serif;fill:#222}.t{font-weight:bold;font-size:14px}.s{fill:#666}'
         '@media (prefers-color-scheme:dark){text{fill:#ddd}.s{fill:#aaa}}</style>')


def svg(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            + STYLE + "".join(parts) + "</svg>\n")


def text(x, y, value, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(value)}</text>'


def line(x1, y1, x2, y2, colour, width=1.0, dashes=""):
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"{dashed}/>'


class LogAxis:
    """Maps values to pixels by their logarithm."""

    def __init__(self, values, start, end):
        self.low, self.high = floor(log10(min(values))), ceil(log10(max(values)))
        self.high += self.high == self.low
        self.start, self.end = start, end

    def at(self, value):
        return self.start + (log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def marks(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def ratios(rows):
    """A line for each row with a ratio: spread, median, and its budget."""
    rows = [row for row in rows if row.get("ratio") and row["ratio_low"] > 0]
    if not rows:
        return svg(100, 20, [])
    left, right, step, top = 600, 1120, 18, 64
    height = top + step * len(rows) + 30
    axis = LogAxis([row[key] for row in rows for key in ("ratio_low", "ratio_high")] + [row.get("budget", 1) for row in rows], left, right)
    parts = [text(10, 20, "Ours against each peer: median, lowest to highest", kind="t"),
             text(10, 38, "speed: further right is better; time and CPU: further left. Tall mark: budget. Green met, amber undecided, "
                  "red missed, grey without budget", kind="s")]
    for mark in axis.marks():
        parts += [line(axis.at(mark), top - 8, axis.at(mark), height - 22, "#999", 0.5), text(axis.at(mark), height - 8, f"{mark:g}", "middle")]
    for index, row in enumerate(rows):
        y = top + step * index + 6
        colour = COLOURS[row.get("verdict", "") if row.get("budget_kind") in ("at_least", "at_most") else ""]
        name = row["row"] + (f" / {row['peer']}" if row["group"] == "small" else "")
        parts += [text(left - 12, y + 4, name if len(name) < 92 else name[:90] + "…", "end"),
                  line(axis.at(row["ratio_low"]), y, axis.at(row["ratio_high"]), y, colour, 3),
                  f'<circle cx="{axis.at(row["ratio"]):.1f}" cy="{y}" r="4.5" fill="{colour}"/>']
        if row.get("budget_kind") in ("at_least", "at_most"):
            parts.append(line(axis.at(row["budget"]), y - 7, axis.at(row["budget"]), y + 7, "#222", 1.6))
    return svg(right + 30, height, parts)


def growth(rows):
    """Nanoseconds for each item over the number of items, one panel for each kind of item."""
    rows = [row for row in rows if row["group"] == "growth"]
    kinds = list(dict.fromkeys(row["row"] for row in rows))
    wide, high, parts = 330, 260, [text(10, 20, "Cost of one item, however many there are: flat is linear", kind="t")]
    for panel, kind in enumerate(kinds):
        points = [row for row in rows if row["row"] == kind]
        left, bottom = 60 + panel * wide, high - 34
        across = LogAxis([row["count"] for row in points], left, left + wide - 90)
        up = LogAxis([row[key] for row in points for key in ("low", "high")], bottom, 60)
        parts.append(text(left - 40, 44, kind.split(", for each ")[-1] + ", ns each"))
        for mark in up.marks():
            parts += [line(left, up.at(mark), left + wide - 90, up.at(mark), "#999", 0.5), text(left - 6, up.at(mark) + 4, f"{mark:g}", "end")]
        for mark in (10 ** across.low, 10 ** across.high):
            parts.append(text(across.at(mark), bottom + 18, f"{mark:,}", "middle"))
        spots = [(across.at(row["count"]), up.at(row["ours"])) for row in points]
        parts += [line(*a, *b, "#2a5f9f", 2) for a, b in zip(spots, spots[1:])]
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#2a5f9f"/>' for x, y in spots]
        parts += [line(across.at(row["count"]), up.at(row["low"]), across.at(row["count"]), up.at(row["high"]), "#2a5f9f", 1.2) for row in points]
    return svg(60 + wide * len(kinds), high, parts)
