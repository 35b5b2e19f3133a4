"""Damaged and hostile `.keras` files: one clear sentence, and nothing is changed or made."""

from __future__ import annotations

import io
import json
import math
import struct
import tracemalloc
import zipfile
import zlib

import h5py
import numpy as np
import pytest

from dlcore.engine import random
from dlcore.files.operation_config import _largest
from dlcore.layers import Dense, Input, Layer
from dlcore.models import Model, Sequential, load_model
from dlcore.utils.lookup import names_given

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


@pytest.fixture
def path(tmp_path):
    model = Sequential([Input((4,)), Dense(3, "relu"), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, content, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def with_config(path, change):
    content = members(path)
    config = json.loads(content[CONFIG])
    changed = change(config)
    write(path, content | {CONFIG: json.dumps(config if changed is None else changed)})


def with_weights(path, change):
    content = members(path)
    buffer = io.BytesIO(content[WEIGHTS])
    with h5py.File(buffer, "a") as file:
        change(file)
    write(path, content | {WEIGHTS: buffer.getvalue()})


def refused(path, match):
    before = sorted(path.parent.rglob("*")), random.generator().bit_generator.state
    names = names_given()
    with pytest.raises(ValueError, match=match) as caught:
        load_model(path)
    message = str(caught.value)
    assert type(caught.value) is ValueError and "m.keras" in message
    assert "\n" not in message and len(message) < 800 and message.endswith(".")
    after = sorted(path.parent.rglob("*")), random.generator().bit_generator.state
    assert before == after and names_given() == names


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip file", b"\x89HDF\r\n\x1a\n" + 99 * b"x"])
def test_what_is_no_zip_file(path, content):
    path.write_bytes(content)
    refused(path, r"it is damaged or no zip file")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(FileNotFoundError, match="There is no file"):
        load_model(tmp_path / "m.keras")


@pytest.mark.parametrize("missing", [CONFIG, WEIGHTS])
def test_a_missing_member_is_named(path, missing):
    content = members(path)
    del content[missing]
    write(path, content)
    refused(path, f"it has no member '{missing}'")


def test_metadata_are_not_needed(path):
    content = members(path)
    del content["metadata.json"]
    write(path, content)
    assert load_model(path).built


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_member_twice_is_refused(path):
    content = members(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONFIG, content[CONFIG])
    refused(path, "it has the member 'config.json' 2 times")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "..\\x", "C:\\x", "\\\\host\\x"])
def test_names_that_lead_elsewhere_are_refused(path, name):
    content = members(path) | {name: b"x"}
    write(path, content)
    refused(path, "a name that leads elsewhere")


def test_other_members_are_left_alone(path):
    write(path, members(path) | {"assets/words.txt": b"x"})
    assert load_model(path).built
    assert list(path.parent.iterdir()) == [path]


def test_packed_members_are_read(path):
    write(path, members(path), zipfile.ZIP_DEFLATED)
    assert load_model(path).built


def test_members_packed_in_another_way_are_refused(path):
    write(path, members(path), zipfile.ZIP_LZMA)
    refused(path, "is packed in an unknown way")


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_bomb_is_not_unpacked(path, name):
    write(path, members(path) | {name: bytes(100 << 20)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    refused(path, rf"its member '{name}' would unpack to 104857600 bytes")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(path):
    write(path, members(path) | {CONFIG: bytes(100 << 20)}, zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = 0
        while (start := content.find(signature, start)) >= 0:
            if struct.unpack_from("<I", content, start + at)[0] == 100 << 20:
                struct.pack_into("<I", content, start + at, 1000)
            start += 4
    path.write_bytes(content)
    refused(path, "damaged")


def test_an_encrypted_member_is_refused(path):
    content = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := content.find(signature, start)) >= 0:
            content[start + at] |= 1
            start += 4
    path.write_bytes(content)
    refused(path, "encrypted")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"", "config.json is damaged"),
        (b"{", "config.json is damaged"),
        (b"\xff\xfe\x00", "config.json is damaged"),
        (b"null", "describes no model"),
        (b"[1, 2]", "describes no model"),
        (b"{}", "describes no model"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"class_name": "Dense"}', "lacks|describes"),
        (b"9" * 10_000, "config.json is damaged"),
    ],
)
def test_a_description_that_is_none(path, text, match):
    write(path, members(path) | {CONFIG: text})
    refused(path, match)


def test_models_in_models_without_end(path):
    content = members(path)
    head = '{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": ['
    text = head * 300 + content[CONFIG].decode() + "]}}" * 300
    write(path, content | {CONFIG: text})
    refused(path, "nested too deeply|nested more than")


def layer(config, i=1):
    return config["config"]["layers"][i]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda c: layer(c).update(class_name="Lambda"), "code, which dlcore never executes"),
        (lambda c: layer(c).update(class_name="Nonsense"), "no class 'Nonsense' of 'keras.layers'"),
        (lambda c: layer(c).update(module="os", class_name="system"), "no class 'system' of 'os'"),
        (lambda c: layer(c).update(module=3), "no class 'Dense' of 3 here"),
        (lambda c: layer(c).update(class_name=3), "a string, not int"),
        (lambda c: layer(c).update(config=[]), "a table of its arguments"),
        (lambda c: layer(c)["config"].update(units=-3), "units is a whole number of at least 1"),
        (lambda c: layer(c)["config"].update(units=2.5), "units is a whole number of at least 1"),
        (lambda c: layer(c)["config"].update(units="3"), "units is a whole number of at least 1"),
        (lambda c: layer(c)["config"].update(units=10**9), "more numbers than the file has"),
        (lambda c: layer(c)["config"].update(units=10**30), "more numbers than the file has"),
        (lambda c: layer(c)["config"].update(units=5), "has shape"),
        (lambda c: layer(c)["config"].update(activation="rellu"), "Did you mean 'relu'"),
        (lambda c: layer(c)["config"].update(activation=[1]), "activation"),
        (lambda c: layer(c)["config"].update(unit=3), "has no argument 'unit'"),
        (lambda c: layer(c)["config"].pop("units"), "units"),
        (lambda c: layer(c, 0)["config"].update(batch_shape=[None, 10**12]), "of shape"),
        (lambda c: layer(c, 0)["config"].update(batch_shape=[None, -1]), "positive whole numbers"),
        (lambda c: layer(c, 0)["config"].update(batch_shape="no"), "positive whole numbers"),
        (lambda c: c["config"].update(layers={}), "no list of layers"),
        (lambda c: c["config"]["layers"].pop(), "where the model has no layer"),
        (lambda c: c["config"]["layers"].append(layer(c)), "has a layer 'dense"),
        (lambda c: c.update(class_name="Dense", module="keras.layers"), "units|argument"),
        (
            lambda c: c.update(module="keras.optimizers", class_name="Adam", config={}),
            "describes no model but a Adam",
        ),
        (lambda c: c["compile_config"].update(optimizer="adm"), "Did you mean 'adam'"),
        (lambda c: c["compile_config"].update(loss={"class_name": "x", "config": {}}), "class 'x'"),
        (lambda c: c["compile_config"].update(anything=[1]), "no argument 'anything'"),
        (lambda c: c.update(compile_config=[1]), "."),
        (
            lambda c: c["compile_config"].update(
                metrics=[
                    {
                        "module": "keras.metrics",
                        "class_name": "AUC",
                        "config": {"num_thresholds": 10**9},
                    }
                ]
            ),
            "sets 'num_thresholds' to 1000000000",
        ),
    ],
)  # fmt: skip
def test_a_description_that_does_not_fit(path, change, match):
    with_config(path, lambda config: change(config) and None)
    refused(path, match)


@pytest.mark.parametrize("name", ["\x1b[2Jdense", "a\x07", "a\nb", "a\x9bb", "\u202ereversed"])
def test_names_that_steer_a_terminal_are_refused(path, name):
    with_config(path, lambda c: layer(c)["config"].update(name=name))
    refused(path, "of a 'Dense' has characters that cannot be printed")
    with_config(path, lambda c: layer(c)["config"].update(name="größe 1"))
    assert load_model(path).layers[0].name == "größe 1"


class Never:
    """What a file must not be able to make."""

    made = 0

    def __init__(self, *_, **__):
        type(self).made += 1


def test_only_what_is_registered_is_made(path):
    with_config(path, lambda c: layer(c).update(module=Never.__module__, class_name="Never"))
    refused(path, "no class 'Never'")
    assert not Never.made


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda g: g.create_dataset("0", data=np.zeros((4, 4), np.float32)), "has shape"),
        (lambda g: g.create_dataset("0", data=np.array([b"x"] * 12).reshape(4, 3)), "not hold num"),
        (
            lambda g: g.create_dataset("0", (4, 3), dtype=h5py.special_dtype(vlen=np.uint8)),
            "does not hold numbers",
        ),
        (lambda g: g.__setitem__("0", h5py.ExternalLink("/etc/passwd", "/x")), "array of its own"),
        (lambda g: g.__setitem__("0", h5py.SoftLink("/layers/dense_1/vars/0")), "array of its own"),
        (lambda g: g.create_group("0"), "array of its own"),
        (
            lambda g: g.create_dataset("0", (4, 3), "f4", external=[("/etc/passwd", 0, 48)]),
            "array of its own",
        ),
        (
            lambda g: g.create_virtual_dataset("0", h5py.VirtualLayout((4, 3), "f4")),
            "array of its own",
        ),
        (lambda g: g.create_dataset("0", (10**9, 10**9), "f4", chunks=(9, 9)), "has shape"),
    ],
)
def test_weights_that_do_not_fit(path, change, match):
    def changed(file):
        group = file["layers/dense/vars"]
        del group["0"]
        change(group)

    with_weights(path, changed)
    refused(path, match)


def packed(content, shape=(4, 3), chunks=(4, 3), **filters):
    """Replaces a kernel by one chunk that holds these bytes."""

    def change(file):
        group = file["layers/dense/vars"]
        del group["0"]
        none = (None,) * len(shape)
        data = group.create_dataset(
            "0", shape, "f4", chunks=chunks, maxshape=none, compression="gzip", **filters
        )
        data.id.write_direct_chunk((0,) * len(shape), zlib.compress(content, 9))

    return change


def test_packed_weights_are_read(path):
    kernel = np.arange(12, dtype=np.float32).reshape(4, 3)

    def shuffled(file):
        group = file["layers/dense/vars"]
        del group["0"]
        options = {"chunks": (2, 2), "shuffle": True, "fletcher32": True}
        group.create_dataset("0", data=kernel, compression="gzip", **options)

    for change in (packed(kernel.tobytes()), shuffled):
        with_weights(path, change)
        np.testing.assert_array_equal(load_model(path).get_weights()[0], kernel)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (packed(bytes(1 << 24), chunks=(1 << 12, 1 << 10)), "a chunk of 16777216 bytes has to be"),
        (packed(bytes(1 << 24)), "unpack to more than the 48 bytes of a chunk"),
        (packed(bytes(48), scaleoffset=2), "packed in an unknown way; write it with gzip"),
    ],
)
def test_a_bomb_in_a_small_array_is_not_unpacked(path, change, match):
    with_weights(path, change)
    tracemalloc.start()
    try:
        refused(path, match)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()


def test_groups_in_groups_without_end(tmp_path):
    model, place = Sequential([Input((4,)), Dense(3)]), tmp_path / "m.weights.h5"
    model.save_weights(place)
    with h5py.File(place, "a") as file:
        group = file
        for _ in range(400):
            group = group.create_group("a" * 50)
        group["0"] = np.zeros(3)
    with pytest.raises(ValueError, match="groups lie in each other more than 150 deep"):
        model.load_weights(place)
    with h5py.File(place, "a") as file:
        del file["a" * 50]
        file["b" * 5000 + "/0"] = np.zeros(3)
    with pytest.raises(ValueError, match="m.weights.h5.*the file has weights at 'bb") as caught:
        model.load_weights(place)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("steps", [-1, 1.5, np.nan, np.inf, np.uint64(1 << 63), 1e30])
def test_what_is_no_number_of_steps(path, steps):
    def change(file):
        del file["optimizer/vars/0"]
        file["optimizer/vars/0"] = steps

    model = load_model(path)
    model.fit(np.ones((2, 4)), np.ones((2, 1)), verbose=0)
    model.save(path)
    with_weights(path, change)
    refused(path, "steps are counted in whole numbers from 0 on")
    model.save(path)
    with_weights(path, lambda file: file["optimizer/vars/1"].write_direct(np.float32([-np.inf])))
    refused(path, "its optimizer has the learning rate -inf")


def test_numbers_of_a_type_that_only_looks_whole(path):
    with_weights(path, lambda f: f["layers/dense/vars/0"].attrs.__setitem__("dtype", "bfloat16"))
    refused(path, "holds numbers of type 'bfloat16'")


def test_groups_that_go_round_in_circles(path):
    def circle(file):
        file["layers/dense/again"] = file["layers"]

    with_weights(path, circle)
    assert load_model(path).built


def test_weights_that_are_no_hdf5_file(path):
    for content in (b"", b"no", members(path)[WEIGHTS][:3000]):
        write(path, members(path) | {WEIGHTS: content})
        refused(path, ".")


def test_wrong_counters_of_random_numbers_are_passed_over(path):
    with_weights(path, lambda f: f["layers/dense/vars"].attrs.__setitem__("dlcore_random", "x"))
    assert load_model(path).built


def graph(path):
    a = Input((4,))
    y = Dense(3)(a)
    Model(a, Dense(1)(y + y)).save(path)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda c: c["layers"][1].update(inbound_nodes=[]), "does not say where the inputs|is not"),
        (lambda c: c["layers"][1].update(inbound_nodes=3), "'inbound_nodes' holds a int"),
        (lambda c: c["layers"][1].update(inbound_nodes=[[["a", 0, 0, {}]]]), "holds a list"),
        (lambda c: c["layers"][1].update(name="other"), "where the inputs of|there is not"),
        (lambda c: c["layers"][1].update(name=3), "'name' holds a int"),
        (lambda c: c["layers"].append(c["layers"][1]), "two layers called"),
        (lambda c: c.update(layers={}), "'layers' holds a dict"),
        (lambda c: c.update(output_layers=[["none", 0, 0]]), "an output of 'none'"),
        (lambda c: c.update(output_layers=[]), "described by lists"),
        (lambda c: c.update(output_layers=[["dense", "0", 0]]), "two whole numbers"),
        (lambda c: c.update(output_layers=[[c["layers"][1]["name"], 0, 7]]), "there is not"),
        (lambda c: c.update(output_layers=[[c["layers"][1]["name"], -1, 0]]), "there is not"),
        (lambda c: c.update(output_layers=[[c["layers"][1]["name"], 0, -1]]), "there is not"),
        (lambda c: c.update(input_layers=[[c["layers"][1]["name"], 0, 0]]), "has shape"),
        (
            lambda c: c["layers"][1]["inbound_nodes"][0]["args"][0]["config"].update(
                keras_history=[c["layers"][3]["name"], 0, 0]
            ),
            "does not say where the inputs",
        ),
        (
            lambda c: c["layers"][1]["inbound_nodes"][0]["args"][0]["config"].pop("keras_history"),
            "two whole numbers",
        ),
        (lambda c: c["layers"][2].update(class_name="Exec"), "no operation 'Exec'"),
        (lambda c: c["layers"][2]["config"].update(axis=3), "has no argument 'axis'"),
    ],
)  # fmt: skip
def test_a_graph_that_does_not_fit_together(path, change, match):
    graph(path)
    with_config(path, lambda config: change(config["config"]) and None)
    refused(path, match)


def test_giant_results_of_operations_are_not_tried(path):
    a = Input((1000, 1))
    model = Model(a, Dense(1)(a * 2.0 + 1.0))
    model.save(path)

    def spread(config):
        start, times, plus = config["config"]["layers"][:3]
        start["config"]["batch_shape"] = [None, 2**26, 1]
        plus["class_name"] = "Matmul"
        node = plus["inbound_nodes"][0]
        node["args"][1] = node["args"][0]

    with_config(path, spread)
    refused(path, r"asks for a tensor of shape|no columns|axis")


def test_the_largest_result_of_an_operation():
    assert _largest("add", [(None, 5, 3), (7, 1, 3)]) == [3, 5, 7]
    assert math.prod(_largest("matmul", [(None, 5, 3), (None, 3, 7)])) == 5 * 7


def test_a_class_of_ones_own_that_fails_is_quoted(path):
    class Fails(Layer):
        def __init__(self, **kwargs):
            raise RuntimeError("the moon is not full.")

    with_config(path, lambda c: layer(c).update(class_name="Fails", config={}))
    with pytest.raises(ValueError, match=r"cannot be loaded: the moon is not full\.$") as caught:
        load_model(path, custom_objects={"Fails": Fails})
    assert isinstance(caught.value.__cause__, RuntimeError)
