"""Cut a stylesheet down to the classes that are used: Tabler is 635 kB, and a page needs a twentieth of it."""

import re
from collections.abc import Iterator

CLASS = re.compile(r"\.(-?[A-Za-z_](?:[\w-]|\\.)*)")
# Widgets that Tabler styles by data attributes of their scripts, such as its calendar.
WIDGET = re.compile(r"\[data-(?!bs-theme)")
TOKEN = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|url\([^)\"']*\)|[{};]|[^{};\"'/u]+|.", re.S)
NESTING = ("@media", "@supports", "@layer", "@container")


def subset(css: str, classes: frozenset[str]) -> str:
    """The same rules in the same order, without those that need a class which is not among `classes`.

    Rules for plain elements stay, `@font-face` goes, and license comments stay at the head of the file.
    """
    head = "".join(re.findall(r"/\*!.*?\*/", css, re.S))
    return f"{head}\n{_without_unread(_rules(css, classes))}\n"


def _without_unread(css: str) -> str:
    """Without animations that nothing plays, and without variables that nothing reads, nor what only those read."""
    names = re.findall(r"@keyframes ([\w-]+)", css)
    for name in names:
        if len(re.findall(rf"(?<![\w-]){name}(?![\w-])", css)) == 1:
            css = re.sub(rf"@keyframes {name}\{{(?:[^{{}}]*\{{[^{{}}]*\}})*[^{{}}]*\}}", "", css)
    while True:
        read = set(re.findall(r"var\(\s*(--[\w-]+)", css))
        unread = set(re.findall(r"(--[\w-]+):", css)) - read
        kept = re.sub(rf"(?<![\w-])(?:{'|'.join(unread)}):[^;{{}}]*;?", "", css) if unread else css
        if kept == css:
            return css
        css = re.sub(r"[^{}]+\{\}", "", kept)


def _rules(css: str, classes: frozenset[str]) -> str:
    return "".join(_kept(prelude.strip(), body, classes) for prelude, body in _blocks(css))


def _kept(prelude: str, body: str | None, classes: frozenset[str]) -> str:
    if body is None or prelude.startswith("@font-face"):
        return f"{prelude};" if prelude.startswith("@charset") else ""
    if prelude.startswith(NESTING):
        inner = _rules(body, classes)
        return f"{prelude}{{{inner}}}" if inner else ""
    if prelude.startswith("@"):
        return f"{prelude}{{{body}}}" if prelude.startswith("@keyframes") else ""
    selectors = [selector for selector in _selectors(prelude) if _used(selector, classes)]
    return f"{','.join(selectors)}{{{body}}}" if selectors else ""


def _used(selector: str, classes: frozenset[str]) -> bool:
    return classes.issuperset(CLASS.findall(selector)) and not WIDGET.search(selector)


def _selectors(prelude: str) -> Iterator[str]:
    """Split at commas outside brackets: `:is(a, b)` is one selector."""
    depth, start = 0, 0
    for index, sign in enumerate(prelude):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield prelude[start:index].strip()
            start = index + 1
    yield prelude[start:].strip()


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Top-level pairs of what stands before a block and what stands in it; None for a statement without block."""
    depth, prelude, body = 0, "", ""
    for token in TOKEN.findall(css):
        if token.startswith("/*"):
            continue
        if token == "}":
            depth -= 1
            if depth == 0:
                yield prelude, body
                prelude, body = "", ""
                continue
        if depth:
            body += token
        elif token == ";":
            yield prelude, None
            prelude = ""
        elif token != "{":
            prelude += token
        depth += token == "{"
