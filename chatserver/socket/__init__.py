"""The only place that knows Socket.IO."""
