"""Two plots as SVG, readable on light and dark ground: bars of ratios, and curves of growth."""
import math
from html import escape

import table

STYLE = """<style>text{font:12px system-ui,sans-serif;fill:#555}.m{fill:#2f6fde}.x{fill:#c2410c}.k{fill:#9a9a9a}.goal{stroke:#111;stroke-width:2}
line{stroke:#bbb}polyline{fill:none;stroke-width:2}.lm{stroke:#2f6fde}.lk{stroke:#9a9a9a}@media(prefers-color-scheme:dark){text{fill:#bbb}.goal{stroke:#eee}line{stroke:#555}}</style>"""


def svg(width, height, label, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(label)}">\n'
            + STYLE + "\n" + "\n".join(parts) + "\n</svg>\n")


def text(x, y, words, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def ratios(judged):
    """One bar a line: Myelin as a part of Kafka, cut at the whole; a stroke where the goal is. More than Kafka is better is left out."""
    shown = [found for found in judged if found.ratio is not None and not found.line.is_more_better]
    left, width, step = 330, 400, 20
    parts = [text(left, 14, "0"), text(left + width, 14, "Kafka = 1", "middle")]
    for row, found in enumerate(shown):
        y = 24 + row * step
        length = width * min(max(found.ratio, 0), 1)
        goal = found.ratio / found.share if found.share else None
        aside = next((f" ({word})" for word in ("TLS", "fsync") if found.line.group.startswith(word)), "")
        parts.append(text(left - 8, y + 12, found.line.name.replace("`", "") + aside, "end"))
        parts.append(f'<rect class="{"m" if found.is_reached else "x"}" x="{left}" y="{y + 2}" width="{length:.1f}" height="{step - 6}"/>')
        says = length + 6 if length < width - 50 else width + 8
        if goal and goal <= 1:
            x = left + width * goal
            if -4 < width * goal - says < 34:
                says = width * goal + 6  # not across the stroke
            parts.append(f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + step - 2}"/>')
        parts.append(text(left + says, y + 12, f"{found.ratio:.2f}" if found.ratio >= 0.1 else f"{found.ratio:.3f}"))
    bottom = 24 + len(shown) * step
    parts.insert(0, f'<line x1="{left + width}" x2="{left + width}" y1="18" y2="{bottom}"/>')
    parts.append(text(left, bottom + 16, "stroke: the goal; red: missed"))
    return svg(left + width + 60, bottom + 26, "Myelin as a part of Kafka, line by line", parts)


def growth(curves):
    """One panel a curve: CPU-s/GB over the logarithm of what grows."""
    panel, height, parts = 270, 200, []
    for number, (title, axis, points) in enumerate(curves):
        left, top = number * panel + 44, 34
        width = panel - 74
        parts.append(text(left, 18, title))
        if not points:
            parts.append(text(left, top + 40, "not measured"))
            continue
        highest = max(max(kafka, myelin) for _, kafka, myelin in points)
        span = math.log10(points[-1][0] / points[0][0]) or 1

        def x(value, left=left, width=width, first=points[0][0], span=span):
            return left + width * math.log10(value / first) / span

        def y(value, top=top, highest=highest):
            return top + (height - top - 40) * (1 - value / highest)
        parts.append(f'<line x1="{left}" x2="{left + width}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>')
        parts += [text(left - 6, y(highest) + 4, table.shown(highest), "end"), text(left - 6, y(0) + 4, "0", "end")]
        parts += [text(x(value), y(0) + 16, f"{value:,}", "middle") for value, *_ in points]
        parts.append(text(left + width / 2, y(0) + 32, axis, "middle"))
        for at, kind, name in ((1, "lk", "Kafka"), (2, "lm", "Myelin")):
            corners = " ".join(f"{x(point[0]):.1f},{y(point[at]):.1f}" for point in points)
            parts.append(f'<polyline class="{kind}" points="{corners}"/>')
            parts.append(text(x(points[-1][0]) + 3, y(points[-1][at]) - 4, name, "end"))
    return svg(panel * len(curves), height, "CPU seconds a GB as partitions and connections grow", parts)
