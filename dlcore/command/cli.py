"""The `dlcore` command: reads the arguments and hands over; every command is loaded when called."""

import argparse
import difflib
import io
import sys
from collections.abc import Collection, Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code.

    Args:
        arguments: without the program's name; by default those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path in letters that the terminal's encoding lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parser()
    if not given:
        parser.print_help()
        return 0
    if not given[0].startswith("-") and given[0] not in commands:
        print(f"dlcore: {_no_command(given[0], commands)}", file=sys.stderr)
        return 2
    options = parser.parse_args(given)
    return options.run(options)


def _no_command(name: str, commands: Collection[str]) -> str:
    meant = difflib.get_close_matches(name, commands, n=1, cutoff=0.5)
    help = f"did you mean {meant[0]}?" if meant else "`dlcore --help` lists the commands."
    return f"there is no command {name!r}: {help}"


def _parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """The reader of the command line, and the names of the commands."""
    import dlcore

    # Somebody else's package of the same name may lie over ours; `dlcore doctor` says so.
    version = getattr(dlcore, "__version__", "unknown")
    parser = argparse.ArgumentParser(
        prog="dlcore", description="A deep-learning library that you build yourself, in notebooks."
    )
    parser.add_argument("--version", action="version", version=f"dlcore {version}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    learn = commands.add_parser("learn", help="put the lessons in a folder and open JupyterLab")
    learn.add_argument(
        "folder",
        nargs="?",
        type=_folder,
        default=Path("dlcore-course"),
        metavar="FOLDER",
        help="your folder, made if missing; what you changed in it is never overwritten "
        "(default: %(default)s)",
    )
    learn.add_argument("--no-browser", action="store_true", help="only print the address")
    learn.add_argument(
        "--port",
        type=_port,
        default=8888,
        metavar="N",
        help="the first port to try (default: %(default)s)",
    )
    learn.set_defaults(run=_learn)

    doctor = commands.add_parser("doctor", help="say what works on this machine")
    doctor.add_argument(
        "folder",
        nargs="?",
        type=_folder,
        default=Path("dlcore-course"),
        metavar="FOLDER",
        help="the course folder to look at (default: %(default)s)",
    )
    doctor.add_argument("--json", action="store_true", help="print JSON, for a program to read")
    doctor.set_defaults(run=_doctor)

    warmup = commands.add_parser("warmup", help="compile the kernels before they are needed")
    warmup.add_argument("kernels", nargs="*", metavar="KERNEL", help="only these; default all")
    warmup.add_argument("--quiet", action="store_true", help="say nothing")
    warmup.set_defaults(run=_warmup)

    grade = commands.add_parser(
        "grade",
        help="for teachers: mark the notebooks of a class",
        description="Marks the notebooks of a class. FOLDER holds a folder for each student, "
        "<student>/<any name>.ipynb, or files <student>.ipynb or <student>__<any name>.ipynb, or "
        "is what Moodle and Canvas export, as a folder or as the zip. "
        "Only the functions of the exercises are taken out of them, and each is run in a process "
        "of its own without files, network or time to waste. Writes marks.csv (a line for each "
        "student), details.csv, class.html, class.txt and a page for each student. Comments and "
        "points of your own go into overrules.csv there. After an interruption the same command "
        "goes on where it was.",
    )
    grade.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the notebooks of the class, or a zip of them"
    )
    grade.add_argument(
        "--out", type=Path, metavar="FOLDER", help="for the results (default: FOLDER-marks)"
    )
    grade.add_argument(
        "--lessons",
        nargs="+",
        default=(),
        metavar="NN",
        help="mark these lessons (default: those that occur in the notebooks)",
    )
    grade.add_argument(
        "--jobs", type=int, default=2, metavar="N", help="how many at once (default: %(default)s)"
    )
    grade.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="who should have handed in: columns student and id, or an export of the platform",
    )
    grade.add_argument(
        "--rules",
        type=Path,
        metavar="TOML",
        help="points, partial credit, late work (default: grading.toml in the results or FOLDER)",
    )
    grade.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="for the cases that learners have not seen (default: drawn once for the class, and "
        "kept with the results)",
    )
    grade.set_defaults(run=_grade)

    # Without a help, so that it does not stand in the list: no learner needs it.
    notebooks = commands.add_parser(
        "notebooks", description="For maintainers: execute and normalise the lessons in place."
    )
    notebooks.add_argument("names", nargs="*", metavar="NAME", help="lessons (default: all)")
    notebooks.add_argument(
        "--check", action="store_true", help="change nothing; fail if something would change"
    )
    notebooks.set_defaults(run=_notebooks)
    return parser, commands.choices


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "its name is empty: give one, or leave it out for dlcore-course"
        )
    return Path(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return int(text)


def _learn(options: argparse.Namespace) -> int:
    try:
        from dlcore.command.learn import LearnError, learn
    except ImportError as error:
        print(f"dlcore learn: {error}: `dlcore doctor` says how to mend it.", file=sys.stderr)
        return 1
    try:
        learn(options.folder, browser=not options.no_browser, port=options.port)
    except LearnError as error:
        print(f"dlcore learn: {error}", file=sys.stderr)
        return 1
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from dlcore.command.doctor import doctor

    return doctor(options.folder, as_json=options.json)


def _warmup(options: argparse.Namespace) -> int:
    from dlcore.command.warmup import warmup

    return warmup(quiet=options.quiet, names=options.kernels)


def _grade(options: argparse.Namespace) -> int:
    from dlcore.course.grading.grade import GradeError, grade

    try:
        return grade(
            options.folder, options.out, options.jobs, options.lessons, options.seed,
            options.roster, options.rules,
        )  # fmt: skip
    except GradeError as error:
        print(f"dlcore grade: {error}", file=sys.stderr)
        return 1


def _notebooks(options: argparse.Namespace) -> int:
    from dlcore.course import notebooks

    return notebooks.main((["--check"] if options.check else []) + options.names)


if __name__ == "__main__":
    sys.exit(main())
