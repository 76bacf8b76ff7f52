"""Text from outside never reaches the toolkit as a `str`, which it would read as markup (reliability facts 1.1, 4.5).

The check reads the source: what a widget is given to show is a literal, a translation of one, `Content` or `Pieces`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mbclient

UI, CLI = (Path(mbclient.__file__).parent / room for room in ("ui", "cli"))
SHOWS = {
    "Static": 1, "Label": 1, "Button": 1, "Option": 1, "Selection": 1, "Checkbox": 1, "RadioButton": 1, "TabPane": 1,
    "Link": 1, "Digits": 1, "Choices": 9, "OptionList": 9, "SelectionList": 9, "RadioSet": 9, "Select": 9,
}  # fmt: skip
"""Widgets, and how many of their leading arguments are shown."""
METHODS = {"update", "add_option", "add_options", "add_row", "add_rows", "add_column", "add_columns", "set_options",
           "add_leaf", "set_label", "replace_option_prompt"}  # fmt: skip
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "label", "prompt"}
WORDS = {"_", "ngettext", "N_"}


class Reader(ast.NodeVisitor):
    """Finds what a widget is given that may be text from outside, and ids made of something."""

    def __init__(self, contents: set[str]) -> None:
        self.contents = contents  # functions that return Content, by name
        self.found: list[tuple[int, str]] = []
        self._names: list[set[str]] = [set()]

    # ---------------------------------------------------------------- what is known to be Content

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        names = {each.arg for each in arguments if each.annotation is not None and _is_content(each.annotation)}
        self._names.append(names)
        self.generic_visit(node)
        self._names.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_comprehension(self, node: ast.comprehension) -> None:
        if isinstance(node.target, ast.Name) and self.is_safe(node.iter):
            self._names[-1].add(node.target.id)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        for generator in node.generators:
            self.visit(generator)
        self.visit(node.elt)

    visit_GeneratorExp = visit_ListComp

    def is_safe(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant() | ast.Dict() | ast.Set():
                return True
            case ast.Name(id=name):
                return any(name in names for names in self._names)
            case ast.Starred(value=value):
                return self.is_safe(value)
            case ast.List(elts=elts) | ast.Tuple(elts=elts):
                return all(map(self.is_safe, elts))
            case ast.ListComp() | ast.GeneratorExp():
                for generator in node.generators:
                    self.visit_comprehension(generator)
                return self.is_safe(node.elt)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_safe(body) and self.is_safe(orelse)
            case ast.Call(func=ast.Name(id="Content" | "Pieces")):
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id="Content"), attr=attr)):
                return attr in ("assemble", "styled")
            case ast.Call(func=ast.Name(id="Hanging"), args=[content, *_]):
                return self.is_safe(content)
            case ast.Call(func=ast.Name(id=name), args=args) if name in WORDS:
                return all(isinstance(each, ast.Constant) for each in args[:1])
            case ast.Call(func=ast.Name(id=name)) if name in SHOWS:
                return True  # its own arguments are looked at where it stands
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return name in self.contents
        return False

    # ---------------------------------------------------------------- where something is shown

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        shown: list[ast.expr] = []
        if name in SHOWS:
            shown = list(node.args[: SHOWS[name]])
            shown += [each.value for each in node.keywords if each.arg in ("label", "content", "prompt", "title")]
        elif name in METHODS and isinstance(node.func, ast.Attribute):
            shown = list(node.args)
        for each in shown:
            if not self.is_safe(each):
                self._tell(each, f"{name} is given {ast.unparse(each)}")
        if name == "notify" and not _says(node, "markup", False):
            self._tell(node, "notify without markup=False")
        if _says(node, "markup", True) or name in ("from_markup", "from_rich_text"):
            self._tell(node, "markup is asked for")
        for keyword in node.keywords:
            given = keyword.value
            fixed = isinstance(given, ast.Constant) or (isinstance(given, ast.Name) and given.id == "id")
            if keyword.arg in ("id", "classes") and name in {*SHOWS, "Input", "__init__"} and not fixed:
                self._tell(node, f"{keyword.arg} is made of {ast.unparse(given)}")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES and not self.is_safe(node.value):
                self._tell(node, f"{target.attr} is given {ast.unparse(node.value)}")
        self.generic_visit(node)

    def _tell(self, node: ast.AST, problem: str) -> None:
        self.found.append((getattr(node, "lineno", 0), problem))


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name(value)
    return ""


def _says(call: ast.Call, name: str, value: bool) -> bool:
    return any(
        each.arg == name and isinstance(each.value, ast.Constant) and each.value.value is value
        for each in call.keywords
    )


def _is_content(annotation: ast.expr) -> bool:
    """`Content`, `Pieces`, or a sequence of them: nothing that may also be a str."""
    sure = ("Content", "Pieces", "Sequence[Content]", "list[Content]", "Option", "Sequence[Option]")
    return ast.unparse(annotation) in sure


def contents_of(trees: list[ast.Module]) -> set[str]:
    """Names of functions that return Content – in every place where one of that name is defined."""
    returns: dict[str, list[bool]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
                returns.setdefault(node.name, []).append(_is_content(node.returns))
    return {name for name, all_of_them in returns.items() if all(all_of_them)}


def problems(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    reader = Reader(contents_of([tree]))
    reader.visit(tree)
    return (problem for _line, problem in reader.found)


def uses_the_toolkit(tree: ast.Module) -> bool:
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return any(name.partition(".")[0] in ("textual", "rich") for name in named)


def defined_in(tree: ast.Module) -> set[str]:
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_nothing_from_outside_is_shown_as_markup() -> None:
    trees = {file: ast.parse(file.read_text("utf-8")) for file in sorted(UI.rglob("*.py"))}
    assert len(trees) > 40
    everywhere = contents_of(list(trees.values()))
    found = []
    for file, tree in trees.items():
        if uses_the_toolkit(tree):
            reader = Reader(contents_of([tree]) | (everywhere - defined_in(tree)))
            reader.visit(tree)
            found += [f"{file.name}:{line}: {problem}" for line, problem in reader.found]
    assert found == []


def test_commands_have_nothing_that_reads_markup() -> None:
    assert not [file.name for file in CLI.rglob("*.py") if uses_the_toolkit(ast.parse(file.read_text("utf-8")))]


@pytest.mark.parametrize(
    "source",
    [
        "Static(text)",
        "Static(f'{name} is here')",
        "Static(post.text)",
        "Static(_('by {name}').format(name=name))",
        "Static(str(error))",
        "Static('a' + name)",
        "Static(first or second)",
        "Option(name)",
        "OptionList('fixed', name)",
        "OptionList(*names)",
        "Choices(*(Option(name) for name in names))",
        "SelectionList[str](*(Selection(name, name) for name in names))",
        "Selection(name, 1)",
        "Button(name)",
        "Button(label=name)",
        "TabPane(title)",
        "box.update(text)",
        "self.query_one('#x', Static).update(self.words())",
        "table.add_row(name, 'x')",
        "table.add_column(name)",
        "self.border_title = name",
        "self.tooltip = f'{name}'",
        "app.notify(text)",
        "app.notify(text, markup=True)",
        "Static('x', markup=True)",
        "Static(Content.from_markup(text))",
        "Static(Hanging(text, 2))",
        "Static(Content('x'), id=f'post-{post.id}')",
        "Static(Content('x'), id=name)",
        "Input(id=post.id)",
        "Static(Content('x'), classes=name)",
        "def f(text: str): Static(text)",
        "def words() -> str: ...\nStatic(words())",
        "def words() -> str | Content: ...\nStatic(words())",
    ],
)
def test_what_may_be_markup_is_found(source: str) -> None:
    assert list(problems(source))


@pytest.mark.parametrize(
    "source",
    [
        "Static('fixed')",
        "Static(_('fixed'))",
        "Static(Content(text))",
        "Static(Pieces((name, 'bold'), (text, '')))",
        "Static(Hanging(Content(text), 2))",
        "Static(Content.assemble((name, 'bold'), text))",
        "def words() -> Content: ...\nStatic(words())",
        "class A:\n def words(self) -> Content: ...\n def f(self): self.x.update(self.words())",
        "def put(lines: Sequence[Content]): box.add_options([Option(line) for line in lines])",
        "Choices(*(Option(Content(name)) for name in names))",
        "app.notify(text, markup=False)",
        "Static(Content('x'), id='title')",
        "def __init__(self, id: str | None = None): super().__init__(id=id)",
        "Button(_('Sign in'), variant='primary', id='sign-in')",
    ],
)
def test_what_is_plain_is_let_through(source: str) -> None:
    assert list(problems(source)) == []
