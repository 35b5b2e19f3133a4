"""Declarations: the losses. One number for each row; the mean over the batch is taken outside."""

from dlcore.backends.contract.kernel import Shape, declare


def _classes(*shapes: Shape) -> int:
    """The outputs of a row: the labels are their numbers."""
    return shapes[-2][1]


declare("mse", "y[n,k], t[n,k] -> loss[n]", "loss = mean_j (y_j - t_j)^2")
declare("mse_grad", "dloss[n], y[n,k], t[n,k] -> dy[n,k]", "dy_j = dloss 2 (y_j - t_j) / k")
declare(
    "binary_crossentropy",
    "y[n,k], t[n,k] -> loss[n]",
    "loss = -mean_j (t_j log y_j + (1 - t_j) log(1 - y_j)), y kept in [1e-7, 1 - 1e-7]",
)
declare(
    "binary_crossentropy_grad",
    "dloss[n], y[n,k], t[n,k] -> dy[n,k]",
    "dy_j = dloss (y_j - t_j) / (y_j (1 - y_j)) / k",
)
declare(
    "binary_crossentropy_from_logits",
    "z[n,k], t[n,k] -> loss[n]",
    "loss = mean_j (max(z_j, 0) - z_j t_j + log(1 + exp(-|z_j|)))",
)
declare(
    "binary_crossentropy_from_logits_grad",
    "dloss[n], z[n,k], t[n,k] -> dz[n,k]",
    "dz_j = dloss (sigmoid(z_j) - t_j) / k",
)
declare(
    "categorical_crossentropy",
    "y[n,k], t[n,k] -> loss[n]",
    "loss = -sum_j t_j log p_j, p = y / sum y kept in [1e-7, 1 - 1e-7]",
)
declare(
    "categorical_crossentropy_grad",
    "dloss[n], y[n,k], t[n,k] -> dy[n,k]",
    "dy_j = dloss (sum_i t_i - t_j / p_j) / sum y",
)
declare(
    "categorical_crossentropy_from_logits",
    "z[n,k], t[n,k] -> loss[n], y[n,k]",
    "y = softmax(z), loss = -sum_j t_j log y_j",
)
declare(
    "categorical_crossentropy_from_logits_grad",
    "dloss[n], y[n,k], t[n,k] -> dz[n,k]",
    "dz_j = dloss (y_j sum_i t_i - t_j)",
)
declare(
    "sparse_categorical_crossentropy",
    "y[n,k], labels[n]:int -> loss[n]",
    "loss = -log p_label, p = y / sum y kept in [1e-7, 1 - 1e-7]",
    choices=_classes,
)
declare(
    "sparse_categorical_crossentropy_grad",
    "dloss[n], y[n,k], labels[n]:int -> dy[n,k]",
    "dy_j = dloss (1 - [j = label] / p_j) / sum y",
    choices=_classes,
)
declare(
    "sparse_categorical_crossentropy_from_logits",
    "z[n,k], labels[n]:int -> loss[n], y[n,k]",
    "y = softmax(z), loss = -log y_label",
    choices=_classes,
)
declare(
    "sparse_categorical_crossentropy_from_logits_grad",
    "dloss[n], y[n,k], labels[n]:int -> dz[n,k]",
    "dz_j = dloss (y_j - [j = label])",
    choices=_classes,
)
