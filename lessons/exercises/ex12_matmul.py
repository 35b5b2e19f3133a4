"""Exercises of lesson 12: the matrix product, and one tile of it."""

import numpy as np

from dlcore.backends.numpy import matmul
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_of(rng, size, n, k, m):
    return numbers(rng, size, n, k) + 0.5, numbers(rng, size, k, m) + 0.25


def draw_matmul(rng, size):
    return draw_of(rng, size, *sizes(rng, size, 3))


def matmul_spelled(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                y[i, j] += a[i, p] * b[p, j]
    return y


def loops(cell, dtype=None, begin=0, end=0):
    """Three loops with another line inside, another type, or another range of p."""

    def matmul(a, b):
        y = np.zeros((a.shape[0], b.shape[1]), dtype or a.dtype)
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                for p in range(begin, a.shape[1] + end):
                    y[i, j] = cell(y[i, j], a, b, i, j, p)
        return y

    return matmul


def running(each_row):
    """A sum that is not set back to 0 for each cell, at most for each row."""

    def matmul(a, b):
        y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
        total = 0.0
        for i in range(a.shape[0]):
            if each_row:
                total = 0.0
            for j in range(b.shape[1]):
                for p in range(a.shape[1]):
                    total += a[i, p] * b[p, j]
                y[i, j] = total
        return y

    return matmul


def matmul_over_the_columns_of_b(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(b.shape[1]):
                y[i, j] += a[i, p] * b[p, j]
    return y


def matmul_along_axis_1(a, b):
    return np.stack([(row[:, None] * b).sum(axis=1) for row in a])


def matmul_not_added_up(a, b):
    return np.stack([row[:, None] * b for row in a])


def matmul_one_sum_a_row(a, b):
    return np.stack([np.full(b.shape[1], (row[:, None] * b).sum(), a.dtype) for row in a])


def matmul_with_the_first_row(a, b):
    return np.stack([a[0] @ b for _ in a])


def matmul_first_row_alone(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    y[0] = a[0] @ b
    return y


def matmul_first_column_alone(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    y[:, 0] = a @ b[:, 0]
    return y


def matmul_tile(a, b, row, column, size):
    rows = slice(row * size, (row + 1) * size)
    columns = slice(column * size, (column + 1) * size)
    y = np.zeros((a[rows].shape[0], b[:, columns].shape[1]), a.dtype)
    for start in range(0, a.shape[1], size):
        piece = slice(start, start + size)
        y += a[rows, piece] @ b[piece, columns]
    return y


def draw_matmul_tile(rng, size):
    """The last piece of k is smaller than the others; row and column differ."""
    while True:
        n, k, m = (2 + each for each in sizes(rng, size, 3))
        edge = int(rng.integers(2, 5))
        row, column = int(rng.integers(0, -(-n // edge))), int(rng.integers(0, -(-m // edge)))
        if k > edge and k % edge and row != column:
            return *draw_of(rng, size, n, k, m), row, column, edge


def places(row, column, size):
    return (
        slice(row * size, (row + 1) * size),
        slice(column * size, (column + 1) * size),
    )


def tile_of_pieces(starts):
    """The sum over pieces that begin at other places than they should."""

    def matmul_tile(a, b, row, column, size):
        rows, columns = places(row, column, size)
        y = np.zeros((a[rows].shape[0], b[:, columns].shape[1]), a.dtype)
        for start in starts(a.shape[1], size):
            piece = slice(start, start + size)
            y += a[rows, piece] @ b[piece, columns]
        return y

    return matmul_tile


def tile_of_pieces_over(length):
    """The sum over pieces of another length than k."""

    def matmul_tile(a, b, row, column, size):
        rows, columns = places(row, column, size)
        y = np.zeros((a[rows].shape[0], b[:, columns].shape[1]), a.dtype)
        for start in range(0, length(a, b), size):
            y += a[rows, start : start + size] @ b[start : start + size, columns]
        return y

    return matmul_tile


def tile_at_its_number(a, b, row, column, size):
    return (a @ b)[row : row + size, column : column + size]


def tile_counted_from_1(a, b, row, column, size):
    rows, columns = places(row - 1, column - 1, size)
    return (a @ b)[rows, columns]


def tile_exchanged(a, b, row, column, size):
    return matmul_tile(a, b, column, row, size)


def tile_padded(a, b, row, column, size):
    y = np.zeros((size, size), a.dtype)
    tile = matmul_tile(a, b, row, column, size)
    y[: tile.shape[0], : tile.shape[1]] = tile
    return y


def tile_one_too_long(a, b, row, column, size):
    return (a @ b)[row * size : (row + 1) * size + 1, column * size : (column + 1) * size + 1]


def tile_averaged(a, b, row, column, size):
    pieces = -(-a.shape[1] // size)
    return matmul_tile(a, b, row, column, size) / pieces


def tile_in_place(a, b, row, column, size):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    rows, columns = places(row, column, size)
    y[rows, columns] = matmul_tile(a, b, row, column, size)
    return y


def tile_all_columns(a, b, row, column, size):
    return a[row * size : (row + 1) * size] @ b


def tile_of_full_size(a, b, row, column, size):
    rows, columns = places(row, column, size)
    y = np.zeros((size, size), a.dtype)
    for start in range(0, a.shape[1], size):
        y += a[rows, start : start + size] @ b[start : start + size, columns]
    return y


def tile_sliced_twice(a, b, row, column, size):
    rows, columns = places(row, column, size)
    return (a @ b)[rows][columns]


def tile_to_its_size(a, b, row, column, size):
    return a[row * size : size] @ b[:, column * size : size]


def tile_one_too_short(a, b, row, column, size):
    return (a @ b)[row * size : (row + 1) * size - 1, column * size : (column + 1) * size - 1]


def tile_as_one_of_size(a, b, row, column, size):
    high, wide = a.shape[0] // size, b.shape[1] // size
    return (a @ b)[row * high : (row + 1) * high, column * wide : (column + 1) * wide]


def tile_of_row_and_row(a, b, row, column, size):
    return matmul_tile(a, b, row, row, size)


def tile_once_a_piece(a, b, row, column, size):
    return matmul_tile(a, b, row, column, size) * -(-a.shape[1] // size)


def tile_at_one_place(a, b, row, column, size):
    rows, columns = places(row, column, size)
    return a[rows, columns] @ b[rows, columns]


EXERCISES = [
    Exercise(
        id="12.matmul",
        title="The matrix product, three ways",
        level="core",
        minutes=8,
        answer=matmul,
        spelled=matmul_spelled,
        draw=draw_matmul,
        examples=((table("1 2 -1; 0 3 2"), table("1 0 2 -1; 3 1 0 2; -2 1 1 4")),),
        hints=(
            "Cell i, j of y is made of row i of a and column j of b: multiply them number by "
            "number and add up. Which loop runs over what is added up?",
            "y = np.zeros((a.shape[0], b.shape[1]), a.dtype) has room for the sums. With a loop "
            "over i, one over j and one over p, add a[i, p] * b[p, j] to y[i, j].",
            "for i in range(a.shape[0]): for j in range(b.shape[1]): for p in range(a.shape[1]): "
            "y[i, j] += a[i, p] * b[p, j]. Form 2 has one loop over i and the line y[i] = "
            "(a[i][:, None] * b).sum(axis=0).",
        ),
        notes=(
            "The library writes a @ b: NumPy hands both arrays to a library of matrix products "
            "(BLAS). Your three forms give the same up to rounding."
        ),
        wrong=(
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: a[i, p] * b[p, j]),
                "Each product overwrites the one before, so that only the last one is kept; add "
                "them up with +=.",
            ),
            WrongAnswer(
                running(each_row=False),
                "The sum runs on from cell to cell; begin each at 0.",
            ),
            WrongAnswer(
                running(each_row=True),
                "The sum is set back for each row only, and runs on from column to column; begin "
                "each cell at 0.",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: y + a[i, p] * b[p, j], end=-1),
                "The last product of each sum is missing: range(k) ends with k - 1 by itself.",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: y + a[i, p] * b[p, j], begin=1),
                "The first product of each sum is missing: Python counts from 0.",
            ),
            WrongAnswer(
                lambda a, b: (a @ b).T,
                "Rows and columns of y have changed places: a has the rows, so y has shape (n, m).",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: y + a[i, p] * b[p, j], dtype=int),
                "y holds whole numbers, so that everything behind the point is cut off at each "
                "step; make it of the type of a: np.zeros(shape, a.dtype).",
            ),
            WrongAnswer(
                matmul_along_axis_1,
                "The sum runs along the columns of b; add over k, which is axis 0 of a[i][:, None] "
                "* b.",
            ),
            WrongAnswer(
                matmul_not_added_up,
                "The products of each row are there, but not added up: .sum(axis=0).",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: y + a[i, p] * b[j, p]),
                "b is indexed with its column first: it is b[p, j]. Where the sizes do not fit, "
                "that is an IndexError; where they do, it would be silently wrong.",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: y + a[p, i] * b[p, j]),
                "a is indexed with its column first: it is a[i, p].",
            ),
            WrongAnswer(
                matmul_over_the_columns_of_b,
                "p runs over the columns of b; what is added up are the k columns of a, "
                "range(a.shape[1]).",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: y + a[i, p] + b[p, j]),
                "The two numbers are added; multiply them, and add the products.",
            ),
            WrongAnswer(
                lambda a, b: (a @ b) / a.shape[1],
                "The sum is divided by k; it is a sum, not a mean.",
            ),
            WrongAnswer(
                lambda a, b: a.sum(axis=1)[:, None] * b.sum(axis=0),
                "The row of a and the column of b are added up first and multiplied then; multiply "
                "first, number by number, and add the products.",
            ),
            WrongAnswer(
                matmul_one_sum_a_row,
                "All products of a row go into one sum; .sum(axis=0) keeps a sum for each column.",
            ),
            WrongAnswer(
                lambda a, b: np.cumsum(a @ b, axis=0),
                "The sum runs on from row to row; begin each row at 0.",
            ),
            WrongAnswer(
                lambda a, b: a @ b + np.outer(a[:, 0], b[0]),
                "The first product of each sum is there twice; begin each sum at 0.",
            ),
            WrongAnswer(
                matmul_with_the_first_row,
                "Every row of y is made of the first row of a; row i belongs to a[i].",
            ),
            WrongAnswer(
                matmul_first_row_alone,
                "Only the first row of y is filled; the loop over i ends too early.",
            ),
            WrongAnswer(
                matmul_first_column_alone,
                "Only the first column of y is filled; the loop over j ends too early.",
            ),
            WrongAnswer(
                loops(lambda y, a, b, i, j, p: max(y, a[i, p] * b[p, j])),
                "The largest product is kept; all of them are added up.",
            ),
        ),
    ),
    Exercise(
        id="12.matmul_tile",
        title="One tile of a product",
        level="stretch",
        minutes=8,
        answer=matmul_tile,
        draw=draw_matmul_tile,
        result_names=("y",),
        examples=(
            (
                table("1 2 -1 0 3; 0 3 2 1 -2; 2 -1 1 4 1"),
                table("1 0 2 -1; 3 1 0 2; -2 1 1 4; 0 2 -1 1; 1 1 3 -2"),
                1,
                0,
                2,
            ),
        ),
        hints=(
            "Which rows of a and which columns of b does the tile need? Tile row 0 has the rows "
            "from 0 to size - 1, tile row 1 the next ones.",
            "rows = slice(row * size, (row + 1) * size), columns likewise; a slice that reaches "
            "over the edge is cut off by NumPy. Then a loop over the pieces of k: range(0, "
            "a.shape[1], size).",
            "For each start add a[rows, start:start + size] @ b[start:start + size, columns] to "
            "y, which begins as zeros of shape (len(a[rows]), b[:, columns].shape[1]).",
        ),
        wrong=(
            WrongAnswer(
                tile_of_pieces(lambda k, size: range(0, k - k % size, size)),
                "The last piece, which is smaller than the others, is missing.",
            ),
            WrongAnswer(
                tile_of_pieces(lambda k, size: (0,)),
                "Only the first piece of k is there; add up all pieces.",
            ),
            WrongAnswer(
                tile_of_pieces(lambda k, size: ((k - 1) // size * size,)),
                "Only the last piece of k is left: each overwrites the one before, so add them "
                "with +=.",
            ),
            WrongAnswer(
                tile_of_pieces(lambda k, size: range(size, k, size)),
                "The first piece of k is missing; the pieces begin at 0.",
            ),
            WrongAnswer(
                tile_of_pieces(lambda k, size: range(0, k, 1)),
                "The pieces overlap, so that most products are added several times; the next one "
                "begins size further on.",
            ),
            WrongAnswer(
                tile_at_its_number,
                "The tile begins at the number of its tile; with the number row it begins at row "
                "row * size, and so for the column.",
            ),
            WrongAnswer(
                tile_counted_from_1,
                "The tiles are counted from 1 here; the first one has the number 0.",
            ),
            WrongAnswer(
                tile_exchanged,
                "row and column have changed places: row counts downwards, column across.",
            ),
            WrongAnswer(
                tile_padded,
                "At the edge the tile is filled up with zeros; there it is smaller, as far as the "
                "product reaches.",
            ),
            WrongAnswer(
                tile_of_full_size,
                "y is size by size everywhere; at an edge the tile is smaller: "
                "len(a[rows]) rows and b[:, columns].shape[1] columns.",
            ),
            WrongAnswer(
                tile_sliced_twice,
                "The second pair of brackets picks from the rows once more; rows and columns "
                "stand in one pair: [rows, columns].",
            ),
            WrongAnswer(
                tile_one_too_long,
                "The tile has a row and a column too many: a slice stops before its end.",
            ),
            WrongAnswer(
                tile_averaged,
                "The pieces are averaged; they are added.",
            ),
            WrongAnswer(
                tile_in_place,
                "This is a whole y with zeros around the tile; only the tile is wanted.",
            ),
            WrongAnswer(
                lambda a, b, row, column, size: a @ b,
                "This is the whole product; one tile of it is wanted.",
            ),
            WrongAnswer(
                tile_all_columns,
                "These are the right rows with all columns; take the columns of the tile as well.",
            ),
            WrongAnswer(
                tile_of_pieces(lambda k, size: range(k // size + 1)),
                "The pieces begin at their numbers; piece s begins at s * size.",
            ),
            WrongAnswer(
                tile_of_pieces_over(lambda a, b: b.shape[1]),
                "The pieces go over the columns of b; what is cut into pieces is k, a.shape[1].",
            ),
            WrongAnswer(
                tile_of_pieces_over(lambda a, b: a.shape[0]),
                "The pieces go over the rows of a; what is cut into pieces is k, a.shape[1].",
            ),
            WrongAnswer(
                tile_to_its_size,
                "A slice goes from a place to a place, not over a length: it ends at "
                "(row + 1) * size, and so for the columns.",
            ),
            WrongAnswer(
                tile_one_too_short,
                "A row and a column are missing: a slice stops before its end by itself.",
            ),
            WrongAnswer(
                tile_as_one_of_size,
                "size is taken for the number of tiles; it is how many rows and columns a tile "
                "has.",
            ),
            WrongAnswer(
                tile_of_row_and_row,
                "The columns begin at row * size here; they begin at column * size.",
            ),
            WrongAnswer(
                tile_once_a_piece,
                "Each round adds the whole sum over k; one piece of k belongs to each.",
            ),
            WrongAnswer(
                tile_at_one_place,
                "The tile of a and the tile of b at the same place are multiplied. A tile of y "
                "needs a whole strip of each: rows of a, columns of b.",
            ),
        ),
    ),
]
