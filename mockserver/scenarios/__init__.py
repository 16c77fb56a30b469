"""Stories: each file turns a cast into a history of records. This is the list, in reading order.

To add a pattern: write its file, add it to the union below, add its row to the test table (docs/adding-a-pattern.md).
"""

from mockserver.scenarios.address_mismatch import AddressMismatch
from mockserver.scenarios.annual_renewal import AnnualRenewal
from mockserver.scenarios.card_not_registered import CardNotRegistered
from mockserver.scenarios.certificate_expired import CertificateExpired
from mockserver.scenarios.certificate_expiring import CertificateExpiring
from mockserver.scenarios.certificate_grace import CertificateGrace
from mockserver.scenarios.dependant_missing import DependantMissing
from mockserver.scenarios.error_file import ErrorFile
from mockserver.scenarios.face_mismatch import FaceMismatch
from mockserver.scenarios.garbled_address import GarbledAddress
from mockserver.scenarios.garbled_name import GarbledName
from mockserver.scenarios.half_written_file import HalfWrittenFile
from mockserver.scenarios.job_change_gap import JobChangeGap
from mockserver.scenarios.job_change_stale import JobChangeStale
from mockserver.scenarios.late_file import LateFile
from mockserver.scenarios.lost import Lost
from mockserver.scenarios.medical_assistance import MedicalAssistance
from mockserver.scenarios.multiple_match import MultipleMatch
from mockserver.scenarios.name_mismatch import NameMismatch
from mockserver.scenarios.no_match import NoMatch
from mockserver.scenarios.not_yet_linked import NotYetLinked
from mockserver.scenarios.old_card import OldCard
from mockserver.scenarios.other_persons_data import OtherPersonsData
from mockserver.scenarios.pin_locked import PinLocked
from mockserver.scenarios.pin_wrong import PinWrong
from mockserver.scenarios.reader_fault import ReaderFault
from mockserver.scenarios.renewed import Renewed
from mockserver.scenarios.repeated_file import RepeatedFile
from mockserver.scenarios.retroactive_loss import RetroactiveLoss
from mockserver.scenarios.scripted import Scripted
from mockserver.scenarios.specific_disease import SpecificDisease
from mockserver.scenarios.still_processing import StillProcessing
from mockserver.scenarios.subsidy_linked import SubsidyLinked
from mockserver.scenarios.subsidy_not_linked import SubsidyNotLinked
from mockserver.scenarios.swapped_file import SwappedFile
from mockserver.scenarios.turns_70 import Turns70
from mockserver.scenarios.turns_75 import Turns75
from mockserver.scenarios.valid import Valid
from mockserver.scenarios.withheld import Withheld
from mockserver.scenarios.wrong_copay import WrongCopay
from mockserver.scenarios.wrong_limit_certificate import WrongLimitCertificate

Pattern = (
    Valid
    | Lost
    | Renewed
    | NoMatch
    | MultipleMatch
    | JobChangeGap
    | JobChangeStale
    | RetroactiveLoss
    | DependantMissing
    | AnnualRenewal
    | OldCard
    | NotYetLinked
    | Turns70
    | Turns75
    | SubsidyLinked
    | SpecificDisease
    | MedicalAssistance
    | GarbledName
    | GarbledAddress
    | NameMismatch
    | AddressMismatch
    | WrongCopay
    | WrongLimitCertificate
    | OtherPersonsData
    | Withheld
    | SubsidyNotLinked
    | CertificateExpiring
    | CertificateGrace
    | CertificateExpired
    | CardNotRegistered
    | PinWrong
    | PinLocked
    | FaceMismatch
    | ReaderFault
    | StillProcessing
    | LateFile
    | HalfWrittenFile
    | ErrorFile
    | SwappedFile
    | RepeatedFile
    | Scripted
)
