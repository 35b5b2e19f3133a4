"""The updates of the optimizers, as formulas in NumPy.

What changes from step to step (rate, step count) is an array of no axes.
"""

import numpy as np

from dlcore.backends.declare import kernel


@kernel("w[*], dw[*], learning_rate[] -> w[*]")
def sgd_update(w, dw, learning_rate):
    """w <- w - learning_rate dw"""
    return w - learning_rate * dw


@kernel("w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]")
def momentum_update(w, v, dw, learning_rate, momentum=0.9, nesterov=False):
    """v <- momentum v - learning_rate dw; w <- w + v (nesterov: + momentum v - learning_rate dw)"""
    v = momentum * v - learning_rate * dw
    if nesterov:
        return w + momentum * v - learning_rate * dw, v
    return w + v, v


@kernel("w[*], m[*], v[*], dw[*], learning_rate[], step[] -> w[*], m[*], v[*]")
def adam_update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """m <- b1 m + (1 - b1) dw; v <- b2 v + (1 - b2) dw^2;
    w <- w - learning_rate sqrt(1 - b2^step) / (1 - b1^step) m / (sqrt(v) + epsilon)
    """
    # Kingma and Ba 2015, the form at the end of section 2: epsilon is added to sqrt(v) itself.
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * dw**2
    rate = float(learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))
    w = w - rate * m / (np.sqrt(v) + epsilon)
    return w, m, v


@kernel("w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]")
def rmsprop_update(w, v, dw, learning_rate, rho=0.9, epsilon=1e-7):
    """v <- rho v + (1 - rho) dw^2; w <- w - learning_rate dw / sqrt(v + epsilon)"""
    # Hinton 2012, lecture 6e. As in Keras, epsilon stands under the root.
    v = rho * v + (1 - rho) * dw**2
    return w - learning_rate * dw / np.sqrt(v + epsilon), v


@kernel("w[*], v[*], u[*], dw[*], learning_rate[] -> w[*], v[*], u[*]")
def rmsprop_momentum_update(w, v, u, dw, learning_rate, rho=0.9, momentum=0.9, epsilon=1e-7):
    """v <- rho v + (1 - rho) dw^2; u <- momentum u + learning_rate dw / sqrt(v + epsilon);
    w <- w - u
    """
    v = rho * v + (1 - rho) * dw**2
    u = momentum * u + learning_rate * dw / np.sqrt(v + epsilon)
    return w - u, v, u


@kernel("w[*], v[*], a[*], dw[*], learning_rate[] -> w[*], v[*], a[*]")
def rmsprop_centered_update(w, v, a, dw, learning_rate, rho=0.9, epsilon=1e-7):
    """v <- rho v + (1 - rho) dw^2; a <- rho a + (1 - rho) dw;
    w <- w - learning_rate dw / sqrt(v - a^2 + epsilon)
    """
    # Graves 2013, equations 38 to 40: v - a^2 is the variance of the gradients.
    v = rho * v + (1 - rho) * dw**2
    a = rho * a + (1 - rho) * dw
    return w - learning_rate * dw / np.sqrt(v - a**2 + epsilon), v, a


@kernel("w[*], v[*], u[*], a[*], dw[*], learning_rate[] -> w[*], v[*], u[*], a[*]")
def rmsprop_centered_momentum_update(
    w, v, u, a, dw, learning_rate, rho=0.9, momentum=0.9, epsilon=1e-7
):
    """v <- rho v + (1 - rho) dw^2; a <- rho a + (1 - rho) dw;
    u <- momentum u + learning_rate dw / sqrt(v - a^2 + epsilon); w <- w - u
    """
    # Graves 2013, equations 38 to 41.
    v = rho * v + (1 - rho) * dw**2
    a = rho * a + (1 - rho) * dw
    u = momentum * u + learning_rate * dw / np.sqrt(v - a**2 + epsilon)
    return w - u, v, u, a


@kernel("w[*], a[*], dw[*], learning_rate[] -> w[*], a[*]")
def adagrad_update(w, a, dw, learning_rate, epsilon=1e-7):
    """a <- a + dw^2; w <- w - learning_rate dw / sqrt(a + epsilon)"""
    # Duchi et al. 2011, figure 1, with the diagonal of the matrix alone.
    a = a + dw**2
    return w - learning_rate * dw / np.sqrt(a + epsilon), a


@kernel("w[*], m[*], v[*], v_hat[*], dw[*], learning_rate[], step[] -> w[*], m[*], v[*], v_hat[*]")
def amsgrad_update(w, m, v, v_hat, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """m <- b1 m + (1 - b1) dw; v <- b2 v + (1 - b2) dw^2; v_hat <- max(v_hat, v);
    w <- w - learning_rate sqrt(1 - b2^step) / (1 - b1^step) m / (sqrt(v_hat) + epsilon)
    """
    # Reddi et al. 2018, algorithm 2, with Adam's correction for the first steps, as in Keras.
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * dw**2
    v_hat = np.maximum(v_hat, v)
    rate = float(learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))
    return w - rate * m / (np.sqrt(v_hat) + epsilon), m, v, v_hat


@kernel("w[*], m[*], v[*], dw[*], learning_rate[], step[], product[] -> w[*], m[*], v[*]")
def nadam_update(w, m, v, dw, learning_rate, step, product, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """m <- b1 m + (1 - b1) dw; v <- b2 v + (1 - b2) dw^2;
    u_t = b1 (1 - 0.96^t / 2); product = u_1 u_2 ... u_step;
    m' = u_(step+1) m / (1 - product u_(step+1)) + (1 - u_step) dw / (1 - product);
    w <- w - learning_rate m' / (sqrt(v / (1 - b2^step)) + epsilon)
    """
    # Dozat 2016, algorithm 2.
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * dw**2
    n = int(step)
    u, next_u = (beta_1 * (1 - 0.96**t / 2) for t in (n, n + 1))
    now = float((1 - u) / (1 - product))
    ahead = float(next_u / (1 - product * next_u))
    root = np.sqrt(v / (1 - beta_2**n))
    return w - float(learning_rate) * (ahead * m + now * dw) / (root + epsilon), m, v


@kernel("w[*], m[*], u[*], dw[*], learning_rate[], step[] -> w[*], m[*], u[*]")
def adamax_update(w, m, u, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """m <- b1 m + (1 - b1) dw; u <- max(b2 u, |dw|);
    w <- w - learning_rate / (1 - b1^step) m / (u + epsilon)
    """
    # Kingma and Ba 2015, algorithm 2; epsilon is Keras's.
    m = beta_1 * m + (1 - beta_1) * dw
    u = np.maximum(beta_2 * u, np.abs(dw))
    rate = float(learning_rate / (1 - beta_1**step))
    return w - rate * m / (u + epsilon), m, u


@kernel("w[*], a[*], d[*], dw[*], learning_rate[] -> w[*], a[*], d[*]")
def adadelta_update(w, a, d, dw, learning_rate, rho=0.95, epsilon=1e-7):
    """a <- rho a + (1 - rho) dw^2; s = sqrt(d + epsilon) / sqrt(a + epsilon) dw;
    d <- rho d + (1 - rho) s^2; w <- w - learning_rate s
    """
    # Zeiler 2012, algorithm 1; the learning rate is Keras's.
    a = rho * a + (1 - rho) * dw**2
    s = np.sqrt(d + epsilon) / np.sqrt(a + epsilon) * dw
    d = rho * d + (1 - rho) * s**2
    return w - learning_rate * s, a, d


@kernel("w[*], m[*], dw[*], learning_rate[] -> w[*], m[*]")
def lion_update(w, m, dw, learning_rate, beta_1=0.9, beta_2=0.99):
    """w <- w - learning_rate sign(b1 m + (1 - b1) dw); m <- b2 m + (1 - b2) dw"""
    # Chen et al. 2023, algorithm 2.
    w = w - learning_rate * np.sign(beta_1 * m + (1 - beta_1) * dw)
    return w, beta_2 * m + (1 - beta_2) * dw
