"""A person lays the マイナンバーカード on the reader: who, how they are proved, and what lands in `face`. wire.md 2.2-2.6, 4."""

from base64 import urlsafe_b64encode
from collections import deque
from datetime import datetime
from hashlib import blake2b

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from mockserver.clinics import Sandbox, Visit
from mockserver.eligibility.chips import PIN_TRIES, Chip, Consent, Outcome, Proof, prove
from mockserver.eligibility.records import Answer, Inquiry
from mockserver.exchange import Exchange
from mockserver.register import Found, Held
from mockserver.scenarios.scenario import Way
from mockserver.wire.answer import BY_CARD as CARD_REFERENCE
from mockserver.wire.answer import Addressed, Notice, answer_message, refusal_message
from mockserver.wire.files import FACE_PREFIX
from mockserver.wire.message import SearchResponse
from mockserver.wire.qualification import BY_CARD, Asker, Manner, References, digits_of_moment, reference_number
from mockserver.wire.refusals import Problem, Refusal

_MOST_FACES = 1_000
_MIDDLE_OF_IDENTIFIER = b"63\x02"  # both real samples have `NjMC` there
_NOTICES = {
    Outcome.EXPIRING: Notice(
        Problem.CERTIFICATE_EXPIRING,
        "マイナンバーカードの失効期限3か月前",
        "the certificate of the card ends within 3 months",
    ),
    Outcome.GRACE: Notice(
        Problem.CERTIFICATE_GRACE,
        "マイナンバーカードの電子証明書の有効期限切れ（3か月以内）",
        "the certificate of the card ended less than 3 months ago",
    ),
}
_REFUSALS = {
    Outcome.EXPIRED: Refusal(
        Problem.READER,
        "【006】利用者証明用電子証明書の有効期限が切れて3か月を過ぎています。市区町村で更新が必要です",
        "[006] the certificate of the card ended more than three months ago",
    ),
    Outcome.NOT_REGISTERED: Refusal(
        Problem.CARD_NOT_REGISTERED,
        "健康保険証としての利用登録がありません",
        "the card is not registered as 健康保険証",
    ),
    Outcome.PIN_WRONG: Refusal(Problem.PIN_WRONG, "暗証番号が違います", "the PIN is wrong"),
    Outcome.PIN_LOCKED: Refusal(
        Problem.PIN_LOCKED,
        "暗証番号を3回誤ったため、ロックされています。市区町村で解除が必要です",
        "the PIN is locked after three wrong entries",
    ),
    Outcome.FACE_MISMATCH: Refusal(Problem.FACE_MISMATCH, "顔認証が一致しません", "the face was not recognised"),
    Outcome.BARRED: Refusal(
        Problem.CARD_BARRED,
        "このカードでは資格情報を提供できません（自己情報提供不可）",
        "this card may not be used (withheld at the holder's request)",
    ),
}
_READER = {
    "001": ("マイナンバーカードを認識できません。置き直してください", "the card is not recognised"),
    "002": ("マイナンバーカード以外のカードです", "this is another card"),
    "006": (
        "利用者証明用電子証明書が失効しています。市区町村で手続きが必要です",
        "the certificate of the card was revoked",
    ),
}


class Gesture(Struct, frozen=True):
    """How a card is used: the proof, whether the PIN typed is right, consents, 診療区分 (OQSCD028), 処方箋発行形態 (OQSCD017)."""

    proof: Proof
    is_pin_right: bool
    consents: frozenset[Consent]
    care: str
    prescription: str | UnsetType


class Face(Struct, frozen=True):
    """A result of the reader. It waits as a value, as each terminal that takes it writes it in its own form."""

    serial: int
    clinic_code: str
    name: str
    moment: datetime
    proof: Proof
    said: Answer | Refusal
    asker: Asker
    addressed: Addressed
    notice: Notice | None
    prescription: str | UnsetType
    way: Way

    @property
    def validity(self) -> str:
        """What is said, as a value of OQSCD006; empty where the card was refused."""
        return "" if isinstance(self.said, Refusal) else self.said.validity.code

    def message(self, manner: Manner) -> SearchResponse:
        """The message as a terminal writes it."""
        if isinstance(self.said, Refusal):
            return refusal_message(self.said, self.moment, manner, self.addressed)
        return answer_message(
            self.said, self.asker, manner, self.addressed, notice=self.notice, prescription=self.prescription
        )


class Tapped(Struct, frozen=True):
    """What came of a tap: the outcome, why not (if so), PIN entries left, and the result of the reader."""

    outcome: Outcome
    refusal: Refusal | None
    tries_left: int
    face: Face


def tap(
    exchange: Exchange, code: str, inquiry: Inquiry, found: Found, gesture: Gesture, now: datetime
) -> Tapped | None:
    """Lay down the card of whom an inquiry names; None where it names nobody."""
    moment = exchange.moment(code, now)
    held = exchange.register.by_card(inquiry, found, moment)
    if held is None:
        return None
    chip, sandbox = held.chip, exchange.clinics.open(code, now)
    tries_left = 0 if chip.is_locked else max(PIN_TRIES - sandbox.wrong_pins(held.person), 0)
    outcome = prove(chip, gesture.proof, moment.date(), tries_left, gesture.is_pin_right)
    if gesture.proof is Proof.PIN and tries_left and outcome in (Outcome.PIN_WRONG, Outcome.PIN_LOCKED):
        sandbox.enter_wrong_pin(held.person)
        tries_left -= 1
    refusal = refusal_of(outcome, chip)
    if refusal is None:
        _remember(sandbox, held, moment, gesture)
    face = _face(exchange, code, sandbox, moment, refusal or held.answer, gesture, outcome, found.way)
    return Tapped(outcome, refusal, tries_left, face)


def refusal_of(outcome: Outcome, chip: Chip) -> Refusal | None:
    """Why a card is refused; the reader's own code stands in front where it is known."""
    if outcome is not Outcome.READER_FAULT:
        return _REFUSALS.get(outcome)
    code = chip.reader_code or "001"
    japanese, english = _READER[code]
    return Refusal(Problem.READER, f"【{code}】{japanese}", f"[{code}] {english}")


def _remember(sandbox: Sandbox, held: Held, moment: datetime, gesture: Gesture) -> None:
    if held.answer.records:
        sandbox.visit(held.person, Visit(held.answer.records[0], moment, gesture.care, gesture.consents))


def _face(
    exchange: Exchange,
    code: str,
    sandbox: Sandbox,
    moment: datetime,
    said: Answer | Refusal,
    gesture: Gesture,
    outcome: Outcome,
    way: Way,
) -> Face:
    sandbox.count("tap")
    serial = exchange.next_tap()
    drawn = blake2b(f"{exchange.opened_at.isoformat()} {code} {serial}".encode(), digest_size=18).digest()
    executed = digits_of_moment(moment)
    identifier = urlsafe_b64encode(drawn[:6] + _MIDDLE_OF_IDENTIFIER + drawn[6:8]).decode()
    return Face(
        serial=0,
        clinic_code=code,
        name=f"{FACE_PREFIX}{code}{drawn[8:].hex()}_{executed}.xml",
        moment=moment,
        proof=gesture.proof,
        said=said,
        asker=Asker(moment.date(), code, executed, gesture.consents, BY_CARD, _references(sandbox, said)),
        addressed=Addressed(clinic_code=code, file_identifier=identifier, reference=CARD_REFERENCE),
        notice=_NOTICES.get(outcome),
        prescription=gesture.prescription,
        way=way,
    )


def _references(sandbox: Sandbox, said: Answer | Refusal) -> References:
    """The 照会番号 of whom is shown, as they are now: later ones must not get into a result that waits."""
    shown = () if isinstance(said, Refusal) else said.records
    found = ((r.card, reference_number(r.card, sandbox.references)) for r in shown)
    return {(c.insurer.key, c.number, c.branch): number for c, number in found if number is not UNSET}


class Tray:
    """The last results of the readers of all clinics, numbered, for terminals to take: at most 1,000."""

    def __init__(self) -> None:
        self._faces: deque[Face] = deque(maxlen=_MOST_FACES)
        self._last = 0

    @property
    def last(self) -> int:
        """The serial of the newest result."""
        return self._last

    def put(self, face: Face) -> None:
        """Add a result; one that several servers have bears its number already."""
        self._last = face.serial or self._last + 1
        self._faces.append(replace(face, serial=self._last))

    def after(self, serial: int, clinic_code: str) -> list[Face]:
        """What came after a serial, of a clinic or ("") of all."""
        return [face for face in self._faces if face.serial > serial and clinic_code in ("", face.clinic_code)]

    def forget(self, clinic_code: str) -> None:
        """Take away what a clinic that is reset has not taken."""
        self._faces = deque((f for f in self._faces if f.clinic_code != clinic_code), maxlen=_MOST_FACES)
