"""Sixteen numbers at once: what a loop over a case's terms comes down to, spelled as LLVM's vector instructions.

numba's own loops over rows of a table keep their running maxima in memory; these keep them in registers, and are some
ten times faster. Tables are rows of float32 that begin at any address; pad lanes with zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from scoring.index.rows import SPAN

LANES = 16
_I16, _I32, _I64, _F32 = ir.IntType(16), ir.IntType(32), ir.IntType(64), ir.FloatType()
_V16, _V4 = ir.VectorType(_F32, LANES), ir.VectorType(_F32, 4)


def _term(builder: Any, terms: Any, place: Any) -> Any:
    """Load the term (uint16) at a place of a list."""
    address = builder.add(terms, builder.shl(place, ir.Constant(_I64, 1)))
    return builder.zext(builder.load(builder.inttoptr(address, _I16.as_pointer())), _I64)


def _row(builder: Any, table: Any, offset: Any, kind: Any) -> Any:
    """Load a vector at an offset of bytes from the beginning of a table."""
    return builder.load(builder.inttoptr(builder.add(table, offset), kind.as_pointer()), align=4)


def _over_terms(
    builder: Any, n_terms: Any, starts: list[Any], step: Callable[[Any, list[Any]], list[Any]]
) -> list[Any]:
    """Loop over 0..n_terms, at least once, and hand the values of one round to the next."""
    before = builder.block
    loop, after = builder.append_basic_block("terms"), builder.append_basic_block("after")
    builder.branch(loop)
    builder.position_at_end(loop)
    place = builder.phi(_I64)
    place.add_incoming(ir.Constant(_I64, 0), before)
    values = [builder.phi(start.type) for start in starts]
    for value, start in zip(values, starts, strict=True):
        value.add_incoming(start, before)
    found = step(place, values)
    following = builder.add(place, ir.Constant(_I64, 1))
    place.add_incoming(following, loop)
    for value, new in zip(values, found, strict=True):
        value.add_incoming(new, loop)
    builder.cbranch(builder.icmp_signed("<", following, n_terms), loop, after)
    builder.position_at_end(after)
    return found


def _larger(builder: Any, one: Any, two: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", one, two), one, two)


def _total(builder: Any, vector: Any) -> Any:
    """Add up the lanes."""
    width = LANES
    while width > 1:
        half = width // 2
        halves = [
            builder.shuffle_vector(
                vector, ir.Constant(vector.type, ir.Undefined), ir.Constant(ir.VectorType(_I32, half), lanes)
            )
            for lanes in (list(range(half)), list(range(half, width)))
        ]
        vector, width = builder.fadd(*halves), half
    return builder.extract_element(vector, ir.Constant(_I32, 0))


def _sums_of_maxima(typing: Any, table: Any, stride: Any, row_of: Any, terms: Any, n_terms: Any) -> Any:  # noqa: PLR0917
    """Maximum of each lane over the rows of the terms, added up, of two vectors that stand side by side.

    Rows are `stride` bytes apart; `row_of` (uint16) says which one a term has; n_terms >= 1.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        table, stride, row_of, terms, n_terms = args

        def step(place: Any, values: list[Any]) -> list[Any]:
            offset = builder.mul(_term(builder, row_of, _term(builder, terms, place)), stride)
            one = _row(builder, table, offset, _V16)
            two = _row(builder, table, builder.add(offset, ir.Constant(_I64, 4 * LANES)), _V16)
            return [_larger(builder, one, values[0]), _larger(builder, two, values[1])]

        zero = ir.Constant(_V16, [0.0] * LANES)
        largest = _over_terms(builder, n_terms, [zero, zero], step)
        return context.make_tuple(builder, signature.return_type, [_total(builder, one) for one in largest])

    return types.UniTuple(types.float32, 2)(  # type: ignore[no-untyped-call]
        *[types.int64] * 5
    ), generate


def _maxima_and_sum(typing: Any, table: Any, stride: Any, row_of: Any, terms: Any, n_terms: Any) -> Any:  # noqa: PLR0917
    """Maximum of each lane over the rows of the terms, added up; and the sum of the number that stands behind them.

    Rows are as for `sums_of_maxima`, with four more numbers behind one vector, of which the first is summed.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        table, stride, row_of, terms, n_terms = args

        def step(place: Any, values: list[Any]) -> list[Any]:
            offset = builder.mul(_term(builder, row_of, _term(builder, terms, place)), stride)
            lanes = _row(builder, table, offset, _V16)
            more = _row(builder, table, builder.add(offset, ir.Constant(_I64, 4 * LANES)), _V4)
            return [_larger(builder, lanes, values[0]), builder.fadd(values[1], more)]

        starts = [ir.Constant(_V16, [0.0] * LANES), ir.Constant(_V4, [0.0] * 4)]
        largest, sums = _over_terms(builder, n_terms, starts, step)
        found = [_total(builder, largest), builder.extract_element(sums, ir.Constant(_I32, 0))]
        return context.make_tuple(builder, signature.return_type, found)

    return types.UniTuple(types.float32, 2)(  # type: ignore[no-untyped-call]
        *[types.int64] * 5
    ), generate


def _add_four(typing: Any, table: Any, row_of: Any, terms: Any, n_terms: Any, target: Any) -> Any:  # noqa: PLR0917
    """Add up rows of four numbers, and take the maximum of the first; written as five numbers SPAN places apart."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        table, row_of, terms, n_terms, target = args

        def step(place: Any, values: list[Any]) -> list[Any]:
            its_row = _term(builder, row_of, _term(builder, terms, place))
            row = _row(builder, table, builder.shl(its_row, ir.Constant(_I64, 4)), _V4)
            return [builder.fadd(values[0], row), _larger(builder, row, values[1])]

        zero = ir.Constant(_V4, [0.0] * 4)
        sums, largest = _over_terms(builder, n_terms, [zero, zero], step)
        found = [builder.extract_element(sums, ir.Constant(_I32, lane)) for lane in range(4)]
        found.append(builder.extract_element(largest, ir.Constant(_I32, 0)))
        for row, value in enumerate(found):
            address = builder.add(target, ir.Constant(_I64, 4 * SPAN * row))
            builder.store(value, builder.inttoptr(address, _F32.as_pointer()))
        return context.get_dummy_value()

    return types.none(*[types.int64] * 5), generate


sums_of_maxima = intrinsic(_sums_of_maxima)
maxima_and_sum = intrinsic(_maxima_and_sum)
add_four = intrinsic(_add_four)
