"""Device migration streams, read and written from Specs/ alone."""
