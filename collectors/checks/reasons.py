"""Every way in which a check of a service can go wrong, as one word, with a sentence and a next step for a person."""

from __future__ import annotations

from core import N_

_ANY: dict[str, tuple[str, str]] = {
    "refused": (
        N_("The machine answers that nothing listens on this port."),
        N_("Check that the service is started, and the port."),
    ),
    "check_timeout": (
        N_("The service did not answer in time."),
        N_("Check the service, and the firewalls on the way."),
    ),
    "name_not_found": (
        N_("No address is known for this name."),
        N_("Check the spelling, and the DNS server of this machine."),
    ),
    "no_connection": (
        N_("No connection to the service was possible."),
        N_("Check the address, and the network between here and there."),
    ),
    "certificate_expired": (N_("The service's certificate has expired."), N_("Renew the certificate today.")),
    "bad_status": (N_("The service answers with an error."), N_("Look into the service's own log.")),
    "text_missing": (
        N_("The page does not hold the expected text."),
        N_("Open the page; correct the service, or the text in the check."),
    ),
    "too_many_redirects": (N_("The service sends us round in circles."), N_("Enter the final address in the check.")),
    "forbidden_address": (
        N_("The check leads to an address that checks may not use."),
        N_("Enter the address of a device; link-local and cloud metadata addresses are never asked."),
    ),
    "bad_reply": (
        N_("The service's answer is damaged, or the service is of another kind."),
        N_("Check the port and the kind of the check."),
    ),
    "bad_target": (
        N_("The target of the check cannot be understood."),
        N_("Write http://host/path or https://host/path; for a name: name TYPE @server; otherwise host:port or :port."),
    ),
}
_CERTIFICATES: dict[str, tuple[str, str]] = {
    "certificate_soon": (
        N_("The service's certificate expires soon."),
        N_("Renew the certificate this week."),
    ),
    "certificate_not_yet": (
        N_("The service's certificate is not valid yet."),
        N_("Check the clock of the server and of this machine; otherwise install the right certificate."),
    ),
    "certificate_wrong_name": (
        N_("The service's certificate is for another name."),
        N_("Install a certificate that holds this name, or correct the address in the check."),
    ),
    "certificate_self_signed": (
        N_("The service signed its certificate itself; nobody vouches for it."),
        N_("Install a certificate of a public authority, or tell EduNOC your own authority (check_ca_file)."),
    ),
    "certificate_chain": (
        N_("The certificate's authority is unknown, or the server leaves out a certificate in between."),
        N_("Install the whole chain (fullchain) on the server, or tell EduNOC your own authority (check_ca_file)."),
    ),
    "certificate_refused": (
        N_("The service's certificate does not hold."),
        N_("Read the detail, and have the certificate issued anew."),
    ),
    "tls_weak": (
        N_("The server still takes TLS 1.0 or 1.1, which are no longer safe."),
        N_("Permit TLS 1.2 and 1.3 only in the server's settings."),
    ),
    "tls_failed": (
        N_("No encrypted connection came about."),
        N_("Check that the port speaks TLS, and the TLS settings of the server."),
    ),
    "bad_ca_file": (
        N_("The file with your own certificate authority cannot be read."),
        N_("Correct check_ca_file (EDUNOC_COLLECTORS_CHECK_CA_FILE): a PEM file that EduNOC may read."),
    ),
}
_NAMES: dict[str, tuple[str, str]] = {
    "dns_servfail": (
        N_("The DNS server failed over this name (SERVFAIL)."),
        N_("Look into the DNS server's log; often its own source does not answer or DNSSEC is broken."),
    ),
    "dns_nxdomain": (
        N_("The DNS server says that there is no such name (NXDOMAIN)."),
        N_("Check the spelling, and whether the domain has expired or its zone was changed."),
    ),
    "dns_refused": (
        N_("The DNS server refuses to answer us."),
        N_("Permit this machine in the DNS server, or ask another server."),
    ),
    "dns_no_answer": (
        N_("The name is there, but has no record of this type."),
        N_("Add the record in the zone, or correct the type in the check."),
    ),
    "dns_timeout": (
        N_("The DNS server did not answer in time."),
        N_("Check the DNS server, and that UDP and TCP port 53 are open on the way."),
    ),
    "dns_wrong_answer": (
        N_("DNS gives another answer than expected."),
        N_("Find out who changed the zone. If nobody did, someone may have taken over the name: act at once."),
    ),
    "dns_error": (
        N_("The DNS server's answer is damaged or an error."),
        N_("Check the server's address, and its log."),
    ),
    "no_dns_server": (
        N_("This machine knows no DNS server."),
        N_("Enter one in the system's settings, or name one in the check: example.edu.vn A @server."),
    ),
}
_MAIL: dict[str, tuple[str, str]] = {
    "closed_early": (
        N_("The service closed the connection in the middle."),
        N_("Look into the service's own log; check that this machine is permitted to connect."),
    ),
    "wrong_greeting": (
        N_("The service greets otherwise than expected."),
        N_("Check that the right service listens on this port, or correct the expected text."),
    ),
    "mail_not_ready": (
        N_("The mail server says that it takes nobody now."),
        N_("Look into the mail server's log; often its disk is full or too many are connected."),
    ),
    "mail_refused": (
        N_("The mail server refuses a usual command."),
        N_("Read the detail, and look into the mail server's log."),
    ),
    "mailbox_refused": (
        N_("The mail server would not take mail for this address."),
        N_("Check that the mailbox exists and is not full, and that the server answers for its domain."),
    ),
    "no_starttls": (
        N_("The server offers no encryption (STARTTLS)."),
        N_("Switch STARTTLS on in the server; until then passwords and mail go in clear."),
    ),
    "capability_missing": (
        N_("The server lacks the expected capability."),
        N_("Check the server's settings, or correct the check."),
    ),
    "sign_in_refused": (
        N_("The server refuses the user name or password."),
        N_("Correct the credential; check that the account is not locked."),
    ),
    "sign_in_in_clear": (
        N_("The password was not sent, because the connection is not encrypted."),
        N_("Switch TLS or STARTTLS on in the server, or let the check not sign in."),
    ),
    "sign_in_untrusted": (
        N_("The password was not sent, because the server's certificate does not hold."),
        N_("Put the certificate in order, or let the check not sign in."),
    ),
    "no_sign_in": (
        N_("The credential of this check cannot be used to sign in."),
        N_("Choose a credential of the kind HTTP with a user name and a password; enter it again if it was lost."),
    ),
    "directory_refused": (
        N_("The directory refuses to be read."),
        N_("Permit reading the root entry without signing in (this is the usual setting)."),
    ),
    "context_missing": (
        N_("The directory lacks the expected naming context."),
        N_("Check that the directory's data are loaded, or correct the check."),
    ),
}
_MEDIA: dict[str, tuple[str, str]] = {
    "udp_no_answer": (
        N_("Nothing came back over UDP."),
        N_("Check that the server runs, and that the firewalls on the way let this UDP port through, both ways."),
    ),
    "turn_refused": (
        N_("The relay refuses our short-lived name and password (401)."),
        N_("Compare the relay's shared secret with the credential, and the clocks of both machines."),
    ),
    "turn_forbidden": (
        N_("The relay forbids us to use it (403)."),
        N_("Look into the relay's list of allowed and denied addresses."),
    ),
    "turn_quota": (
        N_("Our name has used up its share of the relay (486)."),
        N_("Raise user-quota on the relay, or wait until earlier places end."),
    ),
    "turn_full": (
        N_("The relay has no place left (508)."),
        N_("Widen the relay's port range and total-quota, or put a second relay beside it."),
    ),
    "turn_open": (
        N_("The relay serves everybody without a password."),
        N_("Switch on use-auth-secret today: strangers can send their traffic through it."),
    ),
    "turn_elsewhere": (
        N_("The relay sends us to another one (300)."),
        N_("Enter the other relay in the check, or take the redirection out of the relay's settings."),
    ),
    "turn_error": (
        N_("The relay answers with an error."),
        N_("Read the detail, and look into the relay's own log."),
    ),
    "train_lossy": (
        N_("Of the train of datagrams 3 % or more were lost on the way."),
        N_("Look at the line between here and the bridges: load, errors, the provider; ↑ is there, ↓ is back."),
    ),
    "sip_no_answer": (
        N_("The codec answers no SIP."),
        N_("Check that it is switched on, its address, and that port 5060 is open on the way."),
    ),
}

REASONS: dict[str, tuple[str, str]] = {**_ANY, **_CERTIFICATES, **_NAMES, **_MAIL, **_MEDIA}
