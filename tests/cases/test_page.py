from tests.cases.page import PAGE, page


def test_the_page_of_cases_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: python dev.py docs"
