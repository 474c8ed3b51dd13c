"""When two texts count as the same."""

from labeling.statistics.text import normalise, text_hash


def test_normalise_ignores_case_width_and_white_space() -> None:
    assert (
        normalise("  \N{FULLWIDTH LATIN CAPITAL LETTER G}raph\n\tSTRASSE  straße ")
        == "graph strasse strasse"
    )


def test_hash_is_shared_by_texts_that_differ_in_form_only() -> None:
    assert text_hash("A  Title", "Body\ntext") == text_hash("a title", "body text ")


def test_hash_keeps_title_and_body_apart() -> None:
    assert text_hash("a b", "c") != text_hash("a", "b c")


def test_hash_is_sha256_of_the_normalised_texts() -> None:
    known = "112049284dadb75d38b76d6800ded70ae3084c85e8d4e5533424fe3052d4af94"
    assert text_hash("Straße", " KÖLN") == known
