"""Will it fit: bandwidth of lines, trunk and bridges, visitors, joining; conflicts of rooms, endpoints and people."""

__all__: list[str] = []
