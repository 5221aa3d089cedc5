"""One function per request: parsed request, service, answer. They only translate."""
