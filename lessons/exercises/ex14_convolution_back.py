"""Exercise of lesson 14: the way back through a convolution."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers


def conv2d_grad(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    (sr, sc), (top, bottom, left, right) = strides, padding
    _, height, width, _ = x.shape
    kh, kw, _, _ = w.shape
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for r in range(dz.shape[1]):
        for s in range(dz.shape[2]):
            window = slice(None), slice(r * sr, r * sr + kh), slice(s * sc, s * sc + kw)
            dw += np.tensordot(x[window], dz[:, r, s], (0, 0))
            dx[window] += np.tensordot(dz[:, r, s], w, (1, 3))
    return dx[:, top : top + height, left : left + width], dw, dz.sum(axis=(0, 1, 2))


def draw_conv2d_grad(rng, size):
    """Windows overlap in one direction at least; four different paddings; f = c in some cases."""
    while True:
        kh, kw = (int(each) for each in rng.permutation([2, 3]))
        sr, sc = (int(each) for each in rng.permutation([1, 2]))
        padding = tuple(int(each) for each in rng.permutation([0, 1, 2, 3]))
        p, q = (int(each) for each in rng.choice(np.arange(2, 4 + size), 2, False))
        n, c = (int(each) for each in rng.permutation([2, 3]))
        f = c if rng.random() < 0.4 else int(rng.choice([1 + c, 4]))
        top, bottom, left, right = padding
        h = kh + sr * (p - 1) + int(rng.integers(0, sr)) - top - bottom
        w = kw + sc * (q - 1) + int(rng.integers(0, sc)) - left - right
        if h < 2 or w < 2 or h in (w, n) or p == n:
            continue
        x, dz = numbers(rng, size, n, h, w, c), numbers(rng, size, n, p, q, f)
        kernel = numbers(rng, size, kh, kw, c, f)
        kernel[0, 0] += 4  # not the same when it is turned
        dz += 1  # no sum is near 0
        return dz, x, kernel, (sr, sc), padding


def back_with(
    dx=None, dw=None, db=None, meeting="added", cut=None, kernel=None, moved=None, results=None
):
    """conv2d_grad, cell by cell of the kernel, with one part exchanged."""

    def conv2d_grad(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
        sr, sc = strides if moved is None else moved(strides)
        top, bottom, left, right = padding
        _, h, wide, _ = x.shape
        kh, kw, _, _ = w.shape
        _, p, q, _ = dz.shape
        padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
        of_x, of_w = np.zeros_like(padded), np.zeros_like(w)
        turned = w if kernel is None else kernel(w)
        for i in range(kh):
            for j in range(kw):
                rows, columns = slice(i, i + p * sr, sr), slice(j, j + q * sc, sc)
                seen = padded[:, rows, columns]
                dzs = dz[:, : seen.shape[1], : seen.shape[2]]
                of_w[i, j] = np.einsum("nrsc,nrsf->cf", seen, dzs)
                part = dzs @ turned[i, j].T
                if meeting == "added":
                    of_x[:, rows, columns] += part
                else:
                    of_x[:, rows, columns] = part
        of_x = (
            of_x[:, top : top + h, left : left + wide]
            if cut is None
            else cut(of_x, padding, h, wide)
        )
        of_x = of_x if dx is None else dx(of_x, dz, x)
        of_w = of_w if dw is None else dw(of_w, dz, x)
        of_b = dz.sum(axis=(0, 1, 2)) if db is None else db(dz)
        return (of_x, of_w, of_b) if results is None else results(of_x, of_w, of_b)

    return conv2d_grad


def back_without_transposing(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    dx, dw, db = conv2d_grad(dz, x, w, strides, padding)
    if w.shape[2] == w.shape[3]:
        dx = conv2d_grad(dz, x, w.transpose(0, 1, 3, 2), strides, padding)[0]
    else:
        dz @ w[0, 0]  # the shapes do not fit
    return dx, dw, db


def back_from_the_first_image(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    some = np.zeros_like(dz)
    some[0] = dz[0]
    return conv2d_grad(some, x, w, strides, padding)


def back_with_the_last_image_for_dw(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    dx, _, db = conv2d_grad(dz, x, w, strides, padding)
    return dx, conv2d_grad(dz[-1:], x[-1:], w, strides, padding)[1], db


def back_with_the_last_place_for_dw(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    dx, _, db = conv2d_grad(dz, x, w, strides, padding)
    last = np.zeros_like(dz)
    last[:, -1, -1] = dz[:, -1, -1]
    return dx, conv2d_grad(last, x, w, strides, padding)[1], db


def back_with_dw_of_an_unpadded_x(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    """The windows are taken from x itself, as far as it goes."""
    dx, dw, db = conv2d_grad(dz, x, w, strides, padding)
    (sr, sc), (kh, kw, _, _), (_, p, q, _) = strides, w.shape, dz.shape
    dw = np.zeros_like(dw)
    for i in range(kh):
        for j in range(kw):
            seen = x[:, i : i + p * sr : sr, j : j + q * sc : sc]
            part = dz[:, : seen.shape[1], : seen.shape[2]]
            dw[i, j] = np.einsum("nrsc,nrsf->cf", seen, part)
    return dx, dw, db


def back_without_strides_in_dx(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    _, dw, db = conv2d_grad(dz, x, w, strides, padding)
    return back_with(moved=lambda strides: (1, 1))(dz, x, w, strides, padding)[0], dw, db


def back_without_the_last_places(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0)):
    some = dz.copy()
    some[:, -1] = some[:, :, -1] = 0
    dx, dw, _ = conv2d_grad(some, x, w, strides, padding)
    return dx, dw, dz.sum(axis=(0, 1, 2))


def averaged(dz):
    return dz.mean(axis=(0, 1, 2))


EXERCISES = [
    Exercise(
        id="14.conv2d_grad",
        title="Back through every window",
        level="stretch",
        minutes=14,
        answer=conv2d_grad,
        draw=draw_conv2d_grad,
        result_names=("dx", "dw", "db"),
        hints=(
            "dx and dw begin as zeros. Go through the places (r, s) of dz: its window of the "
            "padded x gets its part of dx, and w its part of dw. At the end the padding is cut "
            "off dx, and db is a sum.",
            "With g = dz[:, r, s] of shape [n, f] and the window of shape [n, kh, kw, c], "
            "np.tensordot(g, w, (1, 3)) has the shape of the window, and np.tensordot(window, g, "
            "(0, 0)) the shape of w.",
            "dx[:, rows, columns] += np.tensordot(g, w, (1, 3)), and dw += np.tensordot(window, "
            "g, (0, 0)), where rows is slice(r * sr, r * sr + kh). Return dx[:, top : top + h, "
            "left : left + width], dw and dz.sum(axis=(0, 1, 2)).",
        ),
        notes=(
            "The library's own goes through the cells (i, j) of the kernel and takes all places of "
            "one cell at once; it adds up the same products. It can also spread the cells of the "
            "kernel apart (dilation), which no lesson does."
        ),
        wrong=(
            WrongAnswer(
                back_with(meeting="overwrites"),
                "In dx a window overwrites what others have left there; windows overlap, and "
                "their slopes are added: +=.",
            ),
            WrongAnswer(
                back_with(kernel=lambda w: w[::-1, ::-1]),
                "The kernel is turned by half a turn in dx; the cell that was multiplied by "
                "w[i, j] gets dz times w[i, j] transposed, and nothing is turned.",
            ),
            WrongAnswer(
                back_with(kernel=lambda w: w[:, ::-1]),
                "The kernel is mirrored in dx; the cell that was multiplied by w[i, j] gets dz "
                "times w[i, j] transposed.",
            ),
            WrongAnswer(
                back_without_transposing,
                "w is not transposed in dx: dz has f numbers and x has c, so it is dz times "
                "w[i, j] transposed.",
            ),
            WrongAnswer(
                back_with(cut=lambda dx, padding, h, wide: dx),
                "The padding is still on dx; cut it off: dx has the shape of x.",
            ),
            WrongAnswer(
                back_with(
                    cut=lambda dx, padding, h, wide: dx[
                        :, padding[0] : -padding[1], padding[2] : -padding[3]
                    ]
                ),
                "The padding is cut off with -bottom and -right; where one of them is 0, -0 is the "
                "beginning and nothing is left. dx goes from row top to row top + h.",
            ),
            WrongAnswer(
                back_with(cut=lambda dx, padding, h, wide: dx[:, :h, :wide]),
                "The padding is cut off dx at the bottom and on the right alone; dx begins at row "
                "top and column left.",
            ),
            WrongAnswer(
                back_with(
                    cut=lambda dx, padding, h, wide: dx[:, padding[1] :, padding[3] :][:, :h, :wide]
                ),
                "bottom and right are cut off where top and left stand: dx begins at row top and "
                "column left.",
            ),
            WrongAnswer(
                back_with(
                    cut=lambda dx, padding, h, wide: dx[:, dx.shape[1] - h :, dx.shape[2] - wide :]
                ),
                "All of the padding is cut off above and on the left; dx goes from row top to "
                "row top + h.",
            ),
            WrongAnswer(
                back_with(
                    dw=lambda dw, dz, x: dw / len(x), db=lambda dz: dz.sum((0, 1, 2)) / len(dz)
                ),
                "dw and db are divided by n; the loss has taken its mean already.",
            ),
            WrongAnswer(
                back_with(dw=lambda dw, dz, x: dw / len(x)),
                "dw is divided by n; the loss has taken its mean already.",
            ),
            WrongAnswer(
                back_with(dw=lambda dw, dz, x: dw / (dz.shape[1] * dz.shape[2])),
                "dw is divided by the number of places; each of them used the same w, and the "
                "slopes are added.",
            ),
            WrongAnswer(
                back_with(db=averaged),
                "db is a mean; every place used the same b, so it is the sum of dz over images, "
                "rows and columns.",
            ),
            WrongAnswer(
                back_with(db=lambda dz: dz.mean(axis=(1, 2)).sum(axis=0)),
                "db is a mean over rows and columns; it is the sum over them too.",
            ),
            WrongAnswer(
                back_with(db=lambda dz: dz.sum(axis=0)),
                "db is added up over the images alone; every place used the same b: "
                "axis=(0, 1, 2).",
            ),
            WrongAnswer(
                back_with(db=lambda dz: dz.sum(axis=(1, 2))),
                "db is not added up over the images: axis=(0, 1, 2).",
            ),
            WrongAnswer(
                back_with(db=lambda dz: dz.sum()),
                "db is one number; each of the f outputs has its own b: axis=(0, 1, 2).",
            ),
            WrongAnswer(
                back_with(moved=lambda strides: (1, 1)),
                "The strides are left out: the window of dz[:, r, s] begins at row r times sr and "
                "column s times sc.",
            ),
            WrongAnswer(
                back_without_strides_in_dx,
                "In dx the strides are left out: the part of dz[:, r, s] begins at row r times sr "
                "and column s times sc.",
            ),
            WrongAnswer(
                back_without_the_last_places,
                "The last row and the last column of dz are left out; go through all p rows and "
                "all q columns.",
            ),
            WrongAnswer(
                back_from_the_first_image,
                "Only the first image is gone through; all of them used the same w and b.",
            ),
            WrongAnswer(
                back_with_the_last_image_for_dw,
                "dw is that of the last image alone; the parts of all images are added up.",
            ),
            WrongAnswer(
                back_with_the_last_place_for_dw,
                "dw is that of the last place alone; the parts of all places are added up: +=.",
            ),
            WrongAnswer(
                back_with_dw_of_an_unpadded_x,
                "dw is made with windows of x without its padding; forward the windows lay on the "
                "padded x.",
            ),
            WrongAnswer(
                back_with(dx=lambda dx, dz, x: dx * x),
                "dx is multiplied by x; the slope of a product x w for its x is w, and x does not "
                "occur in it.",
            ),
            WrongAnswer(
                back_with(dx=lambda dx, dz, x: -dx),
                "dx has the wrong sign; dz goes back as it came.",
            ),
            WrongAnswer(
                back_with(results=lambda dx, dw, db: (dw, dx, db)),
                "The order is dx, dw, db; dw comes first here.",
            ),
            WrongAnswer(
                back_with(results=lambda dx, dw, db: (dx, dw[::-1, ::-1], db)),
                "dw is turned by half a turn; the cell that was multiplied by w[i, j] gives its "
                "part to dw[i, j].",
            ),
            WrongAnswer(
                back_with(results=lambda dx, dw, db: (dx, dw.transpose(3, 2, 0, 1), db)),
                "dw is written as [f, c, kh, kw]; it has the shape of w, [kh, kw, c, f].",
            ),
            WrongAnswer(
                back_with(results=lambda dx, dw, db: (dx, dw)),
                "db is missing: return dx, dw and db.",
            ),
        ),
    ),
]
