"""Who hangs on which port: what devices tell of their neighbours, and the graph that follows from it."""
