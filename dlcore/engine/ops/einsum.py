"""Sums of products, told by letters."""

from __future__ import annotations

import math
import re
import string

from dlcore.engine.ops.axes import matmul, reshape, sum, transpose
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor

Labelled = tuple[Tensor, str]


def einsum(subscripts: str, *operands: TensorLike) -> Tensor:
    """Products of numbers, summed over each letter that the result does not have.

    `einsum("bqd,bkd->bqk", q, k)` are the scores of an attention. Each pair of operands becomes one
    matrix product; of three and more, the first two are multiplied first.

    Args:
        subscripts: for each operand a letter for each axis, and after "->" those of the result.
            Without "->" the result has the letters that stand once, in the order of the alphabet.
            "..." stands for any axes, which the operands share from behind.
        operands: numbers, as many as there are terms.

    Raises:
        ValueError: if the letters do not fit the shapes, or a letter stands twice in one term.
    """
    tensors = [convert_to_tensor(operand) for operand in operands]
    terms, wanted = _terms(subscripts, tensors)
    sizes: dict[str, int] = {}
    for tensor, term in zip(tensors, terms, strict=True):
        for letter, size in zip(term, tensor.shape, strict=True):
            known = sizes.setdefault(letter, size)
            if 1 not in (known, size) and known != size:
                raise _wrong(subscripts, tensors, f"the letter {letter} is both {known} and {size}")
            sizes[letter] = max(known, size)
    left = _summed((tensors[0], terms[0]), "".join(terms[1:]) + wanted)
    for place in range(1, len(tensors)):
        later = "".join(terms[place + 1 :]) + wanted
        right = _summed((tensors[place], terms[place]), left[1] + later)
        left = _product(_summed(left, terms[place] + later), right, later)
    tensor, term = _summed(left, wanted)
    return transpose(tensor, [term.index(letter) for letter in wanted]) if term else tensor


def _terms(subscripts: str, tensors: list[Tensor]) -> tuple[list[str], str]:
    """The letters of the operands and of the result, with capitals in the place of '...'."""
    said = subscripts.replace(" ", "")
    before, arrow, wanted = said.partition("->")
    terms = before.split(",")
    if not re.fullmatch(r"[a-zA-Z.,]*(->[a-zA-Z.]*)?", said) or len(terms) != len(tensors):
        told = f"it has {len(terms)} terms for {len(tensors)} operands"
        raise _wrong(subscripts, tensors, told)
    free = [letter for letter in string.ascii_uppercase if letter not in said]
    most = 0
    for place, (term, tensor) in enumerate(zip(terms, tensors, strict=True)):
        count = tensor.ndim - len(term.replace("...", ""))
        if count < 0 or count and "..." not in term or "." in term.replace("...", "", 1):
            raise _wrong(subscripts, tensors, f"{term!r} does not fit the shape {tensor.shape}")
        if len(set(term.replace("...", ""))) < len(term.replace("...", "")):
            raise _wrong(subscripts, tensors, f"a letter stands twice in {term!r}")
        most = max(most, count)
        terms[place] = term.replace("...", "".join(free[:count][::-1]))
    every = "".join(free[:most][::-1])
    if arrow:
        wanted = wanted.replace("...", every)
    else:
        once = [each for each in sorted(set("".join(terms)) - set(every)) if said.count(each) == 1]
        wanted = every + "".join(once)
    if len(set(wanted)) < len(wanted) or not set(wanted) <= set("".join(terms)):
        raise _wrong(subscripts, tensors, f"the result {wanted!r} has a letter twice or a new one")
    return terms, wanted


def _summed(part: Labelled, needed: str) -> Labelled:
    """Sum over the letters that nothing else needs."""
    tensor, term = part
    gone = tuple(place for place, letter in enumerate(term) if letter not in needed)
    if not gone:
        return part
    return sum(tensor, gone), "".join(letter for letter in term if letter in needed)


def _product(a: Labelled, b: Labelled, needed: str) -> Labelled:
    """One matrix product for each combination of the letters that both have and are needed."""
    (x, left), (y, right) = a, b
    both = [letter for letter in left if letter in right]
    # An axis of size 1 beside a larger one is spread over it, and so summed by itself.
    sizes = dict(zip(left, x.shape, strict=True)), dict(zip(right, y.shape, strict=True))
    batch = [k for k in both if k in needed]
    inner = [k for k in both if k not in needed]
    if spread := [k for k in inner if sizes[0][k] != sizes[1][k]]:
        x, left = _without_ones((x, left), spread)
        y, right = _without_ones((y, right), spread)
        a, b = _summed((x, left), right + needed), _summed((y, right), left + needed)
        return _product(a, b, needed)
    rows, columns = ([k for k in side if k not in both] for side in (left, right))

    def matrix(part: Labelled, of: int, order: list[list[str]]) -> Tensor:
        tensor, term = part
        moved = transpose(tensor, [term.index(k) for group in order for k in group])
        outer = [sizes[of][k] for k in order[0]]
        return reshape(moved, (*outer, *(math.prod(sizes[of][k] for k in g) for g in order[1:])))

    z = matmul(
        matrix((x, left), 0, [batch, rows, inner]), matrix((y, right), 1, [batch, inner, columns])
    )
    outer = z.shape[: len(batch)]
    ends = [*(sizes[0][k] for k in rows), *(sizes[1][k] for k in columns)]
    return reshape(z, (*outer, *ends)), "".join([*batch, *rows, *columns])


def _without_ones(part: Labelled, letters: list[str]) -> Labelled:
    """Drop the axes of size 1 among those of these letters."""
    tensor, term = part
    kept = [i for i, k in enumerate(term) if k not in letters or tensor.shape[i] != 1]
    shape = tuple(tensor.shape[i] for i in kept)
    return reshape(tensor, shape), "".join(term[i] for i in kept)


def _wrong(subscripts: str, tensors: list[Tensor], what: str) -> ValueError:
    shapes = ", ".join(str(tensor.shape) for tensor in tensors)
    return ValueError(f"einsum({subscripts!r}) was given the shapes {shapes}: {what}.")
