"""The activations: one number a thread, or a row of numbers for softmax."""

import math

from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import device


@device
def _exp_below(x, real):
    """exp(-|x|), which cannot overflow."""
    return real(math.exp(-abs(x)))


@device
def sigmoid_of(x, real):
    """1 / (1 + exp(-x)); for x < 0 it is exp(x) / (1 + exp(x))."""
    e = _exp_below(x, real)
    return (real(1) if x >= real(0) else e) / (real(1) + e)


@device
def _sigmoid(x, _, real):
    return sigmoid_of(x, real)


@device
def _sigmoid_grad(dy, y, _, real):
    return dy * y * (real(1) - y)


@device
def _tanh(x, _, real):
    return real(math.tanh(x))


@device
def _tanh_grad(dy, y, _, real):
    return dy * (real(1) - y * y)


@device
def _relu(x, _, real):
    # A NaN is not below zero: it stays, and is seen.
    return real(0) if x < real(0) else x


@device
def _relu_grad(dy, y, _, real):
    return dy if y > real(0) else real(0)


@device
def _leaky_relu(x, slope, real):
    return x if x > real(0) else slope * x


@device
def _leaky_relu_grad(dy, x, slope, real):
    return dy if x > real(0) else slope * dy


@device
def _erf(x, _, real):
    return real(math.erf(x))


def sigmoid(y, x):
    each(_sigmoid, y, x)


def sigmoid_grad(dx, dy, y):
    each(_sigmoid_grad, dx, dy, y)


def tanh(y, x):
    each(_tanh, y, x)


def tanh_grad(dx, dy, y):
    each(_tanh_grad, dx, dy, y)


def relu(y, x):
    each(_relu, y, x)


def relu_grad(dx, dy, y):
    each(_relu_grad, dx, dy, y)


def leaky_relu(y, x, negative_slope):
    each(_leaky_relu, y, x, attribute=negative_slope)


def leaky_relu_grad(dx, dy, x, negative_slope):
    each(_leaky_relu_grad, dx, dy, x, attribute=negative_slope)


def erf(y, x):
    each(_erf, y, x)
