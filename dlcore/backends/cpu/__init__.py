"""The kernels for the CPU, compiled by Numba.

Each writes into arrays that it is given, outputs first, and allocates nothing. What a kernel
computes is declared in the contract; its formula in NumPy stands in the answer key, under the same
name. Elementwise kernels see every array as one long row. The matrix products go to BLAS through
``np.dot``. A kernel of the contract that is missing here runs as the answer key has it.
"""

from dlcore.backends.cpu.chance import random_uniform
from dlcore.backends.cpu.convolution import conv2d, conv2d_grad
from dlcore.backends.cpu.convolution_relu import conv2d_relu, conv2d_relu_grad
from dlcore.backends.cpu.gated import (
    gru,
    gru_grad,
    lstm,
    lstm_grad,
    lstm_step,
    lstm_step_grad,
)
from dlcore.backends.cpu.image import affine_sample, affine_sample_grad
from dlcore.backends.cpu.losses import (
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
from dlcore.backends.cpu.metrics import (
    add_to_mean,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    take_rows,
)
from dlcore.backends.cpu.neurons import (
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
from dlcore.backends.cpu.normalization import (
    batch_norm,
    batch_norm_grad,
    layer_norm,
    layer_norm_grad,
    moving_average,
)
from dlcore.backends.cpu.optimizers import (
    adagrad_update,
    adam_update,
    momentum_update,
    rmsprop_update,
    sgd_update,
)
from dlcore.backends.cpu.pooling import (
    avg_pool2d,
    avg_pool2d_grad,
    max_pool2d,
    max_pool2d_grad,
)
from dlcore.backends.cpu.primitives import (
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
from dlcore.backends.cpu.recurrent import (
    simple_rnn,
    simple_rnn_grad,
    simple_rnn_step,
    simple_rnn_step_grad,
)
