"""Mail out and in: messages put together, handed to a mail server, replies fetched and read."""

__all__: list[str] = []
