"""Folders as data sets: the files, their order and labels, and what fit makes of them."""

import numpy as np
import pytest

from dlcore import Sequential, layers
from dlcore.utils import (
    image_dataset_from_directory,
    save_img,
    set_random_seed,
    text_dataset_from_directory,
)


def colour(number):
    return np.full((4, 6, 3), 10.0 * number)


@pytest.fixture
def folder(tmp_path):
    """Two classes of pictures, number n with pixels of 10 n; and files that are none."""
    for number in range(10):
        name = ("cat/a", "dog/deep")[number % 2]
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        save_img(tmp_path / name / f"{number}.png", colour(number), scale=False)
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    (tmp_path / "cat" / "._0.png").write_bytes(b"what macOS notes")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "loose.csv").write_text("")
    return tmp_path


def pictures(folder, **said):
    said = {"image_size": (4, 6), "verbose": False, "shuffle": False, **said}
    return image_dataset_from_directory(folder, **said)


def numbers(data):
    """The numbers of the pictures, and their labels."""
    x, y = zip(*data, strict=True)
    found = np.concatenate(x)
    assert found.dtype == np.float32 and (found == found[:, :1, :1, :1]).all()
    return (found[:, 0, 0, 0] / 10).tolist(), np.concatenate(y).tolist()


def test_files_come_by_class_and_name(folder, capsys):
    data = pictures(folder, batch_size=4, verbose=True)
    assert capsys.readouterr().out == "Found 10 files belonging to 2 classes.\n"
    assert data.class_names == ["cat", "dog"] and len(data) == 3
    assert repr(data) == "<3 batches from 10 files, classes cat, dog>"
    assert [path[-5:] for path in data.file_paths[4:7]] == ["8.png", "1.png", "3.png"]
    assert [x.shape[0] for x, _ in data] == [4, 4, 2]
    assert numbers(data) == ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], [0] * 5 + [1] * 5)
    other = pictures(folder, class_names=["dog", "cat"])
    assert numbers(other) == ([1, 3, 5, 7, 9, 0, 2, 4, 6, 8], [0] * 5 + [1] * 5)


def test_labels_take_four_forms(folder):
    def first(**said):
        return next(iter(pictures(folder, batch_size=6, **said)))

    assert first()[1].dtype == np.int32 and first()[1].shape == (6,)
    _, y = first(label_mode="binary")
    assert y.dtype == np.float32 and y.tolist() == [[0]] * 5 + [[1]]
    _, y = first(label_mode="categorical")
    assert y.dtype == np.float32 and y.tolist() == [[1, 0]] * 5 + [[0, 1]]
    for said in ({"label_mode": None}, {"labels": None}):
        assert first(**said).shape == (6, 4, 6, 3)
    given = pictures(folder, labels=[*range(10)])
    assert numbers(given)[1] == [*range(10)] and given.class_names == [*"0123456789"]
    x, y = next(iter(pictures(folder, batch_size=None)))
    assert x.shape == (4, 6, 3) and y == 0


def test_shuffled_files_keep_their_labels_and_come_in_a_new_order_each_pass(folder):
    data = pictures(folder, shuffle=True, seed=1, batch_size=3)
    passes = [numbers(data) for _ in range(3)]
    for found, labels in passes:
        assert sorted(found) == [*range(10)] and labels == [n % 2 for n in found]
    assert len({str(found) for found, _ in passes}) == 3
    again = pictures(folder, shuffle=True, seed=1, batch_size=3)
    assert [numbers(again) for _ in range(3)] == passes
    assert again.file_paths != pictures(folder).file_paths

    def unseeded():
        set_random_seed(5)
        return numbers(pictures(folder, shuffle=True))

    assert unseeded() == unseeded()


def test_a_split_holds_out_the_end_of_the_shuffled_files(folder, capsys):
    said = {"validation_split": 0.35, "shuffle": True, "seed": 3, "verbose": True}
    train, held = pictures(folder, subset="both", **said)
    assert "Using 7 files for training.\nUsing 3 files for validation.\n" in capsys.readouterr().out
    assert len(train.file_paths) == 7 and len(held.file_paths) == 3
    assert set(train.file_paths) | set(held.file_paths) == set(pictures(folder).file_paths)
    assert pictures(folder, subset="training", **said).file_paths == train.file_paths
    assert pictures(folder, subset="validation", **said).file_paths == held.file_paths
    assert [f"{n:.0f}.png" for n in numbers(held)[0]] == [path[-5:] for path in held.file_paths]


def test_sizes_and_colours(folder):
    x, _ = next(iter(pictures(folder, image_size=8, color_mode="grayscale")))
    assert x.shape == (10, 8, 8, 1) and x[1, 0, 0, 0] == 20
    x, _ = next(iter(pictures(folder, image_size=(2, 2), color_mode="rgba")))
    assert x.shape == (10, 2, 2, 4) and (x[..., 3] == 255).all()
    edge = colour(1)
    edge[:, :1], edge[:, -1:] = 0, 0
    save_img(folder / "cat" / "a" / "0.png", edge, scale=False)
    x, _ = next(iter(pictures(folder, image_size=(4, 4), crop_to_aspect_ratio=True)))
    np.testing.assert_array_equal(x[0], 10)
    x, _ = next(iter(pictures(folder, image_size=(6, 6), pad_to_aspect_ratio=True)))
    assert (x[1, [0, 5]] == 0).all() and (x[1, 1:5] == 20).all()


def test_fit_evaluate_and_predict_take_them(folder):
    set_random_seed(0)
    train, held = pictures(
        folder, batch_size=2, label_mode="binary", validation_split=0.2, subset="both",
        shuffle=True, seed=0,
    )  # fmt: skip
    model = Sequential(
        [layers.Input((4, 6, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    history = model.fit(train, validation_data=held, epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    ordered = pictures(folder, batch_size=4)
    scores = model.predict(ordered, verbose=0)
    assert scores.shape == (10, 1)
    x = np.concatenate([x for x, _ in ordered])
    np.testing.assert_allclose(scores, model.predict(x, verbose=0), rtol=1e-5)
    changed = ordered.map(lambda x, y: (x, 1 - y), num_parallel_calls=2)
    loss = model.evaluate(changed, verbose=0)
    y = np.concatenate([y for _, y in changed])
    assert y.tolist() == [1] * 5 + [0] * 5
    np.testing.assert_allclose(loss, np.mean((scores[:, 0] - y) ** 2), rtol=1e-4)


def test_a_part_of_the_batches(folder):
    data = pictures(folder, batch_size=4)
    assert len(data.take(2)) == 2 and numbers(data.take(2))[0] == [0, 2, 4, 6, 8, 1, 3, 5]
    assert len(data.take(9)) == 3 and numbers(data.take(-1)) == numbers(data)
    doubled = data.map(lambda x, y: (2 * x, y)).take(1)
    assert numbers(doubled)[0] == [0, 4, 8, 12] and doubled.class_names == ["cat", "dog"]
    assert next(iter(pictures(folder, labels=None).map(np.shape))) == (10, 4, 6, 3)


def test_a_damaged_file_is_named_when_it_is_read(folder):
    (folder / "dog" / "broken.jpg").write_bytes(b"nothing")
    data = pictures(folder, batch_size=1)
    with pytest.raises(ValueError, match=r"broken\.jpg is no picture; replace the file"):
        list(data)


def test_a_class_without_pictures_is_spoken_of(folder):
    (folder / "emu").mkdir()
    with pytest.warns(UserWarning, match="The class 'emu' has no picture: .*emu is empty"):
        data = pictures(folder, label_mode="categorical")
    assert next(iter(data))[1].shape == (10, 3)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"labels": "infered"}, "'inferred', None or a list with a label for each file"),
        ({"labels": [1, 2]}, "labels has 2 entries, but .* has 10 files"),
        ({"labels": [3] * 10, "label_mode": "categorical"}, "numbers from 0 to 0, but some are 3"),
        ({"label_mode": "one-hot"}, "no label_mode called 'one-hot'"),
        ({"labels": [*range(10)], "label_mode": "binary"}, "for two classes, but there are 10"),
        ({"class_names": ["cat", "dgo"]}, "no folder of that name. Did you mean 'dog'"),
        ({"labels": None, "class_names": ["cat"]}, "goes with labels='inferred' only"),
        ({"validation_split": 0.2}, "validation_split and subset go together"),
        ({"subset": "both"}, "validation_split and subset go together"),
        ({"validation_split": 2, "subset": "both"}, "lies between 0 and 1, but is 2"),
        ({"validation_split": 0.01, "subset": "both"}, "leaves 0 for validation and 10"),
        (
            {"validation_split": 0.2, "subset": "training", "shuffle": True},
            "only with the same seed; give one",
        ),
        ({"color_mode": "gray"}, "no color_mode called 'gray'. Did you mean 'grayscale'"),
        ({"interpolation": "cubic"}, "no interpolation called 'cubic'. Did you mean 'bicubic'"),
        ({"image_size": (32,)}, r"image_size is \(height, width\)"),
        ({"data_format": "channels_first"}, "in the form 'channels_last'"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "cropped or padded"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
    ],
)
def test_arguments_that_make_no_sense(folder, said, words):
    with pytest.raises(ValueError, match=words):
        pictures(folder, **said)


def test_folders_that_make_no_sense(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder .*nowhere"):
        pictures(tmp_path / "nowhere")
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.webp").write_bytes(b"")
    with pytest.raises(ValueError, match=r"has no picture \(.bmp, .*only files that end in .webp"):
        pictures(tmp_path)
    save_img(tmp_path / "cat" / "1.png", colour(1))
    with pytest.raises(ValueError, match="has files but no folders, so no classes"):
        pictures(tmp_path / "cat")


def test_texts_come_as_strings(tmp_path):
    for name, text in {"good/1": "well done", "good/2": "nice", "bad/1": "thöroughly bad"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")

    def texts(**said):
        return text_dataset_from_directory(tmp_path, verbose=False, shuffle=False, **said)

    x, y = next(iter(texts()))
    assert x.dtype == object and x.tolist() == ["thöroughly bad", "well done", "nice"]
    assert y.tolist() == [0, 1, 1] and texts(batch_size=2).class_names == ["bad", "good"]
    assert next(iter(texts(max_length=4, labels=None))).tolist() == ["thör", "well", "nice"]
    model = Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(texts().map(lambda x, y: (np.array([[len(t)] for t in x]), y)), verbose=0)
    (tmp_path / "bad" / "2.txt").write_bytes("ä".encode("latin-1"))
    with pytest.raises(ValueError, match=r"2\.txt is no text in UTF-8 \(byte 0\)"):
        list(texts())
