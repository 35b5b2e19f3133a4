"""What a training step computes, against counts by hand."""

import dlcore
from tests.benchmarks import floor
from tests.benchmarks.cnn import CNN
from tests.benchmarks.lstm import LSTM
from tests.benchmarks.mlp import MLP


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
