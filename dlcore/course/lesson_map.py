"""The map of the lessons: what each adds to dlcore, and what it shows before its turn.

Tests hold the lessons to it: a lesson uses only names and kernels that it or an earlier lesson
introduces, and its previews. ``lessons/README.md`` is written from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlcore import resources
from dlcore.course import handout


@dataclass(frozen=True)
class Lesson:
    """One row of the map.

    Args:
        number: its place, 0 to 24.
        slug: its file is ``NN_slug.ipynb``.
        title: its heading.
        idea: the one idea, in a sentence.
        minutes: for the learner, exercises and all.
        data: the data sets that it uses.
        widget: what moves in it; empty if nothing does.
        kernels: the kernels that it introduces; the learner writes most of them.
        names: the names below ``dlcore`` that it introduces; a module stands for all in it.
        previews: kernels and names of later lessons, or of lessons not yet written, that it uses.
    """

    number: int
    slug: str
    title: str
    idea: str
    minutes: int
    data: tuple[str, ...] = ()
    widget: str = ""
    kernels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    previews: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The two digits in front of its file and of its exercises."""
        return f"{self.number:02d}"

    @property
    def file(self) -> str:
        """The name of its notebook."""
        return f"{self.key}_{self.slug}.ipynb"

    @property
    def path(self) -> Path:
        """Where its notebook lies, if it is written."""
        return resources.lessons_folder() / self.file

    @property
    def exists(self) -> bool:
        """Whether its notebook is written."""
        return self.path.is_file()


def _both(*kernels: str) -> tuple[str, ...]:
    """Each kernel and its gradient."""
    return tuple(name for kernel in kernels for name in (kernel, f"{kernel}_grad"))


# What serves the lessons themselves is not worth a word in their index.
ROOMS_OF_LESSONS = ("course.", "datasets.", "plots.", "widgets.")

# Kernels of the map that no backend has yet: their lessons bring them.
KERNELS_TO_COME = frozenset({"all_reduce"})

_COURSE = (
    "course.exercise", "course.hint", "course.progress", "course.reveal", "course.solution",
    "course.material", "plots.report",
)  # fmt: skip

LESSONS = (
    Lesson(
        0, "tour", "The end first", "What a trained network does with what you draw.", 20,
        data=("digits8",), widget="draw a digit and see the bars of a trained network",
        names=(
            *_COURSE, "datasets.digits8", "plots.show", "plots.one_of_each", "plots.drawn_digit",
            "widgets.digit_pad", "widgets.digit_copies", "widgets.DigitModel",
        ),
        previews=(
            "layers.Flatten", "layers.Dense", "models", "utils.set_random_seed", "relu", "softmax",
            "sparse_categorical_crossentropy",
        ),
    ),
    Lesson(
        1, "one_linear_neuron", "One linear neuron",
        "Two numbers draw a line, and one number says how wrong it is.", 35,
        data=("penguins",), widget="drag w and b: the line, its misses and a dot on the loss bowl",
        kernels=("dense", "mse"),
        names=(
            "datasets.penguins", "losses.MeanSquaredError", "ops.dense", "set_backend",
            "plots.penguin_cloud", "plots.neuron_on_bowl", "plots.search_path",
            "widgets.neuron_bench",
        ),
    ),
    Lesson(
        2, "walking_downhill", "Walking downhill",
        "The slope of the loss says which way each number should go, and how fast.", 40,
        data=("penguins",), widget="a ball on the contours: learning rate, step and rewind",
        kernels=("mse_grad", "dense_grad", "sgd_update"),
        names=(
            "backends.compute", "optimizers.SGD", "plots.descent_path", "widgets.DescentModel",
            "widgets.descent_bench",
        ),
        previews=("Variable",),
    ),
    Lesson(
        3, "a_neuron_that_decides", "A neuron that decides",
        "Squeezed between 0 and 1, the output of a neuron is a probability.", 40,
        data=("penguins", "credit"), widget="turn the line: loss of each point, threshold and ROC",
        kernels=_both("sigmoid", "binary_crossentropy", "binary_crossentropy_from_logits"),
        names=(
            "datasets.credit", "losses.BinaryCrossentropy", "metrics.AUC",
            "metrics.BinaryAccuracy", "metrics.F1Score", "metrics.Precision", "metrics.Recall",
            "ops.sigmoid", "plots.deciding", "plots.losses_and_slopes", "plots.roc_curve",
            "widgets.DecidingModel", "widgets.deciding_bench",
        ),
    ),
    Lesson(
        4, "bending_the_line", "Bending the line",
        "A bend between two layers lets a sum of hinges follow any curve.", 40,
        data=("XOR", "seattle_weather"), widget="a few hinges sum to a curve",
        kernels=_both("relu", "tanh", "leaky_relu"),
        names=(
            "activations", "datasets.seattle_weather", "ops.relu", "ops.tanh", "ops.leaky_relu",
            "plots.function_and_slope", "plots.hinge_sum",
            "plots.network_on_plane", "plots.year", "widgets.hinge_builder",
        ),
    ),
    Lesson(
        5, "layers", "Layers", "A network is a list of layers, and shapes flow through it.", 40,
        data=("penguins",), widget="trace the shapes through a network",
        names=(
            "layers.Layer", "layers.Dense", "layers.Activation", "Input", "Sequential",
            "widgets.ShapeModel", "widgets.shape_figure", "widgets.shape_tracer",
        ),
        previews=("utils.set_random_seed",),
    ),
    Lesson(
        6, "backprop", "Backprop",
        "A tape of what was done, read backwards, gives every slope at once.", 40,
        data=("a tiny network", "penguins"),
        widget="one example, numbers on every edge, forward and back",
        names=(
            "GradientTape", "Tensor", "Variable", "engine.tensor", "ops", "tensor",
            "course.reading", "widgets.TapeModel", "widgets.backprop_tape", "widgets.tape_figure",
        ),
        previews=("utils.set_random_seed",),
    ),
    Lesson(
        7, "ten_classes", "Ten classes", "Softmax shares out one unit of belief.", 40,
        data=("digits8",), widget="logits and temperature; the slope is y \N{MINUS SIGN} t",
        kernels=(
            *_both(
                "softmax", "categorical_crossentropy", "categorical_crossentropy_from_logits",
                "sparse_categorical_crossentropy", "sparse_categorical_crossentropy_from_logits",
            ),
            "sparse_categorical_accuracy",
        ),
        names=(
            "losses", "ops.softmax", "plots.belief", "plots.beliefs", "widgets.BeliefModel",
            "widgets.belief_bench",
        ),
    ),
    Lesson(
        8, "compile_fit_evaluate", "Compile, fit, evaluate",
        "The loop that you wrote, packed into three words.", 40,
        data=("credit",), widget="a training cockpit: start, pause, step, rewind",
        names=(
            "models", "callbacks", "metrics", "utils.set_random_seed", "plots.backprop",
            "plots.credit_map", "plots.two_losses", "widgets.CockpitModel",
            "widgets.training_cockpit",
        ),
    ),
    Lesson(
        9, "better_steps", "Better steps", "Memory of earlier slopes makes a step wiser.", 40,
        data=("fashion_small",), widget="optimizers race down a ravine",
        kernels=("momentum_update", "adam_update"),
        names=(
            "optimizers", "plots.epoch_losses", "plots.rate_curve", "widgets.RaceModel",
            "widgets.race_bench", "widgets.race_figure",
        ),
    ),
    Lesson(
        10, "signals_through_depth", "Signals through depth",
        "Numbers must neither fade nor grow on their way through many layers.", 40,
        data=("fashion_small",), widget="depth, initializer and activation: a strip of histograms",
        kernels=(*_both("batch_norm"), "moving_average"),
        names=(
            "initializers", "layers.BatchNormalization", "widgets.SignalModel",
            "widgets.signal_figure", "widgets.signal_strip",
        ),
    ),
    Lesson(
        11, "learning_not_memorising", "Learning, not memorising",
        "What is good on the training data may be useless elsewhere.", 40,
        data=("digits8 with wrong labels",), widget="capacity, noise and data: two curves",
        kernels=("dropout",),
        names=(
            "regularizers", "layers.Dropout", "plots.two_accuracies", "widgets.MemoryModel",
            "widgets.memory_bench",
        ),
    ),
    Lesson(
        12, "making_it_fast", "Making it fast", "Where the time goes, and how to take it back.",
        40, data=("fashion_small", "digits8"), widget="a ladder of speeds, measured live",
        kernels=("matmul",),
        names=(
            "backends", "engine.program", "course.speed", "course.use", "plots.ladder",
            "plots.ladder_by_size", "widgets.LadderModel", "widgets.ladder_bench",
            "widgets.recorded_times",
        ),
    ),
    Lesson(
        13, "convolution", "Convolution", "One small window, looked through everywhere.", 40,
        data=("photos", "shapes10"), widget="paint a kernel, move a window and see its sum",
        kernels=("conv2d",),
        names=(
            "layers.Conv2D", "datasets.photos", "datasets.shapes10", "course.sight",
            "plots.colour_rows", "widgets.PainterModel", "widgets.kernel_painter",
            "widgets.painter_figure",
        ),
        previews=("layers.Flatten",),
    ),
    Lesson(
        14, "pooling_and_back", "Pooling, and convolution backward",
        "What was used once gets its slope once; what was used in many places gets the sum.", 40,
        data=("digits8", "shapes10"),
        widget="press an output: its field, and the route of its slope",
        kernels=("max_pool2d", "max_pool2d_grad", "conv2d_grad"),
        names=(
            "layers.MaxPooling2D", "layers.AveragePooling2D", "layers.GlobalAveragePooling2D",
            "layers.Flatten", "plots.route", "widgets.RouteModel", "widgets.route_bench",
            "widgets.route_figure",
        ),
    ),
    Lesson(
        15, "a_cnn_that_sees", "A CNN that sees",
        "The mistakes have a shape, which one number hides.", 40,
        data=("fashion_small",), widget="browse the errors; shift, turn and cover a picture",
        names=(
            "saving", "datasets.fashion_small", "plots.confusion", "plots.error_row",
            "utils.confusion_matrix", "widgets.ErrorModel", "widgets.error_browser",
            "widgets.error_figure",
        ),
        previews=("layers",),
    ),
    Lesson(
        16, "colour_pictures", "Colour pictures",
        "The same drawings, shown anew in every epoch, and what each remedy brings.", 40,
        data=("emoji10",), widget="look at the feature maps, and move the picture",
        names=(
            "layers", "datasets.emoji10", "course.pictures", "plots.colour_pictures",
            "plots.recipe_shares", "plots.two_trainings", "utils.to_categorical",
            "widgets.FeatureModel", "widgets.feature_figure", "widgets.feature_viewer",
            "widgets.recorded_pictures",
        ),
    ),
    Lesson(
        17, "loops_on_a_gpu", "The same loops on a GPU",
        "Thousands of threads, each with one cell to write.", 40,
        data=("fashion_small",), widget="a grid of threads: which wrote which cell",
        names=(
            "stand_in", "course.own_kernels", "widgets.ThreadModel", "widgets.thread_bench",
            "widgets.thread_figure",
        ),
    ),
    Lesson(
        18, "looking_inside", "Looking inside", "Ask the gradient what the network saw.", 35,
        data=("fashion_small",), widget="cover parts of a picture; nudge it until its label flips",
        names=("explain",),
    ),
    Lesson(
        19, "sequences", "Sequences", "The same weights at every letter, and a state between.", 40,
        data=("names",), widget="type a name and see the state after each letter",
        # An Embedding is made of these two: rows by their numbers, and their gradients added up.
        kernels=("gather", "scatter_add", *_both("simple_rnn_step")),
        names=("layers.Embedding", "layers.SimpleRNN"),
    ),
    Lesson(
        20, "memory", "Memory", "Gates decide what is kept.", 40,
        data=("names", "tweets"), widget="the gates as a heat map; temperature",
        kernels=("lstm_step",), names=("layers.LSTM", "layers.GRU", "layers.Bidirectional"),
    ),
    Lesson(
        21, "four_fields", "Four fields", "One small project each, from data to errors.", 40,
        data=("spoken_digits", "splice", "credit", "tweets"), widget="browse confusions and errors",
        names=("layers.Conv1D",),
    ),
    Lesson(
        22, "many_machines", "Many machines", "Share the batch, add the gradients.", 35,
        data=("fashion_small",), widget="a time line of computing and talking",
        kernels=("all_reduce",),
    ),
    Lesson(
        23, "out_into_the_world", "Out into the world",
        "The same model elsewhere, and what the first frameworks brought.", 30,
        data=("the models of 08 and 16",),
    ),
    Lesson(
        24, "clinic_and_capstone", "Clinic and capstone",
        "Tell from its curve what ails a training run; then add a part of your own.", 40,
        data=("any",), widget="eight faulty training runs to diagnose",
    ),
)  # fmt: skip


def written() -> list[Lesson]:
    """The lessons whose notebooks exist, in order."""
    return [lesson for lesson in LESSONS if lesson.exists]


def allowed(lesson: Lesson) -> set[str]:
    """Names and kernels that a lesson may use.

    What the lessons up to it introduce, as far as they are written, and its previews.
    """
    before = [other for other in written() if other.number < lesson.number]
    found = set(lesson.previews)
    for each in (*before, lesson):
        found |= {*each.kernels, *each.names}
    return found


def index() -> str:
    """The text of ``lessons/README.md``."""
    lines = [
        "<!-- Written by `dlcore notebooks` from dlcore/course/lesson_map.py. -->",
        "",
        "# The lessons",
        "",
        "Each has one idea, something to move, exercises that are checked at once, and real data.",
        "`dlcore learn` copies them to a folder of your own and opens the next one to do.",
        "[GLOSSARY.md](GLOSSARY.md) has the words, [KERNELS.md](KERNELS.md) how lesson, kernel and",
        "library hang together.",
        "",
        *handout.elsewhere().splitlines(),
        'Where the whole checkout was uploaded, `%pip install "..[course]"` does the same.',
        "",
        "| lesson | idea | adds to dlcore | data | minutes |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [_row(lesson) for lesson in LESSONS]
    minutes = sum(lesson.minutes for lesson in written())
    lines += [
        "",
        f"Written so far: {len(written())} of {len(LESSONS)}, about {minutes} minutes; "
        "the others are planned.",
        "",
    ]
    return "\n".join(lines)


def _row(lesson: Lesson) -> str:
    name = f"{lesson.key} {lesson.title}"
    name = f"[{name}]({lesson.file})" if lesson.exists else f"{name} (planned)"
    parts = [name for name in lesson.names if not name.startswith(ROOMS_OF_LESSONS)]
    adds = " · ".join(
        ", ".join(f"`{each}`" for each in some) for some in (lesson.kernels, parts) if some
    )
    nothing = "\N{EN DASH}"
    cells = (name, lesson.idea, adds or nothing, ", ".join(lesson.data), str(lesson.minutes))
    return f"| {' | '.join(cells)} |"
