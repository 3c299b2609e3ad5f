"""Actions for a conductor and its outputs together: targets change hands between two cues, and none is left in a look.

What is to leave through the sockets of before is sent before they are exchanged, what is for those of now after that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from beatsync.conductor.actions import Action, Release, Retarget, Silence
from beatsync.conductor.conductor import Conductor
from beatsync.outputs.opening import Outputs

MOVING: Final = "moving"
"""The reason for which a target is silent whose socket is being exchanged: its looks end at the old one."""


def do(conductor: Conductor, outputs: Outputs, actions: Sequence[Action], *, expect: Callable[[], None]) -> None:
    """Do all of this at one instant. `expect`: called right before the actions themselves."""
    targets = next((action.targets for action in actions if isinstance(action, Retarget)), None)
    if targets is None:
        expect()
        conductor.do(*actions)
        return
    moved = outputs.moved(targets)
    if moved:
        conductor.do(Silence(MOVING, None, moved))
    outputs.admit(targets)
    expect()
    conductor.do(*actions, Release(MOVING, None, moved))
    outputs.keep(targets)
