"""A reader of HTML pages that checks them: every tag closed in order, what is shown, what is linked."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input"}


class Balance(HTMLParser):
    """Checks that every tag is closed in order, and collects what is shown."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag != "image":
            self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    """Return what a page holds, after checking that it is closed."""
    reader = Balance()
    reader.feed(page)
    assert reader.open == []
    return reader
