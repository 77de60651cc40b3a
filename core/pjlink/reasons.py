"""What can go wrong with a projector over PJLink: one word each, with a sentence and a next step for a person."""

from __future__ import annotations

from core.language import N_

OK = "ok"
UNDEFINED = "pjlink_undefined"
BAD_PARAMETER = "pjlink_bad_parameter"
NOT_NOW = "pjlink_not_now"
DEVICE_FAILURE = "pjlink_device_failure"
WRONG_PASSWORD = "pjlink_wrong_password"  # noqa: S105
PASSWORD_NEEDED = "pjlink_password_needed"  # noqa: S105
BUSY = "pjlink_busy"
TIMEOUT = "pjlink_timeout"
GARBAGE = "pjlink_garbage"
CLOSED = "pjlink_closed"
REFUSED = "pjlink_refused"
NO_CONNECTION = "pjlink_no_connection"

# The error words of a reply
ERRORS = {"ERR1": UNDEFINED, "ERR2": BAD_PARAMETER, "ERR3": NOT_NOW, "ERR4": DEVICE_FAILURE, "ERRA": WRONG_PASSWORD}

# Nothing answers on the network: the same sign as a projector whose network sleeps in standby
SILENT = frozenset({TIMEOUT, REFUSED, NO_CONNECTION})

REASONS: dict[str, tuple[str, str]] = {
    UNDEFINED: (
        N_("The projector does not know this command, or the part is not fitted."),
        N_("Nothing to do: this model has no such function."),
    ),
    BAD_PARAMETER: (
        N_("The projector does not have what was asked for, such as this input."),
        N_("Choose an input that the projector's page lists."),
    ),
    NOT_NOW: (
        N_("The projector cannot do this now: it is in standby, warming up or cooling down."),
        N_("Wait two minutes and try again."),
    ),
    DEVICE_FAILURE: (
        N_("The projector itself reports a failure."),
        N_("Look at its lamps and its display on site; switch it off at the wall and on again after five minutes."),
    ),
    WRONG_PASSWORD: (
        N_("The projector refuses the PJLink password. It is not tried again, so that the projector does not lock."),
        N_("Enter the password of the projector's network menu in its credential, then read the projector again."),
    ),
    PASSWORD_NEEDED: (
        N_("The projector asks for a PJLink password, and none is known."),
        N_("Make a credential of the kind PJLink and choose it at the projector."),
    ),
    BUSY: (
        N_("Another program is talking to the projector; it takes only one at a time."),
        N_("Wait a minute. If it stays so, end the other control program."),
    ),
    TIMEOUT: (
        N_("The projector did not answer in time."),
        N_("Check its power and network; give it more patience if it is only slow."),
    ),
    GARBAGE: (
        N_("What answers on this port does not speak PJLink."),
        N_("Check the address and the PJLink port, and switch PJLink on in the projector's network menu."),
    ),
    CLOSED: (
        N_("The projector ended the connection in the middle."),
        N_("It is tried again. If it stays so, restart the projector's network or look for a firmware update."),
    ),
    REFUSED: (
        N_("The projector answers, but not on the PJLink port."),
        N_("Switch PJLink on in the projector's network menu, and check the port (usually 4352)."),
    ),
    NO_CONNECTION: (
        N_("No connection to the projector was possible."),
        N_("Check its power, its cable and its address."),
    ),
}
