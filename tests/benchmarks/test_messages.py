"""The bench's messages: of the length asked for, in the language asked for, never twice."""

import itertools

from benchmarks.messages import LANGUAGES, LONGEST, Messages


def test_no_message_comes_twice():
    supply = Messages()
    texts = [
        text
        for language in LANGUAGES
        for text in itertools.islice(supply.of_all_lengths(language), 100)
    ]
    assert len(set(texts)) == len(texts)


def test_messages_have_the_length_asked_for():
    supply = Messages()
    lengths = [len(supply.next("bn", words).split()) for words in range(1, LONGEST + 1)]
    assert lengths == list(range(1, LONGEST + 1))


def test_the_same_seed_gives_the_same_messages():
    assert Messages(3).next("ml", 5) == Messages(3).next("ml", 5)


def test_a_message_is_longer_where_the_short_ones_are_used_up():
    supply = Messages()
    lengths = {len(supply.next("mr", 1).split()) for _ in range(300)}
    assert lengths == {1, 2} or lengths == {1, 2, 3}
