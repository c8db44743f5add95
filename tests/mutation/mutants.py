"""What a careless hand could change in a module: one small change at a time, as code that can be put in its place."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType

COMPARED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
REVERSED = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}
COMPUTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
EXCHANGED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "iter"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. where: the function it is in, by qualified name, "" for code that runs on import.

    line, last: where what is changed begins and ends; change: what is done to it; of: what is changed, as written.
    """

    line: int
    last: int
    change: str
    of: str
    text: str
    where: str
    source: str
    path: tuple
    put: Callable

    def code(self) -> CodeType:
        """The whole changed module."""
        tree = ast.parse(self.source)
        self.put(tree, self.path)
        return compile(ast.fix_missing_locations(tree), "mutant", "exec")

    def function(self) -> CodeType:
        """The changed function."""
        return next(c for c in _codes(self.code()) if c.co_qualname == self.where)


def mutants(source):
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    lines = source.splitlines()
    for path, where in _places(tree, ()):
        node = _at(tree, path)
        of = " ".join((ast.get_source_segment(source, node) or "").split())[:60]
        for change, put in _changes(node):
            text = lines[node.lineno - 1].strip()
            yield Mutant(node.lineno, node.end_lineno, change, of, text, where, source, path, put)


def _codes(code):
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


def _places(node, path, where="", names=""):
    """The way to every node that may change, and the outermost function it runs in."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_comment", "ctx"} or isinstance(node, ast.Assert):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_talk(child) or _is_type(node, child):
                continue
            way = (*path, (field, index))
            inner, named = where, names
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                named = f"{names}.{child.name}" if names else child.name
            if not where and isinstance(node, ast.FunctionDef) and field == "body":
                inner = names
            if hasattr(child, "lineno"):
                yield way, inner
            yield from _places(child, way, inner, named)


def _is_talk(node):
    """Whether it is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_type(parent, node):
    """Whether it only names types: a Protocol's body, an alias, what a generic class is made of."""
    if isinstance(parent, ast.ClassDef):
        return node in parent.bases or node in parent.decorator_list or _is_protocol(parent)
    if isinstance(parent, ast.Module) and isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Subscript | ast.Name)
    if isinstance(parent, ast.FunctionDef):
        return node in parent.decorator_list
    return isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load) and _is_alias(parent)


def _is_protocol(node):
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def _is_alias(node):
    return isinstance(node.value, ast.Name) and node.value.id[:1].isupper()


def _at(tree, path):
    for field, index in path:
        tree = getattr(tree, field)
        if index is not None:
            tree = tree[index]
    return tree


def _set(tree, path, new):
    parent, (field, index) = _at(tree, path[:-1]), path[-1]
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _changes(node):
    """What may become of one node: what that is called, and what does it to a tree."""
    if found := _CHANGES.get(type(node)):
        yield from found(node)


def _by(make):
    """A change that puts what ``make`` makes of the node in its place."""
    return lambda tree, path: _set(tree, path, make(_at(tree, path)))


def _compare(node):
    for at, op in enumerate(node.ops):
        for table in (COMPARED, REVERSED):
            if new := table.get(type(op)):

                def put(n, at=at, new=new):
                    n.ops[at] = new()
                    return n

                yield f"{type(op).__name__} to {new.__name__}", _by(put)


def _boolop(node):
    new = ast.And if isinstance(node.op, ast.Or) else ast.Or
    yield (
        f"{type(node.op).__name__} to {new.__name__}",
        _by(lambda n: ast.copy_location(ast.BoolOp(new(), n.values), n)),
    )
    for at in range(len(node.values)):

        def drop(n, at=at):
            left = [v for i, v in enumerate(n.values) if i != at]
            return left[0] if len(left) == 1 else ast.copy_location(ast.BoolOp(n.op, left), n)

        yield f"part {at + 1} dropped", _by(drop)


def _unary(node):
    if isinstance(node.op, ast.Not):
        yield "not dropped", _by(lambda n: n.operand)


def _binary(node):
    if new := COMPUTED.get(type(node.op)):
        yield (
            f"{type(node.op).__name__} to {new.__name__}",
            _by(lambda n: ast.copy_location(ast.BinOp(n.left, new(), n.right), n)),
        )


def _augmented(node):
    if new := COMPUTED.get(type(node.op)):
        yield (
            f"{type(node.op).__name__} to {new.__name__}",
            _by(lambda n: ast.copy_location(ast.AugAssign(n.target, new(), n.value), n)),
        )


def _constant(node):
    value = node.value
    if isinstance(value, bool):
        yield "turned", _by(lambda n: ast.copy_location(ast.Constant(not n.value), n))
    elif isinstance(value, int):
        yield "one more", _by(lambda n: ast.copy_location(ast.Constant(n.value + 1), n))
    elif isinstance(value, float):
        yield "half more", _by(lambda n: ast.copy_location(ast.Constant(n.value * 1.5), n))
    elif isinstance(value, str):
        yield "other text", _by(lambda n: ast.copy_location(ast.Constant(f"X{n.value}X"), n))


def _return(node):
    if node.value and not (isinstance(node.value, ast.Constant) and not node.value.value):
        yield "returns None", _by(lambda n: ast.copy_location(ast.Return(ast.Constant(None)), n))


def _condition(node):
    yield "condition turned", _by(_turned)


def _turned(node):
    node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
    return node


def _comprehension(node):
    for at, part in enumerate(node.generators):
        for which in range(len(part.ifs)):

            def drop(n, at=at, which=which):
                del n.generators[at].ifs[which]
                return n

            yield "filter dropped", _by(drop)


def _call(node):
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if new := EXCHANGED.get(name):

        def put(n):
            n.func.id = new
            if name in {"sorted", "reversed"}:
                n.keywords = []
            return n

        yield f"{name} to {new}", _by(put)
    for at, keyword in enumerate(node.keywords):

        def drop(n, at=at):
            del n.keywords[at]
            return n

        yield f"without {keyword.arg or '**'}", _by(drop)


def _statement(node):
    if isinstance(node.value, ast.Call):
        yield "call dropped", _by(lambda n: ast.copy_location(ast.Pass(), n))


def _assign(node):
    if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):

        def none(n):
            n.value = ast.copy_location(ast.Constant(None), n.value)
            return n

        yield "to None", _by(none)


def _leave(node):
    new = ast.Continue if isinstance(node, ast.Break) else ast.Break
    yield (
        f"{type(node).__name__.lower()} to {new.__name__.lower()}",
        _by(lambda n: ast.copy_location(new(), n)),
    )


def _delete(node):
    yield "delete dropped", _by(lambda n: ast.copy_location(ast.Pass(), n))


_CHANGES = {
    ast.Compare: _compare,
    ast.BoolOp: _boolop,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.AugAssign: _augmented,
    ast.Constant: _constant,
    ast.Return: _return,
    ast.If: _condition,
    ast.IfExp: _condition,
    ast.While: _condition,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Call: _call,
    ast.Expr: _statement,
    ast.Assign: _assign,
    ast.AnnAssign: _assign,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.Delete: _delete,
}
