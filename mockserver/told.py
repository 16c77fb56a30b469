"""What is said to a search, and all that it hung on."""

from datetime import datetime

import msgspec
from msgspec import Struct

from mockserver.clinics import Sandbox
from mockserver.eligibility.records import Inquiry
from mockserver.faults.rules import Decision
from mockserver.register import Found, Situation
from mockserver.scenarios.scenario import CLEAR, Way
from mockserver.wire.answer import Addressed, own_code, refusal_message
from mockserver.wire.message import PartialHeader, RequestHeader, SearchResponse
from mockserver.wire.qualification import Manner
from mockserver.wire.question import is_clinic_code, parse_day
from mockserver.wire.refusals import Problem, Refusal

REFUSED = "refused"  # instead of a pattern's id


class Told(Struct, frozen=True, gc=False):
    """What is said to a search: the message, the pattern that was met, what happens on its way, and why not, if so.

    `said` is a validity, `processing` or the mock's own code of the refusal. The rest is what that hung on.
    """

    message: SearchResponse
    pattern: str
    said: str
    addressed: Addressed
    moment: datetime
    way: Way = CLEAR
    refusal: Refusal | None = None
    sandbox: Sandbox | None = None
    inquiry: Inquiry | None = None
    found: Found | None = None
    situation: Situation | None = None
    decision: Decision | None = None
    hangs_up: bool = False


def refused(
    refusal: Refusal, moment: datetime, manner: Manner, addressed: Addressed, sandbox: Sandbox | None = None
) -> Told:
    """What is said where a request cannot be taken."""
    message, said = refusal_message(refusal, moment, manner, addressed), own_code(refusal.problem, manner)
    hangs_up = refusal.problem is Problem.CUT_SHORT
    return Told(message, REFUSED, said, addressed, moment, refusal=refusal, sandbox=sandbox, hangs_up=hangs_up)


def addressed_to(header: RequestHeader | PartialHeader | None) -> Addressed:
    """Where a refusal goes: what can be used of the members of a request's header."""
    if header is None:
        return Addressed()
    day, code = header.QualificationConfirmationDate, header.MedicalInstitutionCode
    return Addressed(
        clinic_code=code if code is not msgspec.UNSET and is_clinic_code(code) else "",
        day=day if day is not msgspec.UNSET and parse_day(day) else "",
        file_identifier=header.ArbitraryFileIdentifier,
    )
