"""What happens to an answer: the fault rules of a clinic and those for all, asked in turn."""

from mockserver.clinics import Sandbox
from mockserver.eligibility.records import Inquiry
from mockserver.faults.rules import Decision, Request, Rule, Target, decide
from mockserver.journal import Journals
from mockserver.register import Found, Register


class Fates:
    """Decides for every clinic. `rules` are those for all clinics; a clinic's own are in its sandbox."""

    def __init__(self, seed: int, register: Register, journals: Journals) -> None:
        self.rules: list[Rule] = []
        self._seed = seed
        self._register = register
        self._journals = journals
        self._last = 0

    def next_number(self) -> int:
        """A number for the next rule for all clinics."""
        self._last += 1
        return self._last

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
