"""How numbers are built and checked: 保険者番号, 医療機関コード, and the 個人番号 that must never be taken in.

Sources: wire.md sections 5.1 to 5.3; the 個人番号 check digit is that of 総務省令 (2014) no. 85, article 5.
"""

import re
from sys import intern

# 埼玉, 千葉, 東京, 神奈川 compute the check digit of a clinic code over its last seven digits only.
_SEVEN_DIGIT_PREFECTURES = frozenset({"11", "12", "13", "14"})
_TWELVE_DIGITS = re.compile(r"(?<!\d)\d(?:[\s‐-―−－ー-]?\d){11}(?!\d)")
_SEPARATORS = re.compile(r"[\s‐-―−－ー-]+")


def check_digit(body: str) -> str:
    """The Luhn digit that makes `body + digit` valid. `body` holds decimal digits only."""
    total = 0
    for position, character in enumerate(reversed(body)):
        doubled = int(character) * (2 if position % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def with_check_digit(body: str) -> str:
    """`body` followed by its check digit."""
    return body + check_digit(body)


def has_valid_check_digit(number: str) -> bool:
    """Whether the last digit of an insurer number (6 or 8 digits) is the right one."""
    return number.isascii() and number.isdigit() and check_digit(number[:-1]) == number[-1]


def institution_code(prefecture: int, score_table: int, number: int) -> str:
    """A 医療機関コード: prefecture 1-47, score table (点数表) 1, 3, 4 or 6, institution number 0-999999; 10 digits."""
    head, tail = f"{prefecture:02d}{score_table}", f"{number:06d}"
    return head + tail + check_digit(tail if head[:2] in _SEVEN_DIGIT_PREFECTURES else head + tail)


def is_institution_code(code: str) -> bool:
    """Whether a code has ten digits and a check digit valid by its prefecture's rule."""
    if len(code) != 10 or not (code.isascii() and code.isdigit()):
        return False
    return has_valid_check_digit(code[3:] if code[:2] in _SEVEN_DIGIT_PREFECTURES else code)


def insurer_key(number: str) -> str:
    """An insurer number without its padding, be it zeros or spaces: what two ways of writing it have in common.

    There is one text of each key, as journals keep the keys of many look-ups.
    """
    return intern(number.strip().lstrip("0"))


def is_individual_number(text: str) -> bool:
    """Whether a text is a 個人番号: twelve digits, perhaps separated, with a valid check digit."""
    digits = _SEPARATORS.sub("", text)
    return len(digits) == 12 and digits.isdecimal() and _individual_check(digits) == int(digits[-1])


def holds_individual_number(text: str) -> bool:
    """Whether a text holds a 個人番号 somewhere."""
    return is_individual_number(text) or any(map(is_individual_number, _TWELVE_DIGITS.findall(text)))


def mask_individual_numbers(text: str) -> str:
    """`text` with every run of twelve digits, perhaps separated, hidden, fit for a message or a log."""
    return _TWELVE_DIGITS.sub("************", text)


def _individual_check(digits: str) -> int:
    weighted = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in enumerate(reversed(digits[:11]), start=1))
    remainder = weighted % 11
    return 0 if remainder <= 1 else 11 - remainder
