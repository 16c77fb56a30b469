"""A typed client for a running mock that reads as sentences: `Mock` waits, `mockserver.client.aio.Mock` is for asyncio."""

from mockserver.client.folder import Folder
from mockserver.client.mistakes import Forgotten, Refused, Unreachable
from mockserver.client.sync import Clinic, Mock
from mockserver.views import Identity
from mockserver.views import PatientView as Patient

__all__ = ["Clinic", "Folder", "Forgotten", "Identity", "Mock", "Patient", "Refused", "Unreachable"]
