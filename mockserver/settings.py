"""Everything that can be set at start, with its default. Flags and environment variables come from here (cli.py)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class WrongSetting(Exception):
    """A setting that cannot be used; the message says which and why, in both languages."""


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of `mockserver serve`: `--token-lifetime-s` is also MOCKSERVER_TOKEN_LIFETIME_S, and so on."""

    host: Annotated[str, Meta(description="Address to listen on. Anything but loopback guards the admin paths.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(description="Port; 0 takes a free one.", ge=0, le=65535)] = 8080
    tls_certificate: Annotated[
        str, Meta(description="Certificate chain (PEM file): serve HTTPS, as the real hosts do. Empty: plain HTTP.")
    ] = ""
    tls_key: Annotated[str, Meta(description="Private key of the certificate (PEM file); empty: in the same file.")] = (
        ""
    )
    json: Annotated[bool, Meta(description="Print the bound address as one JSON line.")] = False
    strict: Annotated[bool, Meta(description="Also check lengths, check digits and the range of days.")] = False
    seed: Annotated[int, Meta(description="Seed of the country: the same seed is the same 124 million people.")] = 1
    people: Annotated[int, Meta(description="How many people live in the country.", ge=1, le=124_000_000)] = 124_000_000
    repertoire: Annotated[
        str, Meta(description="Python codec of the characters the register holds; others are shown as ●.")
    ] = "shift_jis_2004"
    story_start: Annotated[
        Literal["opened", "daily"],
        Meta(
            description="Stories of clinics without a clock of their own begin when the server opened, or anew each day."
        ),
    ] = "opened"
    renewed_shows: Annotated[
        Literal["old", "new", "both"], Meta(description="Results that come with 3 (無効・新しい資格あり).")
    ] = "old"
    multiple_shows: Annotated[Literal["none", "all"], Meta(description="Results that come with 5 (複数該当).")] = "none"
    before_start: Annotated[
        Literal["no-match", "lost"],
        Meta(description="Answer about a day before the insurance began: 4 or 2."),
    ] = "no-match"
    insurer_padding: Annotated[
        Literal["spaces", "zeros", "none"],
        Meta(description="How a 6-digit insurer number is padded to 8 in answers."),
    ] = "spaces"
    subsidies: Annotated[
        Literal["shown", "hidden"],
        Meta(description="Whether a linked subsidy (公費) is in answers: PublicExpenseNumber, BeneficiaryNumber."),
    ] = "shown"
    error_code_prefix: Annotated[str, Meta(description="What the mock's own error codes begin with.")] = "MOCK-E"
    refusal_status: Annotated[
        Literal["distinct", "ok"],
        Meta(description="HTTP status of refusals: the fitting one, or always 200."),
    ] = "distinct"
    require_token: Annotated[bool, Meta(description="Refuse look-ups without a token of the login.")] = True
    token_lifetime_s: Annotated[int, Meta(description="Seconds until a token of the login expires.", ge=0)] = 3600
    token_secret: Annotated[
        str,
        Meta(description="Secret that signs tokens; several servers with one secret share them. Empty: a random one."),
    ] = ""
    credentials: Annotated[
        str, Meta(description="JSON file of accepted logins; empty: any JSON object may log in.")
    ] = ""
    admin_token: Annotated[
        str,
        Meta(description="Bearer token of the admin paths. Empty: none on loopback, else made and printed."),
    ] = ""
    max_body_bytes: Annotated[int, Meta(description="Largest body taken.", ge=1024)] = 65_536
    body_timeout_ms: Annotated[int, Meta(description="How long to wait for the rest of a body.", ge=1)] = 5_000
    max_clinics: Annotated[int, Meta(description="Most clinics with something set up.", ge=1)] = 10_000
    clinic_idle_s: Annotated[int, Meta(description="Seconds after which an unused clinic is forgotten.", ge=1)] = 86_400
    max_assignments: Annotated[int, Meta(description="Most people with a pattern in one clinic.", ge=1)] = 1_000
    max_assignments_total: Annotated[int, Meta(description="Most people with a pattern in all clinics.", ge=1)] = (
        100_000
    )
    max_references: Annotated[int, Meta(description="Most 照会番号 in all clinics.", ge=1)] = 200_000
    max_bulk_people: Annotated[
        int, Meta(description="Most people in batches not yet forgotten, all clinics.", ge=1)
    ] = 200_000
    bulk_ms: Annotated[
        int, Meta(description="How long a batch is 処理中, in milliseconds of real time.", ge=0, le=86_400_000)
    ] = 2_000
    consent_check: Annotated[
        Literal["after-tap", "always", "never"],
        Meta(
            description="When 薬剤情報 and 特定健診情報 need a consent of the last 24 hours: once the patient has laid the card "
            "on the reader of the clinic, always, or never."
        ),
    ] = "after-tap"
    outage_status: Annotated[
        int, Meta(description="HTTP status of the faults outage and maintenance.", ge=200, le=599)
    ] = 503
    max_faults: Annotated[int, Meta(description="Most fault rules in one clinic, and in those for all.", ge=1)] = 100
    journal_entries: Annotated[
        int, Meta(description="Entries kept in the journal of a clinic; 0: no journal.", ge=0, le=100_000)
    ] = 1_000
    journal_entries_total: Annotated[
        int, Meta(description="Entries kept in all journals; the clinics idle longest give way.", ge=1)
    ] = 200_000
    metrics: Annotated[bool, Meta(description="Count what /metrics tells.")] = True
    state: Annotated[
        str,
        Meta(description="Where several servers share clinics: redis://… or valkey://… Empty: this server is alone."),
    ] = ""
    state_timeout_ms: Annotated[
        int, Meta(description="Milliseconds after which a shared state that does not answer counts as gone.", ge=1)
    ] = 200
    state_most_events: Annotated[
        int, Meta(description="Most events kept of one shared clinic since its last reset.", ge=1)
    ] = 100_000
    workers: Annotated[
        int, Meta(description="Processes that serve together on one port, with the same clinics.", ge=1, le=64)
    ] = 1
    log_format: Annotated[
        Literal["text", "json"],
        Meta(description="Form of the log on standard error: lines for people, or a JSON object each."),
    ] = "text"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least that is logged.")
    ] = "info"
    scenarios: Annotated[
        str,
        Meta(description="Folder of scenario files (YAML, TOML); changes are taken up. Empty: none."),
    ] = ""
    refused_taps: Annotated[
        Literal["nothing", "file"],
        Meta(description="What a refused card leaves in face: nothing, or a file with the error."),
    ] = "nothing"


class TerminalSettings(Struct, frozen=True, kw_only=True):
    """Settings of a terminal's folders: of `mockserver terminal`, and of `mockserver serve` with `--folder`."""

    folder: Annotated[
        str, Meta(description="Folder with req, res and face (made if missing). Empty: no folder is watched.")
    ] = ""
    clinic: Annotated[
        str, Meta(description="医療機関コード whose card taps land in face. Empty: those of every clinic.")
    ] = ""
    encoding: Annotated[Literal["utf-8", "shift_jis"], Meta(description="Encoding of answer files.")] = "utf-8"
    xml_order: Annotated[
        Literal["layout", "shuffled"],
        Meta(description="Order of the elements: that of the layout, or that of real face files."),
    ] = "layout"
    bulk_result: Annotated[Literal["xml", "zip"], Meta(description="Form of the results of batches (02res).")] = "xml"
    delivery: Annotated[
        Literal["atomic", "create-then-write"],
        Meta(description="How a file appears: whole by a rename, or created empty and then written."),
    ] = "atomic"
    answer_pause_ms: Annotated[
        int, Meta(description="Milliseconds between taking a request and its answer.", ge=0, le=600_000)
    ] = 0
    write_pause_ms: Annotated[
        int, Meta(description="Milliseconds between creating a file and writing it.", ge=0, le=600_000)
    ] = 20
    settle_ms: Annotated[
        int,
        Meta(description="Milliseconds a request without its last element must stay unchanged to be taken.", ge=0),
    ] = 1_000
    poll_ms: Annotated[int, Meta(description="Milliseconds between two looks at req.", ge=10, le=60_000)] = 500
    events: Annotated[bool, Meta(description="Also look whenever the system tells of a change.")] = True
    max_file_bytes: Annotated[int, Meta(description="Largest request file taken.", ge=1024)] = 16_777_216
    response_file_stay_min: Annotated[
        int, Meta(description="Minutes after which unread answers are removed (ResponseFileStayTime); 0: never.", ge=0)
    ] = 1_440
