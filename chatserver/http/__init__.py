"""HTTP: what comes before a socket, documents, and the web client."""
