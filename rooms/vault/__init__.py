"""The keys under which what people say is stored."""
