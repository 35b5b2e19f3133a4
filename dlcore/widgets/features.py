"""Lesson 16: what the filters of a network answer to a picture, and what moves with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.engine.tensor import no_grad
from dlcore.layers import (
    BatchNormalization,
    Conv2D,
    Flatten,
    Layer,
    MaxPooling2D,
    RandomFlip,
    RandomTranslation,
)
from dlcore.models import Model
from dlcore.plots.scene import Axis, Mark, Panel, Scene, photo, points, segments
from dlcore.plots.still import still
from dlcore.widgets.bench import AGAIN, Bench
from dlcore.widgets.controls import Button, Control, Group, Menu

FARTHEST = 4  # pixels of a shift
STRONGEST = 9
SMALL = 16  # pixels of a map in the table of all of them, at most
SHOWN = 9  # maps of each network in the still figure
AT_ONCE = 25  # pictures in a batch
FLIPS = ("as it is", "mirrored")
DRAW = Button("draw", "Draw a new one", "Mirror and shift at random, as a training does")

Stages = dict[str, Any]
Extremes = tuple[np.ndarray, np.ndarray]  # greatest and least, each of (pictures, filters)


class FeatureModel:
    """A picture on its way through the convolutions of some networks, and what each filter says.

    A stage is what a layer gives: one map, rows by columns, for each of its filters. A filter that
    gives nothing but 0 for all pictures is dead.

    Args:
        networks: trained or not, by their names; each begins with layers for pictures and ends
            behind a Flatten.
        x: pictures as the networks take them, shape (n, h, w, 3).
        colours: the same in the colours in which they are shown, 0 to 255; by default x stretched.
        stage: where to look at first.
    """

    def __init__(
        self,
        networks: Mapping[str, Any],
        x: np.ndarray,
        colours: np.ndarray | None = None,
        stage: str = "relu 1",
    ) -> None:
        """Keep the networks and take the first picture."""
        self.networks, self.x = dict(networks), np.asarray(x, np.float32)
        low, high = float(self.x.min()), float(self.x.max())
        stretched = 255 * (self.x - low) / ((high - low) or 1)
        self.colours = np.asarray(stretched if colours is None else colours, np.float32)
        self._grey = self.colours.mean(axis=(0, 1, 2))
        self._stages = {name: stages(each) for name, each in self.networks.items()}
        self._known: dict[str, dict[str, Extremes]] = {}  # by network and stage
        self.network = next(iter(self.networks))
        self.stage, self.picture, self.filter = stage, 0, 0
        self.down = self.right = self.draw = 0
        self.flip = False
        self._maps: np.ndarray | None = None
        self._settle()

    @property
    def controls(self) -> tuple[Control, ...]:
        """The sliders: which picture, which filter, and the shifts."""
        return (
            Control("picture", "picture (number)", 0, len(self.x) - 1, 1),
            Control("filter", "filter (number)", 0, max(1, self.filters - 1), 1),
            Control("down", "shift down (pixels)", -FARTHEST, FARTHEST, 1),
            Control("right", "shift to the right (pixels)", -FARTHEST, FARTHEST, 1),
        )

    @property
    def stage_names(self) -> tuple[str, ...]:
        """The stages of the network that is looked at."""
        return tuple(self._stages[self.network])

    @property
    def filters(self) -> int:
        """How many maps there are at this stage."""
        return int(self._strengths().shape[1])

    def update(self, **values: Any) -> None:
        """Set some of network, stage, picture, filter, down, right, flip and draw."""
        for name, value in values.items():
            setattr(self, name, value if name in ("network", "stage", "flip") else int(value))
        self._settle()

    def input(self, colours: bool = False) -> np.ndarray:
        """The picture as it is moved now, shape (h, w, 3); zeros come in where nothing was.

        Args:
            colours: in the colours in which it is shown, with a mean grey coming in.
        """
        x = self.colours[self.picture] - self._grey if colours else self.x[self.picture]
        if self.draw:
            x = drawn(x, self.draw)
        if self.flip:
            x = x[:, ::-1]
        y = np.zeros_like(x)
        (to, of), (to_right, of_right) = (
            (slice(max(0, by), size + min(0, by)), slice(max(0, -by), size + min(0, -by)))
            for by, size in zip((self.down, self.right), x.shape[:2], strict=True)
        )
        y[to, to_right] = x[of, of_right]
        return y + self._grey if colours else y

    def maps(self) -> np.ndarray:
        """The maps of the picture at this stage, shape (rows, columns, filters)."""
        if self._maps is None:
            self._maps = self._given(self.input()[None])[0]
        return self._maps

    def kernel(self) -> np.ndarray | None:
        """What the chosen filter weighs, (kh, kw, 3); None behind the first convolution's part."""
        if not self.stage.endswith(" 1"):
            return None
        weights: np.ndarray = _first_convolution(self.networks[self.network]).kernel.numpy()
        return weights[..., self.filter]

    def top(self, count: int = STRONGEST) -> np.ndarray:
        """The numbers of the pictures that the chosen filter answers most, the strongest first."""
        strongest: np.ndarray = np.argsort(-self._strengths()[:, self.filter], kind="stable")
        return strongest[:count]

    def dead(self) -> np.ndarray:
        """Which filters give nothing but 0 at this stage, for all pictures, shape (filters,)."""
        return np.asarray(~self._answers().any(axis=0))

    def report(self) -> str:
        """What is looked at, how strong the answer is, and how many filters are dead."""
        chosen = self.maps()[..., self.filter]
        row, column = np.unravel_index(np.argmax(chosen), chosen.shape)
        return (
            f"{chosen.shape[0]} by {chosen.shape[1]}, {self.filters} maps \N{MIDDLE DOT} filter "
            f"{self.filter}: at most {chosen.max():.2f}, in row {row}, column {column} "
            f"\N{MIDDLE DOT} dead: {int(self.dead().sum())} of {self.filters}"
        ).replace("-", "\N{MINUS SIGN}")

    def limits(self) -> tuple[float, float]:
        """The least and the greatest number of this stage over all pictures: black and white."""
        return float(min(0, self._lowest().min())), float(self._strengths().max())

    def _settle(self) -> None:
        """Stay within what the network has, and forget the maps of before."""
        self._maps = None
        if self.stage not in self.stage_names:
            self.stage = self.stage_names[-1]
        self.filter = min(self.filter, self.filters - 1)

    def _given(self, x: np.ndarray) -> np.ndarray:
        # Outside of predict several threads of BLAS would wait for each other at every product.
        with no_grad(), single_threaded_blas():
            y: np.ndarray = self._stages[self.network][self.stage](x, training=False).numpy()
        return y

    def _of_all(self) -> Extremes:
        """Greatest and least of every picture's maps; one way through a network has all stages."""
        if self.network not in self._known:
            named = self._stages[self.network]
            inputs = next(iter(named.values())).inputs
            whole = Model(inputs, [each.output for each in named.values()])
            parts = [
                [(y.max(axis=(1, 2)), y.min(axis=(1, 2))) for y in whole.predict_on_batch(some)]
                for some in np.split(self.x, range(AT_ONCE, len(self.x), AT_ONCE))
            ]
            self._known[self.network] = {
                stage: (
                    np.concatenate([greatest for greatest, _ in pairs]),
                    np.concatenate([least for _, least in pairs]),
                )
                for stage, pairs in zip(named, zip(*parts, strict=True), strict=True)
            }
        return self._known[self.network][self.stage]

    def _strengths(self) -> np.ndarray:
        return self._of_all()[0]

    def _lowest(self) -> np.ndarray:
        return self._of_all()[1]

    def _answers(self) -> np.ndarray:
        greatest, least = self._of_all()
        return (greatest != 0) | (least != 0)


def stages(network: Any) -> Stages:
    """By name, models from a picture to what each layer gives, up to the first Flatten.

    "conv 1" is the first convolution, "relu 1" what its bend makes of it, and so on.
    """
    found: Stages = {}
    place = 0
    for layer in network.layers:
        if isinstance(layer, Flatten):
            break
        if isinstance(layer, Conv2D):
            place += 1
        word = _word(layer)
        if word:
            found[f"{word} {place}"] = Model(network.inputs, layer.output)
    if not found:
        raise ValueError(f"The network {network.name!r} has no convolution to look at.")
    return found


def _word(layer: Layer) -> str:
    if isinstance(layer, Conv2D):
        bent = getattr(layer.activation, "__name__", "linear") == "relu"
        return "relu" if bent else "conv"
    if isinstance(layer, MaxPooling2D):
        return "pool"
    if isinstance(layer, BatchNormalization):
        return "norm"
    return "relu" if type(layer).__name__ in ("Activation", "ReLU") else ""


def _first_convolution(network: Any) -> Any:
    return next(layer for layer in network.layers if isinstance(layer, Conv2D))


def drawn(x: np.ndarray, number: int) -> np.ndarray:
    """A picture [h, w, 3] mirrored and shifted as a training does it, the same for one number."""
    y: Any = x[None]
    with no_grad():
        for layer in (
            RandomFlip("horizontal", seed=number), RandomTranslation(0.1, 0.1, seed=number)
        ):  # fmt: skip
            y = layer(y, training=True)
    return np.asarray(y.numpy()[0])


def scene(model: FeatureModel) -> Scene:
    """The picture, the chosen map, all maps of the stage, and what the filter likes best."""
    maps, chosen = model.maps(), f"{model.stage}, filter {model.filter}"
    one = maps[..., model.filter]
    kernel = model.kernel()
    left: list[Panel] = [_of_pixels("The picture", model.input(colours=True), "picture", "left")]
    left.append(_of_pixels(f"Map: {chosen}", _grey(one, model), "chosen map", "left"))
    likes = np.stack([model.colours[at] for at in model.top()])
    right = [_of_pixels("Answered most", _tiled(likes, 3, 2), "strongest pictures", "right")]
    if kernel is not None:
        size = float(np.abs(kernel).max()) or 1.0
        shown = 127.5 + 127.5 * kernel / size
        right.append(_of_pixels(f"Weights of filter {model.filter}", shown, "weights", "right"))
    return Scene((*left, _table(model, maps), *right), model.report(), 200)


def draw(model: FeatureModel, networks: Sequence[str] = ()) -> Figure:
    """One picture, and the first maps of the stage in some networks beside each other.

    Args:
        model: its picture, stage and moves are those of the figure; it stays as it is.
        networks: by their names; default: all that have the stage.
    """
    before, stage = model.network, model.stage
    names = networks or [each for each, has in model._stages.items() if stage in has]
    panels = [_of_pixels("The picture", model.input(colours=True), "picture", "")]
    for name in names:
        model.update(network=name, stage=stage)
        first = np.moveaxis(_grey(model.maps(), model)[:, :, :SHOWN], 2, 0)
        tiles = np.repeat(_tiled(first, 3, 2)[..., None], 3, axis=2)
        panels.append(_of_pixels(f"{stage}: {name}", tiles, "maps", ""))
    model.update(network=before, stage=stage)
    return still(Scene(tuple(panels), "", 260))


def _of_pixels(title: str, pixels: np.ndarray, name: str, column: str) -> Panel:
    """A panel that is filled by a picture."""
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    rows, columns = pixels.shape[:2]
    mark = photo(pixels, (0, columns), (0, rows), name)
    return Panel(
        title, Axis("", 0, columns), Axis("", rows, 0), (mark,), rows / columns, True, column
    )


def _grey(maps: np.ndarray, model: FeatureModel) -> np.ndarray:
    """Numbers of the stage as tones from 0 to 255, on one scale for all its maps.

    A tone is the root of a share, so that faint answers are seen too.
    """
    low, high = model.limits()
    shares = np.maximum(maps - low, 0) / ((high - low) or 1)
    return np.asarray(255 * np.sqrt(shares))


def _tiled(tiles: np.ndarray, columns: int, gap: int, ground: float = 128) -> np.ndarray:
    """Tiles [k, h, w] or [k, h, w, 3] in rows of so many, with a gap between them."""
    count, h, w, *colours = tiles.shape
    rows = math.ceil(count / columns)
    sheet = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, *colours), ground, float)
    for place, tile in enumerate(tiles):
        top, left = (place // columns) * (h + gap), (place % columns) * (w + gap)
        sheet[top : top + h, left : left + w] = tile
    return sheet


def _table(model: FeatureModel, maps: np.ndarray) -> Panel:
    """All maps of the stage; the chosen one in a frame, a cross on each that is dead."""
    by = -(-maps.shape[0] // SMALL)
    h, w = maps.shape[0] // by, maps.shape[1] // by
    small = maps[: h * by, : w * by].reshape(h, by, w, by, -1).max(axis=(1, 3))
    columns = math.ceil(math.sqrt(model.filters))
    sheet = _tiled(np.moveaxis(_grey(small, model), 2, 0), columns, 1)
    rows, wide = sheet.shape
    left, top = (model.filter % columns) * (w + 1), (model.filter // columns) * (h + 1)
    frame: list[Mark] = [
        segments(
            [left, left + w, left + w, left], [top, top, top + h, top + h],
            [left + w, left + w, left, left], [top, top + h, top + h, top],
            "chosen", "orange", 3.0,
        )
    ]  # fmt: skip
    dead = np.flatnonzero(model.dead())
    crosses = points(
        (dead % columns) * (w + 1) + w / 2, (dead // columns) * (h + 1) + h / 2, "dead",
        "orange", "cross", 5.0,
    )  # fmt: skip
    whole = photo(np.repeat(sheet[..., None], 3, axis=2), (0, wide), (0, rows), "all maps")
    title = f"All {model.filters} maps of {model.stage}"
    marks = (whole, *frame, *((crosses,) if len(dead) else ()))
    return Panel(title, Axis("", 0, wide), Axis("", rows, 0), marks, rows / wide, True, "all")


class FeatureViewer(Bench):
    """Menus for network, stage and mirror, sliders for picture, filter and shifts."""

    model: FeatureModel

    def __init__(self, model: FeatureModel) -> None:
        """Show the model as it stands."""
        self._offer(model)
        super().__init__("Feature maps", model, scene)

    def _offer(self, model: FeatureModel) -> None:
        self.offers = {
            "network": tuple(model.networks), "stage": model.stage_names, "flip": (False, True)
        }  # fmt: skip

    def controls(self) -> list[Group]:
        """The menus, the sliders and the buttons."""
        menus = (
            Menu("network", "network", tuple(self.model.networks)),
            Menu("stage", "stage", self.model.stage_names),
            Menu("flip", "mirror", FLIPS),
        )
        return [Group(menus), Group(self.model.controls), Group((DRAW, AGAIN))]

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set what a hand has set; another network has other stages."""
        halt = super().take(values)
        self._offer(self.model)
        return halt

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Draw a new picture, or put everything back to where it began."""
        if name == DRAW.name:
            self.model.update(draw=self.model.draw + 1)
            return False
        if name == AGAIN.name:
            # One after the other: which stages and filters there are depends on what comes before.
            self.model.update(draw=0)
            for each in ("network", "stage"):
                self.take({each: self._start[each]})
        return super().act(name, given)

    def __repr__(self) -> str:
        return "<Feature maps: run this cell to choose picture, stage and filter>"


def feature_viewer(
    networks: Mapping[str, Any], x: np.ndarray, colours: np.ndarray | None = None
) -> FeatureViewer:
    """The widget of lesson 16.

    Args:
        networks: by their names, each from pictures to classes.
        x: pictures as the networks take them, shape (n, h, w, 3).
        colours: the same as they are shown, 0 to 255.
    """
    return FeatureViewer(FeatureModel(networks, x, colours))
