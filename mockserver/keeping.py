"""What happened is written into the journals and counted for operators."""

from datetime import datetime

from mockserver.journal import NO_TRACE, Entry, Journals, Trace, Via
from mockserver.replies import Reply
from mockserver.tally import Tally
from mockserver.told import Told
from mockserver.wire.answer import NO_CLINIC


class Keeping:
    """Journals and counts. `tally` is None where nothing is counted."""

    def __init__(self, journals: Journals, tally: Tally | None) -> None:
        self._journals = journals
        self._tally = tally

    def sent(self, reply: Reply, took_s: float) -> None:
        """An answer is on its way whole, so long after its request."""
        self.sent_together([reply], took_s, reply.via)

    def sent_together(self, replies: list[Reply], took_s: float, via: Via) -> None:
        """Answers of one way that were given together are on their way whole, so long after they were read."""
        took_us = round(took_s * 1_000_000)
        for reply in replies:
            if reply.entry is not None:
                reply.entry.took_us = took_us
        if self._tally is not None:
            self._tally.took(via, took_s, len(replies))

    def enter(self, clinic_code: str, entry: Entry) -> Entry | None:
        """Count what happened, and write it into the clinic's journal; None where no journal is kept."""
        if self._tally is not None:
            self._tally.answered(entry.via, entry.pattern, entry.said)
            for hit in entry.decision.hits if entry.decision else ():
                self._tally.fault(hit.fault.fault_id())
        if not self._journals.is_kept:
            return None
        self._journals.add(clinic_code, entry)
        return entry

    def enter_note(
        self, code: str, via: Via, note: str, now: datetime, moment: datetime, pattern: str, reason: str
    ) -> None:
        """The entry of something that is not about one person."""
        entry = Entry(
            serial=0,
            via=via,
            at=now,
            moment=moment,
            said="",
            status=200,
            pattern=pattern,
            reason=(reason, reason) if reason else None,
            note=note,
        )
        self.enter(code, entry)

    def enter_told(
        self, via: Via, told: Told, now: datetime, status: int = 200, trace: Trace = NO_TRACE, note: str = ""
    ) -> Entry | None:
        """The entry of an answer to a search."""
        entry = Entry(
            serial=0,
            via=via,
            at=now,
            moment=told.moment,
            said=told.said,
            status=status,
            pattern=told.pattern,
            inquiry=told.inquiry,
            situation=told.situation,
            decision=told.decision,
            reason=(told.refusal.japanese, told.refusal.english) if told.refusal else None,
            note=note,
            trace=trace,
        )
        return self.enter(told.addressed.clinic_code or NO_CLINIC, entry)
