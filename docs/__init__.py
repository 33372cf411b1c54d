"""The programs that write pages: ``python -m docs.make_gallery``, ``python -m docs.make_differences``."""
