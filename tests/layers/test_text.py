"""Layers that turn words and categories into numbers: by hand and at the edges.

The values are those of Keras's documentation, or counted by hand; Keras's own layers need
TensorFlow.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlcore
from dlcore.layers import (
    CategoryEncoding,
    IntegerLookup,
    StringLookup,
    TextVectorization,
)
from dlcore.layers.farmhash import fingerprint
from dlcore.utils import register_keras_serializable


@register_keras_serializable("tests_of_text")
def without_tags(texts):
    return np.char.replace(texts, "<br>", " ")


@register_keras_serializable("tests_of_text")
def at_commas(texts):
    return [text.split(",") for text in texts]


def values(y):
    return np.asarray(y).tolist()


# Lookups.


def test_a_text_has_its_place_in_the_vocabulary():
    layer = StringLookup(vocabulary=["a", "b", "c", "d"])
    assert values(layer([["a", "c", "d"], ["d", "z", "b"]])) == [[1, 3, 4], [4, 0, 2]]
    assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c", "d"]
    assert layer.vocabulary_size() == 5 and np.asarray(layer("a")).dtype == np.int64


def test_the_commonest_comes_first_and_the_last_by_the_alphabet_among_equals():
    layer = StringLookup(max_tokens=4, mask_token="")
    layer.adapt(np.array([["é", "b", ""], ["a", "b", "c"], ["[UNK]", "c", ""]]))
    # b and c twice; of é and a there is no room.
    assert layer.get_vocabulary() == ["", "[UNK]", "c", "b"]
    assert layer.get_vocabulary(include_special_tokens=False) == ["c", "b"]
    assert values(layer(["", "b", "é"])) == [0, 3, 1]


def test_texts_come_as_lists_arrays_bytes_columns_and_batches():
    forms = [["x", "y", "x"], ("x", "y", "x"), np.array(["x", "y", "x"]), [b"x", b"y", b"x"]]
    forms += [np.array(["x", "y", "x"], object), (batch for batch in (["x"], ["y", "x"]))]
    forms += [iter([(np.array(["x"]), [0]), (np.array(["y", "x"]), [1, 0])])]
    for form in forms:
        layer = StringLookup()
        layer.adapt(form)
        assert layer.get_vocabulary() == ["[UNK]", "x", "y"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("multi_hot", [[0, 1, 0], [1, 0, 1]]),
        ("count", [[0, 2, 0], [1, 0, 1]]),
        ("one_hot", [[[0, 1, 0], [0, 1, 0], [0, 0, 0]], [[1, 0, 0], [0, 0, 1], [0, 0, 0]]]),
    ],
)
def test_columns_for_the_vocabulary_leave_the_mask_out(mode, expected):
    layer = StringLookup(vocabulary=["a", "b"], mask_token="-", output_mode=mode)
    x = [["a", "a", "-"], ["z", "b", "-"]]
    assert values(layer(x)) == expected
    assert layer.compute_output_shape((None, 3)) == (None, *np.shape(expected)[1:])


def test_one_hot_takes_a_column_as_one_axis():
    layer = StringLookup(vocabulary=["a"], output_mode="one_hot")
    assert values(layer([["a"], ["b"]])) == values(layer(["a", "b"])) == [[0, 1], [1, 0]]


def test_a_word_that_is_everywhere_weighs_little():
    layer = StringLookup(output_mode="tf_idf")
    layer.adapt([["a", "a", "b"], ["a", "c", "c"]])
    # a is in both rows, b and c in one: log(1 + 2 / (1 + rows)); unknown weighs their mean.
    often, seldom = math.log(1 + 2 / 3), math.log(1 + 2 / 2)
    mean = (often + 2 * seldom) / 3
    assert layer.get_vocabulary() == ["[UNK]", "a", "c", "b"]
    expected = [[mean, 2 * often, 0, 0], [0, 0, 0, seldom]]
    np.testing.assert_allclose(layer([["a", "a", "z"]])[0], expected[0], rtol=1e-6)
    given_weights = StringLookup(vocabulary=["x", "y"], idf_weights=[1, 3], output_mode="tf_idf")
    assert values(given_weights([["y", "y", "?"]])) == [[2, 0, 6]]


def test_max_tokens_columns_however_few_words():
    layer = StringLookup(5, vocabulary=["a"], output_mode="count", pad_to_max_tokens=True)
    assert values(layer([["a", "?"]])) == [[1, 1, 0, 0, 0]]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=4), min_size=1), st.integers(0, 3), st.booleans())
def test_back_and_forth(words, unknown, masked):
    vocabulary = sorted(set(words) - {"[UNK]", "-"}) or ["w"]
    arguments = {"vocabulary": vocabulary, "num_oov_indices": unknown}
    arguments["mask_token"] = "-" if masked else None
    forth, back = StringLookup(**arguments), StringLookup(**arguments, invert=True)
    x = np.array(vocabulary, object)
    numbers = np.asarray(forth(x))
    assert len(set(numbers.tolist())) == len(vocabulary)
    assert back(numbers).tolist() == vocabulary
    assert [forth.get_vocabulary()[i] for i in numbers] == vocabulary


def test_numbers_look_up_numbers():
    layer = IntegerLookup(vocabulary=[12, 36, 1138], mask_token=0)
    assert values(layer([[36, 7], [0, 1138]])) == [[3, 1], [0, 4]]
    assert layer.get_vocabulary() == [0, -1, 12, 36, 1138]
    back = IntegerLookup(vocabulary=[12, 36, 1138], invert=True)
    assert values(back([[1, 0], [3, 9]])) == [[12, -1], [1138, -1]]
    layer = IntegerLookup(output_mode="count")
    layer.adapt(np.array([5, 5, 2, 9.0]))
    assert layer.get_vocabulary() == [-1, 5, 9, 2]
    assert values(layer([[5, 5, 7]])) == [[1, 2, 0, 0]]
    with pytest.raises(ValueError, match=r"takes whole numbers, but was given 2\.5"):
        layer([[2.5]])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=9, unique=True),
    st.integers(1, 3),
    st.sampled_from([None, 0, 77]),
    st.sampled_from(["int", "one_hot", "multi_hot", "count"]),
    st.integers(0, 99),
)
def test_by_a_table_it_is_the_same(vocabulary, unknown, mask, mode, seed):
    vocabulary = [entry for entry in vocabulary if entry != mask] or [5]
    layer = IntegerLookup(None, unknown, mask, -99, vocabulary, output_mode=mode)
    x = np.random.default_rng(seed).integers(-80, 80, (4, 3))
    entry_by_entry = layer.encoded(layer.numbers_of(x.reshape(-1).tolist()).reshape(x.shape))
    np.testing.assert_array_equal(np.asarray(layer(x)), entry_by_entry)
    # Where entries lie too far apart for a table it is done entry by entry.
    near, far = (
        IntegerLookup(None, unknown, mask, -99, [*vocabulary, more]) for more in (99, 10**12)
    )
    np.testing.assert_array_equal(np.asarray(far(x)), np.asarray(near(x)))


def test_several_numbers_for_what_is_unknown():
    layer = IntegerLookup(vocabulary=[10], num_oov_indices=3, mask_token=0)
    assert values(layer([4, 5, 6, 10, 0])) == [2, 3, 1, 4, 0]
    # TensorFlow's documentation: to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).
    layer = StringLookup(vocabulary=["a"], num_oov_indices=3)
    assert values(layer(["Hello", "TensorFlow", "2.x", "a"])) == [0, 2, 2, 3]


def test_the_hash_is_that_of_google():
    # From farmhash.fingerprint64 of the package pyfarmhash, one for each way through it.
    known = {
        "": 11160318154034397263,
        "cat": 15118465453979963096,
        "word": 16498804621125554880,
        "1footrue": (1 << 64) - 1541654101129638711,
        "a" * 20: 0xD1128F7D2CDB832E,
        "a" * 50: 0x18EE94AC50BB0DBD,
        "a" * 100: 0xB68C63A9774614EA,
    }
    for text, expected in known.items():
        assert fingerprint(text.encode()) == expected


def test_without_a_number_for_the_unknown_it_is_an_error():
    layer = StringLookup(vocabulary=["a"], num_oov_indices=0, mask_token="")
    assert values(layer(["", "a"])) == [0, 1]
    with pytest.raises(ValueError, match="'b', which its vocabulary does not hold"):
        layer(["b"])


def test_a_vocabulary_from_a_file(tmp_path):
    (tmp_path / "words.txt").write_text("Zürich\nsão paulo\n北京\n", encoding="utf-8")
    layer = StringLookup(vocabulary=tmp_path / "words.txt")
    assert layer.get_vocabulary() == ["[UNK]", "Zürich", "são paulo", "北京"]
    (tmp_path / "codes.txt").write_text("7\n3")
    assert IntegerLookup(vocabulary=str(tmp_path / "codes.txt")).get_vocabulary() == [-1, 7, 3]
    with pytest.raises(ValueError, match=r"no file .*none\.txt"):
        StringLookup(vocabulary=str(tmp_path / "none.txt"))
    # A description is never followed to another file.
    with pytest.raises(ValueError, match="never read"):
        StringLookup.from_config({"vocabulary": str(tmp_path / "words.txt")})


REFUSED = [
    ({"max_tokens": 1}, "at least 2"),
    ({"num_oov_indices": -1}, "at least 0"),
    ({"pad_to_max_tokens": True}, "needs max_tokens"),
    ({"output_mode": "multihot"}, "multi_hot"),
    ({"invert": True, "output_mode": "count"}, "invert=True"),
    ({"sparse": True, "output_mode": "count"}, "TensorFlow"),
    ({"idf_weights": [1.0]}, "tf_idf"),
    ({"vocabulary": ["a"], "output_mode": "tf_idf"}, "needs idf_weights"),
    ({"vocabulary": []}, "empty"),
    ({"vocabulary": ["a", "b", "a"]}, "'a' more than once"),
    ({"vocabulary": ["a", ""], "mask_token": ""}, "stands for something else"),
    ({"vocabulary": ["a", "b"], "max_tokens": 2}, "takes 3 places"),
    ({"vocabulary": ["a"], "output_mode": "tf_idf", "idf_weights": [1, 2]}, "one of idf_weights"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED, ids=lambda case: str(case)[:30])
def test_what_does_not_fit_is_refused(arguments, told):
    with pytest.raises(ValueError, match=told):
        StringLookup(**arguments)


NO_TEXTS = [
    (["a", None], "None in row 1; fill gaps"),
    (["a", float("nan")], "nan in row 1; fill gaps"),
    (np.array([["a", "b"], ["c", 3]], object), "3 in row 1; make it a text"),
    (np.arange(3), "IntegerLookup"),
    (dlcore.ops.convert_to_tensor([1, 2]), "IntegerLookup"),
]


@pytest.mark.parametrize(("x", "told"), NO_TEXTS, ids=range(len(NO_TEXTS)))
def test_what_is_no_text_is_named_with_its_row(x, told):
    for layer in (StringLookup(vocabulary=["a"]), TextVectorization(vocabulary=["a"])):
        with pytest.raises(TypeError, match=told):
            layer(x)


def test_a_layer_without_a_vocabulary_says_what_is_missing():
    for layer in (StringLookup(), IntegerLookup(), TextVectorization()):
        x = [[1]] if isinstance(layer, IntegerLookup) else ["a"]
        with pytest.raises(ValueError, match="no vocabulary yet; call adapt"):
            layer(x)
        with pytest.raises(ValueError, match="no data to adapt to"):
            layer.adapt(iter([]))
    with pytest.raises(ValueError, match="was given a vocabulary"):
        StringLookup(vocabulary=["a"]).adapt(["b"])


# Categories.


def test_categories_become_columns():
    x = np.array([[0, 1], [0, 0], [1, 2], [3, 1]])
    assert values(CategoryEncoding(4)(x)[0]) == [1, 1, 0, 0]
    weights = np.array([[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]])
    counted = CategoryEncoding(4, output_mode="count")(x, count_weights=weights)
    expected = [[0.1, 0.2, 0, 0], [0.2, 0, 0, 0], [0, 0.2, 0.3, 0], [0, 0.2, 0, 0.4]]
    np.testing.assert_allclose(counted, expected, rtol=1e-6)


@pytest.mark.parametrize("wrong", [4, -1, 1.5])
def test_a_category_that_does_not_exist_is_named(wrong):
    with pytest.raises(ValueError, match=rf"from 0 to 3 .*{wrong:g} in row 1"):
        CategoryEncoding(4)([[0.0], [wrong]])


# Texts.


def test_words_are_numbered_and_rows_filled_up():
    layer = TextVectorization(max_tokens=5000, output_sequence_length=4)
    layer.adapt(["foo bar", "bar baz", "baz bada boom"])
    assert layer.get_vocabulary() == ["", "[UNK]", "baz", "bar", "foo", "boom", "bada"]
    assert values(layer([["foo qux bar"], ["qux baz"]])) == [[4, 1, 3, 0], [1, 2, 0, 0]]
    assert values(layer(["foo foo foo foo bar"])) == [[4, 4, 4, 4]]
    assert values(layer("bar foo")) == [3, 4, 0, 0]


@pytest.mark.parametrize(
    ("standardize", "text", "words"),
    [
        ("lower_and_strip_punctuation", "It's  GOOD,\tright?\n", ["its", "good", "right"]),
        ("lower", "It's GOOD!", ["it's", "good!"]),
        ("strip_punctuation", "[It's] {GOOD}-er_", ["Its", "GOODer"]),
        (None, "It's, GOOD", ["It's,", "GOOD"]),
        # As TensorFlow has it: letters and blanks beyond ASCII, and its punctuation, stay.
        ("lower_and_strip_punctuation", "ÉTÉ «Über»\u00a0Ö!", ["ÉtÉ", "«Über»\u00a0Ö"]),
    ],
)
def test_how_texts_are_brought_into_one_form(standardize, text, words):
    layer = TextVectorization(standardize=standardize)
    layer.adapt([text])
    assert sorted(layer.get_vocabulary(False)) == sorted(words)


def test_scripts_without_blanks_are_split_by_letters():
    layer = TextVectorization(split="character", vocabulary=["猫", "ก", "า"])
    assert values(layer(["猫猫x", "กา"])) == [[2, 2, 1], [3, 4, 0]]
    # With blanks as the only borders a sentence is one word.
    layer = TextVectorization()
    layer.adapt(["我喜欢猫。"])
    assert layer.get_vocabulary(False) == ["我喜欢猫。"]


def test_functions_of_ones_own():
    layer = TextVectorization(standardize=without_tags, split=at_commas, vocabulary=["a", "b c"])
    assert values(layer(["b<br>c,a", "a"])) == [[3, 2], [2, 0]]


def test_rows_of_words_that_are_split_already():
    layer = TextVectorization(split=None, output_sequence_length=3, vocabulary=["a", "b"])
    assert values(layer([["A", "b"], ["c", ""]])) == [[2, 3, 0], [1, 0, 0]]
    with pytest.raises(ValueError, match="one text a row"):
        TextVectorization(vocabulary=["a"])([["a", "b"]])


@pytest.mark.parametrize(
    ("ngrams", "expected"),
    [
        (None, ["a", "b", "c"]),
        (2, ["a", "a b", "b", "b c", "c"]),
        ((3, 2), ["a b", "a b c", "b c"]),
    ],
)
def test_neighbours_joined(ngrams, expected):
    layer = TextVectorization(ngrams=ngrams)
    layer.adapt(["a b c", "a"])
    assert sorted(layer.get_vocabulary(False)) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("multi_hot", [[1, 1, 1], [0, 0, 0]]), ("count", [[1, 2, 1], [0, 0, 0]])],
)
def test_words_counted_in_columns(mode, expected):
    layer = TextVectorization(output_mode=mode, vocabulary=["a", "b"])
    assert values(layer(["a, b a z", ""])) == expected


def test_empty_texts_are_rows_of_nothing():
    layer = TextVectorization(vocabulary=["a"])
    assert values(layer(["a a", "", " !? "])) == [[2, 2], [0, 0], [0, 0]]
    assert np.asarray(layer(["", ""])).shape == (2, 0)
