"""Models that begin with texts: they train, predict, and keep their vocabularies in files."""

import json
import zipfile

import numpy as np
import pytest

import dlcore
from dlcore import Input, Model, Sequential
from dlcore.layers import (
    Concatenate,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    IntegerLookup,
    StringLookup,
    TextVectorization,
)
from dlcore.models import load_model
from tests.layers.test_text import at_commas, without_tags

FILMS = np.array(["good film", "bad film", "very good", "so bad", "good good", "awful"])
MARKS = np.array([1, 0, 1, 0, 1, 0])


def of_text(**arguments):
    layer = TextVectorization(**arguments)
    layer.adapt(FILMS)
    return layer


def test_a_model_trains_on_texts_in_recorded_steps():
    layer = of_text(output_sequence_length=3)
    rest = [Embedding(layer.vocabulary_size(), 4, mask_zero=True), GlobalAveragePooling1D()]
    dlcore.utils.set_random_seed(0)
    model = Sequential([layer, *rest, Dense(1, "sigmoid")])
    model.compile(dlcore.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    model.fit(list(FILMS), MARKS, epochs=20, verbose=0, validation_data=(FILMS, MARKS))
    assert model.evaluate(FILMS[:, None], MARKS, verbose=0)[1] == 1 and not model.run_eagerly
    before = model.predict(FILMS, verbose=0)
    np.testing.assert_array_equal(np.asarray(model(FILMS)), before)
    np.testing.assert_array_equal(model.predict_on_batch(FILMS), before)
    # What it does is what the rest of it does to the numbers.
    numbers = Sequential([*rest, model.layers[-1]])
    np.testing.assert_array_equal(numbers.predict(np.asarray(layer(FILMS)), verbose=0), before)
    batches = ((FILMS[i : i + 2], MARKS[i : i + 2]) for i in (0, 2, 4))
    model.fit(batches, epochs=1, verbose=0)


def test_columns_of_a_table_by_name():
    town, size = Input((1,), dtype="string", name="town"), Input((2,), name="size")
    lookup = StringLookup(output_mode="one_hot")
    lookup.adapt(["Bern", "Genf", "Bern"])
    y = Dense(1)(Concatenate()([lookup(town), size]))
    model = Model({"town": town, "size": size}, y)
    model.compile("sgd", "mse")
    x = {"town": np.array(["Bern", "?", "Genf"], object), "size": np.eye(3)[:, :2]}
    model.fit(x, [1, 2, 3], verbose=0)
    kernel, bias = model.get_weights()
    columns = np.concatenate([[[0, 1, 0], [1, 0, 0], [0, 0, 1]], x["size"]], axis=1)
    np.testing.assert_allclose(model.predict(x, verbose=0), columns @ kernel + bias, rtol=1e-5)
    with pytest.raises(TypeError, match=r"x\['town'\] holds None in row 0"):
        model.predict({**x, "town": [None, "Bern", "Genf"]}, verbose=0)


def test_a_trained_model_gets_its_texts_put_in_front():
    layer = of_text(output_sequence_length=3)
    trained = Sequential([Input((3,)), Embedding(10, 2), Flatten(), Dense(1)])
    whole = Sequential([Input((1,), dtype="string"), layer, trained])
    expected = trained.predict(np.asarray(layer(FILMS)), verbose=0)
    np.testing.assert_array_equal(whole.predict(FILMS, verbose=0), expected)


def test_whole_numbers_are_looked_up_in_a_model():
    lookup = IntegerLookup(vocabulary=[12, 36], output_mode="one_hot")
    model = Sequential([Input((1,), dtype="int64"), lookup, Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    model.fit([12, 36, 5], [1, 2, 3], epochs=4, verbose=0)
    assert not model.run_eagerly
    kernel = model.get_weights()[0]
    np.testing.assert_array_equal(model.predict([5, 12, 36], verbose=0), kernel)


def test_what_a_model_cannot_do_with_texts_is_said():
    with pytest.raises(TypeError, match=r"Input\(\(1,\), dtype='string'\)"):
        StringLookup(vocabulary=["a"])(Input((1,)))
    with pytest.raises(ValueError, match="no model can go on with"):
        StringLookup(vocabulary=["a"], invert=True)(Input((1,), dtype="string"))
    text = Input((1,), dtype="string")
    two = [StringLookup(vocabulary=["a"]), StringLookup(vocabulary=["b"])]
    model = Model(text, Concatenate()([layer(text) for layer in two]))
    with pytest.raises(ValueError, match="an Input of its own"):
        model.predict(["a"], verbose=0)
    lookup = StringLookup(output_mode="count")
    lookup.adapt(["a"])
    Dense(1)(lookup(Input((1,), dtype="string")))
    with pytest.raises(ValueError, match="a model with 2 columns"):
        lookup.adapt(["a", "b"])


IN_FILES = [
    lambda: of_text(output_sequence_length=3),
    lambda: of_text(output_mode="multi_hot", ngrams=2),
    lambda: of_text(output_mode="tf_idf", max_tokens=20, pad_to_max_tokens=True),
    lambda: of_text(split="character", output_sequence_length=4, standardize=None),
    lambda: TextVectorization(vocabulary=["good", "bad"], output_mode="count"),
    lambda: TextVectorization(
        vocabulary=["good"], standardize=without_tags, split=at_commas, output_mode="count"
    ),
    lambda: StringLookup(vocabulary=list(FILMS[:3]), output_mode="one_hot", num_oov_indices=2),
    lambda: StringLookup(vocabulary=["a"], idf_weights=[2.0], output_mode="tf_idf"),
]


@pytest.mark.parametrize("made", IN_FILES, ids=range(len(IN_FILES)))
def test_vocabularies_go_into_files_and_come_back(made, tmp_path):
    layer = made()
    model = Sequential([Input((1,), dtype="string"), layer, Dense(2)])
    x = np.array([*FILMS, "Gute\nFilme", "good", ""])
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert other.layers[0].get_vocabulary() == layer.get_vocabulary()
    assert other.layers[0].get_config() == layer.get_config()
    np.testing.assert_array_equal(np.asarray(other.layers[0](x)), np.asarray(layer(x)))
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")


def test_letters_that_end_lines_come_back(tmp_path):
    layer = TextVectorization(split="character", output_mode="count", standardize=None)
    layer.adapt(["a\nb\r\n c\u2028\n"])
    model = Sequential([Input((1,), dtype="string"), layer, Dense(1)])
    model.save(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras").layers[0].get_vocabulary() == layer.get_vocabulary()


def test_the_files_of_keras_have_their_vocabulary_where_it_puts_it(tmp_path):
    model = Sequential([Input((1,), dtype="string"), of_text(output_mode="tf_idf"), Dense(2)])
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        folder = "assets/layers/text_vectorization/"
        text = archive.read(folder + "vocabulary.txt").decode()
        assert archive.read(folder + "_lookup_layer/vocabulary.txt").decode() == text
        config = json.loads(archive.read("config.json"))
    assert text.split("\n") == model.layers[0].get_vocabulary()
    start, layer = (entry["config"] for entry in config["config"]["layers"][:2])
    assert start["dtype"] == "string" and start["batch_shape"] == [None, 1]
    assert layer["vocabulary"] is None and layer["vocabulary_size"] == 7
    assert {"max_tokens", "standardize", "split", "ngrams", "sparse", "ragged", "encoding"} < set(
        layer
    )


def test_a_file_without_its_vocabulary_is_refused(tmp_path):
    model = Sequential([Input((1,), dtype="string"), of_text(output_mode="count"), Dense(2)])
    model.save(tmp_path / "m.keras")
    with (
        zipfile.ZipFile(tmp_path / "m.keras") as whole,
        zipfile.ZipFile(tmp_path / "n.keras", "w") as part,
    ):
        for name in whole.namelist()[:3]:
            part.writestr(name, whole.read(name))
    with pytest.raises(ValueError, match="no vocabulary for the layer 'text_vectorization"):
        load_model(tmp_path / "n.keras")


def test_weights_of_other_words_are_refused_before_anything_changes(tmp_path):
    models = [
        Sequential(
            [
                Input((1,), dtype="string"),
                StringLookup(vocabulary=words, idf_weights=range(len(words)), output_mode="tf_idf"),
                Flatten(),
            ]
        )
        for words in (["a", "b"], ["a", "b", "c"])
    ]
    models[0].save_weights(tmp_path / "m.weights.h5")
    before = models[1].predict(["c"], verbose=0)
    with pytest.raises(ValueError, match=r"weights of shape \(4,\), the file of shape \(3,\)"):
        models[1].load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(models[1].predict(["c"], verbose=0), before)
