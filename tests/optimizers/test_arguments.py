"""Names, arguments and configurations of the optimisers, and what they refuse."""

import numpy as np
import pytest

from dlcore import optimizers
from dlcore.engine import ops
from dlcore.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Nadam,
    Optimizer,
    RMSprop,
)
from dlcore.optimizers.schedules import CosineDecay, ExponentialDecay
from dlcore.tensor import Tensor, Variable
from dlcore.utils import clear_session


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Adam(lr=0.1), "Adam has no argument 'lr'. Did you mean 'learning_rate'"),
        (lambda: SGD(clipnrom=1.0), "SGD has no argument 'clipnrom'. Did you mean 'clipnorm'"),
        (lambda: AdamW(beta1=0.9), "AdamW has no argument 'beta1'. Did you mean 'beta_1'"),
        (lambda: RMSprop(rh=0.9), "RMSprop has no argument 'rh'. Did you mean 'rho'"),
        (lambda: SGD(learning_rate=-1), "learning_rate is a positive number, not -1"),
        (lambda: SGD(momentum=1.0), r"momentum lies in \[0, 1\), but is 1; try 0.9"),
        (lambda: SGD(momentum=-0.1), r"momentum lies in \[0, 1\)"),
        (lambda: Adam(beta_1=2), r"beta_1 lies in \[0, 1\)"),
        (lambda: Adam(beta_2=1), r"beta_2 lies in \[0, 1\), but is 1; try 0.999"),
        (lambda: Adam(epsilon=-1), "epsilon must not be negative"),
        (lambda: RMSprop(rho=1), r"rho lies in \[0, 1\)"),
        (lambda: RMSprop(momentum=1), r"momentum lies in \[0, 1\)"),
        (lambda: RMSprop(epsilon=-1), "epsilon must not be negative"),
        (lambda: Adagrad(initial_accumulator_value=-1), "initial_accumulator_value must not be"),
        (lambda: Adagrad(epsilon=-1), "epsilon must not be negative"),
        (lambda: SGD(weight_decay=-1), "weight_decay must not be negative, but is -1; try 0.004"),
        (lambda: SGD(clipnorm=0), "clipnorm must be positive, but is 0; try 1"),
        (lambda: SGD(clipvalue=-1), "clipvalue must be positive"),
        (lambda: SGD(global_clipnorm=-1), "global_clipnorm must be positive"),
        (lambda: SGD(clipnorm="1"), "clipnorm is a number, not '1'"),
        (lambda: SGD(clipnorm=1, clipvalue=1), "clipnorm and clipvalue are given: keep one"),
        (lambda: AdamW(weight_decay=None), "AdamW needs a weight_decay, such as 0.004"),
        (lambda: SGD(use_ema=True), "SGD takes no use_ema: dlcore keeps no running mean"),
        (lambda: SGD(gradient_accumulation_steps=2), "dlcore takes a step for each batch"),
        (lambda: Adam(loss_scale_factor=2.0), "Adam takes no loss_scale_factor: float32"),
        (lambda: Adam(jit_compile=True), "the kernels are compiled in any case; leave it out"),
        (lambda: optimizers.get("adm"), "no optimizer called 'adm'. Did you mean 'adam'"),
        (lambda: optimizers.get("rmspop"), "Did you mean 'rmsprop'"),
        (lambda: optimizers.get("zzz"), "There are: adadelta, adagrad, adam, adamax, adamw, lion"),
        (lambda: optimizers.get(3), "not int"),
        (lambda: optimizers.get(np.ones), "not"),
        (lambda: Optimizer().apply([np.ones(1)], [Variable([1.0])]), "has no update"),
    ],
)
def test_refusals(make, words):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=words):
        make()


@pytest.mark.parametrize("kind", [SGD, RMSprop, Adagrad, Adam, AdamW])
def test_lookup(kind):
    for name in (kind.__name__, kind.__name__.lower(), kind.__name__.upper()):
        assert type(optimizers.get(name)) is kind
    assert type(optimizers.get(kind)) is kind
    mine = kind(0.3)
    assert optimizers.get(mine) is mine
    assert type(optimizers.get({"class_name": kind.__name__, "config": {}})) is kind


def test_arguments_of_keras_that_change_nothing_are_taken():
    nothing = {"use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None}
    more = {"loss_scale_factor": None, "gradient_accumulation_steps": None, "jit_compile": False}
    assert SGD(**nothing, **more).get_config().keys().isdisjoint(nothing | more)


def test_names_are_counted():
    clear_session()
    kinds = (SGD, RMSprop, RMSprop, AdamW, Adagrad)
    names = ["sgd", "rm_sprop", "rm_sprop_1", "adam_w", "adagrad"]
    assert [kind().name for kind in kinds] == names
    assert SGD(name="mine").name == "mine"


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.25, 0.5, True, weight_decay=0.125, clipnorm=2.0),
        RMSprop(0.25, 0.5, 0.75, 0.125, True, clipvalue=2.0),
        Adagrad(0.25, 0.5, 0.125, global_clipnorm=2.0),
        Adam(0.25, 0.5, 0.75, 0.125, True, weight_decay=0.5),
        AdamW(0.25, 0.5, 0.75, 0.125, 0.0625, True),
        Nadam(0.25, 0.5, 0.75, 0.125, weight_decay=0.5),
        Adamax(0.25, 0.5, 0.75, 0.125, clipnorm=2.0),
        Adadelta(0.25, 0.5, 0.125),
        Lion(0.25, 0.5, 0.75),
        Adam(CosineDecay(0.5, 10, warmup_target=0.75, warmup_steps=3)),
    ],
)
def test_configuration(optimizer):
    config = optimizer.get_config()
    again = type(optimizer).from_config(config)
    assert again.get_config() == config
    weights = []
    for each in (optimizer, again):
        w = Variable([1.0, -2.0])
        each.apply([np.array([0.5, 3.0], np.float32)], [w])
        weights.append(w.data)
    np.testing.assert_array_equal(*weights)


def test_configuration_by_name():
    shared = {"weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None}
    config = SGD(ExponentialDecay(0.5, 10, 0.25), 0.5, name="mine").get_config()
    assert config == shared | {
        "name": "mine",
        "learning_rate": {
            "module": "keras.optimizers.schedules",
            "class_name": "ExponentialDecay",
            "config": {
                "initial_learning_rate": 0.5,
                "decay_steps": 10,
                "decay_rate": 0.25,
                "staircase": False,
                "name": "ExponentialDecay",
            },
            "registered_name": None,
        },
        "momentum": 0.5,
        "nesterov": False,
    }
    assert AdamW(0.5, name="w").get_config() == shared | {
        "name": "w", "learning_rate": 0.5, "weight_decay": 0.004, "beta_1": 0.9,
        "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False,
    }  # fmt: skip


class SignDescent(Optimizer):
    """The example of the base."""

    elementwise = True

    def update(self, weight, gradient, slots):
        step = self.rate * ops.sign(gradient)
        self.assign(weight, Tensor(weight) - step)


def test_an_optimizer_of_ones_own():
    optimizer, w, b = SignDescent(0.5, clipvalue=1.0, name="mine"), Variable([1.0]), Variable(2.0)
    optimizer.apply([np.array([3.0], np.float32), np.array(-0.1, np.float32)], [w, b])
    assert w.data.tolist() == [0.5] and b.item() == 2.5
    assert SignDescent.from_config(optimizer.get_config()).clipvalue == 1.0


def test_what_keras_has_and_dlcore_has_not_is_said():
    told = "no optimizer called 'Ftrl'. Keras has it, dlcore does not; take 'adagrad' as a substit"
    with pytest.raises(ValueError, match=told):
        optimizers.get("Ftrl")
    with pytest.raises(AttributeError, match="no attribute 'Muon'. Keras has it, dlcore does not"):
        optimizers.Muon  # noqa: B018
    # What is seldom asked for is found by its name all the same.
    assert type(optimizers.get("NADAM")) is Nadam
    assert optimizers.get({"class_name": "Lion", "config": {"beta_1": 0.5}}).beta_1 == 0.5
