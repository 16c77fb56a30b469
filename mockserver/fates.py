"""What happens to an answer: the fault rules of a clinic and those for all, asked in turn, and what is said then."""

from msgspec.structs import replace

from mockserver.clinics import Sandbox
from mockserver.eligibility.records import Inquiry
from mockserver.faults import Maintenance, Outage, StillProcessing
from mockserver.faults.rules import Decision, Path, Request, Rule, Target, decide
from mockserver.journal import PROCESSING, Journals
from mockserver.register import Found, Register
from mockserver.told import Told, refused
from mockserver.wire.answer import NO_CLINIC, processing_message
from mockserver.wire.qualification import Manner
from mockserver.wire.refusals import Problem, Refusal

FAILURES = {
    Outage: Refusal(
        Problem.OUTAGE, "システム障害のため処理できません（障害 outage）", "the system is down (fault outage)"
    ),
    Maintenance: Refusal(
        Problem.MAINTENANCE,
        "メンテナンスのため停止しています（障害 maintenance）",
        "the system is closed for maintenance (fault maintenance)",
    ),
}


class Fates:
    """Decides for every clinic. `rules` are those for all clinics; a clinic's own are in its sandbox."""

    def __init__(self, seed: int, register: Register, journals: Journals) -> None:
        self.rules: list[Rule] = []
        self._seed = seed
        self._register = register
        self._journals = journals
        self.last = 0  # number of a rule for all clinics

    def next_number(self) -> int:
        """A number for the next rule for all clinics."""
        self.last += 1
        return self.last

    def are_open(self, sandbox: Sandbox | None) -> bool:
        """Whether any rule could hit a request of a clinic."""
        return bool(self.rules or (sandbox and sandbox.rules))

    def decide(self, clinic_code: str, sandbox: Sandbox | None, request: Request) -> Decision | None:
        """Which rules hit a request of a clinic: its own, then those for all. The n-th match always meets the same."""
        own = sandbox.rules if sandbox else []
        if not own and not self.rules:
            return None
        seed = self._seed if sandbox is None or sandbox.seed is None else sandbox.seed
        salt = f"{seed} {sandbox.name if sandbox and sandbox.name else clinic_code}"
        hits = decide(own, sandbox.matches, request, salt) if sandbox else []
        if self.rules:
            hits += decide(self.rules, self._journals.of(clinic_code).matches, request, salt)
        return Decision(tuple(hits)) if hits else None

    def is_about(self, target: Target, inquiry: Inquiry, found: Found) -> bool:
        """Whether an inquiry is about a target, under whatever number."""
        if (inquiry.insurer_key, inquiry.number, inquiry.birthdate) == target.asked:
            return True
        return target.person is not None and self._register.whose(inquiry, found) == target.person

    def meet(self, path: Path, told: Told, manner: Manner) -> Told:
        """What faults make of what was to be said."""
        if not self.are_open(told.sandbox):
            return told
        request = Request(path, told.pattern, lambda target: self._is_about(told, target), told.moment)
        decision = self.decide(told.addressed.clinic_code or NO_CLINIC, told.sandbox, request)
        fault = decision.fault if decision else None
        if isinstance(fault, StillProcessing):
            message = processing_message(told.moment, manner, told.addressed)
            return replace(told, message=message, said=PROCESSING, refusal=None, decision=decision)
        if isinstance(fault, (Outage, Maintenance)):
            refusal = FAILURES[type(fault)]
            failed = refused(refusal, told.moment, manner, told.addressed)
            return replace(told, message=failed.message, said=failed.said, refusal=refusal, decision=decision)
        return replace(told, decision=decision)

    def _is_about(self, told: Told, target: Target) -> bool:
        if told.inquiry is None or told.found is None:
            return False
        return self.is_about(target, told.inquiry, told.found)
