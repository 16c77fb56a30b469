"""Bytes and text of the linkage files: what is declared and what is written, what Shift_JIS lacks, names of files."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.catalogue import request_for
from mockserver.eligibility.numbering import is_individual_number
from mockserver.linkage.taking import Linkage
from mockserver.wire.encodings import read_text, shown_in, write_text
from mockserver.wire.files import (
    KNOWN_BY_NAME,
    PLAYED,
    FileForm,
    RequestName,
    error_name,
    is_own_answer,
    is_request,
    label,
    read_name,
)
from mockserver.wire.message import SearchRequest, SearchResponse
from mockserver.wire.refusals import Problem, Refusal
from mockserver.wire.xml_codec import read, write
from tests.support import CLINIC, NOW, TODAY, Desk

QUICK = settings(max_examples=100, derandomize=True, deadline=None, database=None)
UTF_8, SHIFT_JIS = FileForm("utf-8"), FileForm("shift_jis")
FORMS = [UTF_8, SHIFT_JIS]
FILE = "OQSsiquc01req_202611230001.xml"
SYMBOL = "記号ｱ－１・花子"
REQUEST = f"""<XmlMsg>
  <MessageHeader>
    <QualificationConfirmationDate>20261123</QualificationConfirmationDate>
    <MedicalInstitutionCode>{CLINIC}</MedicalInstitutionCode>
  </MessageHeader>
  <MessageBody>
    <QualificationConfirmSearchInfo>
      <InsurerNumber>01130012</InsurerNumber>
      <InsuredCardSymbol>{SYMBOL}</InsuredCardSymbol>
      <InsuredIdentificationNumber>1</InsuredIdentificationNumber>
      <Birthdate>19560506</Birthdate>
    </QualificationConfirmSearchInfo>
  </MessageBody>
</XmlMsg>
"""


def declared(encoding, rest=""):
    return f'<?xml version="1.0" encoding="{encoding}"{rest}?>\n'


def symbol(data):
    """The symbol a file asks for, or why it cannot be read."""
    request = read(data, SearchRequest)
    if isinstance(request, Refusal):
        return request
    return request.XmlMsg.MessageBody.QualificationConfirmSearchInfo.InsuredCardSymbol


# --- what is declared ---

UTF_8_DECLARATIONS = [
    "",
    "\r\n",
    '<?xml version="1.0"?>',
    "<?xml version='1.0' encoding='UTF-8'?>",
    '<?xml version="1.0" standalone="yes"?>',
    '<?xml version = "1.0" encoding = "UTF-8" standalone = "no" ?>',
    '\n\n <?xml version="1.0" encoding="UTF-8"?>\n',
    declared("UTF-8"),
    declared("utf-8"),
    declared("Utf-8"),
    declared("UTF8"),
    declared("UTF-8", ' standalone="no"'),
    declared("UTF-8", ' standalone="yes"'),
    declared("UTF-8", " standalone='no' "),
]
SHIFT_JIS_DECLARATIONS = [
    "<?xml version='1.0' encoding='Shift_JIS'?>",
    '<?xml version="1.0"\r\n encoding="Shift_JIS"\r\n standalone="no"?>\r\n',
    declared("Shift_JIS", ' standalone="no"'),
    declared("Shift_JIS", ' standalone="yes"'),
    *map(declared, ["Shift_JIS", "shift_jis", "SHIFT_JIS", "Shift-JIS", "SJIS", "x-sjis", "Windows-31J", "MS932"]),
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8], ids=["no-bom", "bom"])
@pytest.mark.parametrize("declaration", UTF_8_DECLARATIONS)
def test_utf_8_is_read_however_it_is_declared(declaration, bom, line_end):
    text = declaration + REQUEST.replace("\n", line_end)
    assert symbol(bom + text.encode()) == SYMBOL


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("declaration", SHIFT_JIS_DECLARATIONS)
def test_shift_jis_is_read_however_it_is_declared(declaration, line_end):
    text = declaration + REQUEST.replace("\n", line_end)
    assert symbol(text.encode("cp932")) == SYMBOL


@pytest.mark.parametrize("name", ["UTF-16", "EUC-JP", "ISO-2022-JP", "ISO-8859-1", "US-ASCII", "", "x'", "utf\x00"])
def test_another_encoding_is_refused_by_name(name):
    refusal = symbol((declared(name) + REQUEST).encode())
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.ENCODING
    assert "UTF-8" in refusal.message
    assert "Shift_JIS" in refusal.message


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>', declared("UTF-16"), declared("UTF-8")])
@pytest.mark.parametrize("bom", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE], ids=["le", "be"])
def test_utf_16_is_refused_by_name(bom, declaration):
    codec = "utf-16-le" if bom == codecs.BOM_UTF16_LE else "utf-16-be"
    refusal = symbol(bom + (declaration + REQUEST).encode(codec))
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.ENCODING
    assert "UTF-16" in refusal.message


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_characters_of_japanese_without_a_mark_are_refused(codec):
    assert isinstance(symbol((declared("UTF-16") + REQUEST).encode(codec)), Refusal)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_characters_of_ascii_without_a_mark_are_refused(codec):
    assert isinstance(symbol((declared("UTF-16") + REQUEST.replace(SYMBOL, "1")).encode(codec)), Refusal)


@pytest.mark.parametrize("text", [REQUEST, REQUEST.replace(SYMBOL, "1")], ids=["japanese", "ascii"])
def test_a_bom_that_contradicts_the_declaration_is_refused(text):
    refusal = symbol(codecs.BOM_UTF8 + (declared("Shift_JIS") + text).encode())
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.ENCODING
    assert "BOM" in refusal.message
    assert "Shift_JIS" in refusal.message


# --- what is declared and is not so ---


@pytest.mark.parametrize("declaration", ["", declared("UTF-8"), declared("utf8", ' standalone="no"')])
def test_shift_jis_declared_as_utf_8_is_refused_with_a_hint(declaration):
    data = (declaration + REQUEST).encode("cp932")
    refusal = symbol(data)
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.ENCODING
    assert "実際は Shift_JIS ではありませんか" in refusal.japanese
    assert "is it Shift_JIS?" in refusal.english
    assert f"{data.index(SYMBOL.encode('cp932')) + 1} バイト目" in refusal.japanese


@pytest.mark.parametrize(
    "text",
    [
        "あ",
        "花子",
        "髙橋　太郎",
        "記号",
    ],
)
def test_utf_8_declared_as_shift_jis_is_refused_with_a_hint(text):
    refusal = symbol((declared("Shift_JIS") + REQUEST.replace(SYMBOL, text)).encode())
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.ENCODING
    assert "実際は UTF-8 ではありませんか" in refusal.japanese
    assert "is it UTF-8?" in refusal.english


@pytest.mark.parametrize("encoding", ["UTF-8", "Shift_JIS"])
def test_bytes_of_neither_encoding_are_refused_without_a_hint(encoding):
    data = (declared(encoding) + REQUEST).encode("ascii", errors="ignore").replace(b"01130012", b"\xff\xfd\x81")
    refusal = symbol(data)
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.ENCODING
    assert f'"{encoding}"' in refusal.message
    assert "ではありませんか" not in refusal.japanese


@pytest.mark.parametrize("encoding", ["UTF-8", "Shift_JIS"])
def test_ascii_is_read_whatever_is_declared(encoding):
    assert symbol((declared(encoding) + REQUEST.replace(SYMBOL, "12-34")).encode()) == "12-34"


@QUICK
@given(st.binary(max_size=100), st.sampled_from(["", declared("UTF-8"), declared("Shift_JIS"), "\ufeff"]))
def test_of_any_bytes_comes_a_text_or_a_refusal(data, head):
    assert isinstance(read_text(head.encode() + data), str | Refusal)


# --- what is written ---


@pytest.mark.parametrize(("form", "name"), [(UTF_8, b"UTF-8"), (SHIFT_JIS, b"Shift_JIS")])
def test_a_file_begins_with_its_declaration_and_has_no_bom(form, name):
    body = taken(form)
    assert body.startswith(b'<?xml version="1.0" encoding="' + name + b'" standalone="no"?>\n<XmlMsg>\n')
    assert body.endswith(b"</XmlMsg>\n")


@pytest.mark.parametrize(("form", "codec", "code"), [(UTF_8, "utf-8", "0"), (SHIFT_JIS, "cp932", "1")])
@pytest.mark.parametrize("asked_in", FORMS, ids=["utf-8", "shift_jis"])
def test_an_answer_is_in_the_encoding_of_the_terminal_whatever_the_request_is_in(form, codec, code, asked_in):
    asked = write(read(REQUEST.encode(), SearchRequest), asked_in)
    body = taken(form, asked)
    assert read(body, SearchResponse).XmlMsg.MessageHeader.CharacterCodeIdentifier == code
    assert f"<InsuredCardSymbol>{SYMBOL}</InsuredCardSymbol>".encode(codec) in body


@pytest.mark.parametrize(("form", "codec"), [(UTF_8, "utf-8"), (SHIFT_JIS, "cp932")])
def test_an_error_file_is_in_the_encoding_of_the_terminal(form, codec):
    body = Linkage(Desk().exchange).take(FILE, b"", form, NOW).file.body
    assert "ファイルが空です" in body.decode(codec)


def test_a_refused_inquiry_says_its_encoding_too():
    body = taken(SHIFT_JIS, REQUEST.replace("19560506", "19561306").encode())
    header = read(body, SearchResponse).XmlMsg.MessageHeader
    assert (header.CharacterCodeIdentifier, header.SegmentOfResult) == ("1", "1")


# --- what Shift_JIS lacks ---

SHOWN = {
    "ﾀｶﾊｼ ﾊﾅｺ": "ﾀｶﾊｼ ﾊﾅｺ",
    "ｶﾞｰﾟ｡｢｣､･": "ｶﾞｰﾟ｡｢｣､･",
    "高橋　花子": "高橋　花子",
    "髙﨑德": "髙﨑德",
    "①Ⅲ㈱№": "①Ⅲ㈱№",
    "𠮷田": "●田",
    "葛󠄀城": "葛●城",
    "黃": "●",
    "é": "●",
    "🀄": "●",
    "¥": "●",
    "１〜３": "１～３",
    "１−３": "１－３",
    "A—B": "A―B",
    "‖¢£¬": "∥￠￡￢",
    "●": "●",
    "": "",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items())
def test_what_shift_jis_lacks_is_shown_as_a_black_circle(text, shown):
    assert shown_in(text, "shift_jis") == shown
    assert shown_in(text, "utf-8") == text


@QUICK
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
def test_what_is_shown_comes_back_from_bytes_and_is_as_long(text):
    shown = shown_in(text, "shift_jis")
    assert len(shown) == len(text)
    assert shown_in(shown, "shift_jis") == shown
    assert write_text(shown, "shift_jis").decode("cp932") == shown


def test_half_width_kana_are_one_byte_each_and_a_wave_dash_is_the_one_of_windows():
    assert write_text("ﾀﾛｳ", "shift_jis") == b"\xc0\xdb\xb3"
    assert write_text(shown_in("〜", "shift_jis"), "shift_jis") == b"\x81\x60"


def test_a_person_whose_name_shift_jis_lacks_has_a_black_circle_there_only():
    desk = Desk()
    manner = Linkage(desk.exchange).manner(SHIFT_JIS)
    show = desk.exchange.repertoire.show
    residents = map(desk.country.resident, range(5_000))
    resident = next(r for r in residents if manner.show(r.person.family_name) != show(r.person.family_name))
    card = resident.card_on(TODAY)
    asked = write(request_for(card, resident.person.birthdate, TODAY, CLINIC, card.branch), UTF_8)
    in_utf_8, in_shift_jis = (result_of(taken(form, asked, desk)) for form in FORMS)
    assert "●" not in in_utf_8.Name
    assert "●" in in_shift_jis.Name
    assert [c for c in in_shift_jis.Name if c != "●"] == [
        c for c, shown in zip(in_utf_8.Name, in_shift_jis.Name, strict=True) if shown != "●"
    ]
    assert in_shift_jis.NameKana == in_utf_8.NameKana


def result_of(body):
    (item,) = read(body, SearchResponse).XmlMsg.MessageBody.ResultList
    return item.ResultOfQualificationConfirmation


def taken(form, data=None, desk=None):
    """The answer file a terminal writes in a form."""
    return Linkage((desk or Desk()).exchange).take(FILE, data or REQUEST.encode(), form, NOW).file.body


# --- names of files ---


@pytest.mark.parametrize("family", PLAYED)
@pytest.mark.parametrize("digits", ["202611230001", "2021081611906", "1", "0" * 40])
def test_a_family_and_digits_are_a_request_and_name_its_answer(family, digits):
    asked = read_name(f"{family}req_{digits}.xml")
    assert asked == RequestName(family, digits)
    assert asked.answer(".xml") == f"{family}res_{digits}.xml"
    assert asked.answer(".zip") == f"{family}res_{digits}.zip"


@pytest.mark.parametrize("name", ["OQSsiquc01req_202611230001.XML", "OQSsiquc01REQ_202611230001.xml"])
def test_capitals_as_windows_writes_them_are_accepted(name):
    assert is_request(name)
    assert read_name(name) == RequestName("OQSsiquc01", "202611230001")


@pytest.mark.parametrize(
    "name",
    [
        "OQSsiquc01req_.xml",
        "OQSsiquc01req_" + "0" * 41 + ".xml",
        "OQSsiquc01req_20261123.0001.xml",
        "OQSsiquc01req_202611230001 (1).xml",
        "OQSsiquc01req_202611230001 .xml",
        "OQSsiquc01req_202611230001.xml\n",
        "OQSsiquc01req_abc.xml",
        "OQSsiquc01req_２０２６.xml",
        "OQSsiquc01req_-1.xml",
        "OQSsiquc01req-202611230001.xml",
        "OQSsiquc01req202611230001.xml",
        "OQSsiquc01res_202611230001.xml",
        "OQSsiquc01_202611230001.xml",
        "OQSsiquc01req_/../x.xml",
    ],
)
def test_a_known_family_with_another_name_is_told_what_to_write(name):
    refusal = read_name(name)
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.FILE_NAME
    assert "OQSsiquc01req_" in refusal.japanese
    assert "OQSsiquc01req_" in refusal.english
    assert "\n" not in refusal.message


@pytest.mark.parametrize("prefix", KNOWN_BY_NAME)
def test_a_family_known_by_name_only_is_told_so(prefix):
    refusal = read_name(f"{prefix}01req_202611230001.xml")
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.FAMILY
    assert prefix in refusal.japanese
    assert "known by name only" in refusal.english


@pytest.mark.parametrize(
    "name",
    [
        "x.xml",
        ".xml",
        "患者.xml",
        "req_202611230001.xml",
        "OQSsiquc02req_202611230001.xml",
        "OQSmuquc03req_202611230001.xml",
        "OQSsiquc０１req_202611230001.xml",
        " OQSsiquc01req_202611230001.xml",
        "../OQSsiquc01req_202611230001.xml",
        "C:\\OQS\\req\\OQSsiquc01req_202611230001.xml",
        "\x1b[31m.xml",
    ],
)
def test_an_unknown_family_is_told_what_is_known(name):
    refusal = read_name(name)
    assert isinstance(refusal, Refusal)
    assert refusal.problem is Problem.FAMILY
    assert "TKKsiquc01" in refusal.message
    assert "\x1b" not in refusal.message


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("x.xml", True),
        ("X.XML", True),
        ("患者.Xml", True),
        ("x.xml.tmp", False),
        ("x.tmp", False),
        ("x.err", False),
        ("x", False),
        ("xml", False),
        (".x.xml", False),
        (".xml", False),
        ("~$x.xml.part", False),
    ],
)
def test_only_xml_files_are_taken_and_none_that_is_hidden(name, is_taken):
    assert is_request(name) is is_taken


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (FILE, "OQSsiquc01req_202611230001.err"),
        ("OQSsiquc01req_1.XML", "OQSsiquc01req_1.err"),
        ("a.b.xml", "a.b.err"),
        ("患者.xml", "患者.err"),
    ],
)
def test_an_error_file_bears_the_name_of_its_request(name, expected):
    assert error_name(name) == expected
    assert is_own_answer(error_name(FILE))


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("OQSsiquc01res_202611230001.xml", True),
        ("OQSmuquc02res_202611230001.zip", True),
        ("OQSsiquc01req_202611230001.xml", True),
        ("OQSsiquc01res_face_27142063864da5260a16de5a3d3ad7_20260929160112.xml", True),
        ("OQSsiquc01res_face_20260929160112.xml", False),
        ("OQSsiquc01res_202611230001.pdf", False),
        ("OQSsiquc01res_２０２６.xml", False),
        ("OQSsiquc01res_202611230001.xml.bak", False),
        ("OQSsihvq01req_202611230001.err", True),
        ("OQSsihvq01req_202611230001.xml", True),
        ("OQSsihvq01res_202611230001.xml", False),
        ("EPSsiquc01res_1.zip", False),
        ("請求書.xml", False),
        ("desktop.ini", False),
    ],
)
def test_only_what_the_mock_can_have_written_is_tidied_away(name, is_own):
    assert is_own_answer(name) is is_own


def test_every_answer_and_error_file_of_a_request_can_be_tidied_away():
    for family in PLAYED:
        asked = read_name(f"{family}req_202611230001.xml")
        for suffix in (".xml", ".zip"):
            assert is_own_answer(asked.answer(suffix))
        assert is_own_answer(error_name(f"{family}req_202611230001.xml"))


# --- names in messages ---

INDIVIDUAL_NUMBERS = st.sampled_from(
    [number for number in map(str, range(987654320000, 987654320300)) if is_individual_number(number)]
)
SHOWN_AS_THEY_ARE = [
    "OQSsiquc01req_202611230001.xml",
    "OQSsiquc01res_202611230001.xml",
    "OQSmuquc02res_202611230001.zip",
    "OQSsiquc01req_202611230001.err",
    "OQSsiquc01res_20261123000112.xml",
    "OQSsiquc01res_face_27142063864da5260a16de5a3d3ad7_20260929160112.xml",
    "OQSsiquc01req_1.xml",
]
WITH_A_NUMBER = [
    "OQSsiquc01req_{n}.xml",
    "OQSsiquc01res_{n}.xml",
    "OQSsiquc01req_{n}.err",
    "OQSsihvq01req_{n}.xml",
    "{n}.xml",
    "患者{n}.xml",
    "x_{n}.xml",
    "OQSsiquc01req_{n}_202611230001.xml",
    "OQSsiquc01req_202611230001_{n}.xml",
    "OQSsiquc01req_202611230001.{n}.xml",
    "花子 {n} 202611230001.xml",
]


@pytest.mark.parametrize("name", SHOWN_AS_THEY_ARE)
def test_a_name_with_a_day_and_a_counter_is_shown_as_it_is(name):
    assert label(name) == f'"{name}"'


def test_a_day_and_a_counter_are_shown_even_where_the_check_digit_is_that_of_an_individual_number():
    numbers = [number for number in map(str, range(202611230000, 202611240000)) if is_individual_number(number)]
    assert len(numbers) > 500
    assert all(number in label(f"OQSsiquc01req_{number}.xml") for number in numbers)


@pytest.mark.parametrize("name", WITH_A_NUMBER)
@QUICK
@given(number=INDIVIDUAL_NUMBERS)
def test_an_individual_number_in_a_name_is_never_shown(name, number):
    asked = name.replace("{n}", number)
    assert number not in label(asked)
    told = read_name(asked)
    assert isinstance(told, RequestName) or number not in told.message


@pytest.mark.parametrize("day", ["20261323", "20260230", "00000101", "20261100"])
def test_digits_that_are_no_day_are_hidden(day):
    assert f"{day}0001" not in label(f"OQSsiquc01req_{day}0001.xml")


@pytest.mark.parametrize(
    "name",
    ["{n}_202611230001.xml", "No{n}_202611230001.xml", "OQSsiquc01res_face_{n}_20260929160112.xml"],
)
def test_an_individual_number_before_a_day_is_never_shown(name):
    assert is_individual_number("123456789018")
    assert "123456789018" not in label(name.replace("{n}", "123456789018"))


@pytest.mark.parametrize("name", ["\x1b[31m.xml", "a\nb.xml", 'x" y.xml', "\u202exml.exe.xml", "\udc81.xml"])
def test_a_label_is_one_printable_line(name):
    assert label(name).isprintable()


@QUICK
@given(st.text(max_size=120))
def test_any_name_has_a_short_label_and_is_a_request_or_refused(name):
    assert len(label(name)) < 500
    assert isinstance(read_name(name), RequestName | Refusal)
    assert isinstance(is_request(name), bool)
    assert error_name(name).endswith(".err")
