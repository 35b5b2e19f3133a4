"""What programs ask `keras.backend` for."""

import gc
import weakref

import pytest

import dlcore
from dlcore import backend
from dlcore.layers import Dense
from dlcore.losses import BinaryCrossentropy


def test_names_begin_anew_after_clear_session():
    names = []
    for _ in range(2):
        dlcore.backend.clear_session()
        names.append([Dense(1).name, Dense(1).name])
    assert names == [["dense", "dense_1"]] * 2


@pytest.mark.parametrize("free_memory", [True, False])
def test_clear_session_gives_back_what_only_holds_itself(free_memory):
    class Ring:
        pass

    ring = Ring()
    ring.itself, gone = ring, weakref.ref(ring)
    gc.disable()
    try:
        del ring
        backend.clear_session(free_memory)
        assert (gone() is None) == free_memory
    finally:
        gc.enable()


def test_the_settings_are_those_that_the_library_works_with():
    assert backend.backend() == dlcore.get_backend()
    assert backend.floatx() == "float32" == Dense(1).dtype
    certain = BinaryCrossentropy()([[1.0]], [[0.0]]).item()
    assert certain == pytest.approx(16.118, abs=1e-3)  # -log(1e-7)
    assert backend.epsilon() == pytest.approx(2.718281828**-certain, rel=1e-3)


def test_images_have_their_channels_last():
    backend.set_image_data_format("channels_last")
    assert backend.image_data_format() == "channels_last"
    with pytest.raises(ValueError, match=r"'channels_first'\. Move the axis"):
        backend.set_image_data_format("channels_first")
