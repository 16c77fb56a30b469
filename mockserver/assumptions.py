"""Where the public sources are silent or unsure: what was chosen, and the setting or parameter for who needs the other.

The one list; docs/assumptions.md is made from it (`make golden`).
"""

from msgspec import Struct


class Assumption(Struct, frozen=True):
    """A choice: what it is about, what was chosen, how to have it otherwise (empty: not yet), where it is made."""

    about: str
    chosen: str
    otherwise: str
    where: str


ASSUMPTIONS = (
    Assumption(
        "Login body and the words of its answer",
        'any JSON object is accepted; success is `status` "OK" with an empty `msg`; a refused login has no `result`',
        "`--credentials FILE`",
        "exchange.py",
    ),
    Assumption(
        "Transport",
        "plain HTTP for both paths on one port; with a certificate HTTPS; no certificate is asked of the client",
        "`--tls-certificate`, `--tls-key`",
        "serving/app.py",
    ),
    Assumption(
        "Form and lifetime of the token; refresh, logout, one session only",
        "a signed text for one hour of real time, whatever the clinic's clock says; none of the others exist",
        "`--token-lifetime-s`, `--token-secret`, `--no-require-token`",
        "tokens.py",
    ),
    Assumption(
        "HTTP status of refusals",
        "the fitting one (400, 401, 403, 405, 408, 413, 415) with the envelope as body",
        "`--refusal-status ok` (always 200)",
        "wire/refusals.py",
    ),
    Assumption(
        "Error codes (別紙6-1 is not public)",
        "the mock's own numbers behind a prefix that says so, `MOCK-E`",
        "`--error-code-prefix`",
        "wire/refusals.py",
    ),
    Assumption(
        "Which mistakes are told in the header (SegmentOfResult 9), which in the body (ProcessingResultStatus 2)",
        "the body where a member of QualificationConfirmSearchInfo is wrong, the header for everything else",
        "",
        "wire/refusals.py",
    ),
    Assumption(
        "A required header member where the request named none",
        "QualificationConfirmationDate: the clinic's today; MedicalInstitutionCode: 0000000000",
        "",
        "wire/answer.py",
    ),
    Assumption(
        "Required members of a request",
        "both header members, InsurerNumber, InsuredIdentificationNumber, Birthdate; a missing consent flag counts as 0",
        "",
        "wire/message.py",
    ),
    Assumption(
        "Checks of lengths, check digits, the range of days",
        "none; days must exist, numbers must not be empty or hold control characters or a 個人番号",
        "`--strict`",
        "wire/question.py",
    ),
    Assumption(
        "記号 and 番号 typed in another width, with other hyphens or spaces",
        "count as the same; a symbol that is missing or different finds nobody",
        "",
        "eligibility/text.py",
    ),
    Assumption(
        'Branch "00" or empty in a request',
        "as if it were absent: older cards have none",
        "",
        "wire/question.py",
    ),
    Assumption(
        "Results that come with 3 (無効・新しい資格あり)",
        "the old one, with DisqualificationDate and ReasonOfLoss",
        "`--renewed-shows new|both`",
        "eligibility/records.py",
    ),
    Assumption("Results that come with 5 (複数該当)", "none", "`--multiple-shows all`", "eligibility/records.py"),
    Assumption(
        "A day before the insurance began",
        "4 該当資格なし",
        "`--before-start lost` (2)",
        "eligibility/records.py",
    ),
    Assumption(
        "Padding of a 6-digit insurer number in an answer",
        "two spaces on the left, as in a real face file",
        "`--insurer-padding zeros|none`",
        "wire/qualification.py",
    ),
    Assumption(
        "Which characters are shown as ●",
        "those that `shift_jis_2004` cannot encode; a kanji with a variation selector is one ●",
        "`--repertoire` (any Python codec)",
        "eligibility/text.py",
    ),
    Assumption(
        "What is said to the number of an expired old 健康保険証",
        "1 有効, the card's end in the past",
        "pattern `old-card`, parameter `says`; digits 31 to 34",
        "scenarios/old_card.py",
    ),
    Assumption(
        "How 不開示 looks on the wire",
        "Address and PostNumber are absent",
        "pattern `withheld`, parameter `parts`",
        "scenarios/withheld.py",
    ),
    Assumption(
        "How a linked subsidy looks on the wire",
        "PublicExpenseNumber and BeneficiaryNumber in the result, as one importer looks for them",
        "`--subsidies hidden`",
        "wire/qualification.py",
    ),
    Assumption(
        "Who is under 医療扶助 as a result",
        "class A1, the 公費負担者番号 as InsurerNumber, the 受給者番号 as number; 6 where no ticket is registered for the month; "
        "a 国保 or 後期高齢 number ends with reason 02 and answers 3",
        "pattern `medical-assistance`, parameter `ticket`",
        "scenarios/medical_assistance.py",
    ),
    Assumption(
        "QualificationValidity while a yearly renewal is late",
        "1 with the old card",
        "pattern `annual-renewal`, parameter `meanwhile`",
        "scenarios/annual_renewal.py",
    ),
    Assumption(
        "限度額適用認定証 of people without one in reality (一般, 現役並みⅢ)",
        "everybody with consent has one; low-income bands as 02, the others as 01",
        "",
        "eligibility/limits.py",
    ),
    Assumption(
        "Symbol and branch of a 後期高齢 card; InsuredName",
        "neither symbol nor branch; InsuredName only for 家族",
        "",
        "eligibility/residents.py",
    ),
    Assumption(
        "Symbols of 国保",
        "none, `12-34` or full-width text, by municipality",
        "",
        "eligibility/residents.py",
    ),
    Assumption(
        "Shares of income classes, sizes of households, ages by kind of insurer",
        "rounded guesses that give the kinds of insurer in the proportions of the published totals",
        "",
        "eligibility/households.py, residents.py",
    ),
    Assumption(
        "When an insurer has registered an ordinary change",
        "on the morning of its first day",
        "delays are parameters of the patterns",
        "eligibility/population.py",
    ),
    Assumption(
        "When the story of a ready person or a rule number begins",
        "on the day the server opened; on the day a clinic's clock was first set",
        "`--story-start daily`",
        "exchange.py",
    ),
    Assumption(
        "How files appear in `res` and `face`",
        "whole, by a rename",
        "`--delivery create-then-write`, `--write-pause-ms`",
        "terminal/delivery.py",
    ),
    Assumption(
        "When a request file is taken",
        "as soon as its last element is there; without one after it rested for a second",
        "`--settle-ms`",
        "terminal/watching.py",
    ),
    Assumption(
        "Content of `.err` and when it comes",
        "code and reason in both languages, in the terminal's encoding, beside the returned request; where a file cannot be "
        "read or its family cannot be answered",
        "",
        "linkage/outcome.py",
    ),
    Assumption(
        "Encoding of an answer",
        "the terminal's, whatever the request's; CharacterCodeIdentifier 0 UTF-8, 1 Shift_JIS",
        "`--encoding`",
        "wire/encodings.py",
    ),
    Assumption(
        "What is called Shift_JIS",
        "Windows' form of it (cp932)",
        "",
        "wire/encodings.py",
    ),
    Assumption(
        "Characters that Shift_JIS cannot hold",
        "● in names and addresses; an echo keeps them as character references",
        "",
        "wire/encodings.py",
    ),
    Assumption(
        "A request whose bytes are not in the declared encoding",
        "`.err`, naming the other encoding if it is that one",
        "",
        "wire/encodings.py",
    ),
    Assumption(
        "Order of elements",
        "that of the layout; real face files have that of a Java HashMap",
        "`--xml-order shuffled`",
        "wire/xml_codec.py",
    ),
    Assumption(
        "Digits of a file name",
        "any number of them",
        "",
        "wire/files.py",
    ),
    Assumption(
        "A well-formed request with a member missing",
        "the single look-up answers SegmentOfResult 9, as over HTTP; other families `.err`",
        "",
        "linkage/taking.py",
    ),
    Assumption(
        "How long a batch is 処理中; form of the receipt number",
        "two seconds; moment and six digits",
        "`--bulk-ms`",
        "linkage/receptions.py",
    ),
    Assumption(
        "A refused 01req",
        "a receipt without ReceptionNumber, SegmentOfResult 9 and the reason",
        "",
        "linkage/receptions.py",
    ),
    Assumption(
        "Form of a batch's result",
        ".xml",
        "`--bulk-result zip`",
        "linkage/taking.py",
    ),
    Assumption(
        "Where the 照会番号 stands",
        "in the result of a single answer; beside the result in a BulkConfirmUnit",
        "",
        "linkage/bulk.py",
    ),
    Assumption(
        "A 照会番号 registered without a branch",
        "that of everybody under the number; a card nobody has is ProcessingResultStatus 2",
        "",
        "linkage/registration.py",
    ),
    Assumption(
        "When numbers registered in bulk count",
        "from the receipt on",
        "",
        "linkage/registration.py",
    ),
    Assumption(
        "Who comes back for a period (訪問診療, オンライン診療)",
        "who was tapped for that care, and the ready people of `valid`, who consented on the first morning of the stories",
        "`mockserver tap --care home-visit|online`",
        "linkage/periods.py",
    ),
    Assumption(
        "薬剤情報 and 特定健診情報 without a consent",
        "refused once the patient was tapped and did not consent, or 24 hours ago; told before any tap",
        "`--consent-check always|never`",
        "linkage/care.py",
    ),
    Assumption(
        "FileCategory of 薬剤情報, 特定健診情報",
        "always XML; 1 and 2 drugs alone, 3 and 4 treatments too; no PDF is made",
        "",
        "linkage/care.py",
    ),
    Assumption(
        "What a refused card leaves in `face`",
        "nothing: the reader tells it",
        "`--refused-taps file`",
        "serving/admin.py",
    ),
    Assumption(
        "Message of a card whose certificate ends soon, or ended within three months",
        "the documented example with the mock's own code, ProcessingResultStatus 1",
        "",
        "linkage/taps.py",
    ),
    Assumption(
        "Three months before and after the end of a certificate",
        "calendar months; a month that is too short ends on its last day",
        "",
        "eligibility/chips.py",
    ),
    Assumption(
        "特定疾病 in an answer by number",
        "never: there is no consent flag for it; in the tap's own JSON its items are named, like those of ResultList",
        "",
        "wire/qualification.py",
    ),
    Assumption(
        "What a card finds",
        "the newest insurance of the person, whatever number it has; 医療扶助 and insurance at work both",
        "",
        "eligibility/records.py",
    ),
    Assumption(
        "PrescriptionIssueSelect",
        "in the MessageBody, where the tap says how the patient wants it",
        "`prescription` of a tap",
        "wire/answer.py",
    ),
    Assumption(
        "What an outage or a maintenance answers",
        "HTTP 503 with 異常終了 (SegmentOfResult 9) in the envelope, the mock's own code; a login: 503 without `result`",
        "`--outage-status`; `http_status` and `body` of the fault",
        "replies.py",
    ),
    Assumption(
        "Which clinic a login is for, so that its faults can hit it",
        "that of the credential, else the first member of the body that is a clinic code; none: only faults for all clinics",
        "`--credentials FILE`",
        "exchange.py",
    ),
    Assumption(
        "Clinic codes handed out for tests",
        "those of prefecture 99, which does not exist; check digits are valid",
        "",
        "control.py",
    ),
    Assumption(
        "HTTP faults on request files",
        "a timeout is a file that comes late, half an answer one whose second half does, a broken connection an `.err` file",
        "`path` of a fault",
        "linkage/hindering.py",
    ),
)
