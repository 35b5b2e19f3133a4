"""Pictures and folders against Keras's own."""

import io
from copy import copy

import numpy as np
import pytest

from dlcore import utils
from dlcore.utils.resampling import resized

keras = pytest.importorskip("keras")
pytest.importorskip("PIL")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest", "bicubic", "lanczos3"])
@pytest.mark.parametrize("way", [None, "crop_to_aspect_ratio", "pad_to_aspect_ratio"])
def test_the_same_picture_of_another_size(interpolation, way):
    said = {way: True} if way else {}
    x = np.random.default_rng(0).uniform(0, 255, (23, 17, 3)).astype(np.float32)
    for size in ((9, 11), (40, 31)):
        expected = keras.ops.image.resize(
            x, size, interpolation, data_format="channels_last", **said
        )
        found = resized(x, size, interpolation, **said)
        np.testing.assert_allclose(found, np.asarray(expected), atol=5e-3)


def test_the_same_files_in_the_same_order(tmp_path):
    from keras.src.utils.dataset_utils import get_training_or_validation_split, index_directory

    rng = np.random.default_rng(0)
    for number in range(23):
        place = tmp_path / str(rng.choice(["b", "a/deep", "a", "c"])) / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        utils.save_img(place, np.ones((1, 1, 3)))
    for seed, labels in ((0, "inferred"), (7, "inferred"), (7, None), (1, list(range(23)))):
        paths, numbers, names = index_directory(  # which shuffles the list that it is given
            str(tmp_path), copy(labels), (".png",), None, True, seed, verbose=False
        )
        train, held = utils.image_dataset_from_directory(
            tmp_path, labels, seed=seed, validation_split=0.3, subset="both", verbose=False
        )
        for data, subset in ((train, "training"), (held, "validation")):
            some, labelled = get_training_or_validation_split(paths, numbers, 0.3, subset)
            assert data.file_paths == list(some) and data.class_names == names
            if labels is not None:
                assert data.labels.tolist() == list(labelled)


@pytest.mark.parametrize("scale", [True, False])
def test_the_same_array_as_a_picture_and_back(scale):
    rng = np.random.default_rng(0)
    for channels in (1, 3, 4):
        x = rng.uniform(0, 255, (6, 5, channels))
        ours = utils.array_to_img(x, scale=scale)
        theirs = keras.utils.array_to_img(x, scale=scale)
        assert ours.mode == theirs.mode
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
        buffer = io.BytesIO()
        ours.save(buffer, "png")
        for mode in ("rgb", "rgba", "grayscale"):
            for said in ({}, {"target_size": (3, 9), "interpolation": "bilinear"}):
                found = utils.img_to_array(utils.load_img(buffer, mode, **said))
                expected = keras.utils.img_to_array(keras.utils.load_img(buffer, mode, **said))
                np.testing.assert_array_equal(found, expected)
