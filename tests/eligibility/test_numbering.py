"""Check digits of insurers and clinics, padding, and the 個人番号 that must be recognised (wire.md 5)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.eligibility.numbering import (
    check_digit,
    has_valid_check_digit,
    institution_code,
    insurer_key,
    is_individual_number,
    is_institution_code,
    mask_individual_numbers,
    with_check_digit,
)

SEVEN_DIGIT_RULE = ("11", "12", "13", "14")
INDIVIDUAL_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def digits(count):
    return st.text("0123456789", min_size=count, max_size=count)


@pytest.mark.parametrize(
    "number",
    [
        "33120015",
        "01040013",
        "01130012",
        "138156",
        "06138093",
        "06110852",
        "63132286",
        "31130685",
        "39131156",
        "39131131",
        "39131040",
        "80137151",
        "41139155",
        "81137150",
    ],
)
def test_published_insurer_numbers_are_valid(number):
    assert has_valid_check_digit(number)
    assert with_check_digit(number[:-1]) == number


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("138157", "6"),
        ("6138092", "3"),
        ("6110854", "2"),
        ("63132280", "6"),
        ("31130683", "5"),
        ("01234567", "6"),
        ("06123456", "9"),
        ("39280000", "3"),
        ("280000", "8"),
    ],
)
def test_wrong_and_anonymised_insurer_numbers_are_told_apart(number, wanted):
    assert not has_valid_check_digit(number)
    assert check_digit(number[:-1]) == wanted


@pytest.mark.parametrize("text", ["", " ", "abc", "３３１２００１５", "33120O15", "-3312001"])
def test_what_is_not_ascii_digits_is_no_number(text):
    assert not has_valid_check_digit(text)


@given(st.one_of(digits(5), digits(7)), st.data())
@settings(max_examples=150, deadline=None)
def test_one_wrong_digit_is_always_caught(body, data):
    number = with_check_digit(body)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert has_valid_check_digit(number)
    assert not has_valid_check_digit(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    "code",
    [
        "0110119385",
        "0118010016",
        "0418010146",
        "2619900042",
        "2719900249",
        "3618010015",
        "4019819897",
        "2714206386",
        "0110113719",
        "1318814790",
        "1310270751",
        "1310415067",
        "1219210014",
        "1318616104",
        "1311111111",
    ],
)
def test_published_clinic_codes_are_valid_and_rebuilt(code):
    assert is_institution_code(code)
    assert institution_code(int(code[:2]), int(code[2]), int(code[3:9])) == code


@pytest.mark.parametrize(
    "code",
    [
        "1312345678",
        "1318814791",
        "0110119384",
        "",
        "011011938",
        "01101193850",
        "０１１０１１９３８５",
        "01101193８5",
    ],
)
def test_other_texts_are_no_clinic_codes(code):
    assert not is_institution_code(code)


@given(st.integers(1, 47), st.sampled_from([1, 3, 4, 6]), st.integers(0, 999_999))
@settings(max_examples=200, deadline=None)
def test_built_clinic_codes_are_valid(prefecture, score_table, number):
    code = institution_code(prefecture, score_table, number)
    assert code[:9] == f"{prefecture:02d}{score_table}{number:06d}"
    assert is_institution_code(code)


@given(st.integers(1, 47), st.integers(0, 999_999))
@settings(max_examples=100, deadline=None)
def test_the_prefecture_decides_how_many_digits_are_checked(prefecture, number):
    code = institution_code(prefecture, 1, number)
    assert has_valid_check_digit(code[3:] if code[:2] in SEVEN_DIGIT_RULE else code)


@pytest.mark.parametrize(
    "written", ["138156", "00138156", "  138156", "138156  ", "  00138156", "\u3000138156", "0138156"]
)
def test_padding_does_not_change_whose_number_it_is(written):
    assert insurer_key(written) == insurer_key("138156")


@given(digits(8), digits(8))
@settings(max_examples=100, deadline=None)
def test_different_insurer_numbers_stay_different(one, other):
    assert (insurer_key(one) == insurer_key(other)) == (one == other)


@pytest.mark.parametrize(
    "number",
    [
        "123456789018",  # weighted sum 212 leaves 3: 11 - 3
        "100000000005",  # 6 leaves 6: 11 - 6
        "000000000000",  # 0 leaves 0: the digit is 0
        "100000010000",  # 6 + 5 leaves 0
        "100000100000",  # 6 + 6 leaves 1: the digit is 0 again
        "１２３４５６７８９０１８",
        "1234-5678-9018",
        "1234 5678 9018",
        "1234\u30005678\u30009018",
        "１２３４－５６７８－９０１８",
        "1234‐5678‐9018",
        "1234−5678−9018",
        "1234ー5678ー9018",
        " 123456789018\n",
    ],
)
def test_individual_numbers_are_recognised(number):
    assert is_individual_number(number)


@pytest.mark.parametrize(
    "text",
    ["", "12345678901", "1234567890123", "123456789017", "12345678901A", "1234/5678/9018", "123456789018 x"],
)
def test_other_texts_are_not_taken_for_individual_numbers(text):
    assert not is_individual_number(text)


@given(digits(11))
@settings(max_examples=150, deadline=None)
def test_exactly_one_digit_completes_an_individual_number(body):
    remainder = sum(int(d) * weight for d, weight in zip(body, INDIVIDUAL_WEIGHTS, strict=True)) % 11
    wanted = 0 if remainder <= 1 else 11 - remainder
    assert [last for last in range(10) if is_individual_number(f"{body}{last}")] == [wanted]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("123456789018", "************"),
        ("番号は123456789018です", "番号は************です"),
        ("１２３４５６７８９０１８", "************"),
        ("111111111111,222222222222", "************,************"),
        ("12345678901", "12345678901"),
        ("1234567890123", "1234567890123"),
        ("記号 12-34", "記号 12-34"),
        ("", ""),
    ],
)
def test_twelve_digits_are_hidden_and_nothing_else(text, shown):
    assert mask_individual_numbers(text) == shown


@given(st.text("019９-あ ", max_size=12), digits(12), st.text("x-あ ", max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_hidden_number_cannot_be_read_again(before, number, after):
    text = f"{before}。{number}{after}"
    hidden = mask_individual_numbers(text)
    assert number not in hidden
    assert len(hidden) == len(text)
    assert mask_individual_numbers(hidden) == hidden
