"""Is the web page: ``synctool serve``."""
