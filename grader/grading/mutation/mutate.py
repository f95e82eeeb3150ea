"""All mutations of a module, in order, each once."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator
from functools import cached_property

from grader.grading.mutation import arguments, arithmetic, comparison, constants, functions, logic, slices, statements
from grader.grading.mutation.module import Module
from grader.grading.mutation.mutant import Edit, Mutation
from grader.grading.mutation.places import places
from grader.grading.mutation.rendering import renderings
from grader.grading.mutation.statements import Replacement

_FAMILIES = (arithmetic, comparison, constants, logic, slices, functions, arguments)
_EXPRESSIONS: tuple[Callable[[ast.expr, Module], Iterator[ast.expr]], ...] = tuple(
    operator for family in _FAMILIES for operator in family.EXPRESSIONS
)
_STATEMENTS: tuple[Callable[[ast.stmt, Module], Iterator[Replacement]], ...] = statements.STATEMENTS
OPERATORS = tuple(operator.__name__ for operator in (*_EXPRESSIONS, *_STATEMENTS))


def mutations(source: str) -> list[Mutation]:
    """Every automatic mutant of the module `source`, by line, column and operator; raises SyntaxError for no Python.

    Each parses, differs from `source` in meaning, as far as syntax shows it, and from each other in its syntax tree.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # `1 is x` and the like are mistakes that are meant
        module = Module(source)
        blocks = [_Block(module, statement) for statement in module.tree.body]
        found = [mutant for block in blocks for mutant in block.mutants()]
    return [mutation for _, mutation in sorted(found, key=lambda mutant: mutant[0])]


class _Block:
    """One statement of the module's own level: all that needs to be parsed again for a mutation within it."""

    def __init__(self, module: Module, statement: ast.stmt) -> None:
        self._module = module
        self._statement = statement
        decorators = getattr(statement, "decorator_list", [])
        first = module.span(decorators[0])[0] if decorators else module.span(statement)[0]
        self._start = module.source.rindex("@", 0, first) if decorators else first
        self._end = module.span(statement)[1]
        self._trees = {ast.dump(statement)}

    def mutants(self) -> Iterator[tuple[tuple[int, int, str, int], Mutation]]:
        """Mutations that stand in this block, and by what they are sorted."""
        for node in self._places:
            for count, (operator, replacement) in enumerate(self._replacements(node)):
                tree = self._meaning(replacement)
                if tree is not None and tree not in self._trees:
                    self._trees.add(tree)
                    yield (node.lineno, node.col_offset, operator, count), self._mutation(node, operator, replacement)

    @cached_property
    def _places(self) -> list[ast.expr | ast.stmt]:
        return list(places(ast.Module([self._statement], [])))

    def _replacements(self, node: ast.expr | ast.stmt) -> Iterator[tuple[str, Replacement]]:
        if isinstance(node, ast.stmt):
            for change in _STATEMENTS:
                yield from ((change.__name__, replacement) for replacement in change(node, self._module))
            return
        for operator in _EXPRESSIONS:
            for new in operator(node, self._module):
                replacement = self._written(node, new)
                if replacement is not None:
                    yield operator.__name__, replacement

    def _written(self, node: ast.expr, new: ast.expr) -> Replacement | None:
        """The text that means `new` where `node` stands, if there is one."""
        expected = self._with(node, new)
        candidates = (Replacement(*self._module.span(node), text) for text in renderings(new, self._module))
        return next((one for one in candidates if self._meaning(one) == expected), None)

    def _with(self, node: ast.expr, new: ast.expr) -> str:
        """The syntax tree of the block with `new` in the place of `node`."""
        parent, field, index = self._module.role(node)
        if index is None:
            setattr(parent, field, new)
        else:
            getattr(parent, field)[index] = new
        try:
            return ast.dump(self._statement)
        finally:
            if index is None:
                setattr(parent, field, node)
            else:
                getattr(parent, field)[index] = node

    def _meaning(self, change: Replacement) -> str | None:
        """The syntax tree of the block after `change`; None where it is no longer one statement."""
        source = self._module.source
        try:
            tree = ast.parse(source[self._start : change.start] + change.text + source[change.end : self._end])
        except SyntaxError:
            return None
        return ast.dump(tree.body[0]) if len(tree.body) == 1 else None

    def _mutation(self, node: ast.expr | ast.stmt, operator: str, change: Replacement) -> Mutation:
        source = self._module.source
        edit = Edit(start=change.start, end=change.end, old=source[change.start : change.end], new=change.text)
        line = source.count("\n", 0, change.start) + 1
        return Mutation(operator=operator, line=line, edit=edit, source=edit.applied_to(source))
