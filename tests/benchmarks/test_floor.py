"""What a training step computes, against counts by hand."""

import pytest

import dlcore
from tests.benchmarks import floor
from tests.benchmarks.cnn import CNN
from tests.benchmarks.lstm import LSTM
from tests.benchmarks.mlp import MLP
from tests.benchmarks.run import WORKLOADS
from tests.benchmarks.wider import WIDER


def test_the_products_of_the_cnn_are_those_counted_by_hand():
    of = floor.products(CNN.keras(dlcore), 32)
    first = 32 * 30 * 30 * 3 * 3 * 3 * 32
    second = 32 * 13 * 13 * 3 * 3 * 32 * 64
    dense = 32 * (6 * 6 * 64 * 128 + 128 * 10)
    # Forward, for the weights and for the input, but that the pictures need no gradient.
    assert floor.flops(of) == 2 * (2 * first + 3 * (second + dense)) == 754_483_200
    assert (32 * 900, 27, 32) in of and (27, 32 * 900, 32) in of
    assert (32 * 900, 32, 27) not in of and (32 * 169, 64, 288) in of


def test_the_products_of_the_mlp():
    of = floor.products(MLP.keras(dlcore), 10)
    assert floor.flops(of) == 2 * 10 * (2 * 80 + 3 * (80 + 8))


def test_the_products_of_the_lstm_go_step_by_step():
    of = floor.products(LSTM.keras(dlcore), 64)
    assert of.count((64, 64, 256)) == of.count((64, 256, 64)) == 15
    inputs, states, dense = 64 * 15 * 32 * 256, 64 * 15 * 64 * 256, 64 * 64 * 2
    assert floor.flops(of) == 2 * 3 * (inputs + states + dense)


def test_the_products_of_the_gru_go_step_by_step():
    of = floor.products(WIDER["gru"].keras(dlcore), 64)
    assert of.count((64, 64, 192)) == of.count((64, 192, 64)) == 60
    inputs = states = 64 * 60 * 64 * 192
    assert floor.flops(of) == 2 * 3 * (inputs + states + 64 * 64 * 2)


def test_a_gru_that_resets_before_the_product_multiplies_as_much_in_two_parts():
    layers = [dlcore.Input((7, 3)), dlcore.layers.GRU(5, reset_after=False)]
    apart = floor.products(dlcore.Sequential(layers), 2)
    layers = [dlcore.Input((7, 3)), dlcore.layers.GRU(5)]
    assert apart.count((2, 5, 10)) == apart.count((2, 5, 5)) // 2 == 7
    assert floor.flops(apart) == floor.flops(floor.products(dlcore.Sequential(layers), 2))


def test_a_padded_convolution_multiplies_at_every_place():
    of = floor.products(WIDER["cnn-6"].keras(dlcore), 64)
    before, multiplied = 3, 0
    for side, filters in ((32, 32), (16, 64), (8, 128)):
        for _ in range(2):
            once = 64 * side * side * 9 * before * filters
            multiplied += (2 if before == 3 else 3) * once
            before = filters
    assert floor.flops(of) == 2 * (multiplied + 3 * 64 * 16 * 128 * 10)
    assert (64 * 32 * 32, 27, 32) in of and (64 * 8 * 8, 9 * 128, 128) in of


def test_batch_normalization_multiplies_nothing_and_its_statistics_are_not_trained():
    model = WIDER["cnn-norm"].keras(dlcore)
    assert len(floor.products(model, 64)) == 4 * 3 - 1
    kernels, scales = 27 * 32 + 9 * 32 * 64 + 9 * 64 * 128, 2 * (32 + 64 + 128)
    x = WIDER["cnn-norm"].data()[0]
    assert floor.moved(model, x, 64) == 32 * (kernels + scales + 1290) + 2 * 64 * 3072 * 4


def test_a_layer_that_is_trained_before_the_first_product_needs_its_gradient():
    of = dlcore.layers
    model = dlcore.Sequential([dlcore.Input((6,)), of.BatchNormalization(), of.Dense(4)])
    assert floor.products(model, 2) == [(2, 6, 4), (6, 2, 4), (2, 4, 6)]


def test_a_layer_that_is_not_known_is_not_left_out():
    of = dlcore.layers
    model = dlcore.Sequential([dlcore.Input((8, 8, 3)), of.DepthwiseConv2D(3)])
    with pytest.raises(ValueError, match=r"\(DepthwiseConv2D\) are not counted; write into"):
        floor.products(model, 2)


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_floor_of_every_model_is_known(name):
    workload = WORKLOADS[name]
    assert floor.flops(floor.products(workload.keras(dlcore), workload.batch)) > 0


def test_what_moves_is_parameters_and_the_batch():
    model = MLP.keras(dlcore)
    parameters = 8 * 10 + 10 + 10 * 8 + 8 + 8 + 1
    assert floor.moved(model, MLP.data()[0], 10) == 8 * 4 * parameters + 2 * 10 * 8 * 4


def test_the_rates_are_measured(monkeypatch):
    monkeypatch.setattr(floor, "SQUARE", 8)
    monkeypatch.setattr(floor, "COPIED", 1 << 12)
    tasks = floor.tasks(MLP)
    assert {*tasks} == {"train", "square", "copy"}
    for task in tasks.values():
        task(2)
