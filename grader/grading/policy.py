"""A static look for library functions that an exercise forbids.

It reads the module once, in the order in which Python would run it, and follows what each name stands for
(`name_resolution`). It is only the first line: it finds what is written plainly and tells the candidate the place,
while a guard in the guest stops what is worked out at run time. A mention is not a use: comments, strings, and names
that the candidate defined are left alone.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Sequence
from typing import Literal, NamedTuple

from grader.grading.forbidden_names import ForbiddenNames
from grader.grading.name_resolution import resolve
from grader.grading.scope import NOTHING, Meaning, Scope, bound_names, library, library_names

How = Literal["import", "reference", "lookup", "subclass"]
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Finding(NamedTuple):
    """One forbidden name and its first use on a line.

    `column` counts from 1, in bytes of UTF-8. `how` is `import` (an import statement), `reference` (a name or an
    attribute), `lookup` (a constant string given to `getattr`, `import_module` or the like) or `subclass`.
    """

    line: int
    column: int
    name: str
    how: How


def find_forbidden(tree: ast.Module, forbid: tuple[str, ...], *, native: bool = True) -> list[Finding]:
    """Every place where `tree` uses a name of `forbid`, in the order of lines.

    Unless `native`, what loads native code is forbidden, too. The tree must be no deeper than what `examination` lets
    through. Raises TooComplexError when following all names would take too many steps.
    """
    reader = _Reader(tree, ForbiddenNames(forbid, native=native))
    reader.read()
    return sorted(reader.findings.values())


class _Reader(ast.NodeVisitor):
    """Walks the module in running order; function bodies wait until the scope around them has been read."""

    def __init__(self, tree: ast.Module, forbid: ForbiddenNames) -> None:
        self.findings: dict[tuple[int, str], Finding] = {}
        self._tree = tree
        self._forbid = forbid
        self._used: frozenset[str] | None = None
        self._exports: dict[str, dict[str, Meaning]] = {}
        self._scope = Scope("module")
        self._budget = self._scope.budget
        self._waiting: deque[tuple[Scope, Sequence[ast.AST]]] = deque([(self._scope, tree.body)])
        self._annotations_run = not any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )

    def read(self) -> None:
        while self._waiting:
            self._scope, body = self._waiting.popleft()
            self._visit_all(body)

    def _visit_all(self, nodes: Sequence[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    # Findings

    def _check(self, node: ast.expr, how: How) -> bool:
        hits = [self._check_name(name, node, how) for name in library_names(resolve(node, self._scope))]
        return any(hits)

    def _check_name(self, dotted: str, node: ast.expr | ast.alias, how: How) -> bool:
        self._budget.spend(1 + len(dotted) // 10)
        name = self._forbid.part_of(dotted)
        if name is not None:
            finding = Finding(line=node.lineno, column=node.col_offset + 1, name=name, how=how)
            self.findings.setdefault((finding.line, name), finding)
        return name is not None

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._check(node, "reference")
        else:  # a target whose value is not known, or `del`
            self._scope.bind(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not (isinstance(node.ctx, ast.Load) and self._check(node, "reference")):
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self._check(node, "lookup")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._check(node, "lookup")
        self.generic_visit(node)

    # Imports

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._check_name(alias.name, alias, "import")
            top = alias.name.partition(".")[0]
            self._scope.bind(alias.asname or top, library(alias.name if alias.asname else top))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.level or not node.module:  # relative: there is no package around a submission
                self._scope.bind(alias.asname or alias.name)
            elif alias.name == "*":
                self._check_name(node.module, alias, "import")
                self._bind_all_of(node.module)
            else:
                name = f"{node.module}.{alias.name}"
                self._check_name(name, alias, "import")
                self._scope.bind(alias.asname or alias.name, library(name))

    def _bind_all_of(self, module: str) -> None:
        """A star import brings names that cannot be listed here; those that lead to a forbidden one are enough."""
        if module not in self._exports:
            self._exports[module] = self._forbidden_exports(module)
        self._budget.spend(len(self._exports[module]))
        for name, meaning in self._exports[module].items():
            if self._scope.layers[-1].get(name) != meaning:
                self._scope.bind(name, meaning)

    def _forbidden_exports(self, module: str) -> dict[str, Meaning]:
        if self._used is None:
            self._used = frozenset(node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name))
        names = self._forbid.directly_below(module, self._used)
        return {name: library(f"{module}.{name}") for name in names}

    # Bindings

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if self._annotations_run and self._scope.kind != "function":
            self.visit(node.annotation)
        if node.value:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self._scope
        while scope.kind == "comprehension" and scope.outer:
            scope = scope.outer
        scope.bind(node.target.id, resolve(node.value, self._scope))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        pairs = _pairs(target, value)
        meanings = [resolve(part, self._scope) for _, part in pairs]
        for (place, _), meaning in zip(pairs, meanings, strict=True):
            if isinstance(place, ast.Name):
                self._scope.bind(place.id, meaning)
            else:
                self.visit(place)

    def visit_Global(self, node: ast.Global) -> None:
        for name in node.names:
            self._scope.share(name, is_global=True)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            self._scope.share(name, is_global=False)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._bind_capture(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        self._bind_capture(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._bind_capture(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        self._bind_capture(node.rest)

    def _bind_capture(self, name: str | None) -> None:
        if name is not None:
            self._scope.bind(name)

    # Branches

    def _alternatives(self, *branches: Sequence[ast.AST]) -> None:
        outcomes = []
        for branch in branches:
            with self._scope.branch() as outcome:
                self._visit_all(branch)
            outcomes.append(outcome)
        self._scope.merge(outcomes)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._alternatives([] if self._never_runs(node.test) else node.body, node.orelse)

    def _never_runs(self, test: ast.expr) -> bool:
        """Whether this is `__name__ == "__main__"`: a submission is imported, so a trial below that is no use."""
        match test:
            case ast.Compare(
                left=ast.Name(id="__name__" as name), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]
            ):
                return self._scope.look_up(name) == library("builtins.__name__")
        return False

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._alternatives(node.body, [])
        self._alternatives(node.orelse, [])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._alternatives([node.target, *node.body], [])
        self._alternatives(node.orelse, [])

    visit_AsyncFor = visit_For  # noqa: N815 - the names are those of `ast`

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        self._alternatives(node.body, [])
        self._alternatives(node.orelse, *([handler] for handler in node.handlers))
        self._visit_all(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815 - the names are those of `ast`

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._alternatives([], *([case] for case in node.cases))

    # Scopes

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all(node.decorator_list)
        if node.returns and self._annotations_run:
            self.visit(node.returns)
        self._defer(node, node.body)
        self._scope.bind(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the names are those of `ast`

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defer(node, [node.body])

    def visit_arg(self, node: ast.arg) -> None:
        if node.annotation and self._annotations_run:
            self.visit(node.annotation)

    def _defer(self, node: _Function, body: Sequence[ast.AST]) -> None:
        self.visit(node.args)
        inner = Scope("function", self._scope_for_closures())
        inner.own(bound_names(body))
        for name, meaning in self._parameters(node.args):
            inner.bind(name, meaning)
        _bind_type_parameters(node, inner)
        if any(isinstance(statement, (ast.Global, ast.Nonlocal)) for statement in body):
            self._waiting.appendleft((inner, body))  # what it binds elsewhere, the others are to see
        else:
            self._waiting.append((inner, body))

    def _parameters(self, args: ast.arguments) -> list[tuple[str, Meaning]]:
        """Each parameter with the meaning of its default."""
        positional = [*args.posonlyargs, *args.args]
        defaults = [*[None] * (len(positional) - len(args.defaults)), *args.defaults, *args.kw_defaults]
        named = zip([*positional, *args.kwonlyargs], defaults, strict=True)
        rest = [(arg.arg, NOTHING) for arg in (args.vararg, args.kwarg) if arg]
        return [(arg.arg, resolve(value, self._scope) if value else NOTHING) for arg, value in named] + rest

    def _scope_for_closures(self) -> Scope:
        """The scope that an inner function or class sees: names of a class body are not visible there."""
        scope = self._scope
        while scope.kind == "class" and scope.outer:
            scope = scope.outer
        return scope

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.decorator_list)
        for base in node.bases:
            self._check(base, "subclass")
        self._visit_all([*node.bases, *node.keywords])
        around = self._scope
        self._scope = Scope("class", self._scope_for_closures())
        _bind_type_parameters(node, self._scope)
        self._visit_all(node.body)
        self._scope = around
        self._scope.bind(node.name)

    def visit_ListComp(self, node: _Comprehension) -> None:
        around = self._scope
        self._scope = Scope("comprehension", around)
        for generator in node.generators:
            self._visit_all([generator.iter, generator.target, *generator.ifs])
        self._visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self._scope = around

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815 - the names are those of `ast`


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Which part of `value` goes to which part of `target`; an unpacking that cannot be matched stays whole."""
    match target, value:
        case (ast.Tuple(elts=places) | ast.List(elts=places), ast.Tuple(elts=parts) | ast.List(elts=parts)):
            starred = any(isinstance(element, ast.Starred) for element in [*places, *parts])
            if len(places) == len(parts) and not starred:
                return [pair for place, part in zip(places, parts, strict=True) for pair in _pairs(place, part)]
    return [(target, value)]


def _bind_type_parameters(node: ast.AST, scope: Scope) -> None:
    for parameter in getattr(node, "type_params", []):  # Python 3.12 and later
        scope.bind(parameter.name)
