from docs.reference import PAGE, page


def test_the_reference_says_what_the_code_does():
    assert PAGE.read_text("utf-8") == page(), "python dev.py docs"
