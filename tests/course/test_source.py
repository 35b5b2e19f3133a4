"""What a stub is, and what counts as compiled."""

from dlcore.course.source import is_compiled, is_stub, plain


def test_what_a_stub_is():
    def words(x):
        """Only words."""

    def dots(x):
        """Words."""
        ...

    def raises(x):
        raise NotImplementedError("not yet")

    def something(x):
        """Words."""
        x = 3  # noqa: F841

    def other_error(x):
        raise ValueError

    assert [is_stub(f) for f in (words, dots, raises)] == [True] * 3
    assert [is_stub(f) for f in (something, other_error, lambda x: None)] == [False] * 3


def test_a_class_is_a_stub_as_long_as_all_its_methods_are():
    class Blank:
        """Words."""

        def __init__(self, rate): ...

        def step(self, w, dw):
            """Words."""

    class Begun(Blank):
        def __init__(self, rate):
            self.rate = rate

    assert is_stub(Blank)
    assert not is_stub(Begun)


def test_an_attribute_does_not_make_a_function_compiled():
    def pretends(x):
        return x

    pretends.py_func = lambda x: 0
    assert not is_compiled(pretends)
    assert plain(pretends) is pretends
