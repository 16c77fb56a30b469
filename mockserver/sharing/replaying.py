"""Applies events to the core as it stood for them, so that a replay gives what was given when they were written."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.faults.rules import Rule
from mockserver.sharing.events import KINDS, Core, Event, Kind, Payload, read_event
from mockserver.sharing.log import ALL, Kept
from mockserver.tally import Tally

_LOG = logging.getLogger("mockserver.sharing")


class Replaying:
    """The core of a server, brought forward event by event. `rules_at`: how many events for all clinics it has seen."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.rules_at = 0
        self.serial = 0  # of the notice of the event that is being applied
        self._fates = core.exchange.fates
        self._first_rules, self._first_number = tuple(self._fates.rules), self._fates.last
        self._rules: dict[int, tuple[Rule, ...]] = {0: self._first_rules}

    def begin(self, name: str, base: int = 0) -> None:
        """Stand before the first event of a log that is kept; of what was for all before a base nothing is known."""
        if name == ALL:
            self._fates.rules[:], self._fates.last = self._first_rules, self._first_number
            self.rules_at, self._rules = base, {base: self._first_rules}
        else:
            self.core.begin(name, self.core.exchange.opened_at)

    def rehearse(self, code: str, kind: Kind[Payload], payload: Payload, now: datetime) -> None:
        """Let an event happen to a clinic with nothing set up, without a trace: Denial where it is refused."""
        core, exchange = self.core, self.core.exchange
        clinics, post, taps = exchange.clinics, core.post, exchange.taps
        exchange.clinics = Exchange(exchange.settings, exchange.opened_at).clinics
        core.post = lambda _: None
        try:
            kind.act(core, code, payload, now)
        finally:
            exchange.clinics, core.post, exchange.taps = clinics, post, taps

    def apply(self, name: str, kept: Kept, event: Event, *, is_replay: bool) -> Any:
        """Apply an event; what comes of it, or Denial."""
        kind, code = KINDS[event.kind], None if name == ALL else name
        payload = kind.read(event.payload)
        with self._as_then(event, is_replay):
            self.serial = kept.serial
            self.core.exchange.taps = max(kept.serial - 1, 0)
            if code:
                self.core.exchange.clinics.use(code, event.at)
            try:
                return kind.act(self.core, code, payload, event.at)
            finally:
                if name == ALL:
                    self._remember_rules()

    def replay(self, name: str, kept: Kept) -> None:
        """Apply an event of another server, or of an earlier time: what came of it was told then."""
        try:
            self.apply(name, kept, read_event(kept.event), is_replay=True)
        except Denial:
            pass
        except Exception:
            _LOG.exception("an event of %s could not be applied", name)

    def _remember_rules(self) -> None:
        self.rules_at += 1
        self._rules[self.rules_at] = tuple(self._fates.rules)

    @contextmanager
    def _as_then(self, event: Event, is_replay: bool) -> Iterator[None]:
        """The rules for all clinics as they were; what is only replayed is not counted as answered."""
        exchange, rules, tally = self.core.exchange, self._fates.rules, self.core.exchange.tally
        if event.rules_at < self.rules_at:
            self._fates.rules = list(self._rules.get(event.rules_at, self._first_rules))
        if is_replay:
            exchange.tally = Tally()
        try:
            yield
        finally:
            self._fates.rules, exchange.tally = rules, tally
