"""Sums of products by letters are those of NumPy, and what does not fit is told."""

import numpy as np
import pytest

from dlcore import Input, Model, ops

SIZES = dict(zip("abcdehijklq", [2, 3, 4, 5, 3, 2, 3, 4, 2, 5, 4], strict=True))
RNG = np.random.default_rng(0)


def numbers(term):
    return RNG.normal(size=[SIZES[letter] for letter in term.replace("...", "bd")])


@pytest.mark.parametrize(
    "subscripts",
    [
        "ij,jk->ik", "bqd,bkd->bqk", "bhqk,bkhd->bqhd", "ij->ji", "ij->i", "ij->", "i,i->",
        "i,j->ij", "ij,ij->ij", "ij,jk", "ba", "...ij,...jk->...ik", "...i,i->...",
        "ij,jk,kl->il", "abc,cd->abd", "ij,ik->jk", "aec,bc->abe", "ab,bc,a->c",
        "i...,i...->...", "ijk,jil->kl", " i j , j k -> k i ",
    ],
)  # fmt: skip
def test_it_is_that_of_numpy(subscripts):
    terms = subscripts.replace(" ", "").partition("->")[0].split(",")
    operands = [numbers(term) for term in terms]
    found = ops.einsum(subscripts, *operands).numpy()
    np.testing.assert_allclose(found, np.einsum(subscripts, *operands), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,ij->ij", [(1, 4), (3, 4)]),
        ("ij,ij->", [(1, 4), (3, 4)]),
        ("ij,ij->j", [(3, 4), (1, 4)]),
        ("ij,ij->j", [(3, 1), (1, 4)]),
        ("...ij,...jk->...ik", [(1, 2, 3), (5, 3, 2)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (3, 2)]),
    ],
)
def test_an_axis_of_one_is_spread(subscripts, shapes):
    operands = [RNG.normal(size=shape) for shape in shapes]
    found = ops.einsum(subscripts, *operands).numpy()
    np.testing.assert_allclose(found, np.einsum(subscripts, *operands), rtol=1e-12, atol=1e-12)


def test_it_takes_symbols():
    x, y = Input((3, 4)), Input((5, 4))
    scores = ops.einsum("bij,bkj->bik", x, y)
    assert scores.shape == (None, 3, 5)
    given = [RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4))]
    found = Model([x, y], scores).predict(given, verbose=0)
    np.testing.assert_allclose(found, np.einsum("bij,bkj->bik", *given), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("subscripts", "shapes", "said"),
    [
        ("ij,jk->ik", [(3, 4)], "2 terms for 1 operands"),
        ("ij->ik", [(3, 4)], "a new one"),
        ("ii->i", [(3, 3)], "a letter stands twice in 'ii'"),
        ("ij,jk->ik", [(3, 4), (3, 4)], "the letter j is both 4 and 3"),
        ("ijk->i", [(3, 4)], "'ijk' does not fit the shape"),
        ("i1->i", [(3, 4)], "einsum"),
    ],
)
def test_what_does_not_fit_is_told(subscripts, shapes, said):
    with pytest.raises(ValueError, match=said):
        ops.einsum(subscripts, *(np.ones(shape) for shape in shapes))
