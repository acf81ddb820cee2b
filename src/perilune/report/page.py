"""What every page of the report room is made of: the frame, tables, cards and drawings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

from perilune.report.svg import Chart, draw

Row = Sequence[str]


def document(title: str, sections: Iterable[str]) -> str:
    """Return a whole HTML page that needs no network and no other file; empty sections are left out."""
    style = resources.files("perilune.report").joinpath("report.css").read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n"
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def table(head: Row, rows: Iterable[Row], numeric_from: int = 1, name: str = "") -> str:
    """Return a table; cells are HTML, columns from `numeric_from` on stand to the right."""

    def cell(tag: str, index: int, text: str) -> str:
        kind = ' class="n"' if index >= numeric_from else ""
        return f"<{tag}{kind}>{text}</{tag}>"

    top = "".join(cell("th", index, text) for index, text in enumerate(head)) if any(head) else ""
    body = "\n".join(
        "<tr>" + "".join(cell("td", i, text) for i, text in enumerate(row)) + "</tr>" for row in rows
    )
    shown = f"<thead><tr>{top}</tr></thead>\n" if top else ""
    return f'<div class="scroll"><table class="{name}">{shown}<tbody>{body}</tbody></table></div>'


def cards(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return figures in large type: label, value, note."""
    shown = "".join(
        f'<div class="card"><h3>{label}</h3><p class="big">{value}</p><p class="sub">{note}</p></div>'
        for label, value, note in entries
    )
    return f'<section class="cards">{shown}</section>'


def figures(title: str, drawings: Sequence[Chart | None], words: str = "", *, tall: bool = False) -> str:
    """Return drawings side by side under a heading, the first beside two others if it is `tall`.

    Nothing where there are none.
    """
    shown = [chart for chart in drawings if chart is not None]
    if not shown:
        return ""
    drawn = "".join(f"<figure><figcaption>{escape(c.title)}</figcaption>{draw(c)}</figure>" for c in shown)
    head = f"<h2>{escape(title)}</h2>" if title else ""
    note = f"<p class=sub>{escape(words)}</p>" if words else ""
    return f'<section>{head}{note}<div class="figures n{len(shown)}{" tall" * tall}">{drawn}</div></section>'


def section(title: str, body: str, words: str = "") -> str:
    """Return a part of the page with its heading; nothing where the body is empty."""
    note = f"<p class=sub>{escape(words)}</p>" if words else ""
    return f"<section><h2>{escape(title)}</h2>{note}{body}</section>" if body else ""


def pill(words: str, good: bool) -> str:
    """Return a word in a coloured frame."""
    return f'<span class="pill {"good" if good else "bad"}">{escape(words.replace("_", " "))}</span>'
