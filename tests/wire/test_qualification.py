"""The result is made by position, for speed: a member that is added must not push the others aside."""

import inspect
import re

from mockserver.wire.message import Qualification
from mockserver.wire.qualification import qualification


def test_members_given_by_position_are_named_in_the_order_of_the_layout():
    named = re.findall(r",  # (\w+)$", inspect.getsource(qualification), re.MULTILINE)
    assert named[0] == "InsuredCardClassification"
    assert named == list(Qualification.__struct_fields__[: len(named)])
