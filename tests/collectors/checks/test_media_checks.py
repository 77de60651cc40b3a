"""The way for media: STUN and TURN against Debian's coturn, our reflector's train, SIP OPTIONS with every answer."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from aioice import stun as aioice_stun

from collectors.checks import SignIn
from collectors.checks.media import sip, stun, train
from collectors.checks.media.train import SIZE, Echo
from collectors.reflector import CAR, HEAD, HELLO, MAGIC, TAIL, Reflector, ReflectorLimits, serve_reflector
from core import Secret
from tests.collectors.checks.authority import Authority
from tests.collectors.checks.relay import SECRET, Relay, coturn
from tests.conference.payloads import json_payload

ROOM = SignIn("diem-cau", Secret(SECRET))


@pytest.fixture(scope="module")
def relay(authority: Authority) -> Iterator[Relay]:
    authority.server("good")
    with coturn(authority.folder / "good-localhost.pem", options=("user-quota=2",)) as found:
        yield found


class _Door(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[bytes], list[bytes]]) -> None:
        self.answer, self.heard = answer, []

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        self.heard.append(data)
        for reply in self.answer(data):
            self.transport.sendto(reply, address)


@pytest.fixture
async def answering() -> AsyncIterator[Callable]:
    """Open a UDP port that answers by a function; gives (port, door)."""
    opened = []

    async def begin(answer: Callable[[bytes], list[bytes]]) -> tuple[int, _Door]:
        loop = asyncio.get_running_loop()
        made, door = await loop.create_datagram_endpoint(lambda: _Door(answer), local_addr=("127.0.0.1", 0))
        opened.append(made)
        return made.get_extra_info("sockname")[1], door

    yield begin
    for transport in opened:
        transport.close()


def test_the_vector_of_the_reference_is_read():
    vector = json_payload("stun_binding_vector.json")
    reply = stun.parsed(bytes.fromhex(vector["response_hex"]))
    assert stun.mapped_address(reply) == (vector["decoded"]["xor_mapped_address"], vector["decoded"]["port"])
    request = stun.parsed(bytes.fromhex(vector["request_hex"]))
    assert (request.message_method, request.transaction_id) == (aioice_stun.Method.BINDING, reply.transaction_id)


@pytest.mark.parametrize("data", [b"", b"\0" * 20, b"\1\1\0\xff" + b"x" * 16, bytes(range(64)), b"\1\1\0\x08" + (
    b"\x21\x12\xa4\x42" + b"i" * 12 + b"\0\x20\0\x04" + b"\0\1\0\0")])
def test_damaged_messages_are_no_messages(data):
    found = stun.parsed(data)
    assert found is None or stun.mapped_address(found) is None


async def test_coturn_answers_stun(ask, relay: Relay):
    reading = await ask("stun", f"localhost:{relay.port}")
    assert reading.is_ok, reading
    assert reading.facts["seen_as"].startswith("127.0.0.1:")
    assert 0 < reading.values["media_rtt_seconds"] < 1


async def test_the_bridges_own_port_is_never_asked(ask):
    assert (await ask("stun", "localhost:10000")).reason == "bad_target"


async def test_silence_and_refusal_over_udp_have_their_reasons(ask, answering):
    port, door = await answering(lambda _data: [])
    reading = await ask("stun", f"localhost:{port}", timeout_s=1.2)
    assert reading.reason == "udp_no_answer"
    assert len(door.heard) == 2                      # at 0 and 0.5 s
    door.transport.close()
    await asyncio.sleep(0)
    assert (await ask("stun", f"localhost:{port}", timeout_s=1.0)).reason in ("refused", "udp_no_answer")


async def test_an_answer_to_another_question_is_passed_over(ask, answering):
    def strange(data: bytes) -> list[bytes]:
        real = stun.parsed(data)
        reply = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.RESPONSE, real.transaction_id)
        reply.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.7", 4321)
        other = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.RESPONSE)
        other.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.66", 6)
        return [b"\0", bytes(other), bytes(reply)]

    port, _door = await answering(strange)
    assert (await ask("stun", f"localhost:{port}")).facts["seen_as"] == "192.0.2.7:4321"


@pytest.mark.parametrize("form", ["turn:localhost:{0.port}", "turn:localhost:{0.port}?transport=tcp",
                                  "turns:localhost:{0.tls_port}"])
async def test_coturn_gives_a_place(ask, relay: Relay, form):
    reading = await ask("turn", form.format(relay), sign_in=SignIn(f"phong{len(form)}", ROOM.password))
    assert reading.is_ok, reading
    assert reading.facts["relayed"].startswith("127.0.0.1:")
    assert reading.facts["realm"] == "hop.example.test"
    assert reading.values["turn_allocate_seconds"] < 5
    if form.startswith("turns"):
        assert reading.values["certificate_valid"] == 1
    assert SECRET not in repr(reading)


async def test_the_quota_is_a_reason_and_places_are_given_back(ask, relay: Relay):
    """The relay allows each name two places; coturn lets go of one a second after it was given back."""
    greedy = SignIn("tham-lam", Secret(SECRET))
    reasons = [(await ask("turn", f"turn:localhost:{relay.port}", sign_in=greedy)).reason for _ in range(3)]
    assert reasons == ["ok", "ok", "turn_quota"]
    async with asyncio.timeout(10):  # its lifetime is ten minutes: only giving back frees it that soon
        while not (await ask("turn", f"turn:localhost:{relay.port}", sign_in=greedy)).is_ok:
            assert (await ask("stun", f"localhost:{relay.port}")).is_ok


async def test_coturn_refuses_a_wrong_secret(ask, relay: Relay):
    wrong = SignIn("diem-cau", Secret("khong-phai"))
    for form in (f"turn:localhost:{relay.port}", f"turns:localhost:{relay.tls_port}"):
        assert (await ask("turn", form, sign_in=wrong)).reason == "turn_refused"
    reading = await ask("turn", f"turn:localhost:{relay.port}", sign_in=ROOM, expect="static")
    assert reading.reason == "turn_refused"


async def test_without_a_credential_being_asked_for_one_is_the_proof(ask, relay: Relay):
    reading = await ask("turn", f"turn:localhost:{relay.port}")
    assert reading.is_ok
    assert "relayed" not in reading.facts


async def test_a_certificate_that_does_not_hold_is_the_reason(ask, relay: Relay):
    reading = await ask("turn", f"turns:localhost:{relay.tls_port}", sign_in=ROOM, ca_file="")
    assert reading.reason.startswith("certificate_"), reading
    assert "relayed" not in reading.facts              # the password stayed here


@pytest.mark.parametrize(("code", "reason"), [(300, "turn_elsewhere"), (403, "turn_forbidden"), (486, "turn_quota"),
                                              (508, "turn_full"), (500, "turn_error")])
async def test_each_refusal_has_its_reason(ask, answering, code, reason):
    def refuse(data: bytes) -> list[bytes]:
        request = stun.parsed(data)
        reply = aioice_stun.Message(aioice_stun.Method.ALLOCATE, aioice_stun.Class.ERROR, request.transaction_id)
        if "USERNAME" in request.attributes:
            reply.attributes["ERROR-CODE"] = (code, "no")
        else:
            reply.attributes |= {"ERROR-CODE": (401, "who"), "REALM": "r", "NONCE": b"n"}
        return [bytes(reply)]

    port, _door = await answering(refuse)
    assert (await ask("turn", f"turn:localhost:{port}", sign_in=ROOM)).reason == reason


async def test_an_open_relay_is_told(ask, answering):
    def give(data: bytes) -> list[bytes]:
        request = stun.parsed(data)
        reply = aioice_stun.Message(request.message_method, aioice_stun.Class.RESPONSE, request.transaction_id)
        reply.attributes |= {"XOR-RELAYED-ADDRESS": ("192.0.2.1", 5), "LIFETIME": 60}
        return [bytes(reply)]

    port, _door = await answering(give)
    assert (await ask("turn", f"turn:localhost:{port}", sign_in=ROOM)).reason == "turn_open"


async def test_a_place_from_who_does_not_know_the_password_is_none(ask, answering):
    def pretend(data: bytes) -> list[bytes]:
        request = stun.parsed(data)
        is_signed = "USERNAME" in request.attributes
        kind = aioice_stun.Class.RESPONSE if is_signed else aioice_stun.Class.ERROR
        reply = aioice_stun.Message(aioice_stun.Method.ALLOCATE, kind, request.transaction_id)
        reply.attributes |= {"XOR-RELAYED-ADDRESS": ("192.0.2.1", 5)} if is_signed else {
            "ERROR-CODE": (401, "who"), "REALM": "r", "NONCE": b"n"}
        return [bytes(reply)]

    port, _door = await answering(pretend)
    assert (await ask("turn", f"turn:localhost:{port}", sign_in=ROOM)).reason == "bad_reply"


async def test_a_train_to_the_reflector_comes_back(ask):
    reflector = Reflector(b"k" * 32)
    door = await serve_reflector(reflector, "127.0.0.1", 0)
    try:
        port = door.get_extra_info("sockname")[1]
        reading = await ask("udp", f"localhost:{port}", expect="1", timeout_s=5.0)
    finally:
        door.close()
    assert reading.is_ok, reading
    assert reading.facts["cars"] == "50/50"
    assert reading.values["media_loss_ratio"] == 0
    assert reading.values["media_rtt_seconds"] < 0.5
    assert reflector.reflected == 50


async def test_a_train_that_nobody_reflects(ask, answering):
    port, _door = await answering(lambda _data: [])
    assert (await ask("udp", f"localhost:{port}", timeout_s=1.5)).reason == "udp_no_answer"


def test_loss_is_told_for_each_direction():
    # 100 left, 90 were seen there, 81 came back; transit differs by a millisecond each time on the way there
    echoes = [Echo(n, n * 20_000, n * 20_000 + 30_000, n * 20_000 + 10_000 + n % 2 * 1000, 90) for n in range(81)]
    measured = train.judge(echoes, 100)
    assert measured.reason == "train_lossy"
    values = measured.values
    assert values["media_loss_ratio"] == pytest.approx(0.19)
    assert values["media_loss_up_ratio"] == pytest.approx(0.10)
    assert values["media_loss_down_ratio"] == pytest.approx(0.10)
    assert values["media_rtt_seconds"] == pytest.approx(0.03)
    assert values["media_jitter_up_seconds"] == pytest.approx(0.001, rel=0.02)


def _datagram(kind: int, ticket: bytes = bytes(16), size: int = SIZE) -> bytes:
    return HEAD.pack(MAGIC, kind, 0, ticket, 0).ljust(size, b"\0")


def test_the_reflector_never_sends_more_than_it_got_nor_to_strangers():
    reflector = Reflector(b"k" * 32)
    me, other = ("192.0.2.1", 4000), ("192.0.2.2", 4000)
    assert reflector.answer(_datagram(CAR), me, 100.0) is None                      # no ticket: a forged sender
    hello = reflector.answer(_datagram(HELLO), me, 100.0)
    assert len(hello) <= SIZE
    ticket = HEAD.unpack_from(hello)[3]
    assert len(reflector.answer(_datagram(CAR, ticket), me, 101.0)) == SIZE
    assert reflector.answer(_datagram(CAR, ticket), other, 101.0) is None           # a ticket is for one address
    assert reflector.answer(_datagram(CAR, ticket), me, 300.0) is None              # and for two minutes at most
    assert reflector.answer(_datagram(HELLO, size=HEAD.size), me, 101.0) is None    # too small a question
    assert reflector.answer(b"\0" * 200, me, 101.0) is None
    assert reflector.refused == {"no_ticket": 3, "not_ours": 2}


def test_the_reflector_has_limits():
    reflector = Reflector(b"k" * 32, ReflectorLimits(per_address=5, addresses=3))
    me = ("192.0.2.1", 4000)
    assert [reflector.answer(_datagram(HELLO), me, 100.0) is None for _ in range(7)] == [False] * 5 + [True] * 2
    assert reflector.answer(_datagram(HELLO), me, 101.0) is not None
    whole = Reflector(b"k" * 32, ReflectorLimits(bytes_of_all=3 * SIZE))
    answers = [whole.answer(_datagram(HELLO), (f"192.0.2.{n}", 1), 100.0) for n in range(5)]
    assert [answer is None for answer in answers] == [False] * 3 + [True] * 2


def test_an_echo_counts_cars_of_its_own_train():
    reflector = Reflector(b"k" * 32)
    me = ("192.0.2.1", 4000)
    ticket = HEAD.unpack_from(reflector.answer(_datagram(HELLO), me, 100.0))[3]
    seen = [struct.unpack_from("!QI", reflector.answer(_datagram(CAR, ticket), me, 100.0), HEAD.size)[1]
            for _ in range(3)]
    assert seen == [1, 2, 3]
    assert TAIL.size + HEAD.size < SIZE


def _codec(status: str, provisional: bool = False) -> Callable[[bytes], list[bytes]]:
    def answer(request: bytes) -> list[bytes]:
        lines = [line for line in request.decode().split("\r\n") if line.split(":")[0] in (
            "Via", "From", "To", "Call-ID", "CSeq")]
        tail = "\r\n".join(lines) + "\r\nUser-Agent: ExampleCodec/1.0\r\nContent-Length: 0\r\n\r\n"
        first = [f"SIP/2.0 100 Trying\r\n{tail}".encode()] if provisional else []
        return [*first, f"SIP/2.0 {status}\r\n{tail}".encode()]

    return answer


@pytest.mark.parametrize(("status", "state"), [("200 OK", "idle"), ("486 Busy Here", "in_call"),
    ("600 Busy Everywhere", "in_call"), ("401 Unauthorized", "restricted"), ("405 Method Not Allowed", "restricted"),
    ("501 Not Implemented", "restricted"), ("503 Service Unavailable", "answers")])
async def test_any_final_answer_means_that_the_codec_lives(ask, answering, status, state):
    port, _door = await answering(_codec(status, provisional=True))
    reading = await ask("sip", f"sip:codec@localhost:{port}")
    assert reading.is_ok, reading
    assert reading.facts["state"] == state
    assert reading.facts["software"] == "ExampleCodec/1.0"
    assert reading.values["sip_status"] == int(status[:3])
    assert reading.values["sip_in_call"] == (state == "in_call")


async def test_a_silent_codec_is_asked_again_by_the_standards_timers(ask, answering):
    port, door = await answering(lambda _data: [])
    reading = await ask("sip", f"sip:localhost:{port}", timeout_s=2.0)
    assert reading.reason == "sip_no_answer"
    assert len(door.heard) == 3                              # at 0, 0.5 and 1.5 s: T1 doubled (RFC 3261 17.1.2.2)
    assert len({data.split(b"branch=")[1].split(b";")[0] for data in door.heard}) == 1


async def test_sip_over_tcp(ask, start):
    async def talk(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        for part in _codec("486 Busy Here", provisional=True)(request):
            writer.write(part)
            await writer.drain()

    port = await start(talk)
    reading = await ask("sip", f"sip:localhost:{port};transport=tcp")
    assert reading.facts["state"] == "in_call"


async def test_answers_to_others_and_rubbish_are_no_answer(ask, answering):
    port, _door = await answering(lambda _data: [b"\xff\xfe", b"SIP/2.0 200 OK\r\nCall-ID: other@x\r\n\r\n",
                                                 b"SIP/2.0 2x0 OK\r\n\r\n"])
    assert (await ask("sip", f"sip:localhost:{port}", timeout_s=0.6)).reason == "sip_no_answer"


def test_the_request_is_that_of_the_reference():
    recorded = json_payload("sip_options.json")
    target = sip.MediaTarget("10.20.1.15", 5060, "udp", "codec")
    made = sip.request_of(target, ("10.20.0.5", 5060), "e1e1e1e1e1", "UDP").decode()
    names = [line.partition(":")[0] for line in made.split("\r\n")[1:]]
    assert names == [line.partition(":")[0] for line in recorded["request"].split("\r\n")[1:]]
    assert made.startswith(recorded["request"].split("\r\n")[0])
    answer = sip.parsed(recorded["response_ok"].encode())
    assert (answer.code, sip.judge(answer, 0.1).facts["state"]) == (200, "idle")
