"""The words of the course: ``lessons/GLOSSARY.md`` is written from here.

Each stands with the lesson that introduces it; a test looks the word up in that lesson's text.
"""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.course import lesson_map


@dataclass(frozen=True)
class Term:
    """A word of the field.

    Args:
        word: as it is used.
        lesson: the number of the lesson that introduces it.
        meaning: one sentence, without a full stop.
        other: what others call it, if that differs.
    """

    word: str
    lesson: int
    meaning: str
    other: str = ""


TERMS = (
    Term("accuracy", 0, "the share of examples for which the answer is right"),
    Term("activation", 4, "the bend behind a linear neuron, such as relu or tanh"),
    Term("backprop", 6, "finding the slope of the loss for every weight in one walk backwards over "
         "what was calculated", "backpropagation, reverse-mode differentiation"),
    Term("augmentation", 16, "changing the pictures of each batch at random in a way that keeps "
         "the label"),
    Term("barrier", 17, "a line at which the threads of a block wait until all of them have come"),
    Term("batch normalisation", 10, "bringing each column of a batch to mean 0 and deviation 1, "
         "and then to a scale and a shift that are learnt", "batch norm, BN"),
    Term("batch", 1, "the rows that are calculated together"),
    Term("bias", 1, "the number that a neuron adds: its answer where all inputs are 0"),
    Term("binary crossentropy", 3, "the loss of a probability: minus the logarithm of what was "
         "given to what happened", "log loss"),
    Term("categorical crossentropy", 7, "the same for several classes: minus the logarithm of the "
         "probability of the true one", "negative log likelihood"),
    Term("channel", 13, "one of the numbers that a picture or a map has at each pixel, such "
         "as red, or what one filter gave"),
    Term("coalescing", 17, "neighbouring threads read neighbouring numbers in the same moment, so "
         "that few pieces of memory serve them all"),
    Term("cold", 12, "of a call: the first one, which compiles; the later ones are warm"),
    Term("compiled", 12, "translated into the instructions of the machine before it runs"),
    Term("confusion matrix", 15, "a table of how many pictures of each class, a row, were called "
         "what, a column"),
    Term("curvature", 2, "how fast a slope changes; the largest one limits the learning rate"),
    Term("dead", 4, "of a hinge: closed for every example, so that it can never learn again"),
    Term("dropout", 11, "setting random numbers of a layer to 0 while training, and scaling up the "
         "rest"),
    Term("early stopping", 11, "ending the training where rows that are kept aside get no better"),
    Term("epoch", 8, "one pass through all rows of the training data"),
    Term("convolution", 13, "one window of weights looked through at every place of a picture",
         "cross-correlation; in mathematics the window is turned by half a turn first"),
    Term("equivariant", 13, "moving with it: where the input moves, the answer moves likewise"),
    Term("F1", 3, "one number for precision and recall: their harmonic mean"),
    Term("filter", 13, "a window of weights for all channels, which gives one map",
         "kernel, feature detector"),
    Term("gradient check", 2, "comparing a gradient with the slope found by trying small steps"),
    Term("gradient descent", 2, "walking in steps against the slope of the loss"),
    Term("gradient", 2, "the slopes of the loss for all numbers that can be changed, together"),
    Term("Glorot's rule", 10, "first weights with the variance 2 / (inputs + outputs), for layers "
         "that cut nothing off", "Xavier initialisation"),
    Term("grid", 17, "all blocks of threads that a kernel is started with"),
    Term("guard", 17, "the test by which a thread that has no cell does nothing"),
    Term("He's rule", 10, "first weights with the variance 2 / inputs, for layers with relu",
         "Kaiming initialisation"),
    Term("hidden", 5, "of a layer: between others, so that nobody outside sees what it gives"),
    Term("kernel", 2, "one of the small functions on arrays that the library runs on"),
    Term("just-in-time compiler", 12, "compiles a function when it is first called", "JIT"),
    Term("label", 0, "the right answer to an example, as a number of its class"),
    Term("layer", 5, "a function with weights of its own; a network is a list of them"),
    Term("learning rate", 2, "what a slope is multiplied by to make a step"),
    Term("leaky", 4, "of a relu: with a small slope where it would be closed"),
    Term("linear neuron", 1, "inputs times weights, plus a bias"),
    Term("local slope", 6, "the slope of a single operation with respect to one of its inputs"),
    Term("logit", 3, "the number before it is squeezed into a probability; any size, any sign"),
    Term("loss", 1, "how wrong an answer is, as one number; small is good"),
    Term("mean squared", 1, "the loss of measurements: the mean of the squared misses",
         "MSE, mean squared error"),
    Term("max pooling", 14, "keeping of each window of a map its greatest number"),
    Term("momentum", 9, "the share of the velocity that a step keeps from the step before"),
    Term("moving average", 10, "the running mean that batch normalisation keeps for later"),
    Term("multiply-add", 12, "one product and its place in a sum: what a matrix product is counted "
         "in", "multiply-accumulate, MAC; two FLOP"),
    Term("node", 6, "one entry of the tape: what was calculated, and from what"),
    Term("overfitting", 11, "getting better on the rows of the training and worse on others"),
    Term("penalty", 11, "a price on large weights, added to the loss", "regularization"),
    Term("precision", 3, "of those that were called positive, the share that are"),
    Term("prediction", 0, "what a network answers; here also what you say before you run a cell"),
    Term("receptive field", 14, "the pixels that one number of a map was made of"),
    Term("recall", 3, "of those that are positive, the share that were found",
         "true positive rate, sensitivity"),
    Term("race", 12, "two threads write one place, and one of their results is lost"),
    Term("replay", 12, "running the list of calls that a step was recorded as, without its Python",
         "graph execution, tracing"),
    Term("relu", 4, "the larger of x and 0: a hinge", "rectified linear unit"),
    Term("ROC curve", 3, "the true positive rate against the false positive rate, for every "
         "threshold"),
    Term("running mean", 9, "a mean in which what is older counts less",
         "exponential moving average"),
    Term("schedule", 9, "a learning rate that follows the number of steps",
         "learning rate decay"),
    Term("shape", 1, "how many rows, columns and so on an array has"),
    Term("shared memory", 17, "small fast memory that the threads of one block have in common"),
    Term("sigmoid", 3, "squeezes any number into one between 0 and 1", "logistic function"),
    Term("size", 10, "of a signal or of slopes: the root of the mean square", "RMS"),
    Term("slope", 2, "how much the loss changes for a small change of a number", "derivative"),
    Term("standard error", 15, "how far a share that was counted on n examples usually lies from "
         "that of all there are"),
    Term("softmax", 7, "turns the numbers of a row into probabilities that add up to 1"),
    Term("tanh", 4, "the hyperbolic tangent: a bend from -1 to 1"),
    Term("tape", 6, "the list of what was calculated, kept for the way back",
         "computational graph, Wengert list"),
    Term("target", 1, "what the answer should be"),
    Term("temperature", 7, "what logits are divided by before a softmax: hot is undecided"),
    Term("tensor", 5, "an array that also knows how it was calculated"),
    Term("thread", 17, "one run of a kernel's text, for the cell that its number says"),
    Term("threshold", 3, "the probability from which on the answer is yes"),
    Term("tile", 12, "a piece of a matrix product that is worked on in fast memory", "block"),
    Term("topological order", 6, "an order in which everything comes after what it is made of"),
    Term("unit", 5, "one neuron of a layer"),
    Term("validation rows", 11, "rows that no step sees, kept aside to choose by"),
    Term("velocity", 9, "a sum of earlier steps that fades; with momentum a weight moves by it"),
    Term("warm-up", 9, "the first steps of a schedule, on which the rate rises"),
    Term("warp", 17, "32 threads of a block that go in step"),
    Term("weight", 1, "what an input is multiplied by"),
)  # fmt: skip


def page() -> str:
    """The text of ``lessons/GLOSSARY.md``."""
    lines = [
        "<!-- Written by `dlcore notebooks` from dlcore/course/glossary.py. -->",
        "",
        "# Words",
        "",
        "Each with the lesson that introduces it, and what others may call it.",
        "",
        "| word | meaning | lesson | elsewhere |",
        "| --- | --- | --- | --- |",
    ]
    for term in sorted(TERMS, key=lambda term: term.word.lower()):
        lesson = lesson_map.LESSONS[term.lesson]
        name = f"[{lesson.key}]({lesson.file})" if lesson.exists else lesson.key
        lines.append(f"| {term.word} | {term.meaning} | {name} | {term.other} |")
    return "\n".join([*lines, ""])
