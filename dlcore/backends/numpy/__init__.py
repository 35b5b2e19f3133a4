"""The answer key: every kernel as its textbook formula in NumPy.

Each function takes arrays and returns new ones; float32 stays float32 and float64 stays float64.
The other backends are compared with these, and the gradients here with finite differences. What
each kernel computes is declared in the contract; n is the number of rows of a batch.
"""

from dlcore.backends.numpy.chance import random_uniform
from dlcore.backends.numpy.convolution import (
    conv2d,
    conv2d_grad,
    conv2d_relu,
    conv2d_relu_grad,
)
from dlcore.backends.numpy.gated import (
    gru,
    gru_grad,
    lstm,
    lstm_grad,
    lstm_step,
    lstm_step_grad,
)
from dlcore.backends.numpy.image import affine_sample, affine_sample_grad
from dlcore.backends.numpy.losses import (
    binary_crossentropy,
    binary_crossentropy_from_logits,
    binary_crossentropy_from_logits_grad,
    binary_crossentropy_grad,
    categorical_crossentropy,
    categorical_crossentropy_from_logits,
    categorical_crossentropy_from_logits_grad,
    categorical_crossentropy_grad,
    mse,
    mse_grad,
    sparse_categorical_crossentropy,
    sparse_categorical_crossentropy_from_logits,
    sparse_categorical_crossentropy_from_logits_grad,
    sparse_categorical_crossentropy_grad,
)
from dlcore.backends.numpy.metrics import (
    add_to_mean,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    take_rows,
)
from dlcore.backends.numpy.neurons import (
    dense,
    dense_grad,
    erf,
    leaky_relu,
    leaky_relu_grad,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    softmax,
    softmax_grad,
    tanh,
    tanh_grad,
)
from dlcore.backends.numpy.normalization import (
    batch_norm,
    batch_norm_grad,
    layer_norm,
    layer_norm_grad,
    moving_average,
)
from dlcore.backends.numpy.optimizers import (
    adagrad_update,
    adam_update,
    momentum_update,
    rmsprop_update,
    sgd_update,
)
from dlcore.backends.numpy.pooling import (
    avg_pool2d,
    avg_pool2d_grad,
    max_pool2d,
    max_pool2d_grad,
)
from dlcore.backends.numpy.primitives import (
    binary,
    cast,
    extract,
    gather,
    insert,
    matmul,
    reduce,
    scatter_add,
    transpose,
    unary,
    where,
    where_extreme,
)
from dlcore.backends.numpy.recurrent import (
    simple_rnn,
    simple_rnn_grad,
    simple_rnn_step,
    simple_rnn_step_grad,
)
