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
        "Items of SpecificDiseasesCertificateList in JSON",
        "bare objects, as the one known reader takes them",
        "`--disease-items wrapped`",
        "wire/json_codec.py",
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
)
