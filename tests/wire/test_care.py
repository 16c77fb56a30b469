"""薬剤情報等 and 特定健診情報 as messages: every leaf a text, read back as written, in the layout of wire.md 2.10."""

from datetime import date

import msgspec
import pytest
from lxml import etree
from msgspec import UNSET

from mockserver.eligibility.care import checkups, drug_months
from mockserver.eligibility.records import Person
from mockserver.wire.care import CheckupAnswer, CheckupRequest, DrugAnswer, DrugRequest
from mockserver.wire.care_answer import (
    CareAddressed,
    checkup_answer,
    drug_answer,
    refused_checkups,
    refused_drugs,
)
from mockserver.wire.encodings import CHARACTER_CODES
from mockserver.wire.files import FileForm
from mockserver.wire.qualification import Manner
from mockserver.wire.xml_codec import read, write

TODAY = date(2026, 11, 23)
PERSON = Person("髙橋", "太郎", "ﾀｶﾊｼ", "ﾀﾛｳ", "1", date(1956, 5, 6), "東京都", "100-0001")
ADDRESSED = CareAddressed("20261123090000", "1312345678", "1234")
KEYS = [f"person {number}" for number in range(30)]
HEADER = """<MessageHeader><MedicalInstitutionCode>1312345678</MedicalInstitutionCode>
<InsurerNumber>01130012</InsurerNumber>{optional}
<InsuredPersonIdentificationNumber>1</InsuredPersonIdentificationNumber></MessageHeader>"""


def manner(encoding="utf-8"):
    return Manner("none", "MOCK", lambda name: name.replace("髙", "●"), True, CHARACTER_CODES[encoding])


def drugs(key=KEYS[0], addressed=ADDRESSED, encoding="utf-8"):
    months = drug_months(PERSON, key, date(2024, 1, 1), TODAY, TODAY)
    return drug_answer(PERSON, months, addressed, manner(encoding))


def found(key=KEYS[0], encoding="utf-8"):
    return checkup_answer(PERSON, checkups(PERSON, key, TODAY), ADDRESSED, manner(encoding))


def texts(message, path):
    return [element.text for element in etree.fromstring(write(message, FileForm())).iterfind(path)]


def leaves(value):
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in leaves(member)]
    if isinstance(value, list | tuple):
        return [leaf for member in value for leaf in leaves(member)]
    return [value]


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
@pytest.mark.parametrize("order", ["layout", "shuffled"])
def test_answers_are_read_back_as_written(encoding, order):
    form = FileForm(encoding, order)
    for key in KEYS:
        for message in (drugs(key, encoding=encoding), found(key, encoding)):
            assert read(write(message, form), type(message)) == message
            assert all(type(leaf) is str and leaf for leaf in leaves(msgspec.to_builtins(message)))


@pytest.mark.parametrize(
    ("refused", "struct"), [(refused_drugs, DrugAnswer), (refused_checkups, CheckupAnswer)], ids=["YZK", "TKK"]
)
def test_a_refusal_says_why_and_nothing_about_the_person(refused, struct):
    message = refused("同意がありません", ADDRESSED, manner())
    assert read(write(message, FileForm()), struct) == message
    assert texts(message, ".//ResultCode") == ["2"]
    assert texts(message, ".//MessageContents") == ["同意がありません"]
    assert texts(message, ".//ArbitraryFileIdentifier") == ["1234"]
    assert not texts(message, ".//Name")
    assert not texts(message, "MessageBody/*")


def test_the_person_of_the_answer_is_shown_as_the_register_can():
    header = drugs().XmlMsg.MessageHeader
    assert (header.ResultCode, header.MessageContents) == ("1", UNSET)
    assert msgspec.to_builtins(header.QuaInf) == {
        "Name": "●橋　太郎",
        "KanaName": "ﾀｶﾊｼ ﾀﾛｳ",
        "Birth": "19560506",
        "AdmGendCode": "1",
    }
    assert msgspec.to_builtins(found().XmlMsg.MessageHeader.QualificationsInfo) == {
        "Name": "●橋　太郎",
        "KanasName": "ﾀｶﾊｼ ﾀﾛｳ",
        "Birthday": "19560506",
        "AdministrativeGenderCode": "1",
    }


def test_claims_and_dispensing_results_stand_where_a_client_looks():
    claimed = {text for key in KEYS for text in texts(drugs(key), "MessageBody/MeTrMonthInf/MeTrMonth")}
    dispensed = {text for key in KEYS for text in texts(drugs(key), "MessageBody/CzDiInf/CzDiMonthInf/CzDiMonth")}
    assert min(claimed) == "202401"
    assert max(claimed) == "202610"
    assert dispensed == {"202611"}
    day = "MessageBody/MeTrMonthInf/DiDateInfs/DiDateInf"
    for path in (f"{day}/DrugInfs/DrugInf/DrugC", f"{day}/MeTrInfs/MeTrInf/SinInfCd", f"{day}/DiDate"):
        assert any(texts(drugs(key), path) for key in KEYS)
    day = "MessageBody/CzDiInf/CzDiMonthInf/CzDiDateInfs/CzDiDateInf"
    for path in (f"{day}/CzDrugInfs/CzDrugInf/CzDrugC", f"{day}/CzDiDate"):
        assert any(texts(drugs(key), path) for key in KEYS)


def test_what_the_asker_prescribed_is_told_from_the_rest():
    prescribers = {text for key in KEYS for text in texts(drugs(key), ".//PrlsHCd")}
    for own in prescribers:
        addressed = CareAddressed("20261123090000", own)
        for key in KEYS:
            for month in drugs(key, addressed).XmlMsg.MessageBody.MeTrMonthInf or ():
                prescriber = month.MeTrDiHCd if month.PrlsHCd is UNSET else month.PrlsHCd
                assert month.PrIsOrg == ("1" if prescriber == own else "2")


def test_checkups_show_every_value_newest_first():
    message = found()
    moments = texts(message, "MessageBody/SpecificHealthCheckupInfo/EffectiveTime")
    assert len(moments) > 1
    assert moments == sorted(moments, reverse=True)
    item = ".//HealthCheckupResultAndQuestionInfos/HealthCheckupResultAndQuestionInfo"
    for member in ("ItemCode", "ItemName", "DataType", "DataValue", "DataValueName"):
        assert len(texts(message, f"{item}/{member}")) == 19 * len(moments)
    assert set(texts(message, f"{item}/DataType")) == {"PQ", "CO", "CD"}


def test_who_has_nothing_gets_an_empty_answer_that_is_a_success():
    for message in (
        drug_answer(PERSON, (), ADDRESSED, manner()),
        checkup_answer(PERSON, (), ADDRESSED, manner()),
    ):
        assert read(write(message, FileForm()), type(message)) == message
        assert texts(message, ".//ResultCode") == ["1"]
        assert not texts(message, "MessageBody/*")


@pytest.mark.parametrize("optional", ["", "<InsuranceCardSymbol/><BranchNumber>01</BranchNumber>"])
@pytest.mark.parametrize("struct", [DrugRequest, CheckupRequest])
def test_requests_are_read_with_and_without_what_may_be_left_out(struct, optional):
    header = HEADER.format(optional=optional)
    asked = read(f"<XmlMsg>{header}<MessageBody/></XmlMsg>".encode(), struct)
    assert isinstance(asked, struct)
    assert asked.XmlMsg.MessageHeader.InsuredPersonIdentificationNumber == "1"
    assert asked.XmlMsg.MessageBody.FileCategory is UNSET
    body = "<StartDate>202601</StartDate><FileCategory>2</FileCategory>"
    asked = read(f"<XmlMsg>{header}<MessageBody>{body}</MessageBody></XmlMsg>".encode(), struct)
    assert asked.XmlMsg.MessageBody.FileCategory == "2"
