"""What tests share: real services, real servers, real clients."""
