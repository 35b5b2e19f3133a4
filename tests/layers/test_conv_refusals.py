"""What Conv1D and Conv2D do not take: one sentence each, with the layer's name and the mend."""

import numpy as np
import pytest

from dlcore.layers import Conv1D, Conv2D, Conv2DTranspose, Dense, Input, MaxPooling2D
from dlcore.models import Sequential


def refused(call, *parts, kind=ValueError):
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    for part in parts:
        assert part in message, message
    assert message[-1] in ".?" and "\n" not in message


@pytest.mark.parametrize("filters", [0, -1, 2.5, "8", None, True])
def test_filters(filters):
    refused(lambda: Conv2D(filters, 3, name="eyes"), "Conv2D 'eyes': filters", repr(filters))


@pytest.mark.parametrize("size", [0, (3, 0), (3,), (3, 3, 3), 2.0, "3", None, (3, "3"), {3: 3}])
def test_kernel_size_and_strides(size):
    refused(lambda: Conv2D(8, size, name="eyes"), "'eyes': kernel_size is a whole", "(3, 3)")
    refused(lambda: Conv2D(8, 3, strides=size, name="eyes"), "'eyes': strides is a whole")
    refused(lambda: Conv2D(8, 3, dilation_rate=size, name="eyes"), "'eyes': dilation_rate is")


def test_one_number_for_a_sequence():
    refused(lambda: Conv1D(8, (3, 3), name="ears"), "'ears': kernel_size", "such as 3, not (3, 3)")


def test_padding():
    refused(lambda: Conv2D(8, 3, padding="sane", name="a"), "'a': padding is 'valid' or 'same'")
    refused(lambda: Conv2D(8, 3, padding="causal"), "'valid' or 'same', not 'causal'")
    refused(lambda: Conv1D(8, 3, padding=2), "'valid' or 'same' or 'causal', not 2")


def test_what_is_left_out_on_purpose():
    refused(lambda: Conv2D(8, 3, groups=2, name="a"), "'a': groups", "not there yet")
    first = "channels_first"
    refused(lambda: Conv2D(8, 3, data_format=first), "channels_last", "np.moveaxis(x, 1, -1)")
    assert Conv2D(8, 3, data_format="channels_last").data_format == "channels_last"


def test_strides_with_dilation():
    refused(
        lambda: Conv2D(8, 3, strides=2, dilation_rate=(1, 2), name="a"),
        "'a': strides (2, 2) and dilation_rate (1, 2)",
        "leave one of them at 1",
    )


def test_misspelt_arguments():
    refused(lambda: Conv2D(8, 3, stride=2), "Did you mean 'strides'", kind=TypeError)
    refused(lambda: Conv2D(8, 3, dilation=2), "Did you mean 'dilation_rate'", kind=TypeError)


def test_an_image_without_its_axis_of_channels():
    images = np.zeros((5, 28, 28), np.float32)
    refused(
        lambda: Conv2D(8, 3, name="eyes")(images),
        "The layer 'eyes' takes images of shape (n, height, width, channels)",
        "(None, 28, 28)",
        "x[..., None]",
    )
    refused(lambda: Sequential([Conv2D(8, 3, input_shape=(28, 28))]), "x[..., None]")
    refused(lambda: Conv1D(8, 3, name="ears")(images[0]), "sequences", "x[..., None]")
    layer = Conv2D(8, 3, name="eyes")
    layer(images[..., None])
    refused(lambda: layer(images), "'eyes'", "(5, 28, 28)", "x[..., None]")


def test_other_numbers_of_axes():
    refused(lambda: Conv2D(8, 3)(np.zeros((5, 784), np.float32)), "was given shape (None, 784).")
    refused(lambda: Conv1D(8, 3)(np.zeros((5, 9, 9, 1), np.float32)), "2D in their name")


def test_a_kernel_larger_than_the_image():
    refused(
        lambda: Conv2D(8, 5, name="eyes")(np.zeros((1, 4, 9, 1), np.float32)),
        "'eyes' has a kernel that reaches over 5 by 5 cells",
        "the 4 by 9 of its input of shape (None, 4, 9, 1)",
        "padding='same'",
    )
    narrow = Input((None, 4, 1))
    refused(lambda: Conv2D(8, 3, dilation_rate=2)(narrow), "over 5 by 5", "any number by 4")
    refused(lambda: Conv1D(8, 4)(np.zeros((1, 3, 1), np.float32)), "reaches over 4 cells")
    layer = Conv2D(8, 3, name="eyes")
    layer(np.zeros((1, 9, 9, 1), np.float32))
    refused(lambda: layer(np.zeros((1, 2, 9, 1), np.float32)), "'eyes'", "the 2 by 9")


def test_channels_that_are_not_known_or_change():
    refused(lambda: Conv2D(8, 3, name="a").build((None, 9, 9, None)), "'a'", "how many channels")
    layer = Conv2D(8, 3, name="eyes")
    layer(np.zeros((1, 9, 9, 3), np.float32))
    refused(lambda: layer(np.zeros((1, 9, 9, 1), np.float32)), "'eyes' takes inputs of 3 channels")


def test_in_a_model_the_layer_is_found_by_its_place():
    with pytest.raises(ValueError, match="kernel that reaches over 3 by 3") as caught:
        Sequential([Conv2D(4, 3, input_shape=(5, 5, 1)), MaxPooling2D(), Conv2D(4, 3), Dense(1)])
    assert "third layer" in caught.value.__notes__[0]


@pytest.mark.parametrize("groups", [0, 2, -1])
def test_groups_can_only_be_one(groups):
    with pytest.raises(ValueError, match=f"groups can only be 1, not {groups}"):
        Conv2D(2, 3, groups=groups)


@pytest.mark.parametrize("strides", [(2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("dilation_rate", [(2, 1), (1, 2)])
def test_strides_and_dilation_of_different_axes(strides, dilation_rate):
    with pytest.raises(ValueError, match="do not go together; leave one of them at 1"):
        Conv2D(2, 3, strides=strides, dilation_rate=dilation_rate)


@pytest.mark.parametrize("channels", [1, 3])
def test_fewer_and_more_channels_than_the_kernel_has(channels):
    layer = Conv2D(2, 3)
    layer(np.zeros((1, 4, 4, 2)))
    with pytest.raises(ValueError, match="takes inputs of 2 channels, the last axis"):
        layer(np.zeros((1, 4, 4, channels)))


@pytest.mark.parametrize("more", [2, -1, (1, 0, 0), (0, 3), 1.5, "1"])
def test_output_padding(more):
    refused(
        lambda: Conv2DTranspose(8, 3, strides=2, output_padding=more, name="wide"),
        f"'wide': output_padding is a whole number from 0 to below the strides (2, 2), or one for "
        f"each axis, not {more!r}",
    )


def test_a_transposed_convolution_that_leaves_nothing():
    layer = Conv2DTranspose(8, 2, padding="same", output_padding=0, name="wide")
    refused(lambda: layer(np.zeros((3, 1, 4, 2))), "(None, 1, 4, 2)", "'wide' leaves nothing")
