"""Lets Rasa be imported where TensorFlow is not installed.

Rasa imports TensorFlow with every component it knows, whether or not the pipeline uses one
that needs it. The modules here answer those imports: every name under them exists, can be
subclassed, annotated with and used as a decorator. The first attempt to compute anything, which
only a component such as DIETClassifier or TEDPolicy makes, ends in an error that says how to
install the real package.
"""

from __future__ import annotations

import importlib.util
import sys
from abc import ABCMeta
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, ClassVar

REMEDY = (
    "TensorFlow is not installed: Setu's own pipeline does not need it. A component in your "
    "config.yml does ({wanted} was asked for; DIETClassifier, ResponseSelector, TEDPolicy, "
    "UnexpecTEDIntentPolicy and ConveRTFeaturizer are of that kind). "
    "Take the component out, or install TensorFlow with: make install TENSORFLOW=1"
)


def absent(wanted: str, *kinds: type[Exception]) -> Exception:
    """The error for a use of `wanted`, a dotted name, which is also of the given `kinds`.

    It is a RasaException so that Rasa's command line prints the sentence and not a traceback.
    """
    from rasa.shared.exceptions import RasaException

    return type("TensorFlowAbsent", (RasaException, *kinds), {})(REMEDY.format(wanted=wanted))


class Absent(ABCMeta):
    """The type of every stand-in: a class, because Rasa subclasses them and annotates with them.

    ABCMeta, because some of Rasa's subclasses are abstract classes as well.
    """

    def __getattr__(cls, name: str) -> Any:
        return _child(cls, f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # used as a decorator, as in @tf.function
        # an ImportError, because thinc probes for TensorFlow by calling it and goes on without
        raise absent(f"{cls.__module__}.{cls.__qualname__}", ImportError)


def _child(parent: Any, path: str, name: str) -> Any:
    if name.startswith("_"):  # what Python itself looks for must not seem to be there
        raise AttributeError(name)
    module, _, qualname = f"{path}.{name}".partition(".")
    stand_in = Absent(name, (), {"__module__": module, "__qualname__": qualname})
    setattr(parent, name, stand_in)
    return stand_in


class AbsentModule(ModuleType):
    """A module that has every public name."""

    def __getattr__(self, name: str) -> Any:
        return _child(self, self.__name__, name)


class _Finder(MetaPathFinder, Loader):
    """Finds any module below the packages that were handed to `stand_in`."""

    packages: ClassVar[set[str]] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, dot, _ = fullname.partition(".")
        if not dot or top not in self.packages:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def stand_in(package: str) -> None:
    """Turn the module that is being imported as `package` into a stand-in for the real one."""
    if not _Finder.packages:
        sys.meta_path.append(_Finder())
    _Finder.packages.add(package)
    sys.modules[package].__class__ = AbsentModule
