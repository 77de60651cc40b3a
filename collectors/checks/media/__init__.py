"""Can media pass, and does the codec answer: STUN, TURN, a UDP train, SIP OPTIONS. One module a kind of check."""
