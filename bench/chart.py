"""A line chart as SVG: small, readable in light and in dark, with no library."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.figures import brief

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 32, 84, 52
STYLE = """
svg{--paper:#fff;--ink:#24292f;--grid:#d8dee4;--c0:#0b62c4;--c1:#b3440e;--c2:#15763a;--c3:#7a3fb0}
@media(prefers-color-scheme:dark){svg{--paper:#15191f;--ink:#dfe4ea;--grid:#3a424c;
--c0:#6cb2ff;--c1:#ff9d66;--c2:#6fd08c;--c3:#c9a0f5}}
text{fill:var(--ink);font:12px system-ui,sans-serif}.t{font-size:15px;font-weight:600}
.g{stroke:var(--grid)}.m{text-anchor:middle}.e{text-anchor:end}
"""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on a line, and the range into which its runs fell."""

    x: float
    y: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Line:
    """One curve; every other kind of dash tells it apart without colour."""

    label: str
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. The axes count in tens where `log_x` or `log_y` says so, else from 0."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    log_x: bool = True
    log_y: bool = True


def svg(chart: Chart) -> str:
    """The chart as a document. Every line needs a dot, and a log axis values above 0."""
    dots = [dot for line in chart.lines for dot in line.dots]
    across = _axis([dot.x for dot in dots], LEFT, WIDTH - RIGHT, log=chart.log_x)
    up = _axis([y for d in dots for y in (d.least, d.most)], HEIGHT - BOTTOM, TOP, log=chart.log_y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(chart.title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="var(--paper)"/>',
        _text(LEFT - 48, 24, chart.title, "t"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, chart.x, "m"),
        _text(LEFT - 48, TOP - 14, chart.y),
    ]
    for value in across.ticks:
        x = across.place(value)
        parts += [_rule(x, TOP, x, HEIGHT - BOTTOM), _text(x, HEIGHT - BOTTOM + 18, _n(value), "m")]
    for value in up.ticks:
        y = up.place(value)
        parts += [_rule(LEFT, y, WIDTH - RIGHT, y), _text(LEFT - 8, y + 4, _n(value), "e")]
    for number, line in enumerate(chart.lines):
        parts += _line(line, number, across.place, up.place)
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True, slots=True)
class _Axis:
    place: Callable[[float], float]
    ticks: Sequence[float]


def _axis(values: Sequence[float], start: float, end: float, *, log: bool) -> _Axis:
    if log:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        high = max(high, low + 1)
        ticks = [10.0**power for power in range(low, high + 1)]
        return _Axis(lambda v: start + (end - start) * (math.log10(v) - low) / (high - low), ticks)
    step = _step(max(values))
    top = step * math.ceil(max(values) / step)
    ticks = [step * n for n in range(round(top / step) + 1)]
    return _Axis(lambda v: start + (end - start) * v / top, ticks)


def _step(most: float) -> float:
    """A round step of which four to eight make the axis."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(power * s for s in (0.2, 0.5, 1, 2) if most / (power * s) <= 6)  # noqa: PLR2004


def _line(
    line: Line, number: int, across: Callable[[float], float], up: Callable[[float], float]
) -> list[str]:
    colour = f"var(--c{number})"
    points = " ".join(f"{across(d.x):.1f},{up(d.y):.1f}" for d in line.dots)
    dash = f' stroke-dasharray="{2 + 4 * number} 4"' if number else ""
    parts = [f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>']
    for dot in line.dots:
        x = across(dot.x)
        parts.append(f'<circle cx="{x:.1f}" cy="{up(dot.y):.1f}" r="3.5" fill="{colour}"/>')
        if dot.least < dot.most:
            ends = f'y1="{up(dot.least):.1f}" y2="{up(dot.most):.1f}"'
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" {ends} stroke="{colour}"/>')
    x = LEFT + 150 * number
    parts.append(f'<path d="M{x} 42h24" stroke="{colour}" stroke-width="2"{dash}/>')
    parts.append(_text(x + 30, 46, line.label))
    return parts


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="g" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'


def _n(value: float) -> str:
    return brief(value).rstrip("0").rstrip(".") if "." in brief(value) else brief(value)
