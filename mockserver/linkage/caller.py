"""Who sent a file: the clinic, at the moment of its own clock, and how its answers are written."""

from datetime import date, datetime

from msgspec import UNSET, Struct, UnsetType

from mockserver.clinics import Sandbox
from mockserver.exchange import Exchange
from mockserver.wire.answer import NO_CLINIC, own_code
from mockserver.wire.batches import BatchAnswerHeader, BatchHeader
from mockserver.wire.qualification import Manner, digits_of_moment
from mockserver.wire.question import is_clinic_code
from mockserver.wire.refusals import Refusal


class Caller(Struct, frozen=True):
    """A clinic that asks by file. `now` is the real moment."""

    exchange: Exchange
    code: str
    manner: Manner
    now: datetime

    @property
    def sandbox(self) -> Sandbox | None:
        """What the clinic has set up, if anything."""
        return self.exchange.clinics.find(self.code, self.now)

    def open(self) -> Sandbox:
        """What the clinic has set up, made if need be."""
        return self.exchange.clinics.open(self.code, self.now)

    @property
    def clinic_code(self) -> str:
        """The 医療機関コード as an answer may tell it."""
        return self.code if is_clinic_code(self.code) else NO_CLINIC

    @property
    def moment(self) -> datetime:
        """The clinic's moment."""
        return self.exchange.moment(self.code, self.now)

    @property
    def executed(self) -> str:
        """The clinic's moment in 14 digits (ProcessExecutionTime)."""
        return digits_of_moment(self.moment)

    @property
    def start(self) -> date:
        """The first day of the clinic's stories."""
        return self.exchange.story_start(self.sandbox, self.moment)

    def header(
        self,
        asked: BatchHeader,
        segment: str | UnsetType = UNSET,
        refusal: Refusal | None = None,
        **members: str | UnsetType,
    ) -> BatchAnswerHeader:
        """The header of an answer to a request's header; `members` are those that only some messages have."""
        return BatchAnswerHeader(
            ProcessExecutionTime=self.executed,
            MedicalInstitutionCode=self.clinic_code,
            ArbitraryFileIdentifier=asked.ArbitraryFileIdentifier,
            SegmentOfResult=segment,
            ErrorCode=own_code(refusal.problem, self.manner) if refusal else UNSET,
            ErrorMessage=refusal.message if refusal else UNSET,
            CharacterCodeIdentifier=self.manner.character_code,
            **members,
        )
