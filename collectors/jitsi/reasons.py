"""Every way in which a look at a meeting server can go wrong, as one word, with a sentence and a next step."""

from __future__ import annotations

from core import N_

REASONS: dict[str, tuple[str, str]] = {
    "server_refused": (
        N_("Nothing listens at this address: the interface is open to its own machine only, or the program stopped."),
        N_(
            "Jitsi's interfaces listen on 127.0.0.1. Put the management proxy before them (docs/jitsi-servers.md) and"
            " enter its address; check that the program runs."
        ),
    ),
    "server_timeout": (
        N_("The meeting server did not answer in time."),
        N_("Check the firewall between EduNOC and the management proxy, and the load of the machine."),
    ),
    "server_unreachable": (
        N_("No connection to the meeting server was possible."),
        N_("Check the address, and the network between EduNOC and the server."),
    ),
    "server_certificate": (
        N_("The certificate of the management proxy does not hold."),
        N_("Install a certificate for this name, or tell EduNOC your own authority (check_ca_file)."),
    ),
    "server_wants_certificate": (
        N_("The management proxy wants a client certificate, or does not know ours."),
        N_("Give EduNOC its client certificate (meeting_certificate_file), and let the proxy trust its authority."),
    ),
    "server_forbids": (
        N_("The management proxy refuses EduNOC."),
        N_("Add the address of EduNOC's machine to the proxy's list of allowed addresses."),
    ),
    "server_stopped": (
        N_("The management proxy answers, but the program behind it does not."),
        N_("Start the program on its machine, and compare its port with the proxy's settings."),
    ),
    "server_error": (
        N_("The meeting server answers with an error of its own."),
        N_("Look into its log; restart the program when no meeting runs."),
    ),
    "server_redirects": (
        N_("The address leads on to another one, which EduNOC does not follow."),
        N_("Enter the address of the interface itself, not that of the public web page."),
    ),
    "server_too_large": (
        N_("The answer was larger than any such server gives."),
        N_("Check that the address is that of this kind of server."),
    ),
    "no_interface": (
        N_("The program answers, but the interface with its figures is switched off."),
        N_("Switch it on as docs/jitsi-servers.md says for this kind of server, then restart the program."),
    ),
    "wrong_server": (
        N_("Something else answers at this address."),
        N_("Check kind and address: bridge 8080, Jicofo 8888, Prosody 5280, Jibri 2222, Jigasi 8788, coturn 9641."),
    ),
    "bad_server_address": (
        N_("The address of the server cannot be understood."),
        N_("Write http://address:port or https://name:port, without user name or password."),
    ),
    "server_unhealthy": (
        N_("The server says of itself that it is not well."),
        N_("Read its message and its log; restart the program when no meeting runs."),
    ),
    "room_not_open": (
        N_("Jicofo knows no such room: nobody is in it yet, or everybody has left."),
        N_("If people are in the meeting, compare the XMPP domain and the rooms' prefix with those of Prosody."),
    ),
    "no_focus": (
        N_("No Jicofo is entered for this meeting system, so nobody can see who is in its rooms."),
        N_("Enter Jicofo's address on the page Meeting servers."),
    ),
    "no_such_connection": (
        N_("No bridge holds this connection: it has left, or was moved."),
        N_("Look at the live board: the site may have joined again under another connection."),
    ),
    "bridge_busy_asked": (
        N_("This bridge was asked for details too often in a short time."),
        N_("Ask again in a few seconds; a bridge is asked five times a second at most."),
    ),
}
